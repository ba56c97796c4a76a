"""The `introduction` field of a visitor's message: the answers to the pre-chat form."""

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from . import fields
from .errors import Refused

MAX_LENGTHS = {"name": 60, "email": 90, "phone": 30}
"""Characters. E-mail and phone are stored together in a visitor's contact (125 characters)."""
OTHER_FIELDS = ("consent", "topic", "rule", "visit")
PHONE = re.compile(r"[+(]?[0-9][0-9 ().\-/]{4,}\Z")


@dataclass(slots=True)
class Introduction:
    """A checked introduction; a field that was not sent has its default."""

    name: str = ""
    email: str = ""
    phone: str = ""
    consent: bool = False
    topic: int | None = None
    """The id of the chosen topic (accounts.models.Topic)."""
    rule: int | None = None
    """The id of the greeting rule whose text the visitor read on the enterprise's site."""
    visit: str = ""
    """The key of the visit (models.SiteVisit) that an agent invited."""


def check(value: object) -> Introduction:
    """The introduction in a frame; None gives an empty one. Refuses with bad_field or too_long, and
    the fact `field` names the field."""
    if value is None:
        return Introduction()
    if not isinstance(value, dict) or set(value) - {*MAX_LENGTHS, *OTHER_FIELDS}:
        raise Refused("bad_field", f"introduction has {', '.join([*MAX_LENGTHS, *OTHER_FIELDS])}.")
    name, email, phone = (line(value.get(name, ""), name) for name in MAX_LENGTHS)
    said = Introduction(name, email, phone)
    said.consent = value.get("consent", False)
    if not isinstance(said.consent, bool):
        raise field_refusal("consent", "consent is true or false.")
    if value.get("topic") is not None:
        said.topic = fields.whole_number(value, "topic")
    if value.get("rule") is not None:
        said.rule = fields.whole_number(value, "rule")
    said.visit = fields.line(value, "visit", 32, optional=True)
    if said.email:
        try:
            validate_email(said.email)
        except ValidationError:
            raise field_refusal("email", "email is an address such as li@example.com.") from None
    said.phone = unicodedata.normalize("NFKC", said.phone)
    if said.phone and not PHONE.match(said.phone):
        raise field_refusal("phone", "phone is a number such as +86 138 0000 0000.")
    return said


def line(value: object, name: str) -> str:
    """As `fields.line`; a refusal names the field."""
    try:
        return fields.line({name: value}, name, MAX_LENGTHS[name], optional=True)
    except Refused as refused:
        refused.facts["field"] = name
        raise


def field_refusal(name: str, detail: str) -> Refused:
    return Refused("bad_field", detail, field=name)
