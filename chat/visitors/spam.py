"""Whether a visitor's first message looks like spam, by what can be told without reading anything:
links, and the same text from many visitors. It is held for agents then (held.py), never refused.

Only somebody's very first message is looked at, so the others cost nothing.
"""

import re
import unicodedata

from django.utils.crypto import salted_hmac

from accounts.models import Enterprise
from chat.limits import limits

from .cookies import Guest

LINKS, SAME = "links", "same"
LINK = re.compile(r"https?://|(?<![/.\w])www\.", re.IGNORECASE)
MAX_LINKS = 2
"""Who asks about a product sends its address, or those of two to choose from."""
MIN_BYTES = 90
"""Bytes of text, without spaces and signs, from which on it can be the same by no accident: 90
letters or 30 Chinese characters. A greeting is shorter, and so is what customers ask every day."""


def classify(enterprise: Enterprise, guest: Guest, content: str) -> str:
    """What is suspicious in a visitor's first message: `links`, `same`, or nothing. Counts it
    among the same texts. Whom the enterprise's own site knows, it vouches for."""
    rule, rules = enterprise.hold, Enterprise.Hold
    if rule == rules.OFF or guest.session:
        return ""
    if rule != rules.SAME and len(LINK.findall(content)) > MAX_LINKS:
        return LINKS
    if rule != rules.LINKS and is_repeated(enterprise.code, guest.uuid, content):
        return SAME
    return ""


def is_repeated(ent_id: str, who: str, content: str) -> bool:
    """Whether as many other visitors as limits.py has of `same_text` began with this text lately.
    One that is held counts as none, so that it is over once fewer come with it; and the same
    visitor's next try counts no more."""
    text = normalise(content)
    if len(text.encode()) < MIN_BYTES:
        return False
    digest = keyed_digest(f"{ent_id}:{text}")
    counted = {"try": keyed_digest(f"{digest}:{who}")}
    if not limits.has("same_text", counted, 1):
        return False
    return not limits.spare("same_text", {"text": digest} | counted)


def keyed_digest(words: str) -> str:
    """It stays in memory and is told to other processes, as what people wrote need not be. Keyed,
    so that without SECRET_KEY nobody finds by guessing what it is of."""
    return salted_hmac("kefu.spam", words, algorithm="sha256").hexdigest()


def normalise(content: str) -> str:
    """What is left of a text that somebody varied by capitals, spaces, signs and pictures."""
    plain = unicodedata.normalize("NFKC", content).casefold()
    return "".join(filter(str.isalnum, plain))
