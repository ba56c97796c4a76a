"""The rows that a figure of a report counts, one for each thing, page by page.

They stand in the order in which the receptions began; those of times also the longest first
(longest.py). A cursor is the figure and the place of the last row, so rows that come meanwhile
shift no page. Rows of messages: messages.py.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, NamedTuple

from django.db.models import Q, QuerySet

from chat.models import Conversation, CountedReception, CountedReply, theirs
from chat.protocol import cursors
from chat.protocol.errors import Refused
from chat.reports.counting.story import JOINED_WITHIN
from chat.reports.figures import DURATIONS, METRICS, SECOND

from . import facts, messages
from .facts import Shown, length
from .longest import LongestFirst
from .news import News, read
from .question import REMOVED, Question

MOST, USUAL = 500, 100
"""Rows on a page."""
NEWER = 2**62
"""Above the keys of stored rows, for those that have none yet."""
CREDITED = {
    "first_reply": "replied_by",
    "next_reply": "replied_by",
    "resolution": "holder",
    "rating": "holder",
}
"""The column that says to whom a figure is credited."""
COUNTS = {
    "receptions": Q(),
    "unanswered": Q(replied_at=None),
    "first_reply": Q(replied_at__isnull=False),
    "resolution": Q(closed_at__isnull=False),
    "rating": Q(score__isnull=False),
}
"""Which receptions a figure counts."""


class Page(NamedTuple):
    rows: list[dict]
    n: int
    """How many rows all pages have."""
    cursor: str | None
    """That of the next page, None at the end."""


def page(question: Question, fields, now: datetime) -> Page:
    """The page that an address asks for. Raises `Refused` for a wrong field."""
    metric = metric_of(fields)
    kind = kind_of(metric, fields.get("sort"))
    limit = limit_of(fields.get("limit") or str(USUAL))
    cursor = fields.get("cursor")
    return read([question], lambda news: rows_of(kind, question, metric, news, now, cursor, limit))


def metric_of(fields) -> str:
    metric = fields.get("metric")
    if metric not in METRICS:
        raise Refused("bad_field", f"metric is one of {', '.join(METRICS)}.", field="metric")
    return metric


def kind_of(metric: str, sort: str | None = None):
    """The class of a figure's rows, in the order that was asked for."""
    if not sort:
        return messages.MessageRows if metric.startswith("messages_") else KINDS[metric]
    if sort != "longest" or metric not in DURATIONS:
        raise Refused("bad_field", "sort is longest, and only of times.", field="sort")
    return LongestReplies if metric == "next_reply" else LongestReceptions


def limit_of(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise Refused("bad_field", f"limit is 1 to {MOST}.", field="limit")
    return int(text)


def longest(question: Question, metric: str, now: datetime) -> float | None:
    """The longest of the times, in seconds; None without one."""
    found = page(question, {"metric": metric, "sort": "longest", "limit": "1"}, now).rows
    return found[0]["seconds"] if found else None


def rows_of(
    kind, question: Question, metric: str, news: News, now: datetime, cursor: str | None, limit: int
) -> Page:
    place = cursors.parse(cursor)
    if place is not None and place[:1] != [metric]:
        raise cursors.wrong()
    rows = kind(question, metric, news, now)
    found = rows.after(place and place[1:], limit + 1)
    shown = [rows.shaped(one) for one in found[:limit]]
    if len(found) <= limit:
        return Page(shown, rows.count(), None)
    return Page(shown, rows.count(), cursors.write([metric, *rows.place(found[limit - 1])]))


class ReceptionRows:
    """Receptions, as one of the figures of COUNTS counts them."""

    def __init__(self, question: Question, metric: str, news: News, now: datetime):
        self.question = question
        self.metric = metric
        self.now = now
        self.shown = Shown(question.enterprise)
        self.teams = {team.pk: team.slug for team in question.teams}
        self.find(news)

    def find(self, news: News) -> None:
        question, metric = self.question, self.metric
        rows = facts.of_period(CountedReception.objects.all(), question, "opened_at", "team")
        self.stored = self.credited(rows.filter(COUNTS[metric]).exclude(pk__in=news.replaced))
        self.newer = [
            one
            for one in news.receptions
            if facts.is_in(one, one.opened_at, question) and self.counts(one)
        ]

    def credited(self, rows: QuerySet) -> QuerySet:
        """Those that count for the member who is asked for."""
        who = self.question.member
        if who is None:
            return rows
        if self.metric not in CREDITED:
            return rows.filter(members__icontains=f'"{who}"') if who != REMOVED else rows
        column = CREDITED[self.metric]
        if who == REMOVED:
            return rows.exclude(**{f"{column}__in": ["", *self.shown.accounts]})
        return rows.filter(**{column: who})

    def counts(self, one: CountedReception) -> bool:
        """The same, of one in memory."""
        facts_of_it = {
            "unanswered": one.replied_at is None,
            "first_reply": one.replied_at is not None,
            "resolution": one.closed_at is not None,
            "rating": one.score is not None,
        }
        return facts_of_it.get(self.metric, True) and self.is_credited(one)

    def is_credited(self, one: CountedReception | CountedReply) -> bool:
        who = self.question.member
        if who is None:
            return True
        if self.metric in CREDITED:
            return self.shown.key(getattr(one, CREDITED[self.metric])) == who
        return who in {self.shown.key(member) for member in one.members}

    def count(self) -> int:
        if self.question.member == REMOVED and self.metric not in CREDITED:
            return sum(map(self.is_credited, self.stored)) + len(self.newer)
        return self.stored.count() + len(self.newer)

    def after(self, place: list | None, limit: int) -> list:
        """The next rows after a place, in order."""
        stored = self.stored if place is None else self.stored.filter(self.beyond(place))
        newer = [one for one in self.newer if place is None or self.place(one) > place]
        found = self.take(stored.order_by(*self.ORDER), limit)
        return sorted([*found, *newer], key=self.place)[:limit]

    def take(self, stored: QuerySet, limit: int) -> list:
        if self.question.member == REMOVED and self.metric not in CREDITED:
            return [one for one in stored if self.is_credited(one)][:limit]
        return list(stored[:limit])

    ORDER: tuple[str, ...] = "opened_at", "group_id", "first_seq"

    def place(self, one: CountedReception) -> list:
        return [cursors.moment(one.opened_at), one.group_id, one.first_seq]

    def beyond(self, place: list) -> Q:
        at, group, seq = cursors.checked(place, str, str, int)
        at = cursors.parse_moment(at)
        return Q(opened_at__gt=at) | Q(opened_at=at) & self.behind(group, seq)

    def behind(self, group: str, seq: int) -> Q:
        """Of what is equal otherwise, what stands after a place."""
        return Q(group_id__gt=group) | Q(group_id=group, first_seq__gt=seq)

    def shaped(self, one: CountedReception) -> dict:
        row = self.about(one, self.member(one))
        if self.metric in DURATIONS:
            row["seconds"] = self.length(one) / SECOND
        if self.metric == "resolution":
            row["provisional"] = self.now < one.closed_at + JOINED_WITHIN
        if self.metric == "rating":
            row["score"] = one.score
        return row

    def about(self, one: CountedReception, member: str | None) -> dict:
        return {
            "group": one.group_id,
            "team": self.teams.get(one.team_id),
            "member": member,
            "opened_at": one.opened_at,
            "closed_at": one.closed_at,
        }

    def member(self, one: CountedReception) -> str | None:
        """The account that it is credited to. Receptions count for all who wrote: then it is the
        member who is asked for."""
        if self.metric in CREDITED:
            return self.account(getattr(one, CREDITED[self.metric]))
        return self.account(self.question.member or "")

    def account(self, who: str) -> str | None:
        return self.shown.accounts.get(who) if self.question.names else None

    def length(self, one: CountedReception) -> int:
        first = self.metric == "first_reply"
        end, worked = (
            (one.replied_at, one.reply_worked) if first else (one.closed_at, one.resolution_worked)
        )
        return length(one.opened_at, end, worked, self.question)


class ReplyRows(ReceptionRows):
    """Next replies."""

    def find(self, news: News) -> None:
        question, path = self.question, "reception__"
        rows = CountedReply.objects.select_related("reception")
        rows = facts.of_period(rows, question, f"{path}opened_at", f"{path}team", path)
        self.stored = self.credited(rows)
        self.changed = {one.pk: one for one in news.receptions if one.pk}
        self.newer = [
            one
            for one in news.replies
            if facts.is_in(one.reception, one.reception.opened_at, question)
            and self.is_credited(one)
        ]
        self.keys = {id(one): n for n, one in enumerate(self.newer, NEWER)}

    ORDER = "reception__opened_at", "reception__group_id", "asked_at", "pk"

    def place(self, one: CountedReply) -> list:
        reception, key = one.reception, one.pk or self.keys[id(one)]
        at = cursors.moment(reception.opened_at)
        return [at, reception.group_id, cursors.moment(one.asked_at), key]

    def beyond(self, place: list) -> Q:
        at, *same = cursors.checked(place, str, str, str, int)
        at = cursors.parse_moment(at)
        return Q(reception__opened_at__gt=at) | Q(reception__opened_at=at) & self.behind(*same)

    def behind(self, group: str, asked: str, key: int) -> Q:
        at = cursors.parse_moment(asked)
        later = Q(asked_at__gt=at) | Q(asked_at=at, pk__gt=key)
        return Q(reception__group_id__gt=group) | Q(reception__group_id=group) & later

    def shaped(self, one: CountedReply) -> dict:
        reception = self.changed.get(one.reception_id, one.reception)
        row = self.about(reception, self.account(one.replied_by))
        return row | {"asked_at": one.asked_at, "seconds": self.length(one) / SECOND}

    def length(self, one: CountedReply) -> int:
        return length(one.asked_at, one.replied_at, one.worked, self.question)


class LongestReceptions(LongestFirst, ReceptionRows):
    """First replies or resolutions."""

    TIMES: ClassVar = {
        "first_reply": ("opened_at", "replied_at", "reply_worked"),
        "resolution": ("opened_at", "closed_at", "resolution_worked"),
    }
    ORDER = "-lasts", "group_id", "first_seq"
    PLACE = str, str, int


class LongestReplies(LongestFirst, ReplyRows):
    TIMES: ClassVar = {"next_reply": ("asked_at", "replied_at", "worked")}
    ORDER = "-lasts", "reception__group_id", "asked_at", "pk"
    PLACE = str, str, str, int


KINDS = dict.fromkeys(COUNTS, ReceptionRows) | {"next_reply": ReplyRows}


COLUMNS = "group", "team", "member", "opened_at", "closed_at"
"""What each row has; further columns follow."""
MORE = {
    "messages_in": ("created_at", "seq"),
    "messages_out": ("created_at", "seq"),
    "first_reply": ("seconds",),
    "next_reply": ("asked_at", "seconds"),
    "resolution": ("seconds", "provisional"),
    "rating": ("score",),
}


def columns(metric: str) -> list[str]:
    """The keys of the rows of a figure in a file."""
    return [*COLUMNS, *MORE.get(metric, ()), "channel"]


def everything(question: Question, metric: str, now: datetime) -> Iterator[dict]:
    """All rows, for a file."""
    kind, cursor, more = kind_of(metric), None, True
    while more:
        found = read(
            [question],
            lambda news, cursor=cursor: rows_of(kind, question, metric, news, now, cursor, 2_000),
        )
        yield from with_channels(question, found.rows)
        cursor, more = found.cursor, found.cursor is not None


def with_channels(question: Question, rows: list[dict]) -> list[dict]:
    """The rows with the kind of the channel of their conversation, "" for the page."""
    groups = {row["group"] for row in rows}
    found = Conversation.objects.filter(theirs(question.enterprise.code), uuid__in=groups)
    kinds = dict(found.values_list("uuid", "channel"))
    return [row | {"channel": kinds.get(row["group"], "")} for row in rows]
