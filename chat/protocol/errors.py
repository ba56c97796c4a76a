"""The fixed error codes: what a frame, a form or a write can be refused with."""

from django.utils.translation import gettext_lazy as _

from . import events
from .sizes import size_text

STATUS = {
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

WORDS = {
    "bad_field": _("Something in this form is missing or wrong. Nothing was sent."),
    "forbidden": _("You do not have permission to do this."),
    "closed_out": _("This conversation is no longer available."),
    "not_found": _("This conversation does not exist, or you are no longer in it."),
    "conflict": _("This was already sent with a different text. Reload the page."),
    "claimed": _("A colleague has claimed this conversation."),
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
"""What a person reads on a page without JavaScript."""

TOO_LARGE = _("This file is too large. The limit is %(limit)s.")


FIELD_WORDS = {
    "name": _("Please enter your name, at most 60 characters."),
    "email": _("Please enter a valid e-mail address so that our reply reaches you."),
    "phone": _("Please enter a valid phone number."),
    "consent": _("Please tick the box to agree first."),
}
"""The same of what a visitor says of themselves, by the fact `field`."""


def words(refused: "Refused") -> str:
    """What a person reads of a refusal; a file that is too large is no long text."""
    if refused.facts.get("field") in FIELD_WORDS:
        return FIELD_WORDS[refused.facts["field"]]
    if limit := refused.facts.get("limit"):
        return TOO_LARGE % {"limit": size_text(limit)}
    return WORDS.get(refused.code, refused.detail)


COUNTED = frozenset(("bad_frame", "unknown_type", "bad_field", "too_long"))
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
        return STATUS[self.code]
