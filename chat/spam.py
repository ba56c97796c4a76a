"""Whether a visitor's first message looks like spam, by what can be told without reading anything:
links, and the same text from many visitors. It is held for agents then (held.py), never refused.

Only somebody's very first message is looked at, so the others cost nothing.
"""

import hashlib
import re
import unicodedata

from accounts.models import Enterprise

from .limits import limits
from .visitors import Guest

LINKS, SAME = "links", "same"
LINK = re.compile(r"https?://|(?<![/.\w])www\.", re.IGNORECASE)
MOST_LINKS = 2
"""Who asks about a product sends its address, or those of two to choose from."""
LONG = 30
"""Bytes of text, without spaces and signs, from which on it can be the same by no accident: 30
letters or 10 Chinese characters. A greeting is shorter, and everybody's."""


def judge(enterprise: Enterprise, guest: Guest, content: str) -> str:
    """What is suspicious in a visitor's first message: `links`, `same`, or nothing. Counts it
    among the same texts. Whom the enterprise's own site knows, it vouches for."""
    rule, rules = enterprise.hold, Enterprise.Hold
    if rule == rules.OFF or guest.session:
        return ""
    if rule != rules.SAME and len(LINK.findall(content)) > MOST_LINKS:
        return LINKS
    if rule != rules.LINKS and is_usual(enterprise.code, content):
        return SAME
    return ""


def is_usual(ent_id: str, content: str) -> bool:
    """Whether as many visitors as limits.py has of `same_text` began with this text lately."""
    text = core(content)
    if len(text.encode()) < LONG:
        return False
    # By its digest: it is told to other processes, and what people wrote need not be.
    digest = hashlib.sha256(f"{ent_id}:{text}".encode()).hexdigest()
    return not limits.use_up("same_text", {"text": digest})


def core(content: str) -> str:
    """What is left of a text that somebody varied by capitals, spaces, signs and pictures."""
    plain = unicodedata.normalize("NFKC", content).casefold()
    return "".join(filter(str.isalnum, plain))
