"""Merges two conversations of one person with one team, as a visitor has one with each team.

The rows of the later one follow those of the earlier one, in their order, under new numbers. Notes,
receptions and tags are kept, and everybody with a seat in either has a seat. Whoever had read both
to the end has nothing unread.
"""

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from chat.archive import exports
from chat.conversations import claims
from chat.ledger import ledger, references
from chat.ledger.threads import Row, Seat, Thread
from chat.mail import answers
from chat.models import (
    AssistantTask,
    ChatGroup,
    Conversation,
    ConversationTag,
    GroupMember,
    GroupMessage,
    MergedConversation,
    Reception,
    theirs,
)
from chat.protocol import events
from chat.protocol.notices import Notice
from chat.reading import last_rows
from chat.reports import counting
from chat.reports.counting.story import Story
from chat.stream import sequencer
from chat.webhooks import logs

BATCH = 500
POINTERS = ("reply_to", "of", "edited")
"""What of a row's `data` is the number of another row."""


def merge(
    into: Thread,
    target: Conversation,
    thread: Thread,
    row: Conversation,
    counted: dict[str, Story],
) -> None:
    """Adds `thread` to `into`, both locked, and takes it away; `target` and `row` are their rows,
    read under the lock. The messages of its visitor are the other's already, and both were counted
    for the reports to the end: `counted` says how they stand, by group. `target` then has the
    columns that `into` is to be written with, for the next one that is added."""
    offset = into.last_seq
    mailed = mailed_seq(target, row, offset)
    into.set_columns(mailed_seq=mailed)
    answers.move_jobs({into.id: 0, thread.id: offset}, into.id, mailed)
    counting.merge(counted[into.uuid], counted[thread.uuid], offset)
    point_here(into, thread, offset)
    sequencer.join(into.ent_id, into.uuid, offset, thread.uuid, thread.last_seq)
    logs.move(into.ent_id, thread.uuid, into.uuid)
    exports.move(into.ent_id, thread.uuid, into.uuid)
    moved = GroupMessage.objects.of(thread)
    moved.update(group_id=into.uuid, seq=F("seq") + offset)
    asked = AssistantTask.objects.filter(theirs(into.ent_id), conversation_id=thread.uuid)
    asked.update(
        conversation_id=into.uuid, seq=F("seq") + offset, message_seq=F("message_seq") + offset
    )
    point_anew(into, offset, (row.door or row.team).slug)
    count_on(into, thread, offset)
    merge_receptions(into, target, thread, row)
    if row.mails_stopped:
        into.set_columns(mails_stopped=True)
    merge_tags(into, target, thread)
    merge_seats(into, thread, offset)
    find_last_message(into)
    tell_newest(into)
    # To those who had it in their inbox: where it is now.
    thread.merged_into, thread.left, thread.seats = into.uuid, tuple(thread.seats), {}
    Conversation.objects.filter(pk=thread.id).delete()
    for name, value in into.columns.items():
        setattr(target, name, value)


def point_here(into: Thread, thread: Thread, offset: int) -> None:
    """Whoever asks for `thread`, or for what was merged with it before, finds `into`."""
    earlier = MergedConversation.objects.filter(theirs(into.ent_id), into=thread.uuid)
    earlier.update(into=into.uuid, offset=F("offset") + offset)
    MergedConversation.objects.create(
        ent_id=into.ent_id, group=thread.uuid, into=into.uuid, offset=offset
    )


def mailed_seq(target: Conversation, row: Conversation, offset: int) -> int:
    """Up to where answers were mailed, in the numbers of the two together. It stays before an
    answer of the earlier one that is still to be mailed: an answer of the later one may be in two
    mails then, and none is in no mail."""
    still_due = target.last_activity > timezone.now() - answers.LATEST
    if still_due and answers.unread_answers(target):
        return target.mailed_seq
    return offset + row.mailed_seq


def point_anew(into: Thread, offset: int, door: str) -> None:
    """Answers, recalls and edits among the moved rows point at moved rows. The first one tells the
    team in which it began (a slug): reports read it there."""
    rows = GroupMessage.objects.of(into).filter(seq__gt=offset, data__isnull=False)
    changed = []
    for row in rows.only("id", "data").iterator(BATCH):
        data = row.data or {}
        told = {name: data[name] + offset for name in POINTERS if name in data}
        if data.get("event") == Notice.OPENED:
            told["door"] = door
        if told:
            row.data |= told
            changed.append(row)
    GroupMessage.objects.bulk_update(changed, ["data"], batch_size=BATCH)


def count_on(into: Thread, thread: Thread, offset: int) -> None:
    for name in ("public_seq", "message_seq"):
        if value := getattr(thread, name):
            setattr(into, name, value + offset)
    into.last_seq = offset + thread.last_seq


def merge_receptions(into: Thread, target: Conversation, thread: Thread, row: Conversation) -> None:
    """Merges the later conversation (`thread`, stored as `row`) into the earlier one (`into`,
    stored as `target`).

    The result is open if either was, and out of quarantine. Its wait is the longer one. Its claim
    is that of `target`, or else that of `row`; its page likewise. Its topic is that of `row`, or
    else that of `target`. Its reception is the open one, or else the latest; if both are open,
    that of `row` ends. The bot of that conversation keeps the floor, unless the visitor waits for a
    person or a person holds a claim."""
    present = target
    theirs_too = Reception.objects.filter(group_id=thread.uuid, ent_id=thread.ent_id)
    theirs_too.update(group_id=into.uuid)
    if into.open and thread.open:
        close(thread.reception_id, row.last_activity)
    elif thread.open or (not into.open and opened_at(thread) > opened_at(into)):
        into.reception_id = thread.reception_id
        into.set_columns(reception_id=thread.reception_id)
        present = row
    into.open = into.open or thread.open
    if into.quarantine_reason or thread.quarantine_reason:
        into.clear()
    # The enterprise's site knows the visitor, so a message in quarantine waits like any other.
    waits = [at for one in (target, row) for at in (one.waiting_since, one.quarantined_since)]
    waiting = list(filter(None, waits))
    asked = list(filter(None, (target.bot_asked_at, row.bot_asked_at)))
    holder = target if target.claimed_by else row
    into.claimed_by = holder.claimed_by
    into.bot = "" if waiting or into.claimed_by else present.bot
    if not into.bot:
        waiting += asked
    into.waiting, into.asked = bool(waiting), bool(into.bot and asked)
    into.end_snooze()
    into.cancel_closing()
    since = min(waiting, default=None)
    at = max(target.last_activity, row.last_activity)
    into.set_columns(
        topic=row.topic or target.topic,
        page=target.page or row.page,
        open=into.open,
        waiting_since=since,
        last_activity=at,
        claimed_by=holder.claimed_by,
        claimed_at=holder.claimed_at,
        bot=into.bot,
        bot_asked_at=min(asked) if into.asked else None,
    )
    into.facts |= {"open": into.open, "waiting_since": since, "last_activity": at}
    into.facts["claimed_by"] = holder.claimed_by or None
    name = holder.claimed_by and claims.name_of(holder, holder.claimed_by)
    into.facts["claimed_name"] = name or None
    if target.bot or row.bot:
        into.facts |= {"bot": into.bot or None, "bot_name": None}
        if into.bot:
            into.facts["bot_name"] = claims.name_of(present, into.bot)


def close(reception: int | None, at: datetime) -> None:
    Reception.objects.filter(pk=reception, closed_at=None).update(closed_at=at)


def opened_at(thread: Thread) -> float:
    found = Reception.objects.filter(pk=thread.reception_id).values_list("opened_at", flat=True)
    return max((at.timestamp() for at in found), default=0.0)


def merge_tags(into: Thread, target: Conversation, thread: Thread) -> None:
    tags = ConversationTag.objects.filter(tag__ent_id=into.ent_id)
    own = tags.filter(conversation_id=into.uuid).values_list("tag_id", flat=True)
    more = tags.filter(conversation_id=thread.uuid)
    more.exclude(tag_id__in=list(own)).update(conversation_id=into.uuid)
    more.delete()
    worn = tags.filter(conversation_id=into.uuid)
    names = sorted(worn.values_list("tag__name", flat=True))
    if names != target.tags:
        into.facts["tags"] = names
        into.set_columns(tags=names)


def merge_seats(into: Thread, thread: Thread, offset: int) -> None:
    """Seats of the one that goes come over, with cursors that count on; who has a seat in both
    keeps one. All are counted anew, except where nothing can have changed."""
    visitor = thread.seats.pop(thread.visitor, None)
    if visitor and (own := into.seats.get(into.visitor)):
        continue_cursor(into, own, visitor, offset)
    called = ChatGroup.objects.of(thread).filter(mentioned_seq__gt=0)
    into.mentioned |= {
        who: seq + offset for who, seq in called.values_list("member_id", "mentioned_seq")
    }
    names = ChatGroup.objects.of(into).for_member(into.visitor)
    name = names.values_list("group_name", flat=True).first() or ""
    for who, seat in thread.seats.items():
        if own := into.seats.get(who):
            continue_cursor(into, own, seat, offset)
            continue
        ChatGroup.objects.filter(pk=seat.id).update(
            uuid=into.uuid,
            group_name=name,
            read_seq=seat.read_seq + offset,
            joined_seq=seat.joined_seq + offset,
        )
        shown = GroupMember.objects.filter(group_id=thread.uuid, ent_id=thread.ent_id)
        shown.filter(member_id=who).update(group_id=into.uuid)
        seat.read_seq += offset
        seat.joined_seq += offset
        if thread.quarantine_reason:
            recount(into, seat)
        into.seats[who] = seat
        into.joined += (who,)
    for who in into.seats.keys() - thread.seats.keys() - {into.visitor}:
        recount(into, into.seats[who])
    ChatGroup.objects.of(thread).delete()
    GroupMember.objects.filter(group_id=thread.uuid, ent_id=thread.ent_id).delete()


def continue_cursor(into: Thread, own: Seat, other: Seat, offset: int) -> None:
    """Whoever had read all of the earlier one has read on as far as in the later one."""
    if own.unread == 0:
        own.read_seq = max(own.read_seq, offset + other.read_seq)
    recount(into, own)


def recount(into: Thread, seat: Seat) -> None:
    seat.moved = True
    seat.unread = ledger.count_unread(into, seat)


def find_last_message(into: Thread) -> None:
    last = GroupMessage.objects.of(into).filter(seq=into.message_seq).first()
    into.facts["last"] = last_rows.excerpt(last) if last else None


def tell_newest(into: Thread) -> None:
    """To their other windows: the newest of what came, and by `prev` that they have missed some.
    Agents have their notice for that, which visitors never see."""
    rows = GroupMessage.objects.of(into).visible_to(visitor=True)
    newest = list(rows.filter(seq__lte=into.public_seq).order_by("-seq")[:2])
    if len(newest) == 2:
        (row,) = references.dress(into, [Row.stored(newest[0])])
        message = events.message(row, into.uuid, into.visitor)
        into.events += (([into.visitor], events.posted(message, newest[1].seq)),)
