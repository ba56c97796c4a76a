"""Questions that nobody waits for at a socket: trials, rehearsed ones, and drafts that come by
themselves. Each is a task in state WAITING until a process takes it."""

import time

from django.db import transaction
from django.db.models import Case, When
from django.dispatch import Signal

from accounts.models import Assistant
from chat import clock
from chat.conversations import human_words
from chat.knowledge import nearest
from chat.ledger.threads import MESSAGE
from chat.models import AssistantTask, GroupMessage, LegalHold, theirs
from chat.presence.leases import NODE_ID

from . import answering, assistants, ending, requests, words
from .answering import LEASE, STATE, Database
from .causes import Cause
from .private import replaced
from .shapes import Checked, Failed, Question

KINDS = AssistantTask.Kind.TRIAL, AssistantTask.Kind.REHEARSAL, AssistantTask.Kind.DRAFT
SECONDS = 60.0
"""For one of them: a model of one's own on a small machine takes its time."""

done = Signal()
"""Sent with `task` when one has ended and is stored."""


def take(most: int) -> list[AssistantTask]:
    """Up to `most` tasks that are this process's from now on, the oldest first, but rehearsed ones
    after what somebody looks at."""
    now = clock.now()
    taken: list[AssistantTask] = []
    later = Case(When(kind=AssistantTask.Kind.REHEARSAL, then=1), default=0)
    queued = AssistantTask.objects.filter(kind__in=KINDS).order_by(later, "pk")
    lost = queued.filter(state=STATE.RUNNING, leased_until__lt=now)
    for task in (*queued.filter(state=STATE.WAITING)[:most], *lost[:most]):
        same = AssistantTask.objects.filter(
            pk=task.pk, state=task.state, leased_until=task.leased_until
        )
        own = {"state": STATE.RUNNING, "lease": NODE_ID, "leased_until": now + LEASE}
        if len(taken) < most and same.update(**own):
            taken.append(task)
    return taken


def perform(task: AssistantTask, database: Database) -> None:
    """Asks, and stores what remained or why nothing did."""
    deadline = time.monotonic() + SECONDS
    try:
        if task.kind == AssistantTask.Kind.DRAFT:
            requests.prepare(task.ent_id, task.conversation_id or "", database)
        elif task.kind == AssistantTask.Kind.REHEARSAL and not database(still_asked, task):
            task.question = ""
            database(end, task, STATE.DROPPED, "")
            return
        else:
            nearest.prepare(task.ent_id, replaced(task.question))
        assistant, question = database(prepare, task)
        checked = answering.produce(assistant, task, question, deadline, database=database)
        if checked.person:
            raise Failed(Cause.PERSON)
        task.text = checked.text or ending.courtesy(assistant, question, checked)
        database(end, task, *ending.outcome(checked), checked)
    except Exception as error:
        # Left as it is it would be taken again for ever.
        database(end, task, STATE.HANDED_OVER, Failed.of(error).cause)


def still_asked(task: AssistantTask) -> bool:
    """Whether the question of a rehearsal stands there as it was: its visitor may have been
    erased since, may have taken it back, or be under a hold."""
    rows = GroupMessage.objects.filter(theirs(task.ent_id), message_type=MESSAGE)
    row = rows.filter(group_id=task.conversation_id, seq=task.seq).first()
    if row is None or requests.text_of(row) != task.question:
        return False
    return not LegalHold.objects.of(row.sender, task.ent_id).exists()


def prepare(task: AssistantTask) -> tuple[Assistant, Question]:
    """The assistant and the question of a task. Raises Failed where nobody can be asked, or people
    would answer before the model is asked, as they do a visitor's first message."""
    assistant = assistants.of(task.ent_id)
    if assistant is None or not assistant.is_set_up or not assistant.enterprise.is_open:
        raise Failed(Cause.OFF)
    if task.kind == AssistantTask.Kind.DRAFT:
        return assistant, requests.gather(assistant, task.conversation_id or "")
    if human_words.asks(task.ent_id, task.question):
        raise Failed(Cause.ASKED)
    if words.is_angry(assistant, task.question):
        raise Failed(Cause.ANGER)
    return assistant, requests.alone(assistant, task.question, task.language)


def end(task: AssistantTask, state: str, cause: str, checked: Checked | None = None) -> None:
    if not AssistantTask.objects.filter(pk=task.pk, lease=NODE_ID, state=STATE.RUNNING).exists():
        return
    with transaction.atomic():
        if checked:
            # Fails where an article was deleted meanwhile.
            ending.cite(task, checked)
        ending.store(task, state, cause)
    done.send(AssistantTask, task=task)
