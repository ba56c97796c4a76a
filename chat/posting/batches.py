"""The one way a message is stored: many at once in one transaction, each answered after it.

`settle` takes what sockets sent (through writer.py's queue) or one HTTP post, and answers
every item: its acceptance, or why not. A failed batch is halved until the item that broke
it stands alone, so one bad message harms only its sender.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DataError, Error, IntegrityError, connection
from django.utils import timezone

from chat import metrics
from chat.care import quarantine
from chat.conversations import changes, openings, questions, receptions, seating, snoozes
from chat.delivery import access, announce, ledger, references
from chat.delivery.announce import Announcement
from chat.delivery.stale import Stale, colleague_answered
from chat.delivery.threads import MESSAGE, NOTE, Row, Thread
from chat.protocol import events
from chat.protocol.errors import Refused

from . import actions, visitor_actions
from .actions import AnyAction
from .visitor_actions import VisitorAction

log = logging.getLogger("kefu.posting")

DEADLOCK = 1213
"""MySQL's deadlock: the whole transaction is gone, trying again is right."""
LOST = (0, 2006, 2013, 2055)
"""MySQL's connection lost; whether the last commit counted is not known."""
ATTEMPTS = 5
seldom = metrics.Seldom(metrics.SLOW_EVERY)
"""A database that is gone fails every batch, some hundred times a second."""


@dataclass(slots=True)
class Draft:
    """A message as its sender gave it, checked by forms.py. Without `group`, a visitor's first
    message: `opening` says where it goes. `file` are the facts of its file (files.facts),
    `question` is the quick question that was pressed."""

    sender: str
    sender_name: str
    sender_avatar: str
    client_id: str
    content: str
    group: str | None
    note: bool = False
    seen: int | None = None
    opening: openings.Opening | None = None
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    file: dict | None = None
    question: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.client_id, self.sender


@dataclass(slots=True)
class Mark:
    """`member_id` has read `group` up to `seq`."""

    member_id: str
    group: str
    seq: int


Item = Draft | Mark | AnyAction | VisitorAction


@dataclass(slots=True)
class Outcome:
    """Answers in the order of the items (an event dict; None for a mark, and for an action that
    the events tell of), and what to announce."""

    answers: list[dict | None] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)


def post(draft: Draft) -> dict:
    """Stores one message from this thread, announces it, and returns `message.accepted`."""
    answer = run([draft])[0]
    if answer["type"] == "error":
        raise Refused.of(answer)
    return answer


def do(action: AnyAction | VisitorAction) -> None:
    """Does it from this thread, and announces it. Raises what it is refused with."""
    answer = run([action])[0]
    if answer and answer["type"] == "error":
        raise Refused.of(answer)


def mark(member_id: str, group: str, seq: int) -> None:
    """Moves one read cursor from this thread, and announces it. Refuses without a seat."""
    if answer := run([Mark(member_id, group, seq)])[0]:
        raise Refused.of(answer)


def run(items: list[Item]) -> list[dict | None]:
    outcome = settle(items)
    announce.send(outcome.announcements)
    return outcome.answers


def settle(items: list[Item]) -> Outcome:
    """Commits `items` in order and says what became of each. Raises nothing."""
    look_up = False
    for attempt in range(ATTEMPTS):
        began = time.perf_counter()
        try:
            outcome = commit(items, look_up)
            metrics.committed(items, time.perf_counter() - began, connection.vendor)
            return outcome
        except IntegrityError as error:
            # A retry of something stored, or a race for the first message: look first.
            if look_up:
                return halve(items, error)
            look_up = True
            metrics.RETRIES.labels("duplicate").inc()
        except DataError as error:
            return halve(items, error)
        except Error as error:
            code = error.args[0] if error.args else None
            if code == DEADLOCK:
                log.info("deadlock: attempt %d of a batch of %d", attempt + 1, len(items))
                metrics.RETRIES.labels("deadlock").inc()
                time.sleep(0.005 * 2**attempt)
                continue
            metrics.DATABASE_ERRORS.labels("write").inc()
            drop_connection()
            if code in LOST and attempt == 0:
                look_up = True
                metrics.RETRIES.labels("connection").inc()
                continue
            seldom.warn(log, "the database cannot store: %s", error)
            return unavailable(items)
        except Exception as error:
            return halve(items, error)
    log.warning("a batch of %d was given up after %d deadlocks", len(items), ATTEMPTS)
    return unavailable(items)


def halve(items: list[Item], error: Exception) -> Outcome:
    """Tries each half by itself; a single item that cannot be stored is refused."""
    if len(items) == 1 and isinstance(error, Refused):
        return Outcome([failure(items[0], error.code, error.detail)])
    if len(items) == 1:
        log.error("an item cannot be stored", exc_info=error)
        return Outcome([failure(items[0], "bad_field", "This cannot be stored.")])
    metrics.HALVED.inc()
    middle = len(items) // 2
    first, second = settle(items[:middle]), settle(items[middle:])
    return Outcome(first.answers + second.answers, first.announcements + second.announcements)


def unavailable(items: list[Item]) -> Outcome:
    detail = "The database cannot take it now; nothing was stored. Send it again."
    return Outcome([failure(item, "unavailable", detail) for item in items])


def failure(item: Item, code: str, detail: str, **facts) -> dict:
    named = {"client_id": item.client_id} if isinstance(item, Draft) else {}
    if item.group and not (isinstance(item, Draft) and item.opening):
        named["group"] = item.group
    return Refused(code, detail, **named, **facts).event()


def drop_connection() -> None:
    """A connection that failed once isn't trusted again."""
    try:
        connection.close()
    except Error:
        connection.connection = None


def commit(items: list[Item], look_up: bool) -> Outcome:
    """One transaction for all items; raises the database's errors, and then nothing is stored.

    With `look_up` the rows already stored under the items' client ids are read first: slower,
    and needed only after a failure. An action comes alone (writer.py).
    """
    if items and isinstance(items[0], AnyAction | VisitorAction):
        own = visitor_actions if isinstance(items[0], VisitorAction) else actions
        answer, announcements = own.commit(items[0])
        return Outcome([answer], announcements)
    now = timezone.now()
    drafts = [item for item in items if isinstance(item, Draft)]
    keys = {draft.key for draft in drafts} if look_up else set()
    with changes.collect(now) as change:
        openings.settle_who(drafts)
        opened = open_conversations(drafts, ledger.stored_rows(keys), now)
        threads = change.lock(item.group for item in items if item.group)
        change.new = [thread for group, thread in threads.items() if group in opened]
        openings.greet(change.new, opened)
        stored = ledger.stored_rows(keys)
        answers = [
            put(item, threads, stored, now) if isinstance(item, Draft) else move(item, threads)
            for item in items
        ]
    events = [
        finish(answer, item, now, threads) for answer, item in zip(answers, items, strict=True)
    ]
    return Outcome(events, change.announcements())


def open_conversations(drafts: list[Draft], stored: dict, now: datetime) -> dict:
    """Gives first messages their group; returns the groups that are new, each with its Opening.

    What was sent before, in this batch or earlier (`stored`), opens nothing.
    """
    firsts = [draft for draft in drafts if draft.opening]
    known, doors = set(stored), {}
    for draft in firsts:
        if draft.key not in known:
            known.add(draft.key)
            doors[draft.opening.door] = draft.opening
    groups, opened = openings.find_or_open(list(doors.values()), now)
    for draft in firsts:
        door = draft.opening.door
        draft.group = groups.get(door) or seating.find(*door)
    return opened


def put(draft: Draft, threads: dict[str, Thread], stored: dict, now: datetime):
    """Appends a draft to its locked conversation. Returns the new row, the row that an earlier
    try stored, a `Stale`, or an error event."""
    thread = threads.get(draft.group)
    if not may_write(draft, thread) if thread else not draft.opening:
        return failure(draft, "not_found", "There is no such conversation for you.")
    if draft.key in stored:
        return repeat(draft, *stored[draft.key])
    if draft.seen is not None and not draft.note and draft.seen < thread.last_seq:
        if stale := colleague_answered(thread, draft.sender, draft.seen):
            # A retry of what was stored is no stale answer, whatever it had seen.
            earlier = ledger.stored_rows({draft.key})
            return repeat(draft, *earlier[draft.key]) if earlier else stale
    data, quote = None, None
    if draft.reply_to is not None or draft.mentions or draft.file:
        data, quote = references.point(thread, draft)
        if draft.reply_to is not None and quote is None and not draft.opening:
            return failure(draft, "bad_field", "reply_to is the seq of a message here.")
    if reply := questions.answer(thread, draft.question, draft.content):
        data = {**(data or {}), "question": draft.question}
    if not thread.open and draft.sender == thread.visitor and not reply:
        receptions.reopen(thread, draft.sender, draft.sender_name, now)
    if thread.held and not draft.note and (draft.sender != thread.visitor or reply):
        quarantine.answer(thread, draft.sender, draft.sender_name, now)
    if thread.snoozed and draft.sender == thread.visitor:
        snoozes.end(thread)
    row = Row(
        NOTE if draft.note else MESSAGE,
        draft.sender,
        draft.sender_name,
        draft.sender_avatar,
        draft.content,
        draft.client_id,
        data,
        quote=quote,
    )
    stored[draft.key] = thread.append(row), draft.group
    if data and "mentions" in data:
        thread.mentioned.update(dict.fromkeys(data["mentions"], row.seq))
    if reply:
        thread.append(reply)
    else:
        receptions.count_waiting(thread, row, now)
    return row


def may_write(draft: Draft, thread: Thread) -> bool:
    """Who sits there; and a manager without a seat, but only notes. Nobody where the visitor was
    erased: what their socket still sends, or a colleague to them, would be about them again."""
    if thread.visitor not in thread.seats:
        return False
    if draft.sender in thread.seats:
        return True
    return draft.note and access.manages(draft.sender, thread.ent_id)


def repeat(draft: Draft, row: Row, group: str) -> Row | dict:
    """The row of an earlier try, or `conflict` when that was something else. One that was
    recalled since stays so; what it said is not known any more."""
    kind = NOTE if draft.note else MESSAGE
    same = (row.content, row.kind) == (draft.content, kind)
    same = same and (row.data or {}).get("attachment") == draft.file or references.recalled(row)
    if same and group == draft.group:
        return row
    return failure(draft, "conflict", "This client_id was used for another message.")


def move(mark: Mark, threads: dict[str, Thread]) -> dict | None:
    """Moves a read cursor; an error event without a seat."""
    thread = threads.get(mark.group)
    seat = thread.seats.get(mark.member_id) if thread else None
    if seat is None:
        return failure(mark, "not_found", "There is no such conversation for you.")
    ledger.move_cursor(thread, seat, mark.seq)
    return None


def finish(answer, item: Item, now: datetime, threads: dict[str, Thread]) -> dict | None:
    """An item's answer as an event, now that ids are known and all is committed."""
    if isinstance(answer, Row):
        at = answer.created_at or now
        return events.accepted(item.client_id, item.group, answer.seq, answer.id, at)
    if isinstance(answer, Stale):
        thread = threads[item.group]
        detail = "A colleague has answered since."
        return failure(item, "stale", detail, **answer.facts(thread, now))
    return answer
