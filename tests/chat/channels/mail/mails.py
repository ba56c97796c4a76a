"""Mails that come in, as parsing.py hands them on, and the way from there into a conversation."""

import hashlib
import itertools
from types import MappingProxyType

from chat.channels import arrivals, incoming
from chat.channels.contract import Arrived
from chat.channels.mail import automatic, bounces, proofs, sending
from chat.channels.mail.parsing import Mail
from chat.models import GroupMessage
from chat.posting import batches
from tests.chat.channels.conftest import deliver
from tests.chat.helpers import draft_of

ANN, EVE = "ann@ann.example", "eve@eve.example"
numbers = itertools.count(1)


class Adapter:
    """The door of mail as far as these tests need it: what goes out."""

    keys = ()
    grants = MappingProxyType({})
    send = staticmethod(sending.send)

    def fetches(self, channel):
        return True


def mail(sender=ANN, text="Hello", subject="Order 7", **more) -> Mail:
    """A mail; `headers` are a dict, `answers` is a mail of ours (as the fake server took it)."""
    number = next(numbers)
    if ours := more.pop("answers", None):
        more = {"in_reply_to": [ours["Message-ID"]], "references": [ours["Message-ID"]]} | more
    more["headers"] = [*more.pop("headers", {}).items()]
    raw = f"{sender} {number} {text}".encode()
    found = Mail(raw, hashlib.sha256(raw).hexdigest(), message_id=f"<{number}@ann.example>")
    found.from_, found.subject, found.text, found.own_text = [sender], subject, text, text
    for name, value in more.items():
        setattr(found, name, value)
    return found


def arrived(channel, one: Mail) -> Arrived:
    """As the adapter does it."""
    if bounce := bounces.bounced(channel, one):
        return bounce
    place, by_program = proofs.place(channel, one), automatic.is_automatic(one, channel)
    data = {"subject": one.subject, "from": one.from_[0], "message_id": one.message_id}
    return Arrived(
        one.hash,
        place.thread or f"t{one.hash}",
        content=one.own_text,
        data={"mail": data | {"hint": place.hint, "automatic": by_program}},
        about=proofs.about(
            one, by_program, None if place.thread else automatic.asker(one, channel)
        ),
    )


def comes(channel, one: Mail) -> str:
    """Takes a mail in; returns the conversation of its message, "" for none."""
    arrivals.keep(channel, [arrived(channel, one)])
    for each in arrivals.waiting(channel, 10):
        incoming.take_in(channel, each)
    rows = GroupMessage.objects.filter(data__mail__message_id=one.message_id)
    return rows.values_list("group_id", flat=True).first() or ""


def answer(box, who, group, text="Good morning", **more) -> GroupMessage:
    """Has somebody write, and sends what is due."""
    seq = batches.post(draft_of(who, group, text, **more))["seq"]
    deliver(box)
    return GroupMessage.objects.get(group_id=group, seq=seq)


def state_of(row) -> tuple[str, str]:
    row.refresh_from_db()
    return row.data["delivery"]["state"], row.data["delivery"]["reason"]
