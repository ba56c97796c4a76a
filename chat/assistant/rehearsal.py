"""Rehearsals: first questions of past receptions, each put to the assistant alone, beside what
people answered then. Nothing of it is posted.

Questions are left out of visitors who are erased or under a legal hold, and of conversations in
quarantine or that were spam.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts import audit, hours
from accounts.audit import Origin
from accounts.models import Assistant, Enterprise, Member
from chat import clock
from chat.ledger.threads import MESSAGE
from chat.models import (
    AssistantRehearsal,
    AssistantTask,
    Conversation,
    GroupMessage,
    LegalHold,
    Reception,
    theirs,
)
from chat.models import Origin as Source
from chat.models.group import MessageQuerySet
from chat.periods import midnight
from chat.presence.leases import NODE_ID
from chat.protocol import formatting
from chat.reports.counting.story import OF_NO_PERSON

from . import answering, figures, queued, requests
from .answering import LEASE, STATE
from .causes import Cause

KIND = AssistantTask.Kind.REHEARSAL
OUTCOMES: dict[str, str] = {STATE.ANSWERED: "answered", STATE.REFUSED: "refused"}
HANDED_OVER = "handed_over"
"""What came of a question: `refused` where nothing remained, and this for every other cause."""
NEVER = datetime(9000, 1, 1, tzinfo=timezone.utc)
"""When a reception ends that is open."""


def begin(
    assistant: Assistant,
    since: date,
    until: date,
    origin: Origin,
    *,
    most: int | None = None,
    member: Member | None = None,
) -> tuple[AssistantRehearsal, list[AssistantTask]]:
    """A rehearsal of the receptions that began on these days of the enterprise, and its questions,
    oldest first: the newest `most` of them, or all. The questions are not stored yet."""
    enterprise = assistant.enterprise
    tasks = questions(enterprise, since, until, most)
    with transaction.atomic():
        row = AssistantRehearsal.objects.create(
            enterprise=enterprise, member=member, since=since, until=until
        )
        facts = {"from": str(since), "to": str(until), "count": len(tasks)}
        about = {"kind": "assistantrehearsal", "object_id": str(row.pk)}
        audit.note(
            audit.Action.ADDED, audit.chain_of(enterprise.code), origin, details=facts, **about
        )
    for task in tasks:
        task.rehearsal, task.run, task.member = row, row.pk, member
    return row, tasks


def questions(
    enterprise: Enterprise, since: date, until: date, most: int | None
) -> list[AssistantTask]:
    """The first question of each reception, as a task. The demo's count where there are no
    others."""
    for source in (~Q(origin=Source.DEMO), Q(origin=Source.DEMO)):
        tasks: list[AssistantTask] = []
        for reception in receptions(enterprise, since, until, source):
            if len(tasks) == most:
                break
            tasks += first_question(enterprise, reception)
        if tasks:
            return tasks[::-1]
    return []


def receptions(enterprise: Enterprise, since: date, until: date, source: Q) -> Iterator[Reception]:
    """The receptions of these days that may be rehearsed, the newest first, each with its
    `visitor` (uuid) and their `language`."""
    code, zone = enterprise.code, hours.zone_named(enterprise.zone)
    held = LegalHold.objects.filter(ent_id=code).values("visitor_id")
    known = Conversation.objects.whole().filter(theirs(code), source, quarantined_for="")
    known = known.filter(uuid=OuterRef("group_id")).exclude(visitor__in=held)
    found = Reception.objects.filter(ent_id=code, opened_at__gte=midnight(since, zone))
    found = found.filter(opened_at__lt=midnight(until + timedelta(1), zone)).annotate(
        visitor=Subquery(known.values("visitor_id")[:1]),
        language=Subquery(known.values("visitor__language")[:1]),
    )
    return found.exclude(visitor=None).order_by("-opened_at", "-pk").iterator()


def first_question(enterprise: Enterprise, reception) -> list[AssistantTask]:
    """What the visitor asked first then, if there is anything to read of it."""
    rows = said(reception.group_id, enterprise.code, reception).filter(sender=reception.visitor)
    row = rows.filter(created_at__gte=reception.opened_at).order_by("seq").first()
    if row is None or not (text := requests.text_of(row)):
        return []
    return [
        AssistantTask(
            ent_id=enterprise.code,
            kind=KIND,
            conversation_id=reception.group_id,
            reception=reception,
            seq=row.seq,
            language=reception.language or enterprise.text_language,
            question=text,
        )
    ]


def said(group: str | OuterRef | None, ent_id: str, reception: Reception | None) -> MessageQuerySet:
    """The public messages of a conversation that have words, until the end of the reception."""
    rows = GroupMessage.objects.filter(theirs(ent_id), group_id=group, message_type=MESSAGE)
    rows = rows.exclude(message_content="").exclude(message_content=None)
    over = reception and reception.closed_at
    return rows.filter(created_at__lte=over) if over else rows


def queue(tasks: list[AssistantTask]) -> None:
    """Leaves the questions to the server's processes."""
    AssistantTask.objects.bulk_create(tasks)


def put(task: AssistantTask) -> bool:
    """Asks a question of a rehearsal now, on this thread; False where it is not there any more. No
    other process takes it meanwhile."""
    if not queued.still_asked(task):
        return False
    task.state, task.lease = STATE.RUNNING, NODE_ID
    task.leased_until = clock.now() + timedelta(seconds=queued.SECONDS) + LEASE
    task.save()
    queued.perform(task, answering.directly)
    return True


def ended(task: AssistantTask, **kwargs) -> None:
    """A queued task has ended (queued.done): with its last one a rehearsal is finished."""
    known = AssistantRehearsal.objects.select_related("enterprise")
    row = known.filter(pk=task.rehearsal_id or 0, enterprise__code=task.ent_id).first()
    if row and task.cause == Cause.HALF:
        stop(row)
    elif row and not busy(row):
        finish(row)


def tasks_of(rehearsal: AssistantRehearsal) -> QuerySet[AssistantTask]:
    return AssistantTask.objects.filter(theirs(rehearsal.enterprise.code), rehearsal=rehearsal)


def busy(rehearsal: AssistantRehearsal) -> bool:
    return tasks_of(rehearsal).filter(state__in=AssistantTask.UNFINISHED).exists()


def finish(rehearsal: AssistantRehearsal) -> None:
    own = AssistantRehearsal.objects.filter(pk=rehearsal.pk, finished_at=None)
    own.update(finished_at=clock.now())


def stop(rehearsal: AssistantRehearsal) -> None:
    """Ends it with what has been asked so far."""
    tasks_of(rehearsal).filter(state=STATE.WAITING).delete()
    finish(rehearsal)


def judge(enterprise: Enterprise, pk: int, judgement: str) -> bool:
    """Keeps what a person thinks of an answer, or forgets it where they said so before; False where
    there is no such question."""
    own = AssistantTask.objects.filter(pk=pk, ent_id=enterprise.code, kind=KIND)
    own = own.exclude(state__in=AssistantTask.UNFINISHED)
    same = own.filter(judgement=judgement).update(judgement="")
    return bool(same or own.update(judgement=judgement))


def asked(enterprise: Enterprise) -> QuerySet[AssistantRehearsal]:
    """The rehearsals in which anything was asked, the newest first."""
    own = AssistantTask.objects.filter(theirs(enterprise.code), rehearsal=OuterRef("pk"))
    known = AssistantRehearsal.objects.select_related("enterprise")
    return known.filter(Exists(own), enterprise=enterprise).order_by("-pk")


def last(enterprise: Enterprise) -> dict[str, int] | None:
    """What the last rehearsal that has ended came to, as `totals` has it; None without one."""
    found = asked(enterprise).exclude(finished_at=None).first()
    return totals(tasks_of(found)) if found else None


def totals(tasks: QuerySet[AssistantTask]) -> dict[str, int]:
    """Of these questions: how many there are, are done, were answered, answered with proof,
    refused and handed over, and are judged and judged right; and the tokens."""
    over = ~Q(state__in=AssistantTask.UNFINISHED)
    return tasks.aggregate(
        questions=Count("pk"),
        done=Count("pk", filter=over),
        answered=Count("pk", filter=Q(state=STATE.ANSWERED)),
        proven=Count("pk", filter=figures.ANSWERED),
        refused=Count("pk", filter=Q(state=STATE.REFUSED)),
        handed_over=Count("pk", filter=over & ~Q(state__in=OUTCOMES)),
        judged=Count("pk", filter=~Q(judgement="")),
        right=Count("pk", filter=Q(judgement=AssistantTask.Judgement.RIGHT)),
        tokens=Sum(F("prompt_tokens") + F("completion_tokens"), default=0),
    )


def outcome(task: AssistantTask) -> str:
    return OUTCOMES.get(STATE(task.state), HANDED_OVER)


def answer(task: AssistantTask) -> str:
    """What it would have said, with marks; "" where people would have had to."""
    return task.text if task.state == STATE.ANSWERED else ""


def by_people(ent_id: str) -> MessageQuerySet:
    """What people wrote after the question of an outer task, until its reception ended."""
    until = Coalesce(OuterRef("reception__closed_at"), Value(NEVER))
    rows = said(OuterRef("conversation_id"), ent_id, None).filter(
        *(Q(**{f"data__{name}__isnull": True}) for name in OF_NO_PERSON),
        seq__gt=OuterRef("seq"),
        created_at__lte=until,
    )
    return rows.exclude(sender="").exclude(sender=OuterRef("conversation__visitor_id"))


def people_of(ent_id: str, tasks: list[AssistantTask]) -> dict[int, tuple[str, str]]:
    """By the id of an enterprise's task: the name of the person who answered its question first,
    and what they wrote. Of others, which nobody answered, there is none."""
    first = Subquery(by_people(ent_id).order_by("seq").values("pk")[:1])
    own = AssistantTask.objects.filter(theirs(ent_id), pk__in=[task.pk for task in tasks])
    keys = dict(own.annotate(first=first).exclude(first=None).values_list("pk", "first"))
    rows = GroupMessage.objects.filter(theirs(ent_id)).in_bulk(keys.values())
    found = {}
    for task, key in keys.items():
        text = formatting.without_marks(rows[key].message_content or "", rows[key].data)
        found[task] = rows[key].sender_name, text.strip()
    return found
