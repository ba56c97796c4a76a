"""Values of attributes: checked by their kind, and written to a visitor's row."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils import formats

from accounts.kept import Kept
from accounts.models import Attribute
from chat.models import Visitor, VisitorAttribute, theirs
from chat.protocol import fields
from chat.protocol.errors import Refused

MAX_TEXT = 500
"""Characters of a text."""
MAX_NUMBER = 1e15
"""Numbers lie below it, so that each whole one is exact in JSON and in a column of floats."""
NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
PARAMETER = "attr."
"""How the names begin by which addresses and columns of files name an attribute."""
SEARCHED = VisitorAttribute._meta.get_field("value").max_length
"""Characters of a value by which a visitor is found."""

Value = str | int | float
Values = dict[str, Value | None]
"""By key; None where a value is taken away."""
Known = Mapping[str, Attribute]
"""An enterprise's attributes by key, in their order."""


def known(code: str) -> dict[str, Attribute]:
    """The attributes of the enterprise with this code, by key, in their order."""
    return {one.key: one for one in defined(code)}


@Kept
def defined(code) -> QuerySet[Attribute]:
    return Attribute.objects.filter(enterprise__code=code)


def rows(code: str, values: Mapping[str, Value]) -> list[dict]:
    """The attributes of the enterprise with this code, in their order, as templates show them:
    `key`, `label`, `kind`, `choices`, and `value` as forms have it and in `words`, "" for none."""
    return [
        {
            "key": one.key,
            "label": one.label,
            "kind": one.kind,
            "choices": one.choices,
            "value": str(values.get(one.key, "")),
            "words": in_words(one, values.get(one.key, "")),
        }
        for one in known(code).values()
    ]


def in_words(attribute: Attribute, value: Value) -> str:
    """A value as people read it; one that is older than the attribute's kind as it is."""
    kind = Attribute.Kind
    if attribute.kind == kind.NUMBER and not isinstance(value, str):
        return f"{value:,}"
    if attribute.kind == kind.DATE:
        try:
            return formats.date_format(date.fromisoformat(str(value)), "DATE_FORMAT")
        except ValueError:
            pass
    return str(value)


def checked(known: Known, given: object) -> Values:
    """Values by key, as they are stored; None where a value is to be taken away, which null and ""
    do. Refuses with bad_field a key that is not defined and a value of another kind."""
    if not isinstance(given, Mapping):
        raise Refused("bad_field", "attributes is an object of values by key.", field="attributes")
    found: Values = {}
    for key, value in given.items():
        if (one := known.get(key)) is None:
            detail = f"There is no attribute {str(key)[:40]}."
            raise Refused("bad_field", detail, field=f"attributes.{str(key)[:40]}")
        found[key] = None if value in (None, "") else read(one, value)
    return found


def kept(known: Known, given: object) -> tuple[Values, list[str]]:
    """Like `checked`, without what it would refuse; and the keys of that."""
    found: Values = {}
    dropped: list[str] = []
    if not isinstance(given, Mapping):
        return found, ["attributes"]
    for key, value in given.items():
        try:
            found |= checked(known, {key: value})
        except Refused:
            dropped.append(str(key)[:40])
    return found, dropped


def read(attribute: Attribute, value: object) -> Value:
    """A value as it is stored: of a text and a link the line, of a number the number, of a date
    "2026-11-30", of a choice one of the choices. Refuses with bad_field any other."""
    kind = Attribute.Kind
    try:
        match attribute.kind:
            case kind.NUMBER:
                return number(value)
            case kind.DATE:
                return day(value)
            case kind.CHOICE:
                return choice(attribute, value)
            case kind.LINK:
                return link(value)
            case _:
                return fields.line({"": value}, "", MAX_TEXT)
    except (Refused, ValueError, OverflowError) as error:
        field = f"attributes.{attribute.key}"
        raise Refused("bad_field", f"{field} is no {attribute.kind}.", field=field) from error


def number(value: Any) -> int | float:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if type(value) not in (int, float) or not abs(value) < MAX_NUMBER:  # also NaN
        raise ValueError
    return int(value) if value == int(value) else value


def day(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    found = date.fromisoformat(value)
    if found.isoformat() != value:
        raise ValueError
    return value


def choice(attribute: Attribute, value: object) -> str:
    if value not in attribute.choices:
        raise ValueError
    return str(value)


def link(value: object) -> str:
    text = fields.line({"": value}, "", MAX_TEXT)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise ValueError
    return text


def write(visitor: Visitor, values: Values) -> bool:
    """Writes checked values into the visitor's row, which the caller has locked; others stay as
    they are. Returns whether anything changed."""
    after = {**visitor.attributes, **values}
    after = {key: value for key, value in after.items() if value is not None}
    if after == visitor.attributes:
        return False
    visitor.attributes = after
    visitor.save(update_fields=["attributes"])
    index(visitor)
    return True


def index(visitor: Visitor) -> None:
    """Writes the rows by which the visitor is found, from what stands in their own."""
    own = VisitorAttribute.objects.filter(theirs(visitor.ent_id), visitor=visitor)
    own.delete()
    VisitorAttribute.objects.bulk_create(rows_of(visitor))


def rows_of(visitor: Visitor) -> list[VisitorAttribute]:
    return [
        VisitorAttribute(
            ent_id=visitor.ent_id,
            visitor=visitor,
            key=key,
            value=searched(value),
            number=None if isinstance(value, str) else value,
        )
        for key, value in visitor.attributes.items()
    ]


def searched(value: Value | None) -> str:
    """A value as visitors are found by it."""
    return str(value).lower()[:SEARCHED]
