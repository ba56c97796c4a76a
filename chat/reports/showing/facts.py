"""What was counted of a period: from the tables, and in memory what is newer."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Enterprise, Member
from chat.models import CountedDay, CountedMessages, CountedReception, CountedReply, Origin, any_of
from chat.protocol.errors import Refused
from chat.reports.counting import packs
from chat.reports.counting.packs import Pack, Packs
from chat.reports.counting.story import JOINED_WITHIN, quarter_of
from chat.reports.figures import MICROSECOND, Calendar, Lines, quarter_number

from . import facets
from .news import News, read
from .question import REMOVED, Question
from .sums import Adding

MOST_ROWS = 50_000
"""Receptions that are read one by one for an answer: some seconds' work."""


def counted(question: Question) -> Lines:
    """The figures of a question."""
    (lines,) = counted_together([question])
    return lines


def counted_together(questions: list[Question]) -> list[Lines]:
    """The figures of several questions about one enterprise, as they are at one moment."""
    shown = Shown(questions[0].enterprise)

    def add_each(*news: News) -> list[Lines]:
        pairs = zip(questions, news, strict=True)
        return [add_up(question, own, shown) for question, own in pairs]

    return read(questions, add_each)


def add_up(question: Question, news: News, shown: "Shown") -> Lines:
    calendar = calendar_of(question)
    adding = adding_for(question, calendar, shown)
    found = asked(packs_of(question, news, calendar), question, adding.lines)
    lines = adding.add(pack.of_receptions() if question.brief else pack for pack in found)
    if not (question.brief or question.sums):
        lines.provisional = provisional(question, news, shown)
    return lines


def calendar_of(question: Question) -> Calendar:
    begin, end = question.begin, question.end
    return Calendar(question.days, begin, end, question.zone, question.is_slot)


def adding_for(question: Question, calendar: Calendar, shown: "Shown") -> Adding:
    """Adds up what a question asks for, from nothing."""
    teams = {team.pk for team in question.teams}
    return Adding(
        Lines(0 if question.sums else len(question.days), teams),
        calendar,
        None if question.whole else teams,
        question.member,
        question.hours,
        shown.key,
    )


def asked(found: Iterator[Packs], question: Question, lines: Lines) -> Iterator[Pack]:
    """Those that count, for lines to which each is added before the next one is taken."""
    for packed in found:
        yield packed.others
        if question.demo:
            before = lines.totals.receptions
            yield packed.demo
            lines.demo += lines.totals.receptions - before


def packs_of(question: Question, news: News, calendar: Calendar) -> Iterator[Packs]:
    """The counts in the quarters of the calendar, from three sources: packed days, the rows of days
    whose pack is out of date, and rows that are not in the tables yet. A pack has no smaller unit
    than a quarter of an hour, so if the period ends within one, the rows of that quarter are
    read."""
    ent_id, begin, end = question.enterprise.code, question.begin, question.end
    slots = calendar.slots
    if question.facets:
        yield packs.both(*rows_of(question, news)).within(slots)
        return
    cut = quarter_of(end)
    if cut != end:
        slots = {number: slot for number, slot in slots.items() if number != quarter_number(cut)}
        yield packs.of_period(ent_id, max(cut, begin), end, news.replaced, question.brief)
    first, last = begin.date(), (end - MICROSECOND).date()
    replaced = {one.opened_at.astimezone(timezone.utc).date() for one in news.stored}
    days = CountedDay.objects.filter(ent_id=ent_id, day__gte=first, day__lte=last)
    for day in days.order_by("day").iterator(20):
        if day.packed == day.version and day.day not in replaced:
            packed = packs.unpacked(bytes(day.data))
        else:
            midnight = packs.midnight(day.day)
            tomorrow = midnight + timedelta(1)
            packed = packs.of_period(ent_id, midnight, tomorrow, news.replaced, question.brief)
        whole = all(number in slots for number in packs.quarters(day.day))
        yield packed if whole else packed.within(slots)
    receptions = [one for one in news.receptions if one.opened_at < end]
    newer = packs.both(receptions, news.replies, news.messages)
    yield newer.within(calendar.slots)


class Rows(NamedTuple):
    """What a question is about, one by one: what no pack can tell."""

    receptions: list[CountedReception]
    replies: list[CountedReply]
    messages: list[CountedMessages]


def rows_of(question: Question, news: News) -> Rows:
    """Stored rows and newer ones. Raises `Refused` where they are too many for one answer."""
    stored = of_period(CountedReception.objects.all(), question, "opened_at", "team")
    receptions = list(stored[: MOST_ROWS + 1])
    if len(receptions) > MOST_ROWS:
        raise Refused(
            "too_long", f"By topic, tag, page or channel {MOST_ROWS:,} receptions at the most."
        )
    receptions = [one for one in receptions if one.pk not in news.replaced]
    receptions += [one for one in news.receptions if is_in(one, one.opened_at, question)]
    if question.brief:
        return Rows(receptions, [], [])
    replies = CountedReply.objects.select_related("reception")
    path = "reception__"
    replies = of_period(replies, question, f"{path}opened_at", f"{path}team", path)
    messages = of_period(CountedMessages.objects.all(), question, "quarter", "team")
    new_replies = [
        one for one in news.replies if is_in(one.reception, one.reception.opened_at, question)
    ]
    return Rows(
        receptions,
        [*replies, *new_replies],
        [*messages, *(one for one in news.messages if is_in(one, one.quarter, question))],
    )


def provisional(question: Question, news: News, shown: "Shown") -> int:
    """How many resolutions may change, as the visitor may still reopen."""
    since = question.now - JOINED_WITHIN
    stored = of_period(CountedReception.objects.all(), question, "opened_at", "team")
    newer = [one for one in news.receptions if is_in(one, one.opened_at, question)]
    found = [one.holder for one in newer if one.closed_at and one.closed_at > since]
    stored = stored.filter(closed_at__gt=since).exclude(pk__in=news.replaced)
    found += stored.values_list("holder", flat=True)
    return sum(question.member in (None, shown.key(who)) for who in found)


class Shown:
    """The members by whom figures are grouped: those of the enterprise, and all others as one."""

    def __init__(self, enterprise: Enterprise):
        members = Member.objects.filter(enterprise=enterprise)
        self.accounts = dict(members.values_list("uuid", "name"))

    def key(self, who: str) -> str:
        """The uuid; "" for nobody and for visitors, REMOVED for who is not there any more."""
        return who if not who or who in self.accounts else REMOVED


def length(begin: datetime, end: datetime, worked: int, question: Question) -> int:
    """A duration in microseconds, by the clock that was asked for."""
    return worked if question.hours else packs.length(begin, end)


def of_period(rows, question: Question, moment: str, team: str, path: str = ""):
    """Stored rows of the question's period and teams."""
    rows = rows.filter(**{f"{path}ent_id": question.enterprise.code})
    if not question.demo:
        rows = rows.filter(**{f"{path}origin": Origin.LIVE})
    if question.facets:
        groups = facets.groups_of(question.enterprise.code, question.facets)
        rows = rows.filter(**{f"{path}group_id__in": groups})
    rows = rows.filter(**{f"{moment}__gte": question.begin, f"{moment}__lt": question.end})
    if not question.whole:
        rows = rows.filter(**{f"{team}__in": [team.pk for team in question.teams]})
    if question.slot is not None:
        hours = (
            Q(**{f"{moment}__gte": begin, f"{moment}__lt": end}) for begin, end in question.slots
        )
        rows = rows.filter(any_of(hours))
    return rows


def is_in(one: CountedReception | CountedMessages, moment: datetime, question: Question) -> bool:
    """The same, of what is in memory; `moment` is when it counts."""
    if not (question.begin <= moment < question.end and question.is_slot(moment)):
        return False
    if packs.is_demo(one) and not question.demo:
        return False
    return question.whole or one.team_id in {team.pk for team in question.teams}
