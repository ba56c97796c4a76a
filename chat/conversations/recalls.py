"""Recalling a message that one has just written.

The row keeps its number and becomes a notice without the text. Another notice at the end tells
pages that show the text already, and those that come back later.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal

from accounts.models import Member
from chat.files import storage
from chat.ledger import access, references
from chat.ledger.threads import AGENT_NOTICE, HIDDEN, MESSAGE, NOTE, NOTICE, NOTICES, Row, Thread
from chat.models import (
    AssistantTask,
    Attachment,
    ChatGroup,
    GroupMessage,
    LegalHold,
    MemberType,
    Reception,
    theirs,
)
from chat.protocol.errors import Refused
from chat.protocol.notices import BY_MEMBER, Notice, Person
from chat.reading import last_rows
from chat.webhooks import logs

from . import floor, outgoing

WITHIN = timedelta(minutes=2)
KEPT = "question", "automatic", "invitation", "bot"
"""What of a recalled row's `data` stays: a quick question has let nobody wait, and what no person
wrote for this conversation counts in no report."""

recalled = Signal()
"""Sent by `recall`, in its transaction, with `thread` and the `row` as it was: who has repeated its
words elsewhere removes them there."""


def recall(thread: Thread, who: str, seq: int, now: datetime) -> None:
    """Takes back the message `seq` of `who` (a member's or the visitor's uuid), or one that a model
    wrote where they lead."""
    row = find(thread, who, seq)
    if references.recalled(row) and who in (row.sender, (row.data or {}).get("member")):
        return
    generated = bool(row.data and row.data.get("generated"))
    own = row.sender == who
    if row.kind in NOTICES or not (own or (generated and leads(thread, who))):
        raise Refused("forbidden", "Only one's own message can be recalled.", seq=seq)
    if now - row.created_at > WITHIN:
        raise Refused("conflict", "A message can be recalled for two minutes.", seq=seq)
    refuse_held(thread, seq)
    outgoing.refuse_sent(thread, row, now)
    name = row.sender_name if own else Member.objects.get(uuid=who).display_name
    facts: Person = {"member": who, "name": name}
    data = Notice.RECALLED.data(**facts)
    kind = AGENT_NOTICE if row.kind in HIDDEN else NOTICE
    kept = {name: value for name, value in (row.data or {}).items() if name in KEPT}
    GroupMessage.objects.filter(pk=row.id).update(
        message_type=kind, message_content=Notice.RECALLED.text(data), data=data | kept
    )
    if row.data and "attachment" in row.data:
        delete_file(row.data["attachment"]["key"], thread.ent_id)
    forget_asked(thread, row)
    if thread.asked and who == thread.visitor:
        end_question(thread)
    logs.empty(thread.ent_id, [thread.uuid])
    count_down(thread, row)
    find_last(thread, seq)
    if row.kind == NOTE and row.data and row.data.get("mentions"):
        withdraw_mentions(thread, row.data["mentions"], seq)
    notice = Row.notice(Notice.RECALL, of=seq, **facts)
    notice.kind = kind
    thread.append(notice)
    recalled.send(Thread, thread=thread, row=row)
    if generated:
        # Whoever asked has no answer any more.
        floor.hand_over(thread, now, BY_MEMBER, who, name)


def find(thread: Thread, who: str, seq: int) -> Row:
    """The row `seq`, where `who` (uuid) may see it. A manager without a seat is told of what
    follows."""
    if who not in thread.seats:
        if not access.leads(who, thread.ent_id):
            raise access.refusal(who, thread.ent_id)
        thread.watching = (who,)
    stored = GroupMessage.objects.of(thread).filter(seq=seq).first()
    if stored is None or (stored.message_type in HIDDEN and who == thread.visitor):
        raise Refused("not_found", "There is no such message for you.", seq=seq)
    return Row.stored(stored)


def leads(thread: Thread, who: str) -> bool:
    """Whether a member (uuid) leads here: by their seat, or in the whole enterprise."""
    seat = thread.seats.get(who)
    leader = seat is not None and seat.member_type == MemberType.LEADER
    return leader or access.leads(who, thread.ent_id)


def refuse_held(thread: Thread, seq: int) -> None:
    """What a legal hold keeps stays as it was written."""
    if LegalHold.objects.of(thread.visitor, thread.ent_id, thread.uuid).exists():
        raise Refused("conflict", "This message can no longer be changed.", seq=seq)


def delete_file(key: str, ent_id: str) -> None:
    """Deletes the message's file after the commit. If that fails, storage.sweep deletes it
    later."""
    rows = Attachment.objects.filter(key=key, ent_id=ent_id)
    transaction.on_commit(lambda: storage.delete(list(rows)), robust=True)


def forget_asked(thread: Thread, row: Row) -> None:
    """Of a message nothing stays in what an assistant was asked with it, nor of an answer what it
    stood on. A translation has no number, and a task may have begun before the message."""
    asked = AssistantTask.objects.filter(theirs(thread.ent_id), conversation_id=thread.uuid)
    later = Q(finished_at=None) | Q(finished_at__gte=row.created_at)
    asked.filter(Q(seq__gte=row.seq) | Q(message_seq=row.seq) | later).forget()


def end_question(thread: Thread) -> None:
    """Where all that was asked of a bot is taken back, nobody waits for it any more."""
    began = Reception.objects.filter(pk__in=[thread.reception_id]).values("opened_at")
    said = GroupMessage.objects.of(thread).filter(message_type=MESSAGE, created_at__gte=began)
    answered = said.filter(sender=thread.bot).order_by("-seq").first()
    if not said.filter(sender=thread.visitor, seq__gt=answered.seq if answered else 0).exists():
        floor.answered(thread)


def count_down(thread: Thread, row: Row) -> None:
    """Those who have not read it have one unread message less."""
    for seat in thread.readers(row):
        if seat.member_id != row.sender and seat.read_seq < row.seq:
            seat.unread -= 1
            seat.added -= 1


def find_last(thread: Thread, seq: int) -> None:
    """Where it was the last message, finds the one before it, which inboxes show now."""
    if thread.message_seq != seq:
        return
    spoken = GroupMessage.objects.of(thread).filter(message_type__in=(MESSAGE, NOTE))
    last = spoken.before(seq).first()
    thread.message_seq = last.seq if last else 0
    thread.facts["last"] = last_rows.excerpt(last) if last else None


def withdraw_mentions(thread: Thread, mentions: list[str], seq: int) -> None:
    """For members whom this note mentioned last, finds the earlier note that does, or none."""
    seats = ChatGroup.objects.of(thread).filter(member_id__in=mentions)
    waiting = set(seats.filter(mentioned_seq=seq).values_list("member_id", flat=True))
    thread.mentioned.update(dict.fromkeys(waiting, 0))
    notes = GroupMessage.objects.of(thread).filter(message_type=NOTE)
    for note in notes.filter(data__isnull=False).before(seq).iterator(chunk_size=100):
        found = waiting & set((note.data or {}).get("mentions", ()))
        thread.mentioned.update(dict.fromkeys(found, note.seq))
        waiting -= found
        if not waiting:
            return
