"""Mails to visitors who have gone: what was answered since, with a link back to the conversation.

Programs answer whatever is written to them, and a visitor may leave a stranger's address. So what
they said is mailed only where a person has answered, too, and a mail with nothing else is limited
by its recipient (daily.py); what is over waits for the next day. The enterprise may write first,
and anybody could have given it the address; so that is mailed to the visitor's own alone.

Answers are taken by moving `Conversation.mailed_seq`; jobs.py sends the mails. For some days the
link opens the conversation in any browser (visitors/links.py); it is only in mails to an address
that is the visitor's own. So is the proof (proofs.py) by which an answer to the mail comes into the
conversation, where the enterprise has a mailbox (a channel). A second link ends these mails and
opens nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Enterprise
from chat import sweeps
from chat.ledger import visible_names
from chat.ledger.threads import MESSAGE
from chat.limits import limits, recipient_key
from chat.models import (
    Channel,
    ChannelContact,
    ChatGroup,
    Conversation,
    GroupMessage,
    MailJob,
    Presence,
    theirs,
)
from chat.protocol import channels, formatting
from chat.protocol.errors import Refused
from chat.visitors import links

from . import daily, jobs, proofs
from .jobs import Reminder, Undo, gathered
from .reminders import link

GONE = timedelta(minutes=3)
"""How long a visitor has been away, and the conversation still, before a mail: so it bundles what
is written in a row, and whoever only reloads gets none."""
LATEST = timedelta(days=1)
"""Answers that waited for longer are not mailed any more."""
BATCH = 200
"""Conversations of one run."""
MOST = 20
"""Answers in one mail; it says how many more there are."""
ADDRESS = r"[^ @]@[^ @]"
"""What a contact has that may have a mail address in it; @name has none."""


def take_due(now: datetime | None = None) -> list[Reminder]:
    """Takes the unread answers of visitors who can be mailed; whoever calls sends them. Without an
    address of our own (PUBLIC_URL) no mail could lead back, and none is made."""
    return gathered(taken(now or timezone.now())) if settings.PUBLIC_URL else []


def taken(now: datetime) -> Iterator[Reminder]:
    opened = Enterprise.objects.filter(status=Enterprise.Status.OPEN)
    enterprises = {enterprise.code: enterprise for enterprise in opened}
    for conversation in due(set(enterprises), now):
        yield from sweeps.run_step(take, conversation, enterprises[conversation.ent_id]) or []


def take(conversation: Conversation, enterprise: Enterprise) -> list[Reminder]:
    """The mail, unless another process has taken it, the visitor has signed in as another since,
    there is no answer, or it waits for the next day. What waits so goes along with what came
    since."""
    release(conversation)
    answers = unread_answers(conversation)
    # Where there are none it is due no more either, or such ones would keep others from a look.
    upto = answers[-1].seq if answers else conversation.public_seq
    former = conversation.mailed_seq
    with transaction.atomic():
        same = Conversation.objects.filter(pk=conversation.pk, visitor_id=conversation.visitor_id)
        mine = same.filter(mailed_seq=former)
        if not mine.update(mailed_seq=upto) or not answers:
            return []
        undo = Undo(Conversation, [conversation.pk], "mailed_seq", upto, former)
        job = jobs.store(undo)
        automatic = all(map(is_by_program, answers))
        if automatic and not may_mail(conversation):
            jobs.hold(job)
            return []
    mail = mail_of(conversation, enterprise, answers)
    return [Reminder(job, enterprise.pk, [mail], automatic)]


def release(conversation: Conversation) -> None:
    """Makes due again what of a conversation waits for the next day."""
    for job, undo in jobs.held().values_list("pk", "undo"):
        mine = [Conversation._meta.label, [conversation.pk], "mailed_seq"]
        if any(each[:3] == mine for each in undo):
            jobs.make_due_again(job, daily.next_day(timezone.now()))
            conversation.refresh_from_db(fields=["mailed_seq"])


def due(codes: set[str], now: datetime) -> list[Conversation]:
    """Conversations on the page of these enterprises that are still, whose visitor is away, has not
    read all, and can be mailed. What only looks like an address is read each time, but counts for
    nothing: so many of them must not keep others from their mails."""
    since = now - GONE
    unread = ChatGroup.objects.filter(
        uuid=OuterRef("uuid"), member_id=OuterRef("visitor_id"), unread__gt=0
    )
    here = Presence.objects.filter(who=OuterRef("visitor_id"), expires_at__gt=since)
    address = Q(visitor__contact__regex=ADDRESS) | Q(visitor__identity__email__icontains="@")
    rows = Conversation.objects.whole().filter(
        address,
        Exists(unread),
        ~Exists(here),
        visitor__blocked=False,
        ent_id__in=codes,
        channel="",
        last_activity__range=(now - LATEST, since),
        mails_stopped=False,
        mailed_seq__lt=F("public_seq"),
    )
    found = rows.select_related("visitor", "reception").order_by("last_activity").iterator()
    reached = (one for one in found if one.visitor.email and not one.visitor.is_blocked)
    return list(islice(reached, BATCH))


def unread_answers(conversation: Conversation) -> list[GroupMessage]:
    """What was written to the visitor that they have not read, and no mail told of; not what they
    were invited with (openings.row_of), nor what programs wrote before a person has answered in
    this reception, unless they began with it (posting/beginnings.py)."""
    who = conversation.visitor_id
    seats = ChatGroup.objects.of(conversation).for_member(who)
    seat = seats.values_list("read_seq", flat=True).first()
    after = max(seat or 0, conversation.mailed_seq)
    rows = GroupMessage.objects.of(conversation).filter(message_type=MESSAGE, seq__gt=after)
    rows = rows.filter(data__invitation__isnull=True)
    found = list(rows.exclude(sender__in=("", who)).order_by("seq"))
    if not conversation.visitor.proper_email:
        if not GroupMessage.objects.of(conversation).filter(sender=who).exists():
            return []
        found = [row for row in found if not begins(row)]
    reception = conversation.reception
    answered = (reception and reception.first_reply_at) or not all(map(is_by_program, found))
    return found if answered else list(filter(begins, found))


def begins(row: GroupMessage) -> bool:
    """Whether a program began with it."""
    return bool((row.data or {}).get("begins"))


def is_by_program(row: GroupMessage) -> bool:
    """Whether a bot or a service account wrote it."""
    return bool((row.data or {}).get("bot"))


def may_mail(conversation: Conversation) -> bool:
    """Whether the visitor's address may get one more mail that no person wrote."""
    recipient = recipient_key(conversation.visitor.email)
    keys = {"recipient": recipient, "pair": f"{conversation.ent_id}:{recipient}"}
    try:
        limits.take("automatic_mail", keys)
    except Refused:
        return False
    return True


def move_jobs(offsets: dict[int, int], into: int, mailed: int) -> None:
    """Conversations, all locked, became one, `into` (its id), whose mailed_seq is now `mailed`.
    Changes the mail jobs that are under way for any of them, so that they make their answers due
    again in that one. `offsets` says, by the id of each conversation, by how much its numbers are
    higher now. Where there are several jobs, each gives back the answers of all: an answer may be
    mailed twice then, but none is left out."""
    found = []
    for job in MailJob.objects.all():
        for undo in job.undo:
            label, ids, column, _taken, former = undo
            if (label, column) == (Conversation._meta.label, "mailed_seq") and ids[0] in offsets:
                found.append((job, undo, former + offsets[ids[0]]))
    lowest = min([mailed, *(former for _job, _undo, former in found)])
    for job, undo, _former in found:
        undo[1], undo[3], undo[4] = [into], mailed, lowest
        MailJob.objects.filter(pk=job.pk).update(undo=job.undo)


def mail_of(
    conversation: Conversation, enterprise: Enterprise, answers: list[GroupMessage]
) -> EmailMessage:
    """In the visitor's language. No link that opens anything goes to an address that is not the
    visitor's own; whom the enterprise's site knows signs in there."""
    visitor = conversation.visitor
    stop = link(links.address(links.STOP, conversation, enterprise))
    back, home = "", {}
    if links.may_open(visitor) and visitor.own_email.lower() == visitor.email.lower():
        back = link(links.address(links.BACK, conversation, enterprise))
        home = way_home(conversation, answers[-1].seq)
    names = visible_names.read({row.sender for row in answers})
    with translation.override(visitor.language or settings.LANGUAGE_CODE):
        context = {
            "enterprise": enterprise.name,
            "begun": (begun := all(map(begins, answers))),
            "answers": [
                {"name": name_of(row, names), "text": text_of(row)} for row in answers[:MOST]
            ],
            "more": max(0, len(answers) - MOST),
            "back": back,
            "days": links.LIFE.days,
            "comes_home": bool(home),
            "signs_in": bool(visitor.identity_key),
            "stop": stop,
        }
        words = _("%(name)s has written to you") if begun else _("%(name)s has answered you")
        subject = words % {"name": " ".join(enterprise.name.split())}
        text = render_to_string("chat/mail/answer.txt", context)
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        **home,
    }
    return EmailMessage(subject, text, to=[visitor.email], headers=headers)


def way_home(conversation: Conversation, seq: int) -> dict[str, str]:
    """The headers by which an answer to this mail comes into the conversation; {} without a
    mailbox. That of the conversation's team comes first."""
    found = Channel.objects.filter(theirs(conversation.ent_id), kind=channels.MAIL, active=True)
    boxes = sorted(found, key=lambda box: (box.team_id != conversation.team_id, box.pk))
    if not boxes:
        return {}
    contact, _new = ChannelContact.objects.get_or_create(
        conversation_id=conversation.uuid,
        defaults={
            "ent_id": conversation.ent_id,
            "channel": boxes[0],
            "their_id": f"{proofs.PAGE}{conversation.uuid}",
            "visitor_id": conversation.visitor_id,
        },
    )
    box = next((box for box in boxes if box.pk == contact.channel_id), None)
    if box is None:  # Its mailbox was switched off.
        return {}
    what = f"{proofs.PAGE}{contact.pk}-{seq}"
    return {
        "Message-ID": proofs.message_id(box, what),
        "Reply-To": proofs.reply_address(box, what),
    }


def name_of(row: GroupMessage, names: visible_names.Names) -> str:
    return visible_names.visible(row.sender, row.sender_name, names) or visible_names.word()


def text_of(row: GroupMessage) -> str:
    file = (row.data or {}).get("attachment")
    word = file and (_("[Picture]") if file["width"] else _("[File]"))
    text = formatting.without_marks(row.message_content or "", row.data)
    named = file and f"{word} {file['name']}"
    return "\n".join(filter(None, [text, named, formatting.buttons_line(row.data)]))
