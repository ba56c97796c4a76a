"""Messages and read marks, many of which share one transaction."""

from datetime import datetime
from typing import Any

from chat.conversations import edits, openings, seating
from chat.conversations.changes import Change
from chat.ledger import access, ledger, references
from chat.ledger.stale import Stale
from chat.ledger.threads import MESSAGE, NOTE, Row, Thread
from chat.protocol import events
from chat.protocol.errors import Refused

from .items import Draft, Item, Mark
from .reactions import CHECKS, REACTIONS

Result = Row | Stale | dict | None
"""What became of an item: its row (the one of an earlier try, where that was stored), a stale
answer, or the event that answers it."""
NO_CONVERSATION = "There is no such conversation for you."


class Batch:
    """Items that share a transaction, and the conversations that they are about, locked."""

    def __init__(self, change: Change, items: list[Item], look_up: bool):
        """Opens the conversations that are missing, and locks all. With `look_up` the rows that are
        stored under the items' client ids are read before."""
        self.now = change.now
        drafts = [item for item in items if isinstance(item, Draft)]
        keys = {draft.key for draft in drafts} if look_up else set()
        openings.settle_who(drafts)
        opened = open_conversations(drafts, ledger.stored_rows(keys), self.now)
        self.threads: dict[Any, Thread] = change.lock(item.group for item in items if item.group)
        change.new = [thread for group, thread in self.threads.items() if group in opened]
        self.opened = opened
        openings.greet(change.new, opened)
        self.stored: dict[tuple[str, str], tuple[Row, Any]] = ledger.stored_rows(keys)
        """Rows by (client_id, sender), with their group."""

    def store(self, item: Item) -> Result:
        return self.put(item) if isinstance(item, Draft) else self.move(item)  # type: ignore[arg-type]

    def put(self, draft: Draft) -> Result:
        """Appends a message to its conversation."""
        thread = draft.may_be_about(self.threads.get(draft.group))
        key = draft.key
        if not may_write(draft, thread) if thread else not draft.opening:
            # Its sender may have left since it was stored.
            seated = thread is not None and thread.visitor in thread.seats
            earlier = ledger.stored_rows({key}) if seated else {}
            if key in earlier and earlier[key][1] == draft.group:
                return repeated(draft, *earlier[key])
            return draft.refusal("not_found", NO_CONVERSATION)
        if key in self.stored:
            return repeated(draft, *self.stored[key])
        if thread is None:
            return draft.refusal("not_found", NO_CONVERSATION)
        row = Row(
            NOTE if draft.note else MESSAGE,
            draft.sender,
            draft.sender_name,
            draft.sender_avatar,
            draft.content,
            draft.client_id,
            None,
        )
        try:
            for check in CHECKS:
                check(thread, draft, row, self.now)
        except (Refused, Stale) as refused:
            if draft.group in self.opened:
                raise  # Alone in the batch at last, so that nothing of what it opened stays.
            # A retry of what was stored is no stale answer, whatever it had seen; a bot may have
            # lost the floor since, and what was stored has taken of the window.
            if draft.bot or isinstance(refused, Stale) or refused.code == "window_closed":
                if earlier := ledger.stored_rows({key}):
                    return repeated(draft, *earlier[key])
            if isinstance(refused, Stale):
                return refused
            return draft.refusal(refused.code, refused.detail, **refused.facts)
        now = self.now
        for react in REACTIONS:
            react(thread, draft, row, now)
        self.stored[key] = row, draft.group
        return row

    def move(self, mark: Mark) -> Result:
        """Moves a read cursor; refused without a seat."""
        thread = mark.may_be_about(self.threads.get(mark.group))
        seat = thread.seats.get(mark.member_id) if thread else None
        if thread is None or seat is None:
            return mark.refusal("not_found", NO_CONVERSATION)
        ledger.move_cursor(thread, seat, mark.seq)
        return None

    def answer(self, item: Item, result: Result) -> dict | None:
        """An item's answer as an event, now that ids are known and all is committed."""
        if isinstance(result, Row):
            at = result.created_at or self.now
            return events.accepted(item.client_id, item.group, result.seq, result.id, at)  # type: ignore[attr-defined,arg-type]
        if isinstance(result, Stale):
            facts = result.facts(self.threads[item.group], self.now)
            return item.refusal("stale", "A colleague has answered since.", **facts)
        return result


def open_conversations(drafts: list[Draft], stored: dict, now: datetime) -> dict:
    """Gives first messages their group; returns the groups that are new, each with its Opening.

    What was sent before, in this batch or earlier (`stored`), opens nothing.
    """
    firsts = [(draft, draft.opening) for draft in drafts if draft.opening]
    known, doors = set(stored), {}
    for draft, opening in firsts:
        if draft.key not in known:
            known.add(draft.key)
            doors[opening.door] = opening
    groups, opened = openings.find_or_open(list(doors.values()), now)
    for draft, opening in firsts:
        draft.group = groups.get(opening.door) or seating.find(*opening.door)
    return opened


def may_write(draft: Draft, thread: Thread) -> bool:
    """Those who sit there; a service account, whose enterprise the API has checked; and a manager
    without a seat, but only notes. Nobody where the visitor
    was erased: what their socket still sends, or a colleague to them, would be about them again."""
    if thread.visitor not in thread.seats:
        return False
    if draft.sender in thread.seats or draft.service:
        return True
    return draft.note and access.leads(draft.sender, thread.ent_id)


def repeated(draft: Draft, row: Row, group: str) -> Row | dict:
    """The row of an earlier try, or `conflict` when that was something else. One that was edited
    since stays so; likewise one that was recalled, of which it is not known any more what it
    said."""
    kind = NOTE if draft.note else MESSAGE
    data = row.data or {}
    same = row.kind == kind and edits.began_as(row, draft.content)
    same = same and data.get("attachment") == draft.file
    same = same and tuple(data.get("buttons", ())) == draft.buttons
    if (same or references.recalled(row)) and group == draft.group:
        return row
    return draft.refusal("conflict", "This client_id was used for another message.")
