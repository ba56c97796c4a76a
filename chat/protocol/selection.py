"""The selection of an inbox: which of a member's conversations it shows, as its URL's query says.

A selection becomes an SQL condition on the conversation `c` and the member's seat `s`. It grants no
access: the query that uses it joins the seats. static/js/agent/inbox/selection.js applies the same
rules to live changes.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.utils.timezone import now

from . import channels
from .errors import Refused
from .fields import MAX_SLUG, MAX_TAG

VIEWS = {
    "waiting": " AND c.open = 1 AND c.waiting_since IS NOT NULL AND c.quarantined_since IS NULL",
    "all": " AND c.open = 1 AND c.quarantined_since IS NULL",
    "mine": " AND c.claimed_by = %s",
    "unclaimed": " AND c.open = 1 AND c.claimed_by = '' AND c.quarantined_since IS NULL",
    "mentioned": " AND s.mentioned_seq > 0",
    "snoozed": " AND c.snoozed_until > %s",
    "closed": " AND c.open = 0",
    "quarantined": " AND c.quarantined_since IS NOT NULL",
}
"""The condition of each view, in the order of the page. `waiting` shows whose visitors wait for a
person's answer, `quarantined` those in quarantine."""
FIRST_VIEW = "waiting"
"""The view on which the workspace opens until its member chooses another one."""
OPENED_VIEWS = ("waiting", "mine", "all")
"""The views that are remembered as the one to open on. In all others visitors who wait would not be
seen."""
CONDITIONS = VIEWS | {"newest": " AND c.quarantined_since IS NULL"}
"""The conditions of all selections: `newest`, open and closed together, is no view of the page."""
NOT_SNOOZED = " AND (c.snoozed_until IS NULL OR c.snoozed_until <= %s)"
"""Snoozed conversations are left out of every view but VIEWS_WITH_SNOOZED."""
VIEWS_WITH_SNOOZED = {"snoozed", "mentioned", "closed", "quarantined"}
INDEXED_VIEWS = {"mine", "mentioned", "snoozed", "quarantined"}
"""Views whose conversations an index finds without a scan of all conversations."""
HAS_TAG = (
    " AND EXISTS (SELECT 1 FROM conversation_tag ct JOIN tag t ON t.id = ct.tag_id"
    " WHERE ct.conversation_id = c.uuid AND t.key = %s)"
)
"""The enterprise needs no condition: a conversation has tags of its own enterprise only."""
HAS_TEAM = " AND EXISTS (SELECT 1 FROM team t WHERE t.id = c.team_id AND t.slug = %s)"
"""Likewise."""
PAGE = "page"
"""In place of a channel's kind: the enterprise's own page."""
WAYS = (PAGE, *channels.KINDS)


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
BY_TARGET = Order("c.due_at", descending=False)
SORTS = {"wait": BY_WAIT, "target": BY_TARGET, "activity": BY_ACTIVITY}
"""What the view `waiting` can be sorted by, at first by the first of them. In all others there are
conversations in which nobody waits: they begin with the newest activity."""
FIRST_SORT = "wait"


@dataclass(frozen=True, slots=True)
class Selection:
    """A view (a key of CONDITIONS); a tag, a team (its slug) and a channel (one of WAYS), if only
    conversations with that tag, of that team or by that channel are shown; and by what the view
    `waiting` is sorted (a key of SORTS)."""

    view: str = "all"
    tag: str = ""
    team: str = ""
    sort: str = FIRST_SORT
    channel: str = ""

    @classmethod
    def parse(cls, fields: Mapping, usual: "Selection | None" = None) -> "Selection":
        """The selection in a query or a frame; the `usual` one, with its team and order, if it
        names no view. Refuses with bad_field an unknown view, order or channel, and a tag or a team
        that is no short text."""
        known = {} if "view" in fields or usual is None else usual.fields
        view = fields.get("view", known.get("view", "all"))
        if not isinstance(view, str) or view not in VIEWS:
            raise Refused("bad_field", f"view is one of {', '.join(VIEWS)}.")
        tag = fields.get("tag", "")
        if not isinstance(tag, str) or len(tag) > MAX_TAG:
            raise Refused("bad_field", "tag is a short text.")
        team = fields.get("team", known.get("team", ""))
        if not isinstance(team, str) or len(team) > MAX_SLUG:
            raise Refused("bad_field", "team is the slug of a team.")
        sort = fields.get("sort", known.get("sort", FIRST_SORT))
        if not isinstance(sort, str) or sort not in SORTS:
            raise Refused("bad_field", f"sort is one of {', '.join(SORTS)}.")
        channel = fields.get("channel", "")
        if not isinstance(channel, str) or channel not in ("", *WAYS):
            raise Refused("bad_field", f"channel is one of {', '.join(WAYS)}.")
        return cls(view, tag, team, sort, channel)

    @property
    def is_indexed(self) -> bool:
        """Whether an index finds these conversations without a scan of all."""
        return self.view in INDEXED_VIEWS

    @property
    def order(self) -> Order:
        return SORTS[self.sort] if self.view == "waiting" else BY_ACTIVITY

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
        if self.order == BY_TARGET:
            condition += " AND c.due_at IS NOT NULL"
        if self.team:
            condition += HAS_TEAM
            values.append(self.team)
        if self.channel:
            condition += " AND c.channel = %s"
            values.append("" if self.channel == PAGE else self.channel)
        return condition, values

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the query. The view is always there: an address without one means what the
        member has chosen last."""
        sort = "" if self.sort == FIRST_SORT else self.sort
        others = {"tag": self.tag, "team": self.team, "sort": sort, "channel": self.channel}
        return {"view": self.view} | {name: value for name, value in others.items() if value}

    @property
    def facts(self) -> dict[str, str]:
        """All of it, for an answer; the channel only where one is chosen."""
        found = {"view": self.view, "tag": self.tag, "team": self.team, "sort": self.sort}
        return found | ({"channel": self.channel} if self.channel else {})

    @property
    def query(self) -> str:
        """The URL's query with its `?`."""
        return f"?{urlencode(self.fields)}"


ALL = Selection()
NEWEST = Selection("newest")
