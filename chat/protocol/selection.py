"""Which of a member's conversations an inbox shows: the part of its address after the `?`.

A selection is a condition on conversation `c` and the member's seat `s`; whose conversations they
are is for the seat to say, never for this. static/js/agent/selection.js has the same words for what
changes live.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.utils.timezone import now

from .errors import Refused

VIEWS = {
    "all": "",
    "mine": " AND c.claimed_by = %s",
    "unclaimed": " AND c.open = 1 AND c.claimed_by = '' AND c.held_since IS NULL",
    "mentioned": " AND s.mentioned_seq > 0",
    "snoozed": " AND c.snoozed_until > %s",
    "closed": " AND c.open = 0",
    "held": " AND c.held_since IS NOT NULL",
}
"""By name, in the order of the page."""
NOT_SNOOZED = " AND (c.snoozed_until IS NULL OR c.snoozed_until <= %s)"
"""What is put off is left out, but where it is asked for, or somebody calls."""
VIEWS_WITH_SNOOZED = {"snoozed", "mentioned", "closed", "held"}
INDEXED_VIEWS = {"mine", "mentioned", "snoozed", "held"}
"""Views that an index finds without looking through all conversations."""
HAS_TAG = (
    " AND EXISTS (SELECT 1 FROM conversation_tag ct JOIN tag t ON t.id = ct.tag_id"
    " WHERE ct.conversation_id = c.uuid AND t.key = %s)"
)
"""A conversation has tags of its own enterprise only."""
MAX_TAG = 30


def tag_key(tag: str) -> str:
    """What two spellings of one tag have in common. Compatibility forms may be 18 times as long."""
    return unicodedata.normalize("NFKC", tag).casefold()[:100]


@dataclass(frozen=True, slots=True)
class Selection:
    view: str = "all"
    tag: str = ""

    @classmethod
    def of(cls, fields: Mapping) -> "Selection":
        """From a query or a frame; refuses (bad_field) what is no view."""
        view = fields.get("view", "all")
        if not isinstance(view, str) or view not in VIEWS:
            raise Refused("bad_field", f"view is one of {', '.join(VIEWS)}.")
        tag = fields.get("tag", "")
        if not isinstance(tag, str) or len(tag) > MAX_TAG:
            raise Refused("bad_field", "tag is a short text.")
        return cls(view, tag)

    @property
    def few(self) -> bool:
        """Whether an index leads straight to these, however many conversations there are."""
        return self.view in INDEXED_VIEWS

    def condition(self, member_id: str) -> tuple[str, list]:
        """For a WHERE that has begun, and its values."""
        moment = connection.ops.adapt_datetimefield_value(now())
        condition, values = VIEWS[self.view], []
        if self.view in ("mine", "snoozed"):
            values.append(member_id if self.view == "mine" else moment)
        if self.view not in VIEWS_WITH_SNOOZED:
            condition += NOT_SNOOZED
            values.append(moment)
        if self.view == "all":
            condition += " AND c.held_since IS NULL"
        if self.tag:
            condition += HAS_TAG
            values.append(tag_key(self.tag))
        return condition, values

    @property
    def fields(self) -> dict[str, str]:
        """What an address tells; nothing for what goes without saying."""
        view = {"view": self.view} if self.view != "all" else {}
        return view | ({"tag": self.tag} if self.tag else {})

    def of_view(self, view: str) -> str:
        """The address of another view of the same tag."""
        return Selection(view, self.tag).query

    @property
    def query(self) -> str:
        """For an address: empty, or from the `?` on."""
        return f"?{urlencode(self.fields)}" if self.fields else ""


ALL = Selection()
