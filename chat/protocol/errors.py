"""The fixed error codes with which a frame, a form or a write is refused."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from . import channels, events
from .sizes import size_text

HTTP_STATUS = {
    "bad_frame": 400,
    "unknown_type": 400,
    "bad_field": 400,
    "forbidden": 403,
    "closed_out": 403,
    "not_found": 404,
    "conflict": 409,
    "stale": 409,
    "claimed": 409,
    "window_closed": 409,
    "merged": 410,
    "too_long": 413,
    "bad_kind": 415,
    "rate_limited": 429,
    "challenge": 429,
    "unavailable": 503,
}
"""The HTTP status of each code."""

EXPLANATIONS = {
    "bad_field": _("Something in this form is missing or wrong. Nothing was sent."),
    "forbidden": _("You do not have permission to do this."),
    "closed_out": _("This conversation is no longer available."),
    "not_found": _("This conversation does not exist, or you are no longer in it."),
    "conflict": _("This was already sent with a different text. Reload the page."),
    "claimed": _("A colleague has claimed this conversation."),
    "window_closed": _(
        "This channel takes no further message now: wait until the visitor writes again, or answer"
        " another way. Nothing was sent."
    ),
    "merged": _(
        "The visitor has signed in, and this conversation became a part of another one. Nothing"
        " was sent."
    ),
    "stale": _(
        "A colleague has replied in the meantime. Read the reply, then send again if you"
        " still want to."
    ),
    "too_long": _("This text is too long. The limit is 10,000 characters."),
    "bad_kind": _(
        "This file cannot be sent: it is damaged, or not a supported type (pictures, PDF, office "
        "files, text, archives, audio and video)."
    ),
    "rate_limited": _("You are sending too fast. Wait a moment, then send it again."),
    "challenge": _(
        "Many people on your network are writing right now. Please wait a minute, then send it "
        "again."
    ),
    "unavailable": _("It could not be saved right now. Your text is kept; send it again."),
}
"""The explanation of each code that pages without JavaScript show."""

TOO_LATE = _(
    "This message can no longer be changed: two minutes have passed, it was recalled, or it has"
    " left by its channel."
)
"""The explanation of a conflict about an own message, which its fact `seq` names."""

LEGAL_HOLD = _("Nothing was deleted: a legal hold is on this visitor or conversation.")
"""The explanation of a conflict with a legal hold, which its fact `legal_hold` names."""

ABOUT_VISITOR = {
    "demo": _("Nothing was kept: the demo's visitors are invented, so they need no legal hold."),
    "erased": _("Nothing was done: this visitor was erased."),
    "blocked": _("Nothing was sent: this visitor is blocked."),
    "quarantined": _("Nothing was sent: say first whether what this visitor wrote is spam."),
}
"""The explanation of a conflict about a visitor, by its fact `state`."""

OTHER_WAYS = _(
    "Nothing was sent: this channel takes no further message now. The same customer would be"
    " reached by %(ways)s."
)
"""The explanation of a closed window, where its fact `instead` names other channels."""

FILE_TOO_LARGE = _("This file is too large. The limit is %(limit)s.")


FIELD_EXPLANATIONS = {
    "name": _("Please enter your name, at most 60 characters."),
    "email": _("Please enter a valid e-mail address so that our reply reaches you."),
    "phone": _("Please enter a valid phone number."),
    "consent": _("Please tick the box to agree first."),
}
"""The explanation by the fact `field`, for the fields of an introduction."""


def explain(refused: "Refused") -> str | Promise:
    """The explanation of a refusal for the person who reads the page: by its field, by the message
    that could not be changed, by a legal hold, by the visitor's `state`, by other ways to reach
    them, by the size `limit` of a file (bytes), else by its code."""
    if refused.facts.get("field") in FIELD_EXPLANATIONS:
        return FIELD_EXPLANATIONS[refused.facts["field"]]
    if refused.code == "conflict" and "seq" in refused.facts:
        return TOO_LATE
    if "legal_hold" in refused.facts:
        return LEGAL_HOLD
    if refused.facts.get("state") in ABOUT_VISITOR:
        return ABOUT_VISITOR[refused.facts["state"]]
    if ways := refused.facts.get("instead"):
        names = (str(channels.NAMES[one]) for one in ways)
        return OTHER_WAYS % {"ways": pgettext("between names", ", ").join(names)}
    if limit := refused.facts.get("limit"):
        return FILE_TOO_LARGE % {"limit": size_text(limit)}
    return EXPLANATIONS.get(refused.code, refused.detail)


BAD_FRAME_CODES = frozenset(("bad_frame", "unknown_type", "bad_field", "too_long"))
"""Codes that count towards closing a socket which sends only bad frames (4400)."""


class Refused(Exception):
    """A frame, form or write is refused; nothing was stored. `code` is a key of HTTP_STATUS,
    `detail` an English sentence for developers, `facts` further fields of the error event."""

    def __init__(self, code: str, detail: str, **facts: Any):
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.facts = facts

    @classmethod
    def from_event(cls, event: dict) -> "Refused":
        """The refusal of an error event, as `event` shapes it."""
        facts = {key: event[key] for key in event if key not in ("type", "code", "detail")}
        return cls(event["code"], event["detail"], **facts)

    def event(self) -> dict:
        return events.error(self.code, self.detail, self.facts)

    @property
    def status(self) -> int:
        return HTTP_STATUS[self.code]


def closed_out(until: datetime | None) -> Refused:
    """The refusal for a blocked visitor. `until`: when the block ends, None for a permanent one."""
    detail = "This conversation is closed to you."
    return Refused("closed_out", detail, **({"until": until} if until else {}))
