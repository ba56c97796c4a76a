"""The fixed error codes: what a frame, a form or a write can be refused with."""

from django.utils.translation import gettext_lazy as _

from . import events
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
    "too_long": 413,
    "bad_kind": 415,
    "rate_limited": 429,
    "challenge": 429,
    "unavailable": 503,
}
"""HTTP status of each code."""

EXPLANATIONS = {
    "bad_field": _("Something in this form is missing or wrong. Nothing was sent."),
    "forbidden": _("You may not do this."),
    "closed_out": _("This conversation is closed to you."),
    "not_found": _("This conversation is not there, or not yours any more."),
    "conflict": _("This was sent before with another text. Reload the page."),
    "claimed": _("A colleague holds this conversation."),
    "stale": _("A colleague has answered since. Read it, then send again if you still want to."),
    "too_long": _("This text is too long: 10,000 characters at the most."),
    "bad_kind": _(
        "This file cannot be sent: it is broken, or none of pictures, PDF, office files, text,"
        " archives, sound and video."
    ),
    "rate_limited": _("Too much at once. Wait a moment and send it again."),
    "challenge": _(
        "Many people write from your network just now. Please wait a minute, then send it again."
    ),
    "unavailable": _("It could not be stored just now. Your text is kept; send it again."),
}
"""What a person reads on a page without JavaScript."""

FILE_TOO_LARGE = _("This file is too large: %(limit)s at the most.")


FIELD_EXPLANATIONS = {
    "name": _("Please tell us your name, in 60 characters at the most."),
    "email": _("Please give a valid e-mail address, so that our answer reaches you."),
    "phone": _("Please give a valid phone number."),
    "consent": _("Please tick the box to agree first."),
}
"""The same of what a visitor says of themselves, by the fact `field`."""


def explain(refused: "Refused") -> str:
    """What a person reads of a refusal; a file that is too large is no long text."""
    if refused.facts.get("field") in FIELD_EXPLANATIONS:
        return FIELD_EXPLANATIONS[refused.facts["field"]]
    if limit := refused.facts.get("limit"):
        return FILE_TOO_LARGE % {"limit": size_text(limit)}
    return EXPLANATIONS.get(refused.code, refused.detail)


BAD_FRAME_CODES = frozenset(("bad_frame", "unknown_type", "bad_field", "too_long"))
"""Codes that count towards closing a socket that sends nothing sound (4400)."""


class Refused(Exception):
    """Nothing was stored. `facts` are further fields of the error event, JSON-able."""

    def __init__(self, code: str, detail: str, **facts):
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.facts = facts

    @classmethod
    def of(cls, event: dict) -> "Refused":
        """What `event` made an error event of."""
        facts = {key: event[key] for key in event if key not in ("type", "code", "detail")}
        return cls(event["code"], event["detail"], **facts)

    def event(self) -> dict:
        return events.error(self.code, self.detail, self.facts)

    @property
    def status(self) -> int:
        return HTTP_STATUS[self.code]
