"""What the assistant says word for word: the enterprise's own texts, else the usual ones; and the
words at which people take over."""

from accounts import mails
from accounts.models import Assistant
from chat.conversations.human_words import SEPARATORS, plain

USUAL = {
    "en": {
        "greeting": "Hello! I answer from our articles. You can ask for a person at any time.",
        "thanks": "You are welcome.",
        "goodbye": "Thank you for writing. Have a good day!",
        "handover": "I could not find a reliable answer to that. Our team will take over here.",
        "takeover": "Our team will take over here. Please wait a moment.",
        "closed": (
            "Our team has to answer that, and is not here right now. Leave your e-mail address, "
            "and they will write to you."
        ),
        "later": (
            "Our team has to answer that, and is not here right now. They will reply here as soon "
            "as they are back."
        ),
    },
    "zh-hans": {
        "greeting": "您好！我根据帮助文章回答您的问题，您也可以随时转人工。",
        "thanks": "不客气。",
        "goodbye": "感谢您的咨询，祝您愉快！",
        "handover": "这个问题我没有找到可靠的答案，马上为您转接人工客服。",
        "takeover": "马上为您转接人工客服，请稍候。",
        "closed": "这个问题需要人工客服答复，客服现在不在线。请留下邮箱，客服会尽快回复您。",
        "later": "这个问题需要人工客服答复，客服现在不在线，上线后会在这里回复您。",
    },
}
"""By language and name. Before people take over who are there: `handover` where no article proves
an answer, else `takeover`. Before those who are not: `closed` asks for an address, `later` where no
answers are mailed."""
NAMES = tuple(USUAL["en"])
MAX_WORDS = 500
"""Characters of one of these texts."""


def of(assistant: Assistant, language: str, name: str) -> str:
    """The text of this name in a visitor's language, or in the enterprise's where there is none."""
    known = language if language in USUAL else assistant.enterprise.text_language
    return assistant.words.get(known, {}).get(name) or USUAL[known][name]


def at_parting(is_proof_missing: bool, is_away: bool) -> str:
    """The name of the text with which people take over."""
    if is_away:
        return "closed" if mails.answers_are_sent() else "later"
    return "handover" if is_proof_missing else "takeover"


def is_angry(assistant: Assistant, message: str) -> bool:
    """Whether a message contains one of the enterprise's words of anger: in writing without spaces
    anywhere, else as whole words."""
    said = f" {plain(message)} "
    words = {plain(word) for word in SEPARATORS.split(assistant.anger_words)} - {""}
    return any((f" {word} " if word.isascii() else word) in said for word in words)


def is_repeated(messages: list[str]) -> bool:
    """Whether the last of a visitor's messages in a reception equals two earlier ones."""
    said = [plain(one) for one in messages]
    return bool(said and said[-1]) and said.count(said[-1]) > 2
