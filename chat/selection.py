"""Which of a member's conversations an inbox shows: the part of its address after the `?`.

A selection is a condition on conversation `c` and the member's seat `s`; whose conversations they
are is for the seat to say, never for this. static/js/selection.js has the same words for what
changes live.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from .errors import Refused

VIEWS = {
    "all": "",
    "mine": " AND c.claimed_by = %s",
    "unclaimed": " AND c.open = 1 AND c.claimed_by = ''",
    "mentioned": " AND s.mentioned_seq > 0",
    "closed": " AND c.open = 0",
}
"""By name, in the order of the page."""
PERSONAL = {"mine", "mentioned"}
"""Views that an index finds by the member."""


@dataclass(frozen=True, slots=True)
class Selection:
    view: str = "all"

    @classmethod
    def of(cls, fields: Mapping) -> "Selection":
        """From a query or a frame; refuses (bad_field) what is no view."""
        view = fields.get("view", "all")
        if not isinstance(view, str) or view not in VIEWS:
            raise Refused("bad_field", f"view is one of {', '.join(VIEWS)}.")
        return cls(view)

    @property
    def few(self) -> bool:
        """Whether an index leads straight to these, however many conversations there are."""
        return self.view in PERSONAL

    def condition(self, member_id: str) -> tuple[str, list]:
        """For a WHERE that has begun, and its values."""
        return VIEWS[self.view], [member_id] if self.view == "mine" else []

    @property
    def fields(self) -> dict[str, str]:
        """What an address tells; nothing for what goes without saying."""
        return {"view": self.view} if self.view != "all" else {}

    @property
    def query(self) -> str:
        """For an address: empty, or from the `?` on."""
        return f"?{urlencode(self.fields)}" if self.fields else ""


ALL = Selection()
