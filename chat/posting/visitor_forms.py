"""The fields of what agents do about a visitor, checked."""

from collections.abc import Mapping
from typing import Any

from chat.protocol.errors import Refused
from chat.protocol.fields import line

from .visitor_actions import VisitorAction

MAX_LINE = 125
"""Characters of a name and of a contact (the columns' length)."""
VALUE = "attributes."
"""How the names of fields begin that are values of attributes."""
MAX_REASON = 200
"""Characters of the reason of a block or a legal hold (the columns' length)."""
MAX_BLOCK_MINUTES = 366 * 24 * 60
"""Minutes: a block with an end lasts a year at the most."""


def check(fields: Mapping[str, str], actor: str, group: str) -> VisitorAction:
    """What `fields` of a posted form ask for. Refuses with bad_field or too_long."""
    match fields.get("action"):
        case "edit":
            label = line(fields, "name", MAX_LINE)
            contact = line(fields, "contact", MAX_LINE, optional=True)
            values = values_of(fields)
            return VisitorAction(
                "edit", actor, group, label=label, contact=contact, attributes=values
            )
        case "block":
            reason = line(fields, "reason", MAX_REASON)
            return VisitorAction("block", actor, group, minutes=minutes(fields), reason=reason)
        case "code" if group:  # In the administration a visitor may have none.
            return VisitorAction("code", actor, group)
        case "unblock":
            return VisitorAction("unblock", actor, group)
        case "erase":
            if fields.get("sure") != "1":
                raise Refused("bad_field", "sure is 1: it cannot be undone.")
            return VisitorAction("erase", actor, group)
        case "hold":
            reason = line(fields, "reason", MAX_REASON)
            whole = fields.get("scope") == "visitor"
            if not whole and fields.get("scope") != "conversation":
                raise Refused("bad_field", "scope is visitor or conversation.")
            return VisitorAction("hold", actor, group, reason=reason, whole=whole)
        case "lift":
            return VisitorAction("lift", actor, group, hold=number(fields, "hold"))
    raise Refused("bad_field", "action is edit, code, block, unblock, erase, hold or lift.")


def values_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The values of attributes in a form, whose fields are called "attributes.plan"."""
    return {
        name.removeprefix(VALUE): text for name, text in fields.items() if name.startswith(VALUE)
    }


def check_edit(fields: Mapping[str, Any], action: VisitorAction) -> None:
    """Sets those of `name`, `contact` and `attributes` that are given. Refuses as `check` does."""
    if not {"name", "contact", "attributes"} & fields.keys():
        raise Refused("bad_field", "Give name, contact or attributes.", field="name")
    if "name" in fields:
        action.label = line(fields, "name", MAX_LINE)
    if "contact" in fields:
        action.contact = line(fields, "contact", MAX_LINE, optional=True)
    action.attributes = fields.get("attributes")


def minutes(fields: Mapping[str, str]) -> int | None:
    """For how long; None, for good, where the field is there and empty."""
    text = fields.get("minutes")
    if text == "":
        return None
    if text and text.isascii() and text.isdecimal() and len(text) <= 7:
        if 1 <= int(text) <= MAX_BLOCK_MINUTES:
            return int(text)
    raise Refused("bad_field", f"minutes is from 1 to {MAX_BLOCK_MINUTES:,}, or empty for good.")


def number(fields: Mapping[str, str], name: str) -> int:
    """The id of a row, as a page has it."""
    text = fields.get(name, "")
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    raise Refused("bad_field", f"{name} is the number of a row.")
