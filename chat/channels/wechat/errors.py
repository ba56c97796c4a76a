"""What the numbers mean by which WeChat refuses something (errcode), of official accounts and of
customer service, as documented in November 2026. One that stands nowhere here is tried again."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.channels.contract import NONSENSE, Failed

TOKENS = {"40001", "40014", "42001"}
"""The access token is refused: a new one is needed."""
CLOSED = {45015, 45047, 95001, 95002, 95013}
"""The right to write to this person is over: out of time, used up, or the session has ended."""
BUSY = {45009: 60.0, 45011: 60.0}
"""Called too often: seconds in which nothing is to be tried."""
FINAL = {
    *(40003, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40012, 40031, 40058),
    *(43004, 43005, 43019, 45001, 45002, 45003, 45007, 45008, 48001, 50002),
    *(60111, 84061, 87014, 95016),
}
"""Refused for good: whom it is for (43004: not following), what it is, how large, or 48001: the
account may not."""
FAMILIES = 41, 44, 47
"""Thousands of numbers that refuse a request for good: something is missing, empty or malformed."""
WORDS = {
    40001: gettext_noop("The secret is refused."),
    40013: gettext_noop("The AppID or CorpID is refused."),
    40125: gettext_noop("The AppSecret is refused."),
    40164: gettext_noop("This server's address is not in the IP list there."),
    43004: gettext_noop("They do not follow the account any more."),
    45015: gettext_noop("The time in which they may be answered is over."),
    45047: gettext_noop("No further message may be sent to them now."),
    48001: gettext_noop("The account may not send messages: it is not verified."),
    48002: gettext_noop("The secret may not call this: let it manage the account there."),
    60020: gettext_noop("This server's address is not in the IP list there."),
    95000: gettext_noop("There is no such open_kfid."),
    95001: gettext_noop("No further message may be sent to them now."),
    95002: gettext_noop("The time in which they may be answered is over."),
    95004: gettext_noop("There is no such open_kfid."),
}
"""For whoever has to do something about it."""
BROKEN = {40001, 40013, 40014, 40125, 40164, 42001, 48001, 48002, 60020, 95000, 95004}
"""Nothing works until somebody changes something."""


def checked(status: int, answer: dict[str, Any], secret: str) -> dict[str, Any]:
    """The answer, unless it is a refusal: that raises Failed, without the secret."""
    if status != 200:
        raise Failed(str(status), f"HTTP {status}")
    number = answer.get("errcode", 0)
    if number == 0:
        return answer
    if type(number) is not int:
        raise Failed(NONSENSE, "errcode is no number")
    said = str(answer.get("errmsg", ""))
    raise failed(number, said.replace(secret, "…") if secret else said)


def failed(number: int, said: str) -> Failed:
    words = f"{_(WORDS[number])} ({said})" if number in WORDS else said
    family = number // 1_000 in FAMILIES
    return Failed(
        str(number),
        words,
        final=number in CLOSED | FINAL or family,
        pause=BUSY.get(number, 0.0),
        closes=number in CLOSED,
        breaks=number in BROKEN,
    )
