"""What reacts to a message, in the order in which it happens.

`messages.Batch.put` calls each reaction with the locked conversation, the message as its sender
gave it (items.Draft), the row that it becomes, and the time of the transaction. A reaction returns
nothing, and does nothing where it is not concerned. It may

- refuse the message (`Refused`, `Stale`), as one of CHECKS: they come first, so that nothing has
  been changed yet. One of REACTIONS that raises fails the whole batch, which is then tried in
  halves;
- add to the row's `data`;
- change the conversation before the row is appended (`append` stands among REACTIONS), or append
  further rows before or after it.

It is called for each message, so one that is not concerned has to see that by a look or two at what
it was given, without a query. A new capability adds its reaction here, at the place where the
others' order says why it stands there.
"""

from collections.abc import Callable
from datetime import datetime

from chat.care import codes, quarantine
from chat.conversations import (
    claims,
    floor,
    human_words,
    outgoing,
    questions,
    receptions,
    snoozes,
)
from chat.ledger import references, stale
from chat.ledger.threads import Row, Thread
from chat.models import Visitor, theirs
from chat.protocol import notices
from chat.protocol.errors import Refused, closed_out

from .items import Draft

Reaction = Callable[[Thread, Draft, Row, datetime], None]


def refuse_blocked(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Refuses a visitor who was blocked just now, while their socket is open or their post on its
    way."""
    if not thread.blocked or draft.sender != thread.visitor:
        return
    visitor = Visitor.objects.get(theirs(thread.ent_id), uuid=thread.visitor)
    if visitor.is_blocked:
        raise closed_out(visitor.blocked_until)


def refuse_buttons(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Refuses buttons of whoever is no bot: nobody would answer to a press at once."""
    if draft.buttons and not draft.bot:
        raise Refused("bad_field", "buttons are for bots.")


def refuse_bot(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Refuses a bot's message to the visitor where people have the conversation, or another bot
    has. The order of the refusals is part of the protocol."""
    if not draft.bot or draft.note:
        return
    if thread.claimed_by:
        raise claims.refusal(thread)
    if draft.seen is not None:
        stale.refuse_if_answered(thread, draft.sender, draft.seen)
    if thread.bot != draft.sender:
        detail = "It is not this bot's to answer the visitor here. It may write notes."
        raise Refused("forbidden", detail)
    if draft.seen is None:
        raise Refused("bad_field", "A bot says what it has seen: seen is a seq.")


def refuse_stale(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Refuses an agent's answer where a colleague has answered since they looked."""
    if draft.bot or draft.note:
        return
    if draft.seen is not None and draft.seen < thread.last_seq:
        stale.refuse_if_answered(thread, draft.sender, draft.seen)


def add_references(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Adds what the message points at: a message that it answers, colleagues, a file. Refuses to
    answer what is not there for the sender."""
    if draft.reply_to is None and not draft.mentions and not draft.file:
        return
    row.data, row.quote = references.point(thread, draft)
    if draft.reply_to is not None and row.quote is None and not draft.opening:
        raise Refused("bad_field", "reply_to is the seq of a message here.")


def refuse_closed_window(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Refuses what the channel of the conversation would not take any more."""
    if not thread.channel or draft.note or draft.sender == thread.visitor:
        return
    machine = draft.bot or draft.service
    outgoing.refuse_closed(
        thread, draft.content, has_file=bool(draft.file), by_machine=machine, now=now
    )


def mark_program(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Notes that a bot wrote it, or a service account: everybody is told, for ever."""
    if draft.bot or draft.service:
        row.data = {**(row.data or {}), "bot": True}
        if draft.service:
            row.data["automatic"] = True


def add_buttons(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Keeps the answers that a bot offers."""
    if draft.buttons:
        row.data = {**(row.data or {}), "buttons": [*draft.buttons]}


def note_formatting(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Notes that an agent's text is shown formatted; visitors' text stays text."""
    if draft.formatted:
        row.data = {**(row.data or {}), "formatted": True}


def look_up_answer(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Finds the answer to a quick question. Where there is one, nobody has to do anything about the
    message; so the reactions below look at `row.answer`."""
    if draft.question is None:
        return
    row.answer = questions.answer(thread, draft.question, draft.content)
    if row.answer:
        row.data = {**(row.data or {}), "question": draft.question}


def reopen(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Opens a closed conversation to which its visitor writes. Before the quarantine, as one that
    was closed in quarantine is in quarantine again."""
    if not thread.open and draft.sender == thread.visitor and not row.answer:
        receptions.reopen(thread, draft.sender, draft.sender_name, now)


def end_quarantine(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Ends the quarantine where an agent answers, or a quick question is pressed before anything
    else. Before the row is appended, as in quarantine agents would not be told of it."""
    if draft.service:
        return
    if thread.quarantined and not draft.note and (draft.sender != thread.visitor or row.answer):
        quarantine.clear_by_message(thread, draft.sender, draft.sender_name, now)


def end_snooze(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Ends the snooze where the visitor writes; its notice stands before the message."""
    if thread.snoozed and draft.sender == thread.visitor:
        snoozes.end(thread)


def take_floor(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Ends a bot's floor where a person answers. That answer is the first one."""
    if thread.bot and not draft.note and draft.sender != thread.visitor and not row.by_bot:
        floor.end(thread)
        thread.replied = True


def claim_by_answering(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Gives the claim to the agent who answers in a conversation that nobody holds, where the team
    wants that. Its notice stands before the message."""
    if not thread.open or thread.claimed_by or draft.note or draft.sender == thread.visitor:
        return
    if row.by_bot:
        return
    if thread.team.answering_claims:
        claims.give(thread, draft.sender, draft.sender_name, now)


def append(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Gives the row its number, and the next one to the answer to a quick question."""
    thread.append(row)
    if row.answer:
        thread.append(row.answer)


def note_mentions(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Notes for the colleagues whom it calls which note that was. After the row has its number."""
    if draft.mentions and row.data and "mentions" in row.data:
        thread.mentioned.update(dict.fromkeys(row.data["mentions"], row.seq))


def count_waiting(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Lets the visitor wait for an answer, or wait no more. Late, when it is known whether the
    message was answered and whether the conversation is in quarantine."""
    if not row.answer:
        receptions.count_waiting(thread, row, now)


def heed_wish(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Hands over where the visitor asks for a person, in so many words. After the message waits for
    the bot, as it then waits for people."""
    if not thread.bot or draft.sender != thread.visitor or row.answer:
        return
    if human_words.asks(thread.ent_id, draft.content):
        floor.hand_over(thread, now, notices.BY_VISITOR, draft.sender, draft.sender_name)


def read_code(thread: Thread, draft: Draft, row: Row, now: datetime) -> None:
    """Proves the visitor's address where the message has the code that was mailed there. Its notice
    stands after the message."""
    if draft.sender != thread.visitor:
        return
    if visitor := codes.proven_by(thread, draft.content, now):
        codes.prove(thread, visitor, now)


CHECKS: tuple[Reaction, ...] = (
    refuse_blocked,
    refuse_buttons,
    refuse_bot,
    refuse_stale,
    add_references,
    refuse_closed_window,
)
REACTIONS: tuple[Reaction, ...] = (
    mark_program,
    add_buttons,
    note_formatting,
    look_up_answer,
    reopen,
    end_quarantine,
    end_snooze,
    take_floor,
    claim_by_answering,
    append,
    note_mentions,
    count_waiting,
    heed_wish,
    read_code,
)
