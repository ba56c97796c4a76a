"""Why a robot's message was not taken: codes, and what they mean to whoever has set it up."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.notifications.contract import Failed, Later

ADDRESS, SEALED, KEY, SIGN, KEYWORD = "address", "sealed", "key", "sign", "keyword"
IP, OFF, REFUSED, RATE, DOWN = "ip", "off", "refused", "rate", "down"
LATE, UNREACHABLE, ANSWER = "late", "unreachable", "answer"
WORDS = {
    ADDRESS: gettext_noop("its address may not be sent to: enter the one that the platform shows"),
    SEALED: gettext_noop("the server's SECRET_KEY has changed: enter its address anew"),
    KEY: gettext_noop("the platform does not know this address any more: copy it there anew"),
    SIGN: gettext_noop(
        "the signature is refused: copy the secret there anew, and check this server's clock"
    ),
    KEYWORD: gettext_noop("the platform misses its keyword: enter Kefu as a keyword there"),
    IP: gettext_noop("this server's address is missing in the IP list there"),
    OFF: gettext_noop("the robot is switched off or removed there: add it anew"),
    REFUSED: gettext_noop("the platform refuses the message"),
    RATE: gettext_noop("the platform takes no more messages for now"),
    DOWN: gettext_noop("the platform does not work at the moment"),
    LATE: gettext_noop("the platform did not answer in time"),
    UNREACHABLE: gettext_noop("there is no connection to the platform"),
    ANSWER: gettext_noop("the platform gave an answer that cannot be read"),
}
SAID = REFUSED, ANSWER, ADDRESS, DOWN
"""Codes that say less than the other side."""
PASS = RATE, DOWN, LATE, UNREACHABLE, ANSWER
"""Codes of what may end without a change of the settings."""
MAX_SAID = 200


def failed(code: str, said: object = "") -> Failed:
    return Failed(f"{code} {line_of(said)}".strip())


def later(code: str, seconds: float = 0.0, said: object = "") -> Later:
    return Later(f"{code} {line_of(said)}".strip(), seconds)


def line_of(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:MAX_SAID]


def words(reason: str) -> str:
    """A stored reason, in words."""
    code, _space, said = reason.partition(" ")
    text = _(WORDS.get(code, WORDS[REFUSED]))
    return f"{text} ({said})" if said and code in SAID else text
