"""Which mails a program wrote. They are stored, and no program of ours answers them: sending.py
refuses to, and conversations/outgoing.py before."""

import re

from django.conf import settings as installation

from chat.models import Channel, theirs
from chat.models.visitor import first_address
from chat.protocol import channels

from . import parsing
from .parsing import Mail

MARKS = (
    *("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply"),
    "x-failed-recipients",
)
"""Headers that only programs write, beside List-…"""
SUBJECTS = re.compile(
    r"\s*(?:(?:auto(?:matic)?[- ]?reply|out of (?:the )?office|自动回复)\s*)+(?:[:：]|$)", re.I
)
"""Of programs that write none of these headers: all of it, or up to a colon. People write about
such answers, too."""
PRECEDENCE = {"bulk", "list", "junk", "auto_reply"}
DAEMONS = "mailer-daemon", "postmaster"
TAG = re.compile(r"\+[^@]*(?=@)")
"""What stands after a plus sign in an address, such as a proof."""


def is_automatic(mail: Mail, channel: Channel | None = None) -> bool:
    """Whether a program wrote it, or it is from an address of our own (of the channel's
    enterprise)."""
    submitted = mail.header("Auto-Submitted").partition(";")[0].strip().lower()
    names = {name.lower() for name, _value in mail.headers}
    if submitted not in ("", "no") or not names.isdisjoint(MARKS):
        return True
    if any(name.startswith("list-") for name in names) or SUBJECTS.match(mail.subject):
        return True
    if mail.header("Precedence").strip().lower() in PRECEDENCE:
        return True
    if mail.return_path.strip() == "<>" or mail.mime == "multipart/report":
        return True
    people = {one.partition("@")[0].lower() for one in mail.from_}
    return not people.isdisjoint(DAEMONS) or not own(channel).isdisjoint(mail.from_)


def asker(mail: Mail, channel: Channel) -> str:
    """The address to which an answer to a first mail goes; "" for none. It is that in From, but of
    a mail from an address of ours, such as of a form on the enterprise's site, the one other in
    Reply-To. It is no better proven than any From, so it joins no thread and stays automatic: only
    people answer it."""
    sender, ours = "".join(mail.from_[:1]), own(channel)
    if len(mail.from_) != 1 or sender not in ours:
        return sender
    named = {
        address
        for value in mail.all("Reply-To")
        for _name, address in parsing.addresses(value.encode("utf-8", "replace"))
        if TAG.sub("", address) not in ours
    }
    return named.pop() if len(named) == 1 else sender


def own(channel: Channel | None) -> set[str]:
    """The addresses from which we write: those of the enterprise's mail channels, and that of all
    other mails. With a proof after a plus sign they are ours, too, but never a From of ours."""
    found = {first_address(installation.DEFAULT_FROM_EMAIL).lower()}
    if channel:
        rows = Channel.objects.filter(theirs(channel.ent_id), kind=channels.MAIL)
        found |= {
            str(row.get("address")).lower() for row in rows.values_list("settings", flat=True)
        }
    return found
