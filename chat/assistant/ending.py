"""How a question ends: said, handed over, or dropped. Each end is one transaction, which looks
again at all that may have changed since the request: the floor, the articles, and what the visitor
wrote.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction

from accounts.models import Assistant
from chat import clock, metrics
from chat.conversations import floor, outgoing
from chat.conversations.changes import Change
from chat.knowledge import articles
from chat.ledger.threads import MESSAGE, Thread
from chat.models import AssistantCitation, AssistantTask, GroupMessage, theirs
from chat.posting import batches
from chat.posting.items import LoneItem
from chat.presence.leases import NODE_ID
from chat.protocol import notices
from chat.protocol.errors import Refused

from . import failing, handing, words
from .causes import Cause
from .shapes import Checked, Question

STATE = AssistantTask.State
FILLED = (
    *("question", "language", "request", "reply", "text", "struck", "prompt_tokens"),
    *("completion_tokens", "estimated", "first_seconds", "seconds"),
)
"""The columns that asking the model fills (answering.produce)."""


@dataclass(slots=True)
class Work:
    """A question that this process has the lease of; `deadline` by time.monotonic."""

    assistant: Assistant
    group: str
    task: AssistantTask
    question: Question
    asked_before: bool
    deadline: float


@dataclass(slots=True)
class End(LoneItem):
    """How the assistant (`actor`, a uuid) ends a question."""

    asker: ClassVar[str] = "actor"
    actor: str
    work: Work

    @property
    def group(self) -> str:
        return self.work.group

    def lock_asked(self, change: Change) -> Thread:
        """The conversation, locked, while somebody waits there for the assistant. Raises
        Refused."""
        thread = self.lock(change)
        if thread is None or thread.bot != self.actor:
            raise Refused("forbidden", Cause.PEOPLE)
        if not thread.asked:
            # Another process has answered, or another reception has begun.
            raise Refused("conflict", Cause.LOST)
        return thread


@dataclass(slots=True)
class Saying(End):
    """It says what remained of a reply."""

    checked: Checked

    def perform(self, change: Change) -> None:
        thread = self.lock_asked(change)
        rows = GroupMessage.objects.of(thread).filter(sender=thread.visitor, message_type=MESSAGE)
        if rows.after(self.work.question.seq).exists():
            raise Refused("stale", Cause.NEWER)
        if not proven(self.work.assistant, self.checked):
            raise Refused("conflict", Cause.NOTHING)
        text = text_of(self.work, self.checked)
        if not outgoing.may_say(thread, text, change.now):
            raise Refused("window_closed", Cause.WINDOW)
        own = own_task(self.work.task)
        row = handing.row_of(self.work.assistant, MESSAGE, text)
        row.data = {**(row.data or {}), **facts_of(self.checked)}
        thread.append(row)
        floor.answered(thread)
        store(own, *outcome(self.checked), row.seq)
        cite(own, self.checked)


@dataclass(slots=True)
class Leaving(End):
    """It hands the conversation over."""

    cause: str

    def perform(self, change: Change) -> None:
        thread = self.lock_asked(change)
        own = own_task(self.work.task)
        name = self.work.assistant.member.display_name
        floor.hand_over(thread, change.now, notices.BY_BOT, self.actor, name, cause=self.cause)
        # How it ended is counted where each handover is (handing.settle).
        keep(own, handing.state_of(self.cause), self.cause)


def outcome(checked: Checked) -> tuple[str, str]:
    """The state and the cause of a task of whose reply this remained."""
    if checked.only_asks:
        return STATE.ANSWERED, Cause.ASKS
    if checked.text or checked.courtesy:
        return STATE.ANSWERED, "" if checked.text else Cause.COURTESY
    cause = Cause.NOTHING if checked.is_formed else Cause.FORM
    return handing.state_of(cause), cause


def facts_of(checked: Checked) -> dict:
    """What a message's row says of it."""
    facts: dict = {"generated": True}
    if checked.citations:
        facts["citations"] = [one.shown() for one in checked.citations]
    return {**facts, "asks": True} if checked.only_asks else facts


def own_task(task: AssistantTask) -> AssistantTask:
    """The task, if it is still this process's to end."""
    rows = AssistantTask.objects.select_for_update().filter(pk=task.pk, lease=NODE_ID)
    if not rows.filter(state=STATE.RUNNING).exists():
        raise Refused("conflict", Cause.LOST)
    return task


def proven(assistant: Assistant, checked: Checked) -> bool:
    """Whether each revision is still the one that everybody reads. Who withdraws or publishes one
    of them waits until this is committed."""
    cited = {(one.passage.article, one.passage.revision) for one in checked.citations}
    readable = articles.readable(assistant.enterprise).select_for_update()
    keys = sorted({article for article, _revision in cited})
    now = set(readable.filter(pk__in=keys).order_by("pk").values_list("pk", "revision"))
    return cited <= now


def text_of(work: Work, checked: Checked) -> str:
    """The message: what remained, with the enterprise's own words where a courtesy is asked for."""
    own = courtesy(work.assistant, work.question, checked)
    parts = [own, checked.text] if checked.courtesy == "greeting" else [checked.text, own]
    return "\n\n".join(filter(None, parts))


def courtesy(assistant: Assistant, question: Question, checked: Checked) -> str:
    """The enterprise's own words where a courtesy is asked for, else ""."""
    return words.of(assistant, question.language, checked.courtesy) if checked.courtesy else ""


def store(task: AssistantTask, state: str, cause: str, message_seq: int | None = None) -> None:
    keep(task, state, cause, message_seq)
    count_end(task.kind, state, cause)


def keep(task: AssistantTask, state: str, cause: str, message_seq: int | None = None) -> None:
    task.state, task.cause, task.message_seq = state, cause, message_seq
    task.finished_at = clock.now()
    names = (*FILLED, "state", "cause", "message_seq", "finished_at")
    # What was dropped meanwhile, as by an erasure, stays empty.
    own = AssistantTask.objects.filter(pk=task.pk).exclude(state=STATE.DROPPED)
    own.update(**{name: getattr(task, name) for name in names})
    failing.look(task, task.finished_at)
    count_asked(task)


def count_asked(task: AssistantTask) -> None:
    facts = task.seconds, task.prompt_tokens, task.completion_tokens
    transaction.on_commit(lambda: metrics.count_asked(*facts))


def count_end(kind: str, state: str, cause: str) -> None:
    counter = metrics.ASSISTANT.labels(str(kind), str(state), cause)
    transaction.on_commit(counter.inc)


def cite(task: AssistantTask, checked: Checked) -> None:
    """Keeps on what the task's text stands."""
    AssistantCitation.objects.filter(theirs(task.ent_id), task=task).delete()
    AssistantCitation.objects.bulk_create(
        AssistantCitation(
            ent_id=task.ent_id,
            task=task,
            n=one.n,
            article_id=one.passage.article,
            quote=one.quote,
            **{name: getattr(one.passage, name) for name in ("slug", "lang", "revision", "title")},
        )
        for one in checked.citations
    )


def finish(work: Work, checked: Checked) -> bool:
    """Says it, or hands over; False where it is to be asked anew."""
    state, cause = outcome(checked)
    if checked.person or state != STATE.ANSWERED:
        hand_over(work, Cause.PERSON if checked.person else cause)
        return True
    try:
        batches.do(Saying(work.assistant.member.uuid, work, checked))
    except Refused as refused:
        if refused.detail == Cause.WINDOW:
            hand_over(work, Cause.WINDOW)
            return True
        drop(work, cause_of(refused))
        return refused.detail not in (Cause.NEWER, Cause.NOTHING)
    return True


def drop(work: Work, cause: str) -> None:
    """The answer goes to nobody; the task may be taken again where somebody still waits."""
    task = work.task
    own = AssistantTask.objects.filter(pk=task.pk, lease=NODE_ID, state=STATE.RUNNING)
    filled = {name: getattr(task, name) for name in FILLED}
    now = clock.now()
    if own.update(**filled, state=STATE.DROPPED, cause=cause, leased_until=now, finished_at=now):
        count_end(task.kind, STATE.DROPPED, cause)
        count_asked(task)


def hand_over(work: Work, cause: str) -> None:
    """Hands over, unless people have it or another process ended the task."""
    try:
        batches.do(Leaving(work.assistant.member.uuid, work, cause))
    except Refused as refused:
        drop(work, cause_of(refused))


def cause_of(refused: Refused) -> str:
    """The cause that a refusal of ours names; of one by the database, that nothing was stored."""
    return refused.detail if refused.detail in Cause.values else Cause.LOST
