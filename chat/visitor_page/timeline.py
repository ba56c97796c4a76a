"""All conversations of a customer's visitors in one line of time: their receptions, newest first.

A reception has no numbers of rows. Which messages are its own is read from what reports have
counted, by its times; of a conversation's newest one, which may not be counted yet, from the
conversation.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import Member
from chat.archive.pages_of_rows import Place
from chat.ledger.threads import MESSAGE, NOTE
from chat.models import Conversation, CountedMessages, GroupMessage, Reception, theirs
from chat.protocol.fields import MAX_SEQ
from chat.reading.last_rows import excerpt, last_rows
from chat.reports.counting.story import QUARTER
from chat.templatetags.chat import reason

SIZE = 20
"""Receptions of a page."""
MOST_NAMES = 3
"""Members that a reception names."""
FOUND = 200
"""Messages with the words of a search that are looked at, the newest."""
LOOKED_AT = 3
"""Messages of a reception among which its last one is. Its last quarter of an hour may have some of
the next one, too: the visitor's, and those of a member or two."""


@dataclass(slots=True)
class Entry:
    reception: Reception
    row: Conversation
    newest: bool
    """Whether the conversation's state, tags and topic are of this reception."""
    people: list[Member]
    """Who served: who holds the claim, who wrote, who closed; at most MOST_NAMES."""
    last: dict | None
    """The last message, as in an inbox row."""

    @property
    def visitor(self) -> str:
        return self.row.visitor_id

    @property
    def state(self) -> str:
        return self.row.state if self.newest else "closed"

    @property
    def reply(self) -> float | None:
        """Seconds until the first reply; None while there is none."""
        one = self.reception
        if one.first_reply_at is None:
            return None
        return max((one.first_reply_at - (one.handed_at or one.opened_at)).total_seconds(), 0.0)

    @property
    def ended(self) -> str:
        """Why it was closed; "" where nobody said."""
        return reason({"reason": self.reception.reason, "closed_name": self.reception.closed_by})


def read(
    code: str, talks: Iterable[Conversation], cursor: str | None, team: str = "", q: str = ""
) -> dict:
    """A page of the receptions of these conversations of the enterprise with this code: its
    `entries`; `more`, the cursor of the next one; and how many there are in all (`count`), or None
    where there are more pages. `team` (a slug) has those of one team alone, `q` those in which
    every word of it was written. Raises `Refused` for a cursor that no page gave out."""
    place = Place.parse(cursor)
    groups = [one.uuid for one in talks if team in ("", one.team.slug)]
    found = list(receptions(code, groups, q).filter(older_than(place))[: SIZE + 1])
    shown = found[:SIZE]
    last = shown[-1] if len(found) > SIZE else None
    return {
        "entries": entries(code, shown),
        "more": Place(last.opened_at, last.pk).written() if last else None,
        "count": None if place or last else len(found),
        "began": place.at if place else None,
    }


def receptions(code: str, groups: list[str], q: str = "") -> QuerySet[Reception]:
    own = theirs(code)
    rows = Reception.objects.filter(own, group_id__in=groups)
    if q:
        rows = rows.filter(pk__in=having(rows, own, q.split()))
    return rows.order_by("-opened_at", "-pk")


def having(rows: QuerySet[Reception], own: Exact, words: list[str]) -> list[int]:
    """The ids of those of these receptions in which a message or note has all these words, by the
    newest FOUND of such messages."""
    known = defaultdict(list)
    times = rows.order_by("opened_at", "pk").values_list("pk", "group_id", "opened_at")
    for pk, group, at in times:
        known[group].append((at, pk))
    said = GroupMessage.objects.filter(own, group_id__in=known, message_type__in=(MESSAGE, NOTE))
    for word in words:
        said = said.filter(message_content__icontains=word)
    found = set()
    for group, at in said.order_by("-pk").values_list("group_id", "created_at")[:FOUND]:
        place = bisect_right(known[group], (at, MAX_SEQ)) - 1
        found.add(known[group][max(place, 0)][1])
    return list(found)


def older_than(place: Place | None) -> Q:
    if place is None:
        return Q()
    return Q(opened_at__lt=place.at) | Q(opened_at=place.at, pk__lt=place.number)


def entries(code: str, shown: list[Reception]) -> list[Entry]:
    groups = {one.group_id for one in shown}
    whole = Conversation.objects.whole().filter(theirs(code), uuid__in=groups)
    known = {row.uuid: row for row in whole.prefetch_related("team")}
    shown = [one for one in shown if one.group_id in known]
    newest = {row.reception_id: row for row in known.values()}
    written = written_in(code, shown)
    current = last_rows([newest[one.pk] for one in shown if one.pk in newest], False)
    said = last_said(code, [one for one in shown if one.pk not in newest], written)
    said |= {one.pk: current.get(one.group_id) for one in shown if one.pk in newest}
    people = {}
    for one in shown:
        row = newest.get(one.pk)
        holder = (row.claimed_by or row.last_held_by) if row else ""
        people[one.pk] = [holder, *(each.member for each in written[one.pk]), one.closed_by]
    wanted = {who for some in people.values() for who in some}
    members = Member.objects.faces().filter(uuid__in=wanted, enterprise__code=code)
    faces = {who.uuid: who for who in members}
    return [
        Entry(
            one,
            known[one.group_id],
            one.pk in newest,
            [faces[who] for who in dict.fromkeys(people[one.pk]) if who in faces][:MOST_NAMES],
            excerpt(row) if (row := said[one.pk]) else None,
        )
        for one in shown
    ]


def written_in(code: str, shown: list[Reception]) -> dict[int, list[CountedMessages]]:
    """Who wrote in each reception, and up to which number, the last ones first."""
    if not shown:
        return {}
    ends = {one.pk: one.closed_at or timezone.now() for one in shown}
    rows = CountedMessages.objects.filter(
        theirs(code),
        group_id__in={one.group_id for one in shown},
        quarter__gt=min(one.opened_at for one in shown) - QUARTER,
        quarter__lte=max(ends.values()),
    )
    found = defaultdict(list)
    for row in rows.order_by("-last_seq"):
        found[row.group_id].append(row)
    return {
        one.pk: [
            row
            for row in found[one.group_id]
            if one.opened_at - QUARTER < row.quarter <= ends[one.pk]
        ]
        for one in shown
    }


def last_said(
    code: str, shown: list[Reception], written: dict[int, list[CountedMessages]]
) -> dict[int, GroupMessage | None]:
    """The last message of each of these receptions; None where it is not known."""
    wanted = {one.pk: {row.last_seq for row in written[one.pk][:LOOKED_AT]} for one in shown}
    # More than these, where several conversations have such numbers: a condition for each of them
    # takes Django longer.
    rows = GroupMessage.objects.filter(
        theirs(code),
        group_id__in={one.group_id for one in shown},
        seq__in=set().union(*wanted.values()),
    )
    found = {(row.group_id, row.seq): row for row in rows}
    last = {}
    for one in shown:
        known = [found.get((one.group_id, seq)) for seq in sorted(wanted[one.pk], reverse=True)]
        end = one.closed_at or timezone.now()
        within = [row for row in known if row and one.opened_at <= row.created_at <= end]
        last[one.pk] = within[0] if within else None
    return last
