"""What pages say of channels: their names, how long one may write by them, and what became of a
message. static/js/agent/channel/ says the same with the same words
(templates/chat/workspace/_channels.html).
"""

import uuid
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import (
    gettext_lazy,
    gettext_noop,
    ngettext,
    pgettext,
    pgettext_lazy,
)

from chat.models import Channel, ChannelDelivery
from chat.reading import reach

register = template.Library()

HOUR = 3600
HOW = {
    reach.SIGNED: gettext_noop("signed by your site"),
    reach.PROVEN: gettext_noop("proven"),
    reach.PLATFORM: gettext_noop("known by the platform"),
    reach.WROTE: gettext_noop("wrote from this address"),
    "": gettext_noop("not proven"),
}
"""How a way is known to be somebody's."""
SHORT = {Channel.Kind.WEIXIN.value: pgettext_lazy("channel", "Official account")}
CAUSES = {
    "403": gettext_noop("they have blocked the bot"),
    "43004": gettext_noop("they do not follow the account any more"),
    "48001": gettext_noop("the account has no right to send messages"),
    "45015": gettext_noop("the time in which they may be answered is over"),
    "45047": gettext_noop("all messages are used up until they write again"),
    "95001": gettext_noop("all messages are used up until they write again"),
    "95002": gettext_noop("the time in which they may be answered is over"),
    "95018": gettext_noop("their session at WeChat is over, or a colleague has it in WeCom"),
    "fail_type 4": gettext_noop("the time in which they may be answered is over"),
    "fail_type 5": gettext_noop("their session at WeChat is over"),
    "fail_type 6": gettext_noop("all messages are used up until they write again"),
    "fail_type 10": gettext_noop("they refuse messages"),
    "file_kind": gettext_noop("the channel takes no file of this kind and size"),
    "daily_limit": gettext_noop("it waits for tomorrow, after ten automatic mails today"),
    "own_address": gettext_noop(
        "the mail came from our own address; write a new one to the customer's"
    ),
    "automatic": gettext_noop("no program answers an automatic mail"),
    "550": gettext_noop("this mailbox does not exist, or refuses us"),
    "5.1.1": gettext_noop("this mailbox does not exist"),
    "5.6.7": gettext_noop("no mail can be sent to an address of this form"),
    "552": gettext_noop("their mailbox is full, or the mail is too large"),
    "5.2.2": gettext_noop("their mailbox is full"),
    "554": gettext_noop("their mail server has refused it"),
    "unreachable": gettext_noop("the channel could not be reached"),
    "certificate": gettext_noop("the channel could not be reached"),
    "late": gettext_noop("the channel did not answer in time"),
    "nonsense": gettext_noop("the channel gave an answer that could not be read"),
    "forbidden_address": gettext_noop("the channel's address is not allowed here"),
    "gone": gettext_noop("there is nobody any more whom this would reach"),
    "sealed": gettext_noop("the channel's keys cannot be read; a manager gives them again"),
    "bad_key": gettext_noop("a setting of the channel is refused"),
    "too_large": gettext_noop("it is too large for the channel"),
    "file_gone": gettext_noop("the file is not there any more"),
}
"""Why a message was not delivered, by the code of the other side, as its documentation says, or of
ours (channels/contract.py). A code that is missing here is shown with the other side's words."""
ACCOUNT = "smtp"
SETTINGS = dict.fromkeys(
    (
        *(ACCOUNT, "sign_in", "mailbox", "invalid_grant", "invalid_client", "401", "404", "40001"),
        *("40013", "40014", "40125", "40164", "42001", "48002", "60020", "95000", "95004"),
    ),
    gettext_noop("the channel does not work; a manager has to look at its settings"),
)
"""What only a manager can mend, whom channels/failures.py tells more. A code that begins with
ACCOUNT is of our own account at a mail server, whatever follows."""

HINTS = {
    "unknown_sender": gettext_noop(
        "It answers a mail of ours, but from an address that its conversation does not know."
    ),
    "two_senders": gettext_noop("It names several senders, so it joined no conversation."),
    "bad_proof": gettext_noop("It only pretends to answer a mail of ours."),
}
"""Why a mail joined no conversation (channels/mail/proofs.py)."""
STANDING = {
    reach.OPEN: pgettext_lazy("channel", "no limit"),
    reach.PAGE: gettext_lazy("when they are back"),
    reach.CLOSED: gettext_lazy("until they write again, nothing can be sent"),
    reach.OFF: gettext_lazy("switched off; what is sent waits"),
    reach.GONE: gettext_lazy("nobody is there any more"),
    reach.BROKEN: gettext_lazy("does not work now; messages may wait"),
    reach.LOST: gettext_lazy("the last message did not arrive"),
}
"""How a way stands, by its state; without a limit, and of the page."""
SHUT = {
    "until": gettext_lazy(
        "The time in which they may be answered is over. Once they write, you can answer again."
    ),
    "left": gettext_lazy("No further message may be sent. Once they write, you can answer again."),
    "gone": gettext_lazy("Nobody is there any more whom an answer would reach."),
}
"""Why nothing can be sent."""


@register.filter
def channel_name(kind: str | None) -> str:
    """The name of a kind of channel in a line of its own; that of the page."""
    if kind == reach.PAGE:
        return pgettext("channel", "Your site")
    return capfirst(str(dict(Channel.Kind.choices).get(kind or "", kind or "")))


@register.filter
def cause(code: str, words: str = "") -> str:
    """Why a message was not delivered: in a sentence; for an unknown code with the other side's
    words. A code may have several parts (550 5.1.1), of which the last known one counts."""
    if known := meaning(ACCOUNT if code.startswith(f"{ACCOUNT} ") else code, CAUSES | SETTINGS):
        return _(known)
    return " · ".join(filter(None, [code, words]))


def meaning(code: str, known: dict[str, str]) -> str:
    """What a code of several parts means: its last known part; "" where none is known."""
    return next((known[one] for one in (code, *reversed(code.split())) if one in known), "")


@register.filter
def short_name(kind: str) -> str:
    """The name of a kind where there is little room, and the sign of the kind beside it."""
    return str(SHORT[kind]) if kind in SHORT else channel_name(kind)


@register.filter
def named(kind: str) -> str:
    """The short name before what is said of it."""
    return pgettext("channel", "%(name)s:") % {"name": short_name(kind)}


@register.filter
def hint(why: str) -> str:
    """Why a mail joined no conversation."""
    return _(HINTS[why]) if why in HINTS else ""


@register.filter
def how(way: dict) -> str:
    """How a way of reaching somebody is known to be theirs."""
    return _(HOW[way["how"]])


@register.filter
def way_in(ways: list[dict] | None, group: str) -> dict | None:
    """The way of the conversation `group`."""
    return next((one for one in ways or () if one["group"] == group), None)


@register.filter
def other_ways(ways: list[dict] | None, group: str) -> list[dict]:
    """The ways beside that of `group` by which somebody can be written to now."""
    return [one for one in ways or () if one["group"] != group and one["state"] == reach.OPEN]


@register.filter
def answer_by(kind: str) -> str:
    """What leads to another way."""
    if kind == reach.PAGE:
        return _("Answer on your site")
    name = dict(Channel.Kind.choices).get(kind, kind)
    return pgettext("channel", "Answer by %(name)s") % {"name": name}


@register.filter
def shut(way: dict | None) -> str:
    """Why nothing can be sent by a way now; "" where something can."""
    if not way or way["state"] not in (reach.CLOSED, reach.GONE):
        return ""
    if way["state"] == reach.GONE:
        return str(SHUT["gone"])
    until = way["window"]["until"]
    return str(SHUT["left" if until is None or until > timezone.now() else "until"])


@register.filter
def standing(way: dict) -> str:
    """How long and how often they may be written to by a way."""
    if way["state"] != reach.OPEN:
        return str(STANDING[way["state"]])
    if way["kind"] == reach.PAGE:
        return str(STANDING[reach.PAGE])
    window = way["window"]
    found = [left(way), time_left(window["until"])] if window else [str(STANDING[reach.OPEN])]
    return " · ".join(filter(None, found))


@register.filter
def left(way: dict) -> str:
    """How many more messages a window allows, "" without a limit."""
    window = way["window"] or {}
    if window.get("left") is None:
        return ""
    if way["whole"] is None:
        n = window["left"]
        return ngettext("%(n)d message left", "%(n)d messages left", n) % {"n": n}
    return _("%(left)d of %(whole)d left") % {"left": window["left"], "whole": way["whole"]}


def time_left(until: datetime | None) -> str:
    """How long a window is still open, in hours, below one in minutes that have begun."""
    seconds = (until - timezone.now()).total_seconds() if until else 0
    if seconds <= 0:
        return ""
    if seconds < HOUR:
        return pgettext("left", "%(n)d min") % {"n": -(-seconds // 60)}
    return pgettext("left", "%(n)d h") % {"n": seconds // HOUR}


@register.filter
def pieces(way: dict) -> list[bool]:
    """Each message of a whole window, and whether it is left."""
    if not way["whole"] or not way["window"]:
        return []
    return [number < way["window"]["left"] for number in range(way["whole"])]


@register.filter
def delivery_words(delivery: dict) -> str:
    """How far a message is on its way, and why it waits."""
    state, reason = delivery["state"], delivery["reason"]
    waits = cause(reason) if state == ChannelDelivery.State.SENDING and reason else ""
    return " · ".join(filter(None, [delivery_state(state), waits]))


def delivery_state(state: str) -> str:
    return capfirst(str(dict(ChannelDelivery.State.choices).get(state, state)))


@register.filter
def said_of(messages: list[dict] | None, seq: int) -> str:
    """What the other side said about the message that was not delivered, from its notice."""
    facts = [one["data"] for one in messages or () if one["kind"] == "notice" and one["data"]]
    about = [one for one in facts if one.get("event") == "undelivered" and one.get("of") == seq]
    return about[-1].get("words") or "" if about else ""


@register.filter
def tries_again(message: dict, messages: list[dict]) -> bool:
    """Whether a text that was not delivered can be sent once more: only until the team has written
    again."""
    written = (one for one in messages if one["seq"] > message["seq"] and one["kind"] == "message")
    again = any(one["sender_role"] == "agent" for one in written)
    return bool(message["content"] and not message.get("attachment") and not again)


@register.simple_tag
def channel_words() -> list[tuple[str, str]]:
    """The words above for scripts, each with its key."""
    kinds = [*Channel.Kind.values, reach.PAGE]
    return [
        *((f"channel_{kind}", channel_name(kind)) for kind in kinds),
        *((f"short_{kind}", short_name(kind)) for kind in kinds),
        *((f"named_{kind}", named(kind)) for kind in kinds),
        *((f"answer_{kind}", answer_by(kind)) for kind in kinds),
        *((f"way_how_{name}", _(words)) for name, words in HOW.items()),
        *((f"way_{state}", str(words)) for state, words in STANDING.items()),
        *((f"shut_{why}", str(words)) for why, words in SHUT.items()),
        *((f"delivery_{state}", delivery_state(state)) for state in ChannelDelivery.State.values),
        *((f"hint_{why}", _(words)) for why, words in HINTS.items()),
        *((f"cause_{code}", _(words)) for code, words in (CAUSES | SETTINGS).items()),
    ]


@register.simple_tag
def new_id() -> str:
    """The client_id of a message that a plain form sends."""
    return str(uuid.uuid4())


@register.filter
def of_channel(message: dict | None) -> bool:
    """Whether a message has parts that only those of channels have, or is the notice that one was
    not delivered."""
    data = (message or {}).get("data") or {}
    if not message or message["kind"] != "message":
        return data.get("event") == "undelivered"
    return any(map(data.get, ("delivery", "mail", "quoted")))
