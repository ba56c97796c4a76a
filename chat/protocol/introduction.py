"""What visitors say of themselves along with a message, checked."""

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from . import fields
from .errors import Refused

MAX_LENGTHS = {"name": 60, "email": 90, "phone": 30}
"""Characters; e-mail and phone stand together in a visitor's contact (125)."""
OTHER_FIELDS = ("consent", "topic", "rule", "visit")
PHONE = re.compile(r"[+(]?[0-9][0-9 ().\-/]{4,}\Z")


@dataclass(slots=True)
class Introduction:
    """Empty where nothing is said."""

    name: str = ""
    email: str = ""
    phone: str = ""
    consent: bool = False
    topic: int | None = None
    """The number of what it is about (accounts.models.Topic)."""
    rule: int | None = None
    visit: str = ""
    """What they read before it on the enterprise's site (invitations.py): a greeting's number, or
    the key of a visit that was invited."""


def check(value) -> Introduction:
    """A frame's `introduction`. Refuses with bad_field or too_long, and `field` names which."""
    if value is None:
        return Introduction()
    if not isinstance(value, dict) or set(value) - {*MAX_LENGTHS, *OTHER_FIELDS}:
        raise Refused("bad_field", f"introduction has {', '.join([*MAX_LENGTHS, *OTHER_FIELDS])}.")
    said = Introduction(**{name: line(value.get(name, ""), name) for name in MAX_LENGTHS})
    said.consent = value.get("consent", False)
    if not isinstance(said.consent, bool):
        raise field_refusal("consent", "consent is true or false.")
    if value.get("topic") is not None:
        said.topic = fields.whole_number(value, "topic")
    if value.get("rule") is not None:
        said.rule = fields.whole_number(value, "rule")
    said.visit = fields.line(value, "visit", 32, empty=True)
    if said.email:
        try:
            validate_email(said.email)
        except ValidationError:
            raise field_refusal("email", "email is an address such as li@example.com.") from None
    said.phone = unicodedata.normalize("NFKC", said.phone)
    if said.phone and not PHONE.match(said.phone):
        raise field_refusal("phone", "phone is a number such as +86 138 0000 0000.")
    return said


def line(value, name: str) -> str:
    """A short text on one line, its blanks made single."""
    try:
        return fields.line({name: value}, name, MAX_LENGTHS[name], empty=True)
    except Refused as refused:
        refused.facts["field"] = name
        raise


def field_refusal(name: str, detail: str) -> Refused:
    return Refused("bad_field", detail, field=name)
