"""The words with which a visitor asks for a person while a bot answers.

They count as a whole message, in whatever language: an enterprise writes its own for each language,
and where it has none there are the usual ones.
"""

import re
import unicodedata

from django.conf import settings

from accounts.models import Enterprise

USUAL = {
    "zh-hans": (
        "转人工，人工，人工客服，人工服务，转人工客服，转接人工，找人工，我要人工，真人，真人客服"
    ),
    "en": (
        "human, person, agent, operator, real person, talk to a person, talk to a human, "
        "talk to an agent, speak to a person, speak to a human, I want a human"
    ),
}
"""The words by language, where the enterprise has none in it."""
LONGEST = 60
"""Characters of a message that may be one of the words: longer ones are not compared."""
SEPARATORS = re.compile(r"[,，、;；\n]")


def asks(ent_id: str, message: str) -> bool:
    """Whether a message to the enterprise (its code) consists of such words."""
    if len(message) > LONGEST:
        return False
    said = plain(message)
    return bool(said) and said in words_of(Enterprise.objects.get(code=ent_id))


def words_of(enterprise: Enterprise) -> set[str]:
    """All words of an enterprise, in the form of `plain`."""
    found: set[str] = set()
    for language, _name in settings.LANGUAGES:
        own = enterprise.human_words
        if language != enterprise.text_language:
            own = enterprise.translations.get(language, {}).get("human_words", "")
        found |= {plain(word) for word in SEPARATORS.split(own or USUAL[language])}
    return found - {""}


def plain(text: str) -> str:
    """A text without what two spellings of it differ in: capitals, width, spaces, and signs."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(one if one.isalnum() else " " for one in letters)
    return " ".join(kept.split())
