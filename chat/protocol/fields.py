"""Checks of single values: each returns the cleaned value or raises `Refused`, with bad_field for a
wrong type or format and too_long for a text above its maximum."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from .errors import Refused

MAX_CONTENT = 10_000
"""Characters (code points) in one message (docs/protocol.md)."""
MAX_SLUG = 50
"""Characters of a team's slug (the column's length)."""
MAX_TAG = 30
"""Characters of a tag (the column's length)."""
MAX_BUTTONS, MAX_BUTTON = 5, 40
"""Buttons below a bot's message, and characters of each: they fit on a phone above its keyboard."""
MAX_URL = 2_000
"""Characters of a page's URL: browsers and servers commonly accept 2,000."""
MAX_STORED_URL = 300
"""Characters of a URL that are stored (the columns' length)."""
MAX_SEQ = 2**31 - 1
"""The largest number that an integer column holds."""
CONTROL_CATEGORIES = ("Cc", "Cs")
"""The Unicode categories of characters that a line of text may not contain: control characters and
surrogates."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def uuid(frame: dict, name: str) -> str:
    """A UUID in its text form, in lower case."""
    value = frame.get(name)
    if isinstance(value, str) and UUID.match(value := value.lower()):
        return value
    raise Refused("bad_field", f"{name} must be a UUID.")


def whole_number(frame: dict, name: str) -> int:
    """A whole number from 0 to MAX_SEQ. true and 1.0 are refused."""
    value = frame.get(name)
    if type(value) is int and 0 <= value <= MAX_SEQ:
        return value
    raise Refused("bad_field", f"{name} must be a whole number from 0 to {MAX_SEQ}.")


def content(value: object, name: str = "content") -> str:
    """The text of a message, of 1 to MAX_CONTENT characters, with LF as line ends."""
    if not isinstance(value, str) or not value.strip():
        raise Refused("bad_field", f"{name} must be a text that is not empty.")
    value = normalise_newlines(value)
    if len(value) > MAX_CONTENT:
        raise Refused("too_long", f"A message has {MAX_CONTENT:,} characters at the most.")
    return value


def normalise_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line(frame: Mapping, name: str, most: int, optional: bool = False) -> str:
    """A text on one line, of at most `most` characters, in NFC with single spaces. With `optional`
    it may be missing or empty, and "" is returned."""
    value = frame.get(name)
    text = "" if value is None else value
    if isinstance(text, str):
        text = nfc(" ".join(text.split()), most)
    if not isinstance(text, str) or has_controls(text):
        raise Refused("bad_field", f"{name} is a line of text.")
    if not text and not optional:
        raise Refused("bad_field", f"{name} is missing.")
    if len(text) > most:
        raise Refused("too_long", f"{name} has {most:,} characters at the most.")
    return text


def nfc(text: str, most: int) -> str:
    """The text in NFC, which has a quarter of its characters at the least; as it is where that is
    above `most`: a long text could take minutes."""
    return text if len(text) > 4 * most else unicodedata.normalize("NFC", text)


def has_controls(text: str) -> bool:
    return any(unicodedata.category(each) in CONTROL_CATEGORIES for each in text)


def multiline(frame: Mapping, name: str, most: int) -> str:
    """A text of several lines, of at most `most` characters; "" if it is missing."""
    value = frame.get(name)
    text = "" if value is None else value
    if not isinstance(text, str):
        raise Refused("bad_field", f"{name} is a text.")
    text = normalise_newlines(text).strip()
    if len(text) > most:
        raise Refused("too_long", f"{name} has {most:,} characters at the most.")
    return text


def tag(value: object) -> str:
    """A tag of 1 to MAX_TAG characters on one line, in NFC with single spaces."""
    word = nfc(" ".join(value.split()), MAX_TAG) if isinstance(value, str) else ""
    if not word or has_controls(word):
        raise Refused("bad_field", "tag is a short text.")
    if len(word) > MAX_TAG:
        raise Refused("too_long", f"A tag has {MAX_TAG} characters at the most.")
    return word


def buttons(frame: Mapping) -> tuple[str, ...]:
    """The texts of the buttons below a message, each a line of its own; () if there are none."""
    given = frame.get("buttons")
    if given is None:
        return ()
    if isinstance(given, list) and 1 <= len(given) <= MAX_BUTTONS:
        texts = tuple(line({"buttons": text}, "buttons", MAX_BUTTON) for text in given)
        if len(set(texts)) == len(texts):
            return texts
    raise Refused("bad_field", f"buttons are 1 to {MAX_BUTTONS} different texts.")


LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
MAX_LANGUAGE = 10
"""Characters of the code of a language (the columns' length)."""


def language(frame: Mapping, name: str) -> str:
    """The code of a language, such as en or zh-hans."""
    value = frame.get(name)
    if isinstance(value, str) and len(value) <= MAX_LANGUAGE and LANGUAGE.fullmatch(value):
        return value
    raise Refused("bad_field", f"{name} is the code of a language.")


def slug(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_SLUG:
        raise Refused("bad_field", "team is the short name of a team.")
    return value


def page_url(value: object, name: str) -> str:
    """The http(s) URL of a page without password, query and fragment, cut to MAX_STORED_URL
    characters."""
    if not isinstance(value, str) or len(value) > MAX_URL:
        raise Refused("bad_field", f"{name} is an address of at most {MAX_URL:,} characters.")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    sound = host and all(
        unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp") for each in value
    )
    if not sound or parts.scheme not in ("http", "https"):
        raise Refused("bad_field", f"{name} is the address of a page, http:// or https://.")
    place = f"[{host}]" if ":" in host else host
    whole = f"{parts.scheme}://{place}{f':{port}' if port else ''}{parts.path or '/'}"
    return whole if len(whole) <= MAX_STORED_URL else f"{whole[: MAX_STORED_URL - 1]}…"


CHALLENGE_PROOF = re.compile(r"[0-9]{10,12}\.[\w-]{22}\.[0-9]{1,15}", re.ASCII)


def challenge_proof(fields: Mapping) -> str:
    """The solution of a challenge (visitors/challenges.py); "" if there is none."""
    value = fields.get("proof")
    if value is None:
        return ""
    if not isinstance(value, str) or not CHALLENGE_PROOF.fullmatch(value):
        raise Refused("bad_field", "proof is the challenge's salt, a dot and a number.")
    return value
