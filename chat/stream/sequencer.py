"""Gives every event its place in the stream of its enterprise, after its commit.

A conversation's rows have numbers without a gap, which become visible in order. So all that is
committed of it and has no place yet are its rows above `stream_place.seq`. Whoever gives places
holds the lock of the enterprise's `stream_head` until the commit, so places become visible in
order, too. Several processes may do so at once, and be killed anywhere: events, places and head
are written by one transaction.

The conversations are found by an index that the chat path writes already (`uncounted`, for the
reports); whoever marks some as counted notes those that have no place yet (notes.counted).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat import metrics, sweeps
from chat.database import select
from chat.models import (
    Conversation,
    Origin,
    StreamDue,
    StreamEvent,
    StreamHead,
    StreamPlace,
    found_by,
    theirs,
)

from .types import MERGED, QUARANTINED, type_sql

KEPT = timedelta(days=30)
"""How long events are kept in the stream; cursors are good for 14 days by docs/protocol.md."""
BATCH = 40
"""Conversations whose rows get their places in one transaction. With 200, who writes to SQLite
meanwhile waited longer (an acknowledgement's p99 was 29 instead of 22 ms)."""
ROWS = 2_000
"""Rows that get their places in one transaction."""
FOUND, ROUNDS = 1_000, 10
"""Conversations that a query finds, and queries of one look; the next look goes on."""
IN_STREAM = "(c.origin = %s OR p.seq IS NOT NULL)"
"""The condition that a conversation is in the stream; its parameter is Origin.LIVE. Of one that was
imported, importing sets the place behind the rows of its past (leave_out)."""
DELETED = 5_000
"""Events that are deleted in one transaction."""


def look() -> None:
    """Takes in what was committed before."""
    for _ in range(ROUNDS):
        groups = unplaced()
        for ent_id, some in groups.items():
            place_all(ent_id, some)
        if sum(map(len, groups.values())) < FOUND:
            break
    due = defaultdict(list)
    for note in StreamDue.objects.order_by("pk")[:FOUND]:
        due[note.ent_id].append(note)
    for ent_id, notes in due.items():
        for part in sweeps.parts(notes, BATCH):
            sweeps.run_step(take_notes, ent_id, part)


def unplaced() -> dict[str, list[str]]:
    """Groups by enterprise that have rows without a place."""
    found = defaultdict(list)
    rows = select(
        "SELECT c.ent_id, c.uuid FROM conversation c"
        " LEFT JOIN stream_place p ON p.group_id = c.uuid"
        f" WHERE c.uncounted = 1 AND {IN_STREAM} AND COALESCE(p.seq, 0) < c.last_seq"
        f" LIMIT {FOUND}",
        [Origin.LIVE],
    )
    for ent_id, group in rows:
        found[ent_id].append(group)
    return found


def place_all(ent_id: str, groups: list[str]) -> None:
    for some in sweeps.parts(groups, BATCH):
        while sweeps.run_step(place_some, ent_id, some):
            pass


def place_some(ent_id: str, groups: list[str]) -> bool:
    """Gives places to rows of these conversations; whether there may be more."""
    with transaction.atomic():
        return place_rows(lock_head(ent_id), groups)


def take_notes(ent_id: str, notes: list[StreamDue]) -> None:
    """Takes in what was noted, unless another process has. A conversation's note stays until all
    its rows have places."""
    with transaction.atomic():
        head = lock_head(ent_id)
        rows = [note for note in notes if not note.type]
        if not place_rows(head, {note.about for note in rows}):
            StreamDue.objects.filter(pk__in=[note.pk for note in rows]).delete()
        take_events(head, StreamDue.objects.filter(pk__in=[note.pk for note in notes if note.type]))


def take_events(head: StreamHead, notes: QuerySet[StreamDue]) -> None:
    """Gives the next places of the locked head to what these notes tell, but for the demo's."""
    found = list(notes.order_by("pk"))
    if not found:
        return
    about = {note.about for note in found}
    demo = Conversation.objects.filter(theirs(head.ent_id), origin=Origin.DEMO)
    invented = {
        *demo.filter(visitor_id__in=about).values_list("visitor_id", flat=True),
        *demo.filter(uuid__in=about).values_list("uuid", flat=True),
    }
    append(head, [note for note in found if note.about not in invented])
    StreamDue.objects.filter(pk__in=[note.pk for note in found]).delete()


def lock_head(ent_id: str) -> StreamHead:
    """The head of the enterprise's stream, locked until the transaction ends."""
    locked = StreamHead.objects.select_for_update().filter(ent_id=ent_id)
    if (head := locked.first()) is None:
        StreamHead.objects.get_or_create(ent_id=ent_id)
        head = locked.get()
    return head


def place_rows(head: StreamHead, groups: Iterable[str], quarantined: bool = False) -> bool:
    """Gives places to the next rows of these conversations, the head being locked; whether there
    may be more. With `quarantined`, also to those of conversations in quarantine, which have none
    before they are released."""
    spans, room = {}, ROWS
    for group, after, last in unplaced_of(head.ent_id, list(groups), quarantined):
        spans[group] = after, min(last, after + room)
        room -= spans[group][1] - after
        if not room:
            break
    if spans:
        # First, so that a conversation is in quarantine before it is released: whoever finds its
        # rows finds what was noted before.
        noted = StreamDue.objects.filter(ent_id=head.ent_id, type=QUARANTINED)
        take_events(head, noted.filter(about__in=spans))
        append_rows(head, spans)
        set_places({group: last for group, (_after, last) in spans.items()})
    return not room


def unplaced_of(ent_id: str, groups: list[str], quarantined: bool) -> list[tuple[str, int, int]]:
    """Those of these conversations, of this enterprise, that have rows without a place: group, up
    to which seq it has places, and its last seq."""
    if not groups:
        return []
    return select(
        "SELECT c.uuid, COALESCE(p.seq, 0), c.last_seq FROM conversation c"
        " LEFT JOIN stream_place p ON p.group_id = c.uuid"
        f" WHERE c.uuid IN ({','.join(['%s'] * len(groups))}) AND +c.ent_id = %s"
        f" AND {IN_STREAM}"
        " AND COALESCE(p.seq, 0) < c.last_seq"
        + ("" if quarantined else " AND c.quarantined_for = ''"),
        [*groups, ent_id, Origin.LIVE],
    )


def append_rows(head: StreamHead, spans: dict[str, tuple[int, int]]) -> None:
    """Gives the next places of the locked head to the rows of these spans: by group, above one seq
    and up to another. The database does all of it: rows that went through Python cost a tenth of
    what a message costs."""
    type, values = type_sql()
    table = f"group_message{found_by('group_message_seq')}"
    # One by one, as the index has them.
    each = " OR ".join(["(group_id = %s AND seq > %s AND seq <= %s)"] * len(spans))
    values += [value for group, span in spans.items() for value in (group, *span)]
    values.append(head.ent_id)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stream_event (id, type, row_id, visitor, at)"
            " SELECT %s + ROW_NUMBER() OVER (ORDER BY group_id, seq), type, id, '', %s"
            f" FROM (SELECT id, group_id, seq, {type} AS type FROM {table}"
            f" WHERE ({each}) AND +ent_id = %s)"
            " AS found WHERE type IS NOT NULL",
            [head.id_of(head.last), now, *values],
        )
        took(head, cursor.rowcount)


def took(head: StreamHead, places: int) -> None:
    head.last += places
    head.save(update_fields=["last"])
    metrics.STREAM.inc(places)


def append(head: StreamHead, notes: list[StreamDue]) -> None:
    """Gives the next places of the locked head to what was noted, in this order."""
    if not notes:
        return
    first = head.id_of(head.last + 1)
    StreamEvent.objects.bulk_create(
        StreamEvent(
            id=number,
            type=note.type,
            row_id=note.row_id,
            about=note.about,
            why=note.why,
            at=note.at,
        )
        for number, note in enumerate(notes, first)
    )
    took(head, len(notes))


def set_places(seqs: dict[str, int]) -> None:
    renew = "ON CONFLICT (group_id) DO UPDATE SET seq = excluded.seq"
    if connection.vendor == "mysql":
        renew = "ON DUPLICATE KEY UPDATE seq = VALUES(seq)"
    if seqs:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO stream_place (group_id, seq) VALUES (%s, %s) {renew}",
                list(seqs.items()),
            )


def join(ent_id: str, into: str, last: int, added: str, added_last: int) -> None:
    """The rows of the conversation `added` are about to follow those of `into` (groups, and their
    last seqs), in the caller's transaction, which has locked both. Both get their places before, as
    their numbers change, and what was in quarantine is not any more. Those of `added` that have a
    place keep it. Then comes the event that says so."""
    head = lock_head(ent_id)
    for group in (into, added):
        while place_rows(head, [group], quarantined=True):
            pass
    append(head, [StreamDue(type=MERGED, about=added, at=timezone.now())])
    set_places({into: last + added_last})
    StreamPlace.objects.filter(group_id=added).delete()


def skip(groups: Iterable[str]) -> None:
    """Leaves the rows of conversations in quarantine out for good: they are about to be erased, in
    the caller's transaction, which has locked them."""
    found = Conversation.objects.filter(uuid__in=groups).exclude(quarantined_for="")
    set_places(dict(found.values_list("uuid", "last_seq")))


def leave_out(ent_id: str, group: str, before: int, last: int) -> None:
    """The caller's transaction, which has locked the conversation, adds rows that are no events:
    those above the seq `before` up to `last`. What was written before gets its places first."""
    known = StreamPlace.objects.filter(group_id=group).values_list("seq", flat=True).first()
    if known is not None and known < before:
        head = lock_head(ent_id)
        while place_rows(head, [group]):
            pass
    set_places({group: last})


def delete_old(now: datetime | None = None) -> None:
    """Deletes events that are older than the stream keeps them, oldest first."""
    before = (now or timezone.now()) - KEPT
    for head in StreamHead.objects.all():
        while sweeps.run_step(delete_some, head.ent_id, before):
            pass


def delete_some(ent_id: str, before: datetime) -> bool:
    with transaction.atomic():
        head = lock_head(ent_id)
        mine = StreamEvent.objects.filter(id__gt=head.id_of(head.deleted))
        mine = mine.filter(id__lte=head.id_of(head.last)).order_by("id")[:DELETED]
        found = list(mine.values_list("id", "at"))
        old = [id for id, at in found if at < before]
        # The oldest come first; of a visitor's event the time may be a little earlier.
        if not old or found[0][1] >= before:
            return False
        last = max(old)
        StreamEvent.objects.filter(id__gt=head.id_of(0), id__lte=last).delete()
        head.deleted = last - head.id_of(0)
        head.save(update_fields=["deleted"])
        return len(old) == DELETED
