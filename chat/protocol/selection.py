"""The selection of an inbox: which of a member's conversations it shows, as its URL's query says.

A selection becomes an SQL condition on the conversation `c` and the member's seat `s`. It grants no
access: the query that uses it joins the seats. static/js/agent/selection.js applies the same rules
to live changes.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.utils.timezone import now

from .errors import Refused
from .fields import MAX_TAG

VIEWS = {
    "waiting": " AND c.open = 1 AND c.waiting_since IS NOT NULL AND c.held_since IS NULL",
    "all": " AND c.open = 1 AND c.held_since IS NULL",
    "mine": " AND c.claimed_by = %s",
    "unclaimed": " AND c.open = 1 AND c.claimed_by = '' AND c.held_since IS NULL",
    "mentioned": " AND s.mentioned_seq > 0",
    "snoozed": " AND c.snoozed_until > %s",
    "closed": " AND c.open = 0",
    "held": " AND c.held_since IS NOT NULL",
}
"""The condition of each view, in the order of the page. `waiting` shows whose visitors wait for a
person's answer, `held` quarantined conversations."""
FIRST_VIEW = "waiting"
"""The view on which the workspace opens until its member chooses another one."""
CONDITIONS = VIEWS | {"newest": " AND c.held_since IS NULL"}
"""The conditions of all selections: `newest`, open and closed together, is no view of the page."""
NOT_SNOOZED = " AND (c.snoozed_until IS NULL OR c.snoozed_until <= %s)"
"""Snoozed conversations are left out of every view but VIEWS_WITH_SNOOZED."""
VIEWS_WITH_SNOOZED = {"snoozed", "mentioned", "closed", "held"}
INDEXED_VIEWS = {"mine", "mentioned", "snoozed", "held"}
"""Views whose conversations an index finds without a scan of all conversations."""
HAS_TAG = (
    " AND EXISTS (SELECT 1 FROM conversation_tag ct JOIN tag t ON t.id = ct.tag_id"
    " WHERE ct.conversation_id = c.uuid AND t.key = %s)"
)
"""The enterprise needs no condition: a conversation has tags of its own enterprise only."""


def tag_key(tag: str) -> str:
    """The key of a tag, the same for each spelling, of at most 100 characters (the column's
    length): NFKC makes a text up to 18 times as long."""
    return unicodedata.normalize("NFKC", tag).casefold()[:100]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: a column of `c`, never null in the list, and then the id."""

    column: str
    descending: bool

    @property
    def sql(self) -> str:
        word = "DESC" if self.descending else "ASC"
        return f" ORDER BY {self.column} {word}, c.id {word}"

    def after(self, at: object, number: int) -> tuple[str, list]:
        """The SQL condition for rows that come after the one with this value and id, and its
        parameters. With an OR alone the index would be read from its start."""
        sign, column = "<" if self.descending else ">", self.column
        condition = f" AND {column} {sign}= %s AND ({column} {sign} %s OR c.id {sign} %s)"
        return condition, [at, at, number]


BY_ACTIVITY = Order("c.last_activity", descending=True)
BY_WAIT = Order("c.waiting_since", descending=False)


@dataclass(frozen=True, slots=True)
class Selection:
    """A view (a key of CONDITIONS), and a tag if only conversations with that tag are shown."""

    view: str = "all"
    tag: str = ""

    @classmethod
    def parse(cls, fields: Mapping, view: str = "all") -> "Selection":
        """The selection in a query or a frame; `view` is the one if it names none. Refuses with
        bad_field an unknown view or a tag that is no short text."""
        view = fields.get("view", view)
        if not isinstance(view, str) or view not in VIEWS:
            raise Refused("bad_field", f"view is one of {', '.join(VIEWS)}.")
        tag = fields.get("tag", "")
        if not isinstance(tag, str) or len(tag) > MAX_TAG:
            raise Refused("bad_field", "tag is a short text.")
        return cls(view, tag)

    @property
    def is_indexed(self) -> bool:
        """Whether an index finds these conversations without a scan of all."""
        return self.view in INDEXED_VIEWS

    @property
    def order(self) -> Order:
        return BY_WAIT if self.view == "waiting" else BY_ACTIVITY

    def condition(self, member_id: str) -> tuple[str, list]:
        """The SQL condition, to append to a WHERE clause, and its parameters."""
        moment = connection.ops.adapt_datetimefield_value(now())
        condition, values = CONDITIONS[self.view], []
        if self.view in ("mine", "snoozed"):
            values.append(member_id if self.view == "mine" else moment)
        if self.view not in VIEWS_WITH_SNOOZED:
            condition += NOT_SNOOZED
            values.append(moment)
        if self.tag:
            condition += HAS_TAG
            values.append(tag_key(self.tag))
        return condition, values

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the query. The view is always there: an address without one means the view
        that the member has chosen last."""
        return {"view": self.view} | ({"tag": self.tag} if self.tag else {})

    def query_of(self, view: str) -> str:
        """The query of another view with the same tag."""
        return Selection(view, self.tag).query

    @property
    def query(self) -> str:
        """The URL's query with its `?`."""
        return f"?{urlencode(self.fields)}"


ALL = Selection()
NEWEST = Selection("newest")
