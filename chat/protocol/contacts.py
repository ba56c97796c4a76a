"""Contact data of visitors, as much of it as its reader may see.

The one rule for pages, events, the API and webhooks: whoever shapes a visitor for somebody asks
`shown`, and says whether they see contact data (`Member.sees_contacts`; of programs,
`Enterprise.hide_contacts`). Names are no contact data, and what visitors write in messages is not
looked at.
"""

import re
from typing import Any

from . import channels

NUMBER = re.compile(r"\+?\d(?:[\s()./_-]*\d){4,}")
"""A number with or without spaces, dashes and the like, as phones have it."""
WORD = re.compile(r"[^\s,;，；、<>()（）:：]+")
LONG = 9
"""Digits from which on three at the beginning and two at the end tell nobody whose number it is."""
PHONE = 7
"""Digits from which on a number in an attribute may be somebody's phone: orders and prices are
shorter."""
DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d")


def shown(row: Any, sees: bool) -> dict:
    """What is known of a visitor (models.Visitor) to reach them by: `contact`, `identity`,
    `attributes`, and `contacts_hidden`, whether any of it is more than the reader gets."""
    whole = {
        "contact": row.contact,
        "identity": identity(row),
        "attributes": row.attributes,
    }
    if sees:
        return {**whole, "contacts_hidden": False}
    found = {
        "contact": mask(row.contact),
        "identity": masked_identity(whole["identity"]),
        "attributes": {key: masked_value(value) for key, value in row.attributes.items()},
    }
    return {**found, "contacts_hidden": found != whole}


def identity(row: Any) -> dict | None:
    """By which the enterprise's site knows a visitor (models.Visitor), without who gave it."""
    return {name: value for name, value in row.identity.items() if name != "by"} or None


def mask(text: str) -> str:
    """A contact of which enough is left to tell two apart: z…@…, 138…12, w…"""
    return WORD.sub(lambda word: mask_word(word[0]), NUMBER.sub(mask_number, text))


def masked_words(text: str) -> str:
    """A text whose e-mail addresses and phone numbers are masked, and nothing else of it."""
    text = NUMBER.sub(
        lambda found: mask_number(found) if len(re.sub(r"\D", "", found[0])) >= PHONE else found[0],
        text,
    )
    return WORD.sub(lambda word: mask_word(word[0]) if "@" in word[0] else word[0], text)


def mask_number(found: re.Match) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"{digits[:3]}…{digits[-2:]}" if len(digits) >= LONG else f"{digits[0]}…"


def mask_word(word: str) -> str:
    if "…" in word:
        # A number, masked already; no more than that is left of what else stands there.
        return re.sub(r"[^\d…]", "", word) if re.search(r"\d…", word) else "…"
    first = word[0] if len(word) > 1 and word[0] != "@" else ""
    return f"{first}…@…" if "@" in word else f"{first}…"


def masked_identity(identity: dict | None) -> dict | None:
    """What the enterprise's site has signed, without e-mail address, and without an id that is an
    address or a phone number."""
    if not identity:
        return None
    found = dict(identity)
    if found.get("email"):
        found["email"] = mask(found["email"])
    who = str(found.get("id", ""))
    # Of a channel, neither its kind nor its own id is anybody's.
    start = 2 if who.startswith(CHANNELS) else 0
    *named, own = who.split(":", start) if start else [who]
    if "@" in own or len(re.sub(r"\D", "", own)) >= LONG:
        found["id"] = ":".join([*named, mask(own)])
    return found


def masked_value(value: str | int | float) -> str | int | float:
    """The value of an attribute, without e-mail address and phone number."""
    if not isinstance(value, str):
        return mask(str(value)) if abs(value) >= 10 ** (PHONE - 1) else value
    if DATE.fullmatch(value):
        return value
    numbers = (len(re.sub(r"\D", "", found)) for found in NUMBER.findall(value))
    return mask(value) if "@" in value or any(n >= PHONE for n in numbers) else value


def shown_mail(mail: dict) -> dict:
    """What is shown of a mail at its message: with `hidden`, the addresses in it are masked. Who
    may see them finds them at the visitor and in the mail itself."""
    if not mail.get("hidden"):
        return mail
    copies = [mask(one) for one in mail.get("cc", ())]
    return {**mail, "from": mask(mail.get("from", "")), "cc": copies}


CHANNELS = tuple(f"{kind}:" for kind in channels.KINDS)
"""How the identities of visitors begin who come by a channel: no site names one so."""


def is_of_channel(identity: dict | None) -> bool:
    """Whether an identity is that of somebody who writes by a channel."""
    return str((identity or {}).get("id", "")).startswith(CHANNELS)


def site_id(identity: dict | None) -> str | None:
    """The id by which the enterprise's site knows a visitor; None for none."""
    who = str((identity or {}).get("id", ""))
    return None if not who or is_of_channel(identity) else who
