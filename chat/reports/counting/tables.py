"""Keeps in tables what reports count, behind the chat: by the background of each process, by
`manage.py rollup`, and before rows are emptied.

What stands in the tables of a conversation and its `counted_seq` are written in one transaction, so
a process may be killed anywhere and several may count at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import orjson
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone as times

from accounts.hours import Calendar
from accounts.models import Team
from chat import sweeps
from chat.models import (
    Conversation,
    CountedMessages,
    CountedReception,
    CountedReply,
    GroupMessage,
    Origin,
    any_of,
    theirs,
)
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice
from chat.stream import notes

from . import packs
from .states import State
from .story import Said, Story

BATCH = 50
"""Conversations counted in one transaction."""
MOST = 1_000
"""Conversations that one run of the background counts, so that other tasks are not late."""
IN_A_ROW = 3
"""Failures in a row after which a run ends: the cause is then hardly in the conversations, and each
attempt may have waited for a lock."""
MOST_NEW, MOST_ROWS = 5_000, 100_000
"""Conversations, and rows of them, that a report counts in memory: some seconds' work."""
CHANGING = (
    *("replied_at", "replied_by", "reply_worked", "closed_at", "resolution_worked"),
    *("holder", "members", "score"),
)
"""The columns of a counted reception that later rows change."""


def count() -> None:
    """Counts what is not in the tables yet. Several processes may do so at once."""
    waiting = Conversation.objects.filter(uncounted=1).order_by("ent_id", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:MOST])
    for some in sweeps.parts(ids, BATCH):
        if not sweeps.run_step(count_some, f"from {some[0]}", some):
            count_each(some)
    packs.pack_days(times.now())


def count_each(ids: list[int]) -> None:
    """Counts one by one, so that one which cannot be counted keeps no other from it."""
    failed = 0
    for each in ids:
        failed = 0 if sweeps.run_step(count_some, str(each), [each]) else failed + 1
        if failed == IN_A_ROW:
            return


def count_some(_key: str, ids: list[int]) -> bool:
    rows = list(Conversation.objects.filter(pk__in=ids, uncounted=1))
    told = stories(rows)
    with transaction.atomic():
        unchanged = lock(rows)
        write([story for story in told if story.group in unchanged])
    return True


def lock(rows: list[Conversation]) -> set[str]:
    """Locks conversations that were read, and returns those that nobody has counted meanwhile, nor
    put into quarantine, and that are the same visitor's: what another has written was read as an
    agent's. Those that are being written are left for the next time: who waited for one of them
    would keep the others from being written."""
    unlocked = Conversation.objects.select_for_update(skip_locked=True)
    known = {row.uuid: (row.counted_seq, row.visitor_id) for row in rows}
    free = unlocked.filter(pk__in=[row.pk for row in rows], quarantined_for="")
    found = free.values_list("uuid", "counted_seq", "visitor_id")
    return {group for group, *now in found if known[group] == tuple(now)}


def settle(groups: list[str]) -> None:
    """Counts conversations whose rows are about to be emptied, in the caller's transaction, which
    has locked them. What is in quarantine will not be counted."""
    quarantined = Conversation.objects.filter(uuid__in=groups).exclude(quarantined_for="")
    quarantined.update(counted_seq=F("last_seq"))
    catch_up(groups)


def catch_up(groups: list[str]) -> dict[str, Story]:
    """Counts conversations to their last row, in the caller's transaction, which has locked them;
    those in quarantine, too. Returns how they stand, by group."""
    told = stories(list(Conversation.objects.filter(uuid__in=groups)))
    write([story for story in told if story.seq > story.since])
    return {story.group: replace(story, receptions=[], replies=[], messages={}) for story in told}


def merge(story: Story, added: Story, offset: int) -> None:
    """What was counted of the conversation `added` is counted of that of `story` from now on, whose
    rows its rows follow under numbers that are greater by `offset`. Both stand as `catch_up` has
    said, and are locked by the caller's transaction."""
    own = theirs(story.ent_id)
    messages = CountedMessages.objects.filter(own, group_id=added.group)
    numbers = {"first_seq": F("first_seq") + offset, "last_seq": F("last_seq") + offset}
    messages.update(group_id=story.group, **numbers)
    receptions = CountedReception.objects.filter(own, group_id=added.group)
    receptions.update(group_id=story.group, first_seq=F("first_seq") + offset)
    story.seq = offset + added.seq
    story.former = story.state, story.current
    story.state, story.current = added.state, added.current
    story.join(story.seq)
    write([story])


def rebuild() -> int:
    """Counts everything anew, and returns how many conversations. What was emptied cannot be read
    again: what stands in the tables of such a conversation stays, and is only continued."""
    done, last = 0, 0
    while rows := list(Conversation.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        with transaction.atomic():
            known = Conversation.objects.filter(pk__in=[row.pk for row in rows])
            locked = known.select_for_update().order_by("uuid")
            groups = whole_ones([row.uuid for row in locked])
            whole = known.filter(uuid__in=groups)
            forget(groups)
            whole.update(counted_seq=0, counting=None)
            write(stories(list(whole.filter(uncounted=1))))
        count_some("", [row.pk for row in rows])
        done += len(rows)
    return done


def whole_ones(groups: list[str]) -> list[str]:
    """Those of which no row was emptied. Rows that joined from another conversation may be emptied
    while those before them are not."""
    rows = GroupMessage.objects.filter(group_id__in=groups, data__event=Notice.ERASED)
    emptied = set(rows.values_list("group_id", flat=True).distinct())
    return [group for group in groups if group not in emptied]


def forget(groups: list[str]) -> None:
    """Takes conversations out of the tables."""
    messages = CountedMessages.objects.filter(group_id__in=groups)
    receptions = CountedReception.objects.filter(group_id__in=groups)
    moments = [*messages.values_list("ent_id", "quarter")]
    moments += receptions.values_list("ent_id", "opened_at")
    packs.changed(utc_days(moments))
    messages.delete()
    for part in sweeps.parts(list(receptions.values_list("pk", flat=True)), BATCH):
        CountedReply.objects.filter(reception__in=part).delete()
        CountedReception.objects.filter(pk__in=part).delete()


def utc_days(moments: Iterable[tuple[str, datetime]]) -> set[tuple[str, date]]:
    """The days of moments, each with the code of its enterprise."""
    return {(code, at.astimezone(timezone.utc).date()) for code, at in moments}


def uncounted(ent_id: str) -> list[Story]:
    """What is not in the tables yet of an enterprise, counted in memory. Raises `Refused` where
    that is too much."""
    rows = list(Conversation.objects.filter(uncounted=1, ent_id=ent_id)[: MOST_NEW + 1])
    if len(rows) > MOST_NEW or sum(row.last_seq - row.counted_seq for row in rows) > MOST_ROWS:
        raise Refused("unavailable", "Very much is still to be counted: run manage.py rollup.")
    return stories(rows)


def are_uncounted(told: list[Story]) -> bool:
    """Whether none of these has been counted since they were told."""
    for part in sweeps.parts(told, 500):
        seqs = {story.conversation: story.since for story in part}
        found = Conversation.objects.filter(pk__in=seqs).values_list("pk", "counted_seq")
        if dict(found) != seqs:
            return False
    return True


def team_removed(team: Team) -> None:
    """What was counted of a team that is being removed will be no team's."""
    moments = [*CountedReception.objects.filter(team=team).values_list("ent_id", "opened_at")]
    moments += CountedMessages.objects.filter(team=team).values_list("ent_id", "quarter")
    packs.changed(utc_days(moments))


def stories(rows: list[Conversation]) -> list[Story]:
    """The stories of conversations, from where they were counted on."""
    teams = Teams({row.ent_id for row in rows})
    known = {row.counting["reception"] for row in rows if row.counting} - {None}
    current: dict[int | None, CountedReception] = {}
    codes = {row.ent_id for row in rows}
    for part in sweeps.parts(sorted(known), BATCH):
        current |= CountedReception.objects.filter(ent_id__in=codes).in_bulk(part)
    found = []
    for part in sweeps.parts(rows, BATCH):
        said = read(part)
        for row in part:
            state = State.read(row.counting) if row.counting else State(row.door_id or row.team_id)
            if state.team not in teams.slugs[row.ent_id].values():  # It was removed meanwhile.
                state.team = None
            present = current.get(state.reception)
            if present and present.group_id != row.uuid:
                present = state.reception = None
            story = Story(
                row.ent_id,
                row.uuid,
                row.visitor_id,
                teams.slugs[row.ent_id],
                teams.worked,
                state,
                present,
                row.origin,
                conversation=row.pk,
                since=row.counted_seq,
                seq=row.last_seq,
            )
            found.append(story.tell(said[row.uuid]))
    return found


def read(rows: list[Conversation]) -> dict[str, list[Said]]:
    """The rows that are not counted yet, by group."""
    # Row by row, as the index has them.
    news = any_of(Q(group_id=row.uuid, seq__gt=row.counted_seq) for row in rows)
    found = defaultdict(list)
    codes = {row.uuid: row.ent_id for row in rows}
    columns = "group_id", "ent_id", "seq", "sender", "message_type", "created_at", "data"
    for group, ent_id, seq, sender, kind, at, data in (
        GroupMessage.objects.filter(news).order_by("group_id", "seq").values_list(*columns)
    ):
        if ent_id == codes[group]:
            found[group].append(Said(seq, sender, kind, at, data or {}))
    return found


class Teams:
    """The teams of some enterprises: their ids by slug, and when they work."""

    def __init__(self, codes: set[str]):
        self.slugs: dict[str, dict[str, int]] = defaultdict(dict)
        self.teams: dict[int | None, Calendar] = {}
        teams = Team.objects.filter(enterprise__code__in=codes)
        for team in teams.select_related("enterprise").prefetch_related("former_hours"):
            self.slugs[team.enterprise.code][team.slug] = team.pk
            self.teams[team.pk] = Calendar.of(team)

    def worked(self, team: int | None, begin: datetime, end: datetime) -> timedelta:
        return self.teams.get(team, Calendar(None)).worked(begin, end)


def write(told: list[Story]) -> None:
    """Stores what stories tell, in the caller's transaction, which has locked the
    conversations."""
    if not told:
        return
    write_receptions([one for story in told for one in story.receptions])
    CountedReply.objects.bulk_create([reply for story in told for reply in story.replies])
    write_messages(told)
    packs.changed(days_of(told))
    notes.counted(
        {story.group: (story.ent_id, story.seq) for story in told if story.origin != Origin.DEMO}
    )
    values = []
    for story in told:
        story.state.reception = story.current.pk if story.current else None
        state = orjson.dumps(story.state.stored()).decode()
        values.append((story.seq, state, story.conversation))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE conversation SET counted_seq = %s, counting = %s WHERE id = %s", values
        )


def days_of(told: list[Story]) -> set[tuple[str, date]]:
    """The UTC days whose rows change, with the code of the enterprise."""
    moments = []
    for story in told:
        receptions = [*story.receptions, *(reply.reception for reply in story.replies)]
        moments += [(one.ent_id, one.opened_at) for one in receptions]
        moments += [(one.ent_id, one.quarter) for one in story.messages.values()]
    return utc_days(moments)


def write_receptions(receptions: list[CountedReception]) -> None:
    new = [one for one in receptions if one.pk is None]
    CountedReception.objects.bulk_update([one for one in receptions if one.pk], CHANGING)
    CountedReception.objects.bulk_create(new)
    if any(one.pk is None for one in new):  # MySQL does not tell the ids of what it was given.
        groups = {one.group_id for one in new}
        rows = CountedReception.objects.filter(group_id__in=groups)
        rows = rows.filter(ent_id__in={one.ent_id for one in new})
        ids = {row[1:]: row[0] for row in rows.values_list("pk", "group_id", "first_seq")}
        for one in new:
            one.pk = ids[one.group_id, one.first_seq]


def write_messages(told: list[Story]) -> None:
    """Adds to the numbers of quarters that are stored already, and stores new ones."""
    counted = [(key[-1], one) for story in told for key, one in story.messages.items()]
    if not counted:
        return
    for _joined, one in counted:
        one.reception_id = one.reception.pk if one.reception else None
    groups = {one.group_id for _joined, one in counted}
    since = min(one.quarter for _joined, one in counted)
    codes = {one.ent_id for _joined, one in counted}
    rows = CountedMessages.objects.filter(group_id__in=groups, quarter__gte=since)
    rows = rows.filter(ent_id__in=codes)
    known = {key_of(row): row for row in rows.order_by("first_seq")}
    new, changed = [], {}
    for joined_seq, one in counted:
        row = known.get(key_of(one))
        if row is None or row.first_seq < joined_seq:
            new.append(one)
        else:
            row.n, row.last_seq = row.n + one.n, one.last_seq
            changed[row.pk] = row.n, row.last_seq, row.pk
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE counted_messages SET n = %s, last_seq = %s WHERE id = %s",
            list(changed.values()),
        )
    CountedMessages.objects.bulk_create(new)


def key_of(one: CountedMessages) -> tuple:
    return one.group_id, one.quarter, one.member, one.reception_id
