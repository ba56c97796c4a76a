"""What the assistant did, as figures of its own: they never enter those of people. Each counts rows
of which its page lists every one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Enterprise
from chat.models import AssistantTask, Conversation, GroupMessage, Reception, theirs
from chat.protocol.notices import BY_VISITOR, Notice
from chat.reports.counting.story import OF_NO_PERSON

from . import answering
from .causes import UNPROVEN, Cause

PERIODS = (7, 30)
"""Days that can be looked at, today included."""
AFTERWARDS = timedelta(hours=24)
"""For so long after its end, people may still write to a reception."""
BEFORE = timedelta(30)
"""An enterprise's receptions have no index by their end: they are found by what was asked in them,
so long before the period at most."""
Kind, State = AssistantTask.Kind, AssistantTask.State
TO_PEOPLE = (State.REFUSED, State.HANDED_OVER)
ANSWERS = Q(kind=Kind.ANSWER)
ANSWERED = Q(state=State.ANSWERED) & ~Q(cause__in=UNPROVEN)
ASKED_BACK = Q(state=State.ANSWERED, cause=Cause.ASKS)
FIGURES = {
    # Not after a courtesy, where nobody asked anything.
    "asked": ANSWERS & (ANSWERED | ASKED_BACK | Q(state__in=TO_PEOPLE)),
    "answered": ANSWERS & ANSWERED,
    "asked_back": ANSWERS & ASKED_BACK,
    "refused": ANSWERS & Q(state=State.REFUSED),
    "to_people": ANSWERS & Q(state__in=TO_PEOPLE),
    "timed": ANSWERS & Q(seconds__isnull=False),
    "useful": ANSWERS & Q(helpful=True),
    "useless": ANSWERS & Q(helpful=False),
    "spent": Q(prompt_tokens__gt=0) | Q(completion_tokens__gt=0),
}
"""By name: which tasks a figure counts."""
ALONE, ENDED = "alone", "ended"
"""The figures that count receptions instead: those that ended without a person, and all."""


@dataclass(frozen=True, slots=True)
class Period:
    """The last days of an enterprise, from a midnight of its zone up to now."""

    enterprise: Enterprise
    begin: datetime
    end: datetime

    @classmethod
    def last(cls, enterprise: Enterprise, days: int) -> "Period":
        return cls(enterprise, answering.midnight_of(enterprise, 1 - days), timezone.now())


def tasks(period: Period, figure: str = "", cause: str | None = None) -> QuerySet[AssistantTask]:
    """The tasks that a figure counts, all of the period without one; of those that went to people
    only those with this cause, if one is given."""
    begun = Q(created_at__gte=period.begin, created_at__lte=period.end)
    found = AssistantTask.objects.filter(begun, ent_id=period.enterprise.code)
    if figure:
        found = found.filter(FIGURES[figure])
    return found if cause is None else found.filter(cause=cause)


def receptions(period: Period, figure: str = ENDED) -> QuerySet[Reception]:
    """Receptions in which the assistant was asked and that ended in the period, at least a day ago;
    for ALONE those in which no person wrote until a day after their end, and whose visitor asked
    for none."""
    code, known = period.enterprise.code, period.end - AFTERWARDS
    asked = AssistantTask.objects.filter(
        ANSWERS, ent_id=code, created_at__gte=period.begin - BEFORE, reception__isnull=False
    )
    ended = Reception.objects.filter(theirs(code), pk__in=asked.values("reception_id"))
    ended = ended.filter(closed_at__gte=period.begin, closed_at__lt=known)
    if figure == ENDED:
        return ended
    said = GroupMessage.objects.filter(theirs(code), group_id=OuterRef("group_id"))
    said = said.filter(created_at__gte=OuterRef("opened_at"))
    visitor = Conversation.objects.filter(theirs(code), uuid=OuterRef("group_id"))
    people = said.filter(
        *(Q(**{f"data__{name}__isnull": True}) for name in OF_NO_PERSON),
        message_type=GroupMessage.Type.MESSAGE,
        created_at__lt=OuterRef("closed_at") + AFTERWARDS,
    )
    people = people.exclude(sender="").exclude(sender__in=visitor.values("visitor_id"))
    wishes = said.filter(
        created_at__lte=OuterRef("closed_at"),
        data__event=Notice.HANDED_OVER,
        data__why=BY_VISITOR,
    )
    return ended.exclude(Exists(people)).exclude(Exists(wishes))


def read(period: Period) -> dict:
    """All figures of the period: by name the number of rows, `tokens`, the seconds `median` and
    `p95` of an answer (None without one), and `why`: each cause with how many went to people."""
    found = tasks(period)
    numbers = {name: Count("pk", filter=condition) for name, condition in FIGURES.items()}
    tokens = Sum(F("prompt_tokens") + F("completion_tokens"), default=0)
    counts = found.aggregate(**numbers, tokens=tokens)
    why = tasks(period, "to_people").values_list("cause").annotate(n=Count("pk"))
    return counts | {
        "median": seconds_at(period, 50, counts["timed"]),
        "p95": seconds_at(period, 95, counts["timed"]),
        "why": list(why.order_by("-n", "cause")),
        ENDED: receptions(period, ENDED).count(),
        ALONE: receptions(period, ALONE).count(),
    }


def seconds_at(period: Period, percent: int, number: int) -> float | None:
    """The seconds at position ⌈p·n⌉ of so many answers, as chat/reports/figures.py counts it; None
    without one. Nothing else is read of a month's answers."""
    timed = tasks(period, "timed").order_by("seconds").values_list("seconds", flat=True)
    place = max(-(-percent * number // 100) - 1, 0)
    return next(iter(timed[place : place + 1]), None)
