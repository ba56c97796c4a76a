"""Proves a visitor's e-mail address: a code is mailed to it, and comes back in the conversation.

An agent has it mailed to the address in the contact, whoever typed that. The code is stored
nowhere: it is an HMAC over the notice that says that it was mailed, and over that address. So it
holds for this conversation alone, and for none that stands in the contact later.
"""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import audit
from accounts.mails import are_printed, deliver
from accounts.models import Enterprise, Member
from chat import database
from chat.customers import links
from chat.delivery import announce
from chat.ledger.threads import AGENT_NOTICE, Thread
from chat.limits import limits, recipient_key
from chat.mail import jobs
from chat.models import ContactBy, CustomerLink, GroupMessage, Visitor, theirs
from chat.models.visitor import first_address
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice, by
from chat.stream import notes
from chat.visitors import keys

VALID = timedelta(minutes=30)
MOST = 20
"""Messages of the visitor after the code was mailed of which one may be it: so many of a million
can be guessed."""
LOOKED_AT = 200
"""Rows at the end of a conversation among which the code's notice is: numbers of six digits are
also orders', and their messages are to be stored as fast as others."""
CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


def send(visitor: Visitor, actor: Member, thread: Thread) -> None:
    """Has a code mailed to the visitor, whose row is locked, after the commit. Refuses with
    conflict where no address stands in the contact, where it is proven already, and where mails
    reach nobody; with rate_limited where this visitor or mailbox has got several."""
    address = first_address(visitor.contact)
    if not address:
        raise Refused("conflict", "No e-mail address is known.", state="no_address")
    if visitor.is_proven:
        raise Refused("conflict", "The address is proven already.", state="proven")
    if are_printed():
        raise Refused("conflict", "No mail server is set.", state="unmailed")
    reader = recipient_key(address)
    limits.take("mail", {"visitor": visitor.uuid, "enterprise": thread.ent_id, "recipient": reader})
    row = thread.notice(Notice.CODE_SENT, **by(actor))
    mail = mail_of(visitor, address, codes(thread, row.seq, address)[0])
    transaction.on_commit(lambda: jobs.POST.submit(deliver, mail))


def codes(thread: Thread, seq: int, address: str) -> list[str]:
    """The code that the notice `seq` is about; after it those that were made with former keys."""
    macs = keys.macs("kefu.care.codes", f"{thread.uuid}:{seq}:{address.lower()}", "sha256")
    return [f"{int(mac.hexdigest(), 16) % 1_000_000:06}" for mac in macs]


def mail_of(visitor: Visitor, address: str, code: str) -> EmailMessage:
    """In the visitor's language."""
    name = Enterprise.objects.values_list("name", flat=True).get(code=visitor.ent_id)
    with translation.override(visitor.language or settings.LANGUAGE_CODE):
        facts = {"name": " ".join(name.split()), "code": code}
        subject = _("%(code)s is your code for %(name)s") % facts
        minutes = VALID // timedelta(minutes=1)
        text = render_to_string("chat/mail/code.txt", {**facts, "minutes": minutes})
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, text, to=[address], headers=headers)


def proven_by(thread: Thread, text: str, now: datetime) -> Visitor | None:
    """The visitor of a conversation, their row locked, where `text`, which they have written,
    proves their address: the first number of six digits in it is the code.

    That row comes before the conversation (conversations/changes.py), which is locked already. So
    it is not waited for: where somebody has it, who may wait for the conversation, this message
    alone is refused as `unavailable`, and is sent again. The numbers of orders lock nobody.
    """
    found = CODE.search(text)
    sent = last_sent(thread, now) if found else None
    if not found or not sent or said_since(thread, sent.seq) > MOST:
        return None
    rows = Visitor.objects.filter(theirs(thread.ent_id), uuid=thread.visitor)
    visitor = rows.get()
    good = codes(thread, sent.seq, first_address(visitor.contact))
    is_it = any(constant_time_compare(found[0], one) for one in good)
    if not is_it or visitor.is_proven:
        return None
    same = rows.filter(contact=visitor.contact, contact_by=visitor.contact_by)
    locked = same.select_for_update(skip_locked=True).first()
    if locked is None:
        raise Refused("unavailable", "Somebody changes this visitor now. Send it again.")
    return locked


def prove(thread: Thread, visitor: Visitor, now: datetime) -> None:
    """The address of the visitor, whose row is locked, is proven; after the commit they are linked
    with those who have proved the same one."""
    visitor.contact_by = ContactBy.PROVEN
    visitor.save(update_fields=["contact_by"])
    thread.notice(Notice.PROVEN)
    notes.visitor_updated(visitor, now)
    transaction.on_commit(lambda: announce.send_visitor(visitor), robust=True)
    address = first_address(visitor.contact)
    if visitor.email.lower() == address.lower():  # Else their site has signed another one.
        transaction.on_commit(partial(link, visitor), robust=True)


def link(visitor: Visitor) -> None:
    """Links the visitor with those who have proved the same address. It locks the rows of others,
    which come before conversations, and then the audit: so no message waits for it, or is refused
    by it. If the process ends before, agents are suggested them."""
    origin = audit.of_person(visitor.uuid, source="visitor-code")
    for other in links.suggestions([visitor]):
        pair = visitor.ent_id, other.uuid, visitor.uuid
        facts = {"why": CustomerLink.Why.PROOF}
        with suppress(Refused):  # One of them was erased meanwhile.
            database.retry(partial(links.link_once, *pair, facts=facts, origin=origin))


def last_sent(thread: Thread, now: datetime) -> GroupMessage | None:
    """The notice of the code that holds; None for none."""
    rows = GroupMessage.objects.of(thread).filter(seq__gt=thread.last_seq - LOOKED_AT)
    rows = rows.filter(message_type=AGENT_NOTICE, data__event=Notice.CODE_SENT)
    return rows.filter(created_at__gt=now - VALID).order_by("-seq").first()


def said_since(thread: Thread, seq: int) -> int:
    """How many messages the visitor has written after this one, with those that this transaction
    stores; whatever became of them."""
    rows = GroupMessage.objects.of(thread).filter(sender=thread.visitor, seq__gt=seq)
    return rows.count() + sum(row.sender == thread.visitor for row in thread.rows)
