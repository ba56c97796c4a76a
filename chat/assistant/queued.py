"""Questions that nobody waits for at a socket: trials, rehearsed ones, and drafts that come by
themselves. Each is a task in state WAITING until a process takes it."""

import logging
import time

from django.db.models import Case, When
from django.dispatch import Signal

from accounts.models import Assistant
from chat import clock
from chat.conversations import human_words
from chat.knowledge import nearest
from chat.models import AssistantTask
from chat.presence.leases import NODE_ID

from . import answering, assistants, causes, ending, requests, words
from .answering import LEASE, STATE, Database
from .private import replaced
from .shapes import Failed

log = logging.getLogger("kefu.assistant")

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
        else:
            nearest.prepare(task.ent_id, replaced(task.question))
        known = database(prepare, task)
        if known is None:
            database(end, task, STATE.HANDED_OVER, causes.OFF)
            return
        assistant, question = known
        if cause := database(cause_without_model, assistant, task):
            database(end, task, STATE.HANDED_OVER, cause)
            return
        checked = answering.produce(assistant, task, question, deadline, database=database)
    except Failed as failed:
        database(end, task, STATE.HANDED_OVER, failed.cause)
        return
    except Exception as error:
        # Left as it is it would be taken again for ever. Its text may hold what somebody wrote.
        log.error("a task failed: %s", type(error).__name__)
        database(end, task, STATE.HANDED_OVER, causes.ENDPOINT)
        return
    if checked.person:
        database(end, task, STATE.HANDED_OVER, causes.PERSON)
        return
    task.text = checked.text or ending.courtesy(assistant, question, checked)
    database(end, task, *ending.outcome(checked), checked)


def prepare(task: AssistantTask):
    """The assistant and the question of a task; None where nobody can be asked."""
    assistant = assistants.of_code(task.ent_id)
    if assistant is None or not assistant.is_set_up:
        return None
    if task.kind == AssistantTask.Kind.DRAFT:
        return assistant, requests.gather(assistant, task.conversation_id or "")
    return assistant, requests.alone(assistant, task.question, task.language)


def cause_without_model(assistant: Assistant, task: AssistantTask) -> str:
    """Why people would answer a trial or a rehearsed question before the model is asked, as they do
    a visitor's first message; "" where it is asked."""
    if task.kind == AssistantTask.Kind.DRAFT:
        return ""
    if human_words.asks(task.ent_id, task.question):
        return causes.ASKED
    return causes.ANGER if words.is_angry(assistant, task.question) else ""


def end(task: AssistantTask, state: str, cause: str, checked=None) -> None:
    if not AssistantTask.objects.filter(pk=task.pk, lease=NODE_ID, state=STATE.RUNNING).exists():
        return
    ending.store(task, state, cause)
    if checked:
        ending.cite(task, checked)
    done.send(AssistantTask, task=task)
