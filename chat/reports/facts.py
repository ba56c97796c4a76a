"""What was counted of a period: from the tables, and in memory what is newer."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db.models import Q

from accounts.models import Member
from chat.models import CountedMessages, CountedReception, CountedReply
from chat.protocol.errors import Refused

from . import counting
from .figures import Begun, Counted, Value, quarter_number
from .question import REMOVED, Question
from .story import JOINED_WITHIN, MICROSECOND, Story

Found = TypeVar("Found")
TRIES = 5
"""How often what is newer is read again because the background has stored some of it meanwhile."""


class News:
    """What is not in the tables yet, of one enterprise."""

    def __init__(self, told: list[Story]):
        self.receptions = [one for story in told for one in story.receptions]
        self.replies = [one for story in told for one in story.replies]
        self.messages = [one for story in told for one in story.messages.values()]
        self.replaced = {one.pk for one in self.receptions if one.pk}
        """The keys of stored receptions that are different by now."""


def read(question: Question, reader: Callable[[News], Found]) -> Found:
    """What `reader` finds in the tables and in what is newer. Again where the background has stored
    some of that meanwhile: it would be counted twice."""
    for _try in range(TRIES):
        told = counting.uncounted(question.enterprise.code)
        found = reader(News(told))
        if counting.are_uncounted(told):
            return found
    raise Refused("unavailable", "Too much is being counted. Try again.")


def counted(question: Question) -> Counted:
    """Everything that the report is made of."""
    return read(question, lambda news: collect(question, news))


def collect(question: Question, news: News) -> Counted:
    found = Counted()
    shown = Shown(question)
    for one in receptions_in(question, news):
        add_reception(found, one, question, shown)
    for reply in replies_in(question, news):
        value = length(reply.asked_at, reply.replied_at, reply.worked, question)
        reception = reply.reception
        where = quarter_number(reception.opened_at), reception.team_id
        found.durations["next_reply"].append(Value(value, *where, shown.key(reply.replied_by)))
    for one in messages_in(question, news):
        where = quarter_number(one.quarter), one.team_id
        found.messages.append(Value(one.n, *where, shown.key(one.member)))
    return found


def add_reception(found: Counted, one: CountedReception, question: Question, shown) -> None:
    where = quarter_number(one.opened_at), one.team_id
    members = tuple({shown.key(who) for who in one.members})
    found.receptions.append(Begun(*where, members, one.replied_at is not None))
    holder = shown.key(one.holder)
    if one.replied_at:
        value = length(one.opened_at, one.replied_at, one.reply_worked, question)
        found.durations["first_reply"].append(Value(value, *where, shown.key(one.replied_by)))
    if one.closed_at:
        value = length(one.opened_at, one.closed_at, one.resolution_worked, question)
        found.durations["resolution"].append(Value(value, *where, holder))
        if one.closed_at > question.now - JOINED_WITHIN:
            found.provisional.append(holder)
    if one.score is not None:
        found.scores.append(Value(one.score, *where, holder))


def length(begin: datetime, end: datetime, worked: int, question: Question) -> int:
    """A duration in microseconds, by the clock that was asked for. Rows of two processes may bear
    times a little out of order."""
    return worked if question.hours else max(0, (end - begin) // MICROSECOND)


class Shown:
    """The members by whom figures are grouped: those of the enterprise, and all others as one."""

    def __init__(self, question: Question):
        members = Member.objects.filter(enterprise=question.enterprise)
        self.accounts = dict(members.values_list("uuid", "name"))

    def key(self, who: str) -> str:
        """The uuid; "" for nobody and for visitors, REMOVED for who is not there any more."""
        return who if not who or who in self.accounts else REMOVED


def receptions_in(question: Question, news: News) -> list[CountedReception]:
    """The receptions that began in the period, in no order."""
    stored = of_period(CountedReception.objects, question, "opened_at", "team")
    newer = [one for one in news.receptions if is_in(one.opened_at, one.team_id, question)]
    return [one for one in stored if one.pk not in news.replaced] + newer


def replies_in(question: Question, news: News) -> list[CountedReply]:
    stored = CountedReply.objects.select_related("reception")
    stored = of_period(stored, question, "reception__opened_at", "reception__team", "reception__")
    newer = [
        one
        for one in news.replies
        if is_in(one.reception.opened_at, one.reception.team_id, question)
    ]
    return [*stored, *newer]


def messages_in(question: Question, news: News) -> list[CountedMessages]:
    stored = of_period(CountedMessages.objects, question, "quarter", "team")
    newer = [one for one in news.messages if is_in(one.quarter, one.team_id, question)]
    return [*stored, *newer]


def of_period(rows, question: Question, moment: str, team: str, path: str = ""):
    """Stored rows of the question's period and teams."""
    rows = rows.filter(**{f"{path}ent_id": question.enterprise.code})
    rows = rows.filter(**{f"{moment}__gte": question.begin, f"{moment}__lt": question.end})
    if not question.whole:
        rows = rows.filter(**{f"{team}__in": [team.pk for team in question.teams]})
    if question.slot is not None:
        hours = Q(pk=None)
        for begin, end in question.slots:
            hours |= Q(**{f"{moment}__gte": begin, f"{moment}__lt": end})
        rows = rows.filter(hours)
    return rows


def is_in(moment: datetime, team: int | None, question: Question) -> bool:
    """The same, of what is in memory."""
    if not (question.begin <= moment < question.end and question.is_slot(moment)):
        return False
    return question.whole or team in {one.pk for one in question.teams}
