"""Mails of ours: an answer in a thread of mails, or the first mail of one."""

import re
from email.utils import format_datetime, formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Enterprise
from chat.channels.contract import DAILY, GONE, Failed, Outgoing
from chat.ledger import visible_names
from chat.mail import daily, proofs
from chat.models import Channel, ChannelContact, ChannelDelivery, GroupMessage, theirs
from chat.protocol import formatting

from . import charsets, smtp

ANSWERS = re.compile(
    r"\s*(?:re|aw|sv|fwd?|wg|回复|回覆|答复|转发|轉寄)(?:\[\d+\]|\(\d+\))?\s*[:\uff1a]", re.I
)
"""How a subject begins that answers or passes on another mail, in the languages of common mail
programs."""
SUBJECT = 200
"""Characters of a subject."""
CITED = 20
"""Message-IDs that a mail cites, beside the first one of its thread: programs sort by those, and a
header has an end."""
NOT_ASCII = "553 5.6.7"
"""What a mail server answers to an address that it takes in no form."""
OWN = "own_address"
"""The code of an answer that would go to the mailbox itself, such as to a form on a site."""
UNASKED = "automatic"
"""The code of an automatic mail that is not sent, since it would answer one."""


def test(channel: Channel) -> str:
    """Signs in at the mail server. Returns the address; raises Failed."""
    smtp.check_sign_in(channel)
    return str(channel.settings["address"])


def send(channel: Channel, contact: ChannelContact, piece: Outgoing) -> str:
    """Sends one message of ours; returns its Message-ID, the same at each try. Raises Failed."""
    if not contact.data.get("from"):
        raise Failed(GONE, final=True)
    own = contact.data["from"] == channel.settings["address"].lower()
    if own and not contact.data.get("accepted"):
        # As a mail of ours that came back it would be kept nowhere.
        raise Failed(OWN, final=True)
    if not smtp.envelope(contact.data["from"]):
        raise Failed(NOT_ASCII, final=True)
    automatic = is_by_machine(piece.row)
    message = mail_of(channel, contact, piece, automatic)
    if not automatic:
        smtp.deliver(channel, message)
        return str(message.extra_headers["Message-ID"])
    now, counted = timezone.now(), []
    if contact.data.get("automatic"):
        raise Failed(UNASKED, "no program answers an automatic mail", final=True)
    try:
        for each in message.recipients():
            if not daily.take(each, now):
                wait = (daily.next_day(now) - now).total_seconds()
                raise Failed(DAILY, f"{daily.MOST} automatic mails today", waits=wait)
            counted.append(each)
        smtp.deliver(channel, message)
    except Failed:
        for each in counted:
            daily.give_back(each, now)
        raise
    return str(message.extra_headers["Message-ID"])


def is_by_machine(row: GroupMessage) -> bool:
    """Whether no person wrote it: bots, service accounts and the assistant."""
    data = row.data or {}
    return any(data.get(name) for name in ("bot", "automatic", "generated"))


def mail_of(
    channel: Channel, contact: ChannelContact, piece: Outgoing, automatic: bool
) -> EmailMessage:
    """The mail, in the reader's language. It is from the channel's own address, whoever writes."""
    row, data = piece.row, contact.data
    headers: dict[str, Any] = {
        "Message-ID": proofs.message_id(channel, piece.id),
        "Date": format_datetime(row.created_at),
    }
    if cited := citations(contact, row):
        headers |= {"In-Reply-To": cited[-1], "References": " ".join(cited)}
    if automatic:
        headers["Auto-Submitted"] = "auto-replied" if data.get("message_id") else "auto-generated"
        headers["X-Auto-Response-Suppress"] = "All"
    reply_to = proofs.reply_address(channel, piece.id)
    with override(contact.visitor.language or settings.LANGUAGE_CODE):
        name = sender_name(channel, row)
        box = box_of_team(channel, contact)
        text = text_of(box, piece)
        subject = subject_of(box, contact)
    message = EmailMessage(
        subject,
        text,
        formataddr((name, channel.settings["address"])),
        [data["from"]],
        cc=[one for one in data.get("accepted", []) if one != data["from"] and smtp.envelope(one)],
        reply_to=[formataddr((name, reply_to))],
        headers=headers,
    )
    if piece.content:
        message.attach(piece.name, piece.content, piece.mime)
    return message


def citations(contact: ChannelContact, row: GroupMessage) -> list[str]:
    """The Message-IDs that an answer cites: those of its thread, the last of theirs at the end;
    before they have written, our own."""
    data = contact.data
    if last := data.get("message_id"):
        found = [one for one in data.get("references", []) if one != last]
        return [*found[:1], *found[1:][-CITED + 2 :], last]
    ours = ChannelDelivery.objects.filter(
        channel_id=contact.channel_id, conversation_id=contact.conversation_id, seq__lt=row.seq
    )
    sent = ours.order_by("seq").values_list("their_ids", flat=True)
    return [one for ids in sent[:CITED] for one in ids]


def sender_name(channel: Channel, row: GroupMessage) -> str:
    """Who writes, as visitors see them, and for whom; commas and the like would end a name."""
    names = visible_names.read({row.sender})
    name = visible_names.visible(row.sender, row.sender_name, names) or visible_names.word()
    enterprise = Enterprise.objects.get(code=channel.ent_id)
    return charsets.one_line(f"{name} · {enterprise.name}")[:120]


def box_of_team(channel: Channel, contact: ChannelContact) -> Channel:
    """The mailbox whose signature and subject a mail has: that of the team that looks after the
    thread, where it has one, after a hand-on another one than the thread's."""
    team = contact.conversation.team_id
    if team == channel.team_id:
        return channel
    found = Channel.objects.filter(theirs(channel.ent_id), kind=channel.kind, team_id=team)
    return found.filter(active=True).order_by("pk").first() or channel


def text_of(box: Channel, piece: Outgoing) -> str:
    """The words without formatting marks, then the signature."""
    row = piece.row
    text = piece.text and formatting.without_marks(row.message_content or "", row.data)
    parts = [text, formatting.buttons_line(row.data)]
    if signature := box.settings.get("signature", "").strip():
        parts.append(f"-- \n{signature}")
    return "\n\n".join(filter(None, parts)) + "\n"


def subject_of(box: Channel, contact: ChannelContact) -> str:
    subject = bare_subject(contact.data.get("subject", ""))
    if not contact.data.get("message_id") and subject:
        return subject
    own = bare_subject(box.settings.get("subject", ""))
    return f"Re: {subject}" if subject else own or _("Your message to us")


def bare_subject(text: str) -> str:
    """A subject in one line, without what says that it is an answer."""
    text = charsets.one_line(text)[:SUBJECT]
    while found := ANSWERS.match(text):
        text = text[found.end() :].strip()
    return text
