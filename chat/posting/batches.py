"""Stores items in transactions and answers each of them after the commit.

`settle` takes what sockets sent (through the queue of writer.py) or one HTTP post. Messages and
read marks share a transaction. If it fails, it is tried in halves until the item that broke it is
alone, so one bad message harms only its sender.
"""

import logging
import time
from dataclasses import dataclass, field

from django.db import DataError, Error, IntegrityError, connection

from chat import clock, metrics
from chat.conversations import changes
from chat.database import COLLISIONS, lines
from chat.delivery import announce
from chat.delivery.announce import Announcement
from chat.ledger import access, ledger
from chat.protocol import events
from chat.protocol.errors import Refused

from .items import Draft, Item, LoneItem, Mark
from .messages import Batch, repeated

log = logging.getLogger("kefu.posting")

LOST = (0, 2006, 2013, 2055, 4031)
"""MySQL's connection lost, or closed as idle; whether the last commit counted is not known."""
UNREACHABLE = (2002, 2003, 2005)
"""MySQL's connection not made."""
ATTEMPTS = 5
seldom = metrics.ThrottledLog(metrics.WARN_EVERY)
"""A database that is gone fails every batch, some hundred times a second."""


@dataclass(slots=True)
class Outcome:
    """Answers in the order of the items (an event dict; None for a mark, and for an action that
    the events tell of), and what to announce. `lost` if the database cannot be reached."""

    answers: list[dict | None] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)
    lost: bool = False


def post(draft: Draft) -> dict:
    """Stores one message from this thread, announces it, and returns `message.accepted`."""
    answer: dict = run([draft])[0]  # type: ignore[assignment]
    if answer["type"] == "error":
        raise Refused.from_event(answer)
    return answer


def do(action: LoneItem) -> None:
    """Does an action from this thread, and announces it. Raises Refused."""
    answer = run([action])[0]
    if answer and answer["type"] == "error":
        raise Refused.from_event(answer)


def mark(member_id: str, group: str, seq: int) -> None:
    """Moves one read cursor from this thread, and announces it. Raises Refused without a seat."""
    if answer := run([Mark(member_id, group, seq)])[0]:
        raise Refused.from_event(answer)


def run(items: list[Item]) -> list[dict | None]:
    outcome = settle(items)
    announce.send(outcome.announcements)
    return outcome.answers


def settle(items: list[Item]) -> Outcome:
    """Commits `items` in their order and answers each of them. Raises nothing."""
    look_up, duplicates = False, 0
    lines.renew()
    for attempt in range(ATTEMPTS):
        began = time.perf_counter()
        try:
            outcome = commit(items, look_up)
            metrics.count_commit(items, time.perf_counter() - began, connection.vendor)
            return outcome
        except IntegrityError as error:
            # A retry of something stored, or a race for the first message: look first.
            # Twice: a program may give the visitor, and then a sign-in the conversation.
            if duplicates == 2:
                return halve(items, error)
            look_up, duplicates = True, duplicates + 1
            metrics.RETRIES.labels("duplicate").inc()
        except DataError as error:
            return halve(items, error)
        except Error as error:
            code = error.args[0] if error.args else None
            if code in COLLISIONS:
                log.info("collision: attempt %d of a batch of %d", attempt + 1, len(items))
                metrics.RETRIES.labels("deadlock").inc()
                time.sleep(0.005 * 2**attempt)
                continue
            metrics.DATABASE_ERRORS.labels("write").inc()
            drop_connection()
            if code in LOST:
                lines.one_is_dead()
            if code in LOST and attempt == 0:
                look_up = True
                metrics.RETRIES.labels("connection").inc()
                continue
            seldom.warn(log, "the database cannot store: %s", error)
            return unavailable(items, lost=code in LOST or code in UNREACHABLE)
        except Exception as error:
            return halve(items, error)
    log.warning("a batch of %d was given up after %d deadlocks", len(items), ATTEMPTS)
    return unavailable(items)


def halve(items: list[Item], error: Exception) -> Outcome:
    """Tries each half by itself; a single item that cannot be stored is refused."""
    if len(items) == 1 and isinstance(error, Refused):
        return Outcome([items[0].refusal(error.code, error.detail, **error.facts)])
    if len(items) == 1:
        log.error("an item cannot be stored", exc_info=error)
        return Outcome([items[0].refusal("bad_field", "This cannot be stored.")])
    metrics.HALVED.inc()
    middle = len(items) // 2
    first, second = settle(items[:middle]), settle(items[middle:])
    return Outcome(first.answers + second.answers, first.announcements + second.announcements)


def unavailable(items: list[Item], lost: bool = False) -> Outcome:
    detail = "The database cannot take it now; nothing was stored. Send it again."
    return Outcome([item.refusal("unavailable", detail) for item in items], lost=lost)


def drop_connection() -> None:
    """A connection that failed once isn't trusted again."""
    try:
        connection.close()
    except Error:
        connection.connection = None


def commit(items: list[Item], look_up: bool) -> Outcome:
    """One transaction for all items; raises the database's errors, and then nothing is stored.

    With `look_up` the rows already stored under the items' client ids are read first: slower,
    and needed only after a failure. A LoneItem comes by itself (writer.py).
    """
    if items and items[0].alone:
        return commit_alone(items[0])  # type: ignore[arg-type]
    with changes.collect(clock.now()) as change:
        batch = Batch(change, items, look_up)
        results = [batch.store(item) for item in items]
    pairs = zip(items, results, strict=True)
    announcements = change.announcements()
    answers = [batch.answer(item, result) for item, result in pairs]
    return Outcome(list(map(pointed, items, answers)), announcements)


def commit_alone(item: LoneItem) -> Outcome:
    """A transaction for one item. Its sender is told of the change by the same events as everybody
    else."""
    try:
        with changes.collect(clock.now()) as change:
            item.perform(change)
    except Refused as refused:
        refusal = item.refusal(refused.code, refused.detail, **refused.facts)
        return Outcome([pointed(item, refusal)])
    if not change.tells():
        return Outcome([item.state(change)])
    return Outcome([None], change.announcements())


def pointed(item: Item, answer: dict | None) -> dict | None:
    """The answer; where the conversation is not there, but became a part of another one that the
    sender may read, what an earlier try stored there, or a refusal that names that one."""
    if answer is None or answer.get("code") != "not_found" or not item.group:
        return answer
    try:
        found = access.merged(getattr(item, item.asker), item.group)
        stored = found and isinstance(item, Draft) and earlier(item, found.facts["into"])
    except Error:
        return answer  # All is stored: a second try would announce nothing.
    if found is None or stored:
        return stored or answer
    return item.refusal(found.code, found.detail, **found.facts)


def earlier(draft: Draft, into: str) -> dict | None:
    """The answer to a message that was stored before its conversation became a part of `into`."""
    for row, group in ledger.stored_rows({draft.key}).values():
        if group == into:
            draft.group = into
            found = repeated(draft, row, group)
            if isinstance(found, dict):
                return found
            return events.accepted(draft.client_id, into, row.seq, row.id, row.created_at)  # type: ignore[arg-type]
    return None
