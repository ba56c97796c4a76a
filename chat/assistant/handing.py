"""The floor goes from the assistant to people: its words before the notice, and a note after it.

It happens in the transaction of the handover, whoever wants it, and needs no model: what was asked
and answered is read from the rows.
"""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Assistant
from accounts.sentences import listed
from chat import clock, metrics
from chat.conversations import edits, outgoing
from chat.conversations.floor import Parting
from chat.ledger.threads import MESSAGE, NOTE, Row, Thread
from chat.models import AssistantTask, GroupMessage, Reception, Visitor, theirs
from chat.presence import leases
from chat.protocol import notices

from . import assistants, words
from .causes import Cause

KIND, STATE = AssistantTask.Kind, AssistantTask.State
ROWS = 40
"""Newest messages of the reception that the note is made of."""
LINES, LONGEST = 5, 200
"""Of what was asked: the last messages, and characters of each."""


def part(sender, thread: Thread, bot: str, why: str, cause: str, **kwargs) -> Parting | None:
    """What the assistant leaves behind (floor.handing_over); None of any other bot. Where a channel
    keeps its last messages for people it leaves no words."""
    found = assistants.of(thread.ent_id)
    if found is None or found.member.uuid != bot:
        return None
    if not cause:
        cause = Cause.ASKED if why == notices.BY_VISITOR else Cause.PEOPLE
    settle(thread, cause)
    stored = said(thread, thread.reception_id, thread.last_seq + 1)
    # With those that this transaction adds.
    spoken = [*stored, *(row for row in thread.rows if row.kind == MESSAGE)]
    with override(found.enterprise.text_language):
        head = _("The assistant handed over: %(why)s.") % {"why": Cause(cause).label}
        note = row_of(found, NOTE, note_text(head, spoken, thread.visitor, bot))
    parting = None
    if why == notices.BY_BOT:
        about = Visitor.objects.filter(theirs(thread.ent_id), uuid=thread.visitor)
        language = about.values_list("language", flat=True).first() or ""
        unproven = cause in (Cause.NOTHING, Cause.FORM)
        name = words.at_parting(unproven, leases.is_team_away(thread.team))
        text = words.of(found, language, name)
        if cause != Cause.WINDOW and outgoing.may_say(thread, text, clock.now()):
            parting = row_of(found, MESSAGE, text)
    return Parting(parting, note)


def settle(thread: Thread, cause: str) -> None:
    """What is being answered here is handed over; where nothing is, that is a row of its own, so
    that each handover has one."""
    tasks = AssistantTask.objects.filter(
        theirs(thread.ent_id), conversation_id=thread.uuid, kind=KIND.ANSWER
    )
    state = state_of(cause)
    transaction.on_commit(metrics.ASSISTANT.labels("answer", str(state), cause).inc)
    ended = {"state": state, "cause": cause, "finished_at": clock.now()}
    if tasks.filter(state=STATE.RUNNING).update(**ended):
        return
    AssistantTask.objects.update_or_create(
        conversation_id=thread.uuid,
        kind=KIND.ANSWER,
        seq=thread.last_seq + 1,
        run=0,
        defaults={**ended, "ent_id": thread.ent_id, "reception_id": thread.reception_id},
    )


def state_of(cause: str) -> AssistantTask.State:
    """How a task ends that people take over for this cause."""
    return STATE.REFUSED if cause == Cause.NOTHING else STATE.HANDED_OVER


def said(thread: Thread, reception: int | None, before: int) -> list[Row]:
    """The stored public messages of a reception (its id) with a lower seq, oldest first."""
    began = Reception.objects.filter(pk__in=[reception]).values("opened_at")
    rows = GroupMessage.objects.of(thread).filter(message_type=MESSAGE, created_at__gte=began)
    return [Row.stored(row) for row in rows.before(before)[:ROWS]][::-1]


def note_text(head: str, spoken: list[Row], visitor: str, bot: str) -> str:
    asked = [row.content for row in spoken if row.sender == visitor][-LINES:]
    answers = [row for row in spoken if row.sender == bot]
    titles = {
        one["title"]: None for row in answers for one in (row.data or {}).get("citations", ())
    }
    lines = [head, *(_("Asked: %(text)s") % {"text": text[:LONGEST]} for text in asked)]
    if titles:
        lines.append(_("Answered from: %(titles)s") % {"titles": listed(titles)})
    else:
        lines.append(_("Nothing was answered from articles."))
    return "\n".join(lines)


def forget(sender, thread: Thread, row: Row, **kwargs) -> None:
    """The notes of handovers are written anew without what was recalled (recalls.recalled)."""
    found = assistants.of(thread.ent_id)
    if found is None:
        return
    bot = found.member.uuid
    receptions = Reception.objects.filter(theirs(thread.ent_id), group_id=thread.uuid)
    notes = GroupMessage.objects.of(thread).filter(sender=bot, message_type=NOTE).after(row.seq)
    for note in map(Row.stored, notes):
        own = receptions.filter(opened_at__lte=note.created_at).order_by("-opened_at").first()
        spoken = said(thread, own.pk if own else None, note.seq)
        head = note.content.partition("\n")[0]
        with override(found.enterprise.text_language):
            text = note_text(head, spoken, thread.visitor, bot)
        if text != note.content:
            edits.replace(thread, note, text)


def row_of(assistant: Assistant, kind: int, text: str) -> Row:
    """A row that the assistant writes."""
    who = assistant.member
    client_id = str(uuid.uuid4())
    return Row(kind, who.uuid, who.display_name, who.avator, text, client_id, {"bot": True})
