"""What agents ask for by a button: a draft, a summary, a translation. Each is a task, which keeps
word for word what left the server; nothing of it is sent but by a person.

The functions run on a thread that may wait for the model; what uses the database is called by
`database` (answering.Database).
"""

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable

from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.models import Assistant, Member
from chat.conversations.floor import PATIENCE
from chat.database import retry
from chat.ledger import access
from chat.models import AssistantTask, Conversation, theirs
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.protocol.forms import AssistForm, TranslateForm
from chat.protocol.spelling import nfkc

from . import answering, assistants, checking, drafts, ending, private, requests, texts
from .answering import Database
from .causes import Cause
from .shapes import Failed, Question

KIND, STATE = AssistantTask.Kind, AssistantTask.State
Outcome = tuple[str, str]
"""A task's state and cause."""
PLACES = re.compile(r"(\[(?:email|phone|card)\])")
"""What stands for what was replaced (private.py)."""


def answer(member: Member, form: AssistForm | TranslateForm, database: Database) -> dict:
    """The event that answers a frame of this member. Raises Refused: `conflict` without an
    assistant or in quarantine, `rate_limited` where the day's tokens are used up, `unavailable`
    where the endpoint fails."""
    try:
        if isinstance(form, TranslateForm):
            return translate(member, form, database)
        make = draft if form.kind == KIND.DRAFT else summarise
        return make(member, form.group, database)
    except Failed as failed:
        if failed.cause == Cause.BUDGET:
            over = answering.midnight_of(member.enterprise, days=1)  # type: ignore[arg-type]
            wait = math.ceil((over - timezone.now()).total_seconds())
            detail = "The tokens of the day are used up."
            raise Refused("rate_limited", detail, retry_after=wait) from failed
        raise Refused("unavailable", "The model gave no answer. Try again.") from failed


def draft(member: Member, group: str, database: Database) -> dict:
    conversation, assistant = database(place, member, group, True)
    task = database(known, conversation, KIND.DRAFT)
    if task is None:
        # Before what is asked: who writes in between makes it an older draft.
        task = database(begin, member, KIND.DRAFT, conversation)

        def produce() -> Outcome:
            requests.prepare(assistant.enterprise.code, group, database)
            question = database(requests.gather, assistant, group)
            until = time.monotonic() + PATIENCE
            checked = answering.produce(assistant, task, question, until, database=database)
            task.text = checked.text or ending.courtesy(assistant, question, checked)
            database(ending.cite, task, checked)
            return ending.outcome(checked)

        perform(task, produce, database)
    return database(drafts.shown, task)


def summarise(member: Member, group: str, database: Database) -> dict:
    conversation, assistant = database(place, member, group, False)
    task = database(known, conversation, KIND.SUMMARY)
    if task is None:
        task = database(begin, member, KIND.SUMMARY, conversation)
        question = database(requests.gather, assistant, group, False)
        say(assistant, task, question, requests.summary(question), database)
    return events.summarised(group, task.text)


def translate(member: Member, form: TranslateForm, database: Database) -> dict:
    """Without a conversation nobody would find its words when a visitor is erased, so only the
    tokens are kept then."""
    conversation = None
    if form.group:
        conversation, assistant = database(place, member, form.group, False)
    else:
        assistant = database(helper, member.enterprise.code)  # type: ignore[union-attr]
    question = Question(language=form.to, last=private.replaced(form.text))
    task = conversation and database(known, conversation, KIND.TRANSLATION, question)
    if task is None:
        messages = requests.translation(form.text, form.to)
        if requests.estimate(form.text) > assistant.prompt_tokens:
            raise Refused("too_long", "The model is sent less than that at once.")
        task = database(begin, member, KIND.TRANSLATION, conversation)
        say(assistant, task, question, messages, database)
    said = restored(task.text, form.text, question.last)
    return events.translated(said, form.to, form.text)


def restored(said: str, text: str, sent: str) -> str:
    """A translation of what was `sent`, with that of the `text` put back which was replaced."""
    plain = nfkc(texts.visible(text))
    first, *rest = PLACES.split(sent)
    at, kept = len(first), defaultdict(list)
    for place, after in zip(rest[::2], rest[1::2], strict=True):
        end = plain.find(after, at) if after else len(plain)
        kept[place].append(plain[at:end])
        at = end + len(after)
    return PLACES.sub(lambda found: (kept[found[0]] or [found[0]]).pop(0), said)


def place(member: Member, group: str, seated: bool) -> tuple[Conversation, Assistant]:
    """The conversation, if the member may read it, or sits there where that is asked, and the
    assistant. Raises Refused."""
    found = access.conversation_for(member, group)
    if found is None:
        nowhere = Refused("not_found", "There is no such conversation for you.")
        raise access.merged(member.uuid, group) or nowhere
    if seated and access.seat(member, group) is None:
        raise access.refusal(member.uuid, found.ent_id)
    if found.quarantined_for:
        raise Refused("conflict", "It is in quarantine, or was closed in it.", state="quarantined")
    assistant = helper(found.ent_id)
    access.opened_by(member, group, audit.of_person(member.uuid, member.name, "assistant"))
    return found, assistant


def helper(ent_id: str) -> Assistant:
    found = assistants.helping_in(ent_id)
    if found is None:
        raise Refused("conflict", "There is no assistant, or it is off.")
    return found


def known(
    conversation: Conversation, kind: str, question: Question | None = None
) -> AssistantTask | None:
    """The task that has asked the same already: about the same last message, or of a translation
    the same text."""
    own = AssistantTask.objects.filter(theirs(conversation.ent_id), conversation=conversation)
    own = own.filter(kind=kind, seq=seq_of(conversation, kind))
    if question:
        own = own.filter(question=question.last, language=question.language)
    task = own.filter(state=STATE.ANSWERED).exclude(text="").order_by("-run").first()
    return task if task and (kind != KIND.DRAFT or drafts.stands(task)) else None


def seq_of(conversation: Conversation, kind: str) -> int:
    """The message that a task is about; 0 for a translation, whose text says it."""
    return 0 if kind == KIND.TRANSLATION else drafts.last_said(conversation)


def begin(member: Member, kind: str, conversation: Conversation | None) -> AssistantTask:
    """A new task, which no other process takes. `run` counts those about the same message."""
    code = member.enterprise.code  # type: ignore[union-attr]  # they have the workspace
    facts = {"ent_id": code, "kind": kind, "member": member, "state": STATE.RUNNING}
    if conversation is None:
        return AssistantTask.objects.create(**facts)
    seq = seq_of(conversation, kind)
    same = AssistantTask.objects.filter(theirs(code), conversation=conversation)
    same = same.filter(kind=kind, seq=seq)

    def create() -> AssistantTask:
        before = same.aggregate(run=Max("run"))["run"]
        run = 0 if before is None else before + 1
        facts.update(conversation=conversation, reception=conversation.reception, seq=seq, run=run)
        return AssistantTask.objects.create(**facts)

    return retry(create)


def say(
    assistant: Assistant,
    task: AssistantTask,
    question: Question,
    messages: list[dict],
    database: Database,
) -> None:
    """Has the model say something without proof, and stores it."""
    most = max(requests.MOST, 2 * requests.estimate(question.last))

    def ask() -> Outcome:
        database(answering.put, assistant, task, question, messages)
        until = time.monotonic() + PATIENCE
        reply = answering.ask(assistant, task, messages, until, most)
        task.text = checking.text_of(reply.content)
        return (STATE.ANSWERED, "") if task.text else (STATE.HANDED_OVER, Cause.FORM)

    perform(task, ask, database)


def perform(task: AssistantTask, ask: Callable[[], Outcome], database: Database) -> None:
    """Calls `ask`, which fills the task's columns and returns how it ended, and stores that. Raises
    Failed."""
    try:
        state, cause = ask()
    except Exception as error:
        failed = Failed.of(error)
        database(store, task, STATE.HANDED_OVER, failed.cause)
        raise failed from error
    database(store, task, state, cause)


def store(task: AssistantTask, state: str, cause: str) -> None:
    kept = task
    if task.conversation_id is None:
        names = "kind", "prompt_tokens", "completion_tokens", "estimated", "language"
        kept = AssistantTask(pk=task.pk, **{name: getattr(task, name) for name in names})
    ending.store(kept, state, cause)
