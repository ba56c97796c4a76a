"""Classifies a visitor's first message as spam: by its links, and by the same text from many
visitors. Spam goes to quarantine (care/quarantine.py), it is never refused.

Only the first message of a visitor is classified, so other messages cost nothing.
"""

import re

from django.utils.crypto import salted_hmac

from accounts.models import Enterprise
from chat.limits import limits
from chat.protocol.spelling import nfkc

from .cookies import Guest

REASONS = LINKS, SAME = "links", "same"
"""For quarantine."""
LINK = re.compile(r"https?://|(?<![/.\w])www\.", re.IGNORECASE)
MAX_LINKS = 2
"""Links in a first message: a question about a product contains its URL, or two to compare."""
MIN_BYTES = 90
"""Bytes of a normalised text: shorter ones, such as greetings and common questions, may be equal by
chance. 90 Latin letters or 30 Chinese characters."""


def classify(enterprise: Enterprise, guest: Guest, content: str) -> str:
    """The reason to put a visitor's first message into quarantine, LINKS or SAME; "" for none.
    Counts the text for SAME. Visitors who are signed in on the enterprise's site are trusted."""
    return "" if guest.sign_in else suspicion(enterprise, guest.uuid, content)


def suspicion(enterprise: Enterprise, who: str, content: str) -> str:
    """The same of whom nobody has signed (a visitor's uuid)."""
    rule, rules = enterprise.hold, Enterprise.Hold
    if rule == rules.OFF:
        return ""
    if rule != rules.SAME and len(LINK.findall(content)) > MAX_LINKS:
        return LINKS
    if rule != rules.LINKS and is_repeated(enterprise.code, who, content):
        return SAME
    return ""


def is_repeated(ent_id: str, who: str, content: str) -> bool:
    """Whether the `same_text` limit is used up for this text (limits.py). A message above the limit
    takes no token, so the text is accepted again once fewer visitors send it. A retry by the same
    visitor takes no second token."""
    text = normalise(content)
    if len(text.encode()) < MIN_BYTES:
        return False
    digest = keyed_digest(f"{ent_id}:{text}")
    counted = {"try": keyed_digest(f"{digest}:{who}")}
    if not limits.has_tokens("same_text", counted, 1):
        return False
    return not limits.try_take("same_text", {"text": digest} | counted)


def keyed_digest(words: str) -> str:
    """A keyed digest of a text, to keep in memory and share with other processes in place of the
    text. Without SECRET_KEY the text cannot be found by guessing."""
    return salted_hmac("kefu.spam", words, algorithm="sha256").hexdigest()


def normalise(content: str) -> str:
    """The letters and digits of a text in lower case: the same for texts that differ in case,
    spaces, punctuation and emoji."""
    plain = nfkc(content).casefold()
    return "".join(filter(str.isalnum, plain))
