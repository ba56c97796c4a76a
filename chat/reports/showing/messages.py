"""The rows that the numbers of messages count: one for each message.

The tables have numbers by conversation and quarter of an hour; the messages themselves are read
from the conversation.
"""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from chat.models import Conversation, CountedMessages, GroupMessage, any_of
from chat.protocol import cursors
from chat.reports.counting.story import Said, quarter_of, writer

from . import facts
from .facts import Shown
from .news import News
from .question import REMOVED, Question

AT_LEAST = 50
"""Numbers read at a time: more than one conversation has in a quarter of an hour."""
END = 2**31 - 1
"""A number behind all messages of a conversation."""


class MessageRows:
    def __init__(self, question: Question, metric: str, news: News, now: datetime):
        self.question = question
        self.incoming = metric == "messages_in"
        self.shown = Shown(question.enterprise)
        self.teams = {team.pk: team.slug for team in question.teams}
        self.changed = {one.pk: one for one in news.receptions if one.pk}
        rows = facts.of_period(CountedMessages.objects.all(), question, "quarter", "team")
        self.stored = self.credited(rows)
        self.newer = [
            one
            for one in news.messages
            if facts.is_in(one, one.quarter, question) and self.is_credited(one)
        ]

    def credited(self, rows: QuerySet) -> QuerySet:
        who = self.question.member
        if self.incoming:
            return rows.filter(member="") if who is None else rows.none()
        rows = rows.exclude(member="")
        if who is None:
            return rows
        if who == REMOVED:
            return rows.exclude(member__in=list(self.shown.accounts))
        return rows.filter(member=who)

    def is_credited(self, one: CountedMessages) -> bool:
        """The same, of one in memory."""
        if self.incoming == bool(one.member):
            return False
        return self.question.member in (None, self.shown.key(one.member))

    def count(self) -> int:
        stored = self.stored.aggregate(n=Sum("n"))["n"] or 0
        return stored + sum(one.n for one in self.newer)

    def after(self, place: list | None, limit: int) -> list[tuple[CountedMessages, Said]]:
        """The next messages after a place, in order, each with the number that counts it."""
        found: list[tuple[CountedMessages, Said]] = []
        while len(found) < limit:
            buckets = self.buckets(place, max(limit - len(found), AT_LEAST))
            if not buckets:
                break
            found += self.messages(buckets, place)
            place = [*max(buckets), END]
        return found[:limit]

    def buckets(self, place: list | None, most: int) -> dict[tuple[str, str], list]:
        """The next numbers from a place on, by quarter and conversation."""
        stored, newer = self.stored, self.newer
        if place is not None:
            at, group, seq = cursors.checked(place, str, str, int)
            at, onward = cursors.parse_moment(at), "gt" if seq == END else "gte"
            stored = stored.filter(
                Q(quarter__gt=at) | Q(quarter=at, **{f"group_id__{onward}": group})
            )
            begun = place[0], group
            newer = [
                one for one in newer if key_of(one) > begun or (key_of(one) == begun and seq < END)
            ]
        rows = list(stored.select_related("reception").order_by("quarter", "group_id")[: most + 1])
        cut = key_of(rows[-1]) if len(rows) > most else None
        found = defaultdict(list)
        for one in [*rows, *newer]:
            # Of the last conversation there may be further numbers in the table.
            if cut is None or key_of(one) < cut:
                found[key_of(one)].append(one)
        return found

    def messages(self, buckets: dict, place: list | None) -> list[tuple[CountedMessages, Said]]:
        """The messages that these numbers count, those after the place."""
        groups = {group for _quarter, group in buckets}
        visitors = dict(
            Conversation.objects.filter(uuid__in=groups).values_list("uuid", "visitor_id")
        )
        ranges = []
        for (_quarter, group), counted in buckets.items():
            first, last = min(x.first_seq for x in counted), max(x.last_seq for x in counted)
            ranges.append(Q(group_id=group, seq__range=(first, last)))
        found = []
        rows = GroupMessage.objects.filter(any_of(ranges)).values_list(
            *("group_id", "seq", "sender", "message_type", "created_at", "data")
        )
        for group, *said, data in rows:
            row = Said(*said, data or {})
            key = cursors.moment(quarter_of(row.at)), group
            if place is not None and [*key, row.seq] <= place:
                continue
            who = writer(row, visitors.get(group, ""))
            for one in buckets.get(key, ()):
                if one.member == who and one.first_seq <= row.seq <= one.last_seq:
                    found.append((one, row))
                    break
        return sorted(found, key=self.place)

    def place(self, found: tuple[CountedMessages, Said]) -> list:
        one, row = found
        return [*key_of(one), row.seq]

    def shaped(self, found: tuple[CountedMessages, Said]) -> dict:
        one, row = found
        reception = self.changed.get(one.reception_id, one.reception)
        member = self.shown.accounts.get(one.member) if self.question.names else None
        return {
            "group": one.group_id,
            "team": self.teams.get(one.team_id),
            "member": member,
            "opened_at": reception.opened_at if reception else None,
            "closed_at": reception.closed_at if reception else None,
            "created_at": row.at,
            "seq": row.seq,
        }


def key_of(one: CountedMessages) -> tuple[str, str]:
    return cursors.moment(one.quarter), one.group_id
