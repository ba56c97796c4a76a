"""Mail: a mailbox that is read by IMAP, and answered by SMTP.

IMAP as in RFC 3501, 2177 (IDLE) and 2971 (ID), and XOAUTH2 as documented by Google and Microsoft in
November 2026; tried against tests/fakes/imap.py.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Enterprise
from chat.channels import contract, senders
from chat.files import storage
from chat.mail import proofs as marks
from chat.models import Attachment, Channel, ChannelContact, GroupMessage
from chat.posting import uploads
from chat.posting.items import Draft
from chat.protocol.errors import Refused
from chat.protocol.sizes import size_text

from . import automatic, bounces, fetching, imap, parsing, proofs, sending, smtp
from .parsing import Mail

COPIES = 50
"""Addresses of a Cc that a message has."""


class MailBox:
    keys = (
        contract.Key("address"),
        contract.Key("imap", secret=True),
        contract.Key("smtp", secret=True),
        contract.Key("signature", default=""),
        contract.Key("subject", default=""),
        contract.Key("authserv", default=""),
        contract.Key("subaddress", default="auto", choices=("auto", "yes", "no")),
        contract.Key("oauth_client", default=""),
        contract.Key("oauth_secret", secret=True, default=""),
        contract.Key("oauth_refresh", secret=True, default=""),
        contract.Key("oauth_token_url", default=""),
    )
    grants: ClassVar[dict[str, tuple[timedelta, int]]] = {}
    pause = 60.0

    def check(self, channel: Channel) -> None:
        try:
            validate_email(channel.settings["address"])
            channel.settings["address"].encode("ascii")  # As it stands in From.
        except (ValidationError, UnicodeEncodeError) as error:
            raise contract.Failed(contract.KEY, _("address: this is no mail address.")) from error
        imap.check(imap.box_of(channel))
        smtp.check(channel)

    def fetches(self, channel: Channel) -> bool:
        return True

    def own_id(self, channel: Channel) -> str:
        return channel.settings["address"].lower()

    def is_called(self, channel: Channel) -> bool:
        return False

    def called(self, channel: Channel, call: contract.Called) -> contract.Answered:
        return contract.Answered(404)

    def fetch(self, channel: Channel) -> contract.Page:
        batch = fetching.page(channel)
        enterprise = Enterprise.objects.get(code=channel.ent_id)
        arrived: list[contract.Arrived] = []
        for found in batch.mails:
            mail = parsing.parse(found.raw, found.size)
            arrived += arrived_of(channel, mail, arrived, hidden=enterprise.hide_contacts)
        return contract.Page(arrived, batch.cursor, batch.more)

    def download(self, channel: Channel, file: contract.File, most: int) -> tuple[bytes, str]:
        key, _colon, number = file.ref.partition(":")
        parts = parts_of(key)
        if int(number) >= len(parts):
            raise contract.Failed(contract.GONE, "the mail is not there any more", final=True)
        part = parts[int(number)]
        if len(part.content) > most:
            raise Refused("too_long", "", limit=most)
        return part.content, part.name

    def send(self, channel: Channel, contact: ChannelContact, piece: contract.Outgoing) -> str:
        return sending.send(channel, contact, piece)

    def test(self, channel: Channel) -> str:
        fetching.check(channel)
        return sending.test(channel)

    def connect(self, channel: Channel, url: str) -> None:
        if channel.active and (cursor := fetching.end_of(channel)):
            channel.cursor = cursor
            Channel.objects.filter(pk=channel.pk).update(cursor=cursor)


@lru_cache(maxsize=10)
def parts_of(key: str) -> list[parsing.Part]:
    """The parts of a stored mail. They are taken in one after another, of as many mails at once
    (background/channels.py), and to read the mail anew for each of 200 took minutes."""
    raw = storage.read(key, small=False)
    return parsing.parse(raw).parts if raw else []


def arrived_of(
    channel: Channel, mail: Mail, page: list[contract.Arrived], *, hidden: bool
) -> list[contract.Arrived]:
    """What a mail becomes: its text, and each further part. [] where it is known already, or is one
    of ours that came back. `page` is what was found before it. Raises Failed where it cannot be
    kept now."""
    if bounce := bounces.bounced(channel, mail):
        return [bounce]
    place = proofs.place(channel, mail, page)
    new = f"t{mail.hash[:40]}"
    asker = automatic.asker(mail, channel)
    who = place.thread or blocked_thread(channel, [asker, *mail.from_[1:]]) or new
    people = {one: senders.sender_of(channel, one) for one in (who, new)}
    if is_known(channel, mail.hash, {*people.values()}) or is_ours(channel, mail):
        return []
    writes = automatic.is_automatic(mail, channel)
    first = text_of(mail, who, hidden)
    first.about = proofs.about(mail, writes, None if place.thread else asker)
    facts = facts_of(mail, writes, hidden) | ({"hint": place.hint} if place.hint else {})
    first.data = {"mail": facts, **({"quoted": mail.quoted} if mail.quoted else {})}
    if senders.is_blocked(channel, who):
        return [first]
    key = keep(channel, mail, people[who])
    facts["raw"] = reverse("mail", args=[key])
    if mail.html:
        facts["html"] = reverse("mail-html", args=[key])
    found = [first]
    for number, part in enumerate(mail.parts):
        one = contract.Arrived(f"{mail.hash}:{number + 1}", who)
        one.file = contract.File(f"{key}:{number}", part.name, len(part.content))
        found.append(one)
    if left := left_out(mail):
        found.append(contract.Arrived(f"{mail.hash}:more", who, missing=left))
    if writes:
        for one in found[1:]:
            one.about = {"automatic": True}
    return found


def blocked_thread(channel: Channel, people: list[str]) -> str | None:
    """A thread of theirs whose visitor is blocked, so that another one is none."""
    threads = [one for who in filter(None, people) for one in proofs.contacts_from(channel, who)]
    return next((one.their_id for one in threads if one.visitor.is_blocked), None)


def is_known(channel: Channel, digest: str, people: set[str]) -> bool:
    """Whether this mail of one of these visitors has been stored, or waits to be taken in."""
    if channel.arrivals.filter(key=digest).exists():
        return True
    client_id = senders.client_id(channel, digest)
    return GroupMessage.objects.filter(sender__in=people, client_id=client_id).exists()


def is_ours(channel: Channel, mail: Mail) -> bool:
    """Whether we have sent it: a copy that a mailbox keeps of it."""
    own = set(mail.from_) <= automatic.own(channel)
    return own and bool(marks.proven(channel, mail.message_id))


def text_of(mail: Mail, who: str, hidden: bool) -> contract.Arrived:
    """The message with the mail's text, or with its subject where that is all."""
    found = contract.Arrived(mail.hash, who, content=mail.own_text.strip() or mail.subject)
    if not found.content:
        found.missing = _("A mail without text")
    found.name = mail.name or "".join(mail.from_[:1])
    if hidden and "@" in found.name:
        found.name = ""
    letters = [each for each in mail.subject + mail.own_text if each.isalpha()]
    if letters:
        han = sum("\u4e00" <= each <= "\u9fff" for each in letters)
        found.language = "zh-hans" if han * 10 > len(letters) else "en"
    return found


def facts_of(mail: Mail, writes: bool, hidden: bool) -> dict[str, Any]:
    """What is told of a mail at its message. Where contact data is hidden it says so, and readers
    get the addresses masked (protocol/events.py)."""
    found = {
        "subject": mail.subject,
        "from": "".join(mail.from_[:1]),
        "message_id": mail.message_id,
        "cc": mail.cc[:COPIES],
        "automatic": writes,
    }
    return found | ({"hidden": True} if hidden else {})


def keep(channel: Channel, mail: Mail, sender: str) -> str:
    """The key of the file with the mail as it came from a visitor (uuid); one that an earlier try
    stored is used again. Raises Failed where there is no room."""
    client_id = senders.client_id(channel, mail.hash)
    draft = Draft(sender, "", "", client_id, "", None)
    found = uploads.earlier(draft, mail.hash)
    if found:
        return found.key
    row = Attachment(
        ent_id=channel.ent_id,
        sender=sender,
        client_id=client_id,
        digest=mail.hash,
        name="mail.eml",
        size=len(mail.raw),
        mime=storage.MAIL,
    )
    try:
        storage.store(row, mail.raw, None)
    except Refused as refused:
        raise contract.Failed("unavailable", refused.detail) from refused
    return row.key


def left_out(mail: Mail) -> str:
    """In words, what of a mail is not among its messages."""
    if mail.size > len(mail.raw):
        found = {"size": size_text(mail.size), "most": size_text(fetching.MOST)}
        text = _("This mail has %(size)s. Of mails over %(most)s only the beginning is kept.")
        return text % found
    if not mail.unread:
        return ""
    text = ngettext(
        "%(count)s further part of this mail is not shown here.",
        "%(count)s further parts of this mail are not shown here.",
        mail.unread,
    )
    return text % {"count": mail.unread}


adapter = MailBox()
