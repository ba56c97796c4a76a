"""One question, from the conversation to its answer or to people.

`take` has the database's part before the model is asked, `ending.finish` the one after it; `answer`
goes from one to the other. Each process may try; whoever has the lease of the task stores what
comes of it.
"""

import json
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import override

from accounts import hours
from accounts.models import Assistant, Enterprise
from chat import clock
from chat.conversations import floor, outgoing
from chat.delivery import announce
from chat.ledger.threads import MESSAGE
from chat.models import AssistantTask, Conversation, GroupMessage, theirs
from chat.periods import midnight
from chat.presence.leases import NODE_ID
from chat.protocol import events

from . import assistants, checking, ending, endpoint, requests, words
from .causes import Cause
from .ending import Work
from .shapes import Checked, Failed, Question, Reply

LEASE = timedelta(seconds=6)
"""How long a task is nobody else's, if its process does not say that it still works on it: long
enough for a pause of the process, short enough for another one to answer in time."""
MARGIN = 1.0
"""Seconds that are left of the visitor's patience when the model is given up."""
KIND, STATE = AssistantTask.Kind, AssistantTask.State

Database = Callable[..., Any]
"""Calls a function with arguments on a thread that may use the database."""


def directly(function: Callable, *args: Any) -> Any:
    return function(*args)


def waiting() -> list[tuple[str, str, str]]:
    """Where a visitor waits for an assistant: the enterprise's code, the conversation, and the
    visitor."""
    own = assistants.of_open_ones().values("member__uuid")
    asked = Conversation.objects.filter(bot_asked_at__isnull=False, bot__in=own)
    return list(asked.order_by("bot_asked_at").values_list("ent_id", "uuid", "visitor_id"))


def show_typing(working: list[tuple[str, str, str]]) -> None:
    """Shows visitors that their answer is being written: those of `waiting` for whom one is."""
    known = {code: assistants.helping_in(code) for code in {ent_id for ent_id, *_ in working}}
    for ent_id, group, visitor in working:
        if assistant := known[ent_id]:
            who, name = assistant.member.uuid, assistant.member.display_name
            announce.send_event(ent_id, [visitor], events.typing(group, who, name, True))


def take(ent_id: str, group: str) -> Work | None:
    """Takes the question that waits there; None where there is none, or somebody has it. What needs
    no model is handed over at once."""
    assistant = assistants.of(ent_id)
    if assistant is None:
        return None
    who = assistant.member.uuid
    asked = Conversation.objects.filter(theirs(ent_id), uuid=group, bot=who)
    one = asked.exclude(bot_asked_at=None).select_related("team", "reception").first()
    if one is None:
        return None
    task = lease(one)
    if task is None:
        return None
    patience = floor.given(one.team.bot_seconds, hurried=True)
    over = one.bot_asked_at + timedelta(seconds=patience - MARGIN)
    left = (over - clock.now()).total_seconds()
    try:
        question = requests.gather(assistant, group)
    except Exception:
        AssistantTask.objects.filter(pk=task.pk).update(state=STATE.DROPPED, leased_until=None)
        raise
    said, new, asks = said_before(one, who)
    work = Work(assistant, group, task, question, asks, time.monotonic() + left)
    cause = cause_without_model(assistant, said, new, left)
    if not cause and not outgoing.may_say(one, "", clock.now()):
        cause = Cause.WINDOW
    if cause:
        ending.hand_over(work, cause)
        return None
    return work


def lease(conversation: Conversation) -> AssistantTask | None:
    """The task of the visitor's last message there, if it is this process's from now on."""
    rows = GroupMessage.objects.of(conversation).filter(sender=conversation.visitor_id)
    seq = rows.filter(message_type=MESSAGE).aggregate(last=Max("seq"))["last"] or 0
    until = clock.now() + LEASE
    key = {"conversation_id": conversation.uuid, "kind": KIND.ANSWER, "seq": seq, "run": 0}
    own = {"state": STATE.RUNNING, "lease": NODE_ID, "leased_until": until}
    facts = {"ent_id": conversation.ent_id, "reception_id": conversation.reception_id}
    tasks = AssistantTask.objects.filter(theirs(conversation.ent_id), **key)
    if not tasks.exists():
        try:
            return AssistantTask.objects.create(**key, **own, **facts)
        except IntegrityError:
            return None
    over = Q(leased_until__lt=clock.now()) | Q(leased_until=None)
    free = tasks.filter(over, state__in=(STATE.RUNNING, STATE.DROPPED))
    return tasks.get() if free.update(**own) else None


def renew(working: Collection[object]) -> None:
    """Keeps the leases of what this process works on: answers, by their conversations, and queued
    tasks, by their keys."""
    keys = [key for key in working if isinstance(key, int)]
    groups = [key for key in working if isinstance(key, str)]
    own = Q(pk__in=keys) | Q(kind=KIND.ANSWER, conversation_id__in=groups)
    running = AssistantTask.objects.filter(own, state=STATE.RUNNING, lease=NODE_ID)
    running.update(leased_until=clock.now() + LEASE)


def said_before(conversation: Conversation, who: str) -> tuple[list[str], int, bool]:
    """The texts of the visitor's messages in this reception, as they wrote them ("" for a file);
    how many of them the assistant (`who`) has not answered; and whether its last message was
    nothing but a question."""
    began = conversation.reception.opened_at if conversation.reception else clock.now()
    rows = GroupMessage.objects.of(conversation).filter(message_type=MESSAGE)
    rows = rows.filter(sender__in=(conversation.visitor_id, who), created_at__gte=began)
    said: list[str] = []
    answered, asks = 0, False
    columns = "sender", "message_content", "data"
    for sender, text, data in rows.order_by("seq").values_list(*columns):
        if sender == who:
            answered, asks = len(said), bool((data or {}).get("asks"))
        else:
            said.append(text or "")
    return said, len(said) - answered, asks


def cause_without_model(assistant: Assistant, said: list[str], new: int, left: float) -> str:
    """Why people have it before the model is asked, of a visitor who has `said` this, the last
    `new` of it without an answer; "" where it is asked."""
    if assistant.mode != assistants.ANSWER or not assistant.is_set_up:
        return Cause.OFF
    for count in range(len(said) - new + 1, len(said) + 1):
        if words.is_repeated(said[:count]):
            return Cause.REPEATED
        if words.is_angry(assistant, said[count - 1]):
            return Cause.ANGER
    return Cause.LATE if left <= 0 else ""


def produce(
    assistant: Assistant,
    task: AssistantTask,
    question: Question,
    deadline: float,
    asked: bool = False,
    database: Database = directly,
) -> Checked:
    """Asks the model, and fills the task's columns (ending.FILLED), which the caller stores. Raises
    Failed. `deadline` is one of time.monotonic; `asked` says that the last message was only a
    question."""
    messages = requests.messages(assistant, question)
    database(put, assistant, task, question, messages)
    reply = ask(assistant, task, messages, deadline, requests.MOST)
    checked = checking.check(reply.content, question, asked)
    task.text, task.struck = checked.text, [list(pair) for pair in checked.struck]
    return checked


def put(
    assistant: Assistant, task: AssistantTask, question: Question, messages: list[dict]
) -> None:
    """Notes what is going to be asked. Raises Failed where the day's tokens do not suffice."""
    task.question, task.language = question.last, question.language
    task.request = json.dumps(messages, ensure_ascii=False)
    estimate = sum(requests.estimate(one["content"]) for one in messages)
    is_rehearsed = task.kind == KIND.REHEARSAL
    most = for_rehearsals(assistant) if is_rehearsed else assistant.daily_tokens
    if spent_today(assistant) + estimate > most:
        raise Failed(Cause.HALF if is_rehearsed else Cause.BUDGET)
    task.prompt_tokens, task.estimated = estimate, True
    AssistantTask.objects.filter(pk=task.pk).update(prompt_tokens=estimate)


def for_rehearsals(assistant: Assistant) -> int:
    """How many of the day's tokens may be used when a rehearsal goes on: half of them, so that it
    leaves the others to visitors."""
    return assistant.daily_tokens // 2


def ask(
    assistant: Assistant, task: AssistantTask, messages: list[dict], deadline: float, most: int
) -> Reply:
    """What the model answers, noted in the task; where it fails, what the endpoint says instead.
    Raises Failed."""
    try:
        with override(assistant.enterprise.text_language):
            reply = endpoint.ask(assistant, messages, deadline, most)
    except Failed as failed:
        task.reply = endpoint.words_of(failed, assistant)
        if failed.cause == Cause.ENDPOINT:
            # It read nothing: a dead endpoint does not use up the day's tokens.
            task.prompt_tokens = 0
        raise
    task.reply, task.seconds, task.first_seconds = reply.content, reply.seconds, reply.first_seconds
    if reply.prompt_tokens is None or reply.completion_tokens is None:
        task.completion_tokens = requests.estimate(reply.content)
    else:
        task.estimated = False
        task.prompt_tokens = reply.prompt_tokens
        task.completion_tokens = reply.completion_tokens
    return reply


def spent_today(assistant: Assistant) -> int:
    """The tokens since midnight in the enterprise's zone, those that are being asked for too."""
    enterprise = assistant.enterprise
    tasks = AssistantTask.objects.filter(
        theirs(enterprise.code), created_at__gte=midnight_of(enterprise)
    )
    spent = tasks.aggregate(n=Sum(F("prompt_tokens") + F("completion_tokens")))["n"]
    return spent or 0


def midnight_of(enterprise: Enterprise, days: int = 0) -> datetime:
    """When today began in the enterprise's zone, or a day so many days from it."""
    zone = hours.zone_named(enterprise.zone)
    return midnight(timezone.now().astimezone(zone).date() + timedelta(days), zone)


def answer(ent_id: str, group: str, database: Database) -> None:
    """Answers what waits in a conversation, or hands it over. This thread may wait for the
    model."""
    requests.prepare(ent_id, group, database)
    while work := database(take, ent_id, group):
        try:
            facts = work.assistant, work.task, work.question, work.deadline, work.asked_before
            checked = produce(*facts, database)
        except Exception as error:
            database(ending.hand_over, work, Failed.of(error).cause)
            return
        if database(ending.finish, work, checked):
            return
