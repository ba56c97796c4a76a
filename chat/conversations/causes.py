"""Notes what somebody is to be notified of, in the transaction that makes it so or ends it.

Where an enterprise has no device and no robot this costs a look into a set. chat/notifications/
sends what is noted here.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet, Value

from chat.ledger.threads import NOTICES, Row, Thread
from chat.models import Notification, PushDevice, Robot, theirs
from chat.protocol.notices import BY_MEMBER, Notice

from .targets import stored_since

Kind = Notification.Kind
STEADY = timedelta(minutes=2)
"""How long something has to be broken until it is told: one lost connection is nothing."""
PUSHED = Kind.WAITING, Kind.OFFER, Kind.MENTION
"""What devices are sent."""
TOLD = Kind.LATE, Kind.WANTED, Kind.LEADER, Kind.RATED, Kind.BROKEN
"""What robots are sent."""
LOW = 2
"""Stars of 5 up to which a rating is low."""
OF_A_WAIT = {"waiting_since", "claimed_by", "open", "snoozed_until", "team"}
"""The facts of a conversation that begin a wait, end one, or give it to others."""

with_devices: set[str] = set()
with_robots: set[str] = set()
"""The enterprises (codes) that have any, as far as this process knows."""


class State:
    """`unread`: this process serves, and has not read yet who has any."""

    unread = False


def look() -> None:
    """Reads which enterprises have devices or robots, in one statement: it is asked each second."""
    devices = PushDevice.objects.order_by().values_list("ent_id", Value(0)).distinct()
    robots = Robot.objects.filter(active=True).values_list("ent_id", Value(1)).distinct()
    before = set(with_devices), set(with_robots)
    found = list(devices.union(robots))
    for number, known in enumerate((with_devices, with_robots)):
        now = {ent_id for ent_id, of in found if of == number}
        # One that was added meanwhile by who added a device or a robot stays.
        known.difference_update(before[number] - now)
        known.update(now)
    State.unread = False


def settle(threads: Iterable[Thread], now: datetime) -> None:
    """What a change of these locked conversations is the cause of; before they are written."""
    if State.unread:
        look()
    for thread in threads:
        found: list[Notification] = []
        if thread.ent_id in with_devices:
            found += [*wait_of(thread, now), *offer_of(thread, now), *mentions_of(thread, now)]
        if thread.ent_id in with_robots:
            found += told_by(thread, now)
        if found:
            Notification.objects.bulk_create(found, ignore_conflicts=True)


def wait_of(thread: Thread, now: datetime) -> list[Notification]:
    """That a visitor waits: for the holder, or for whoever comes first. Ends what was noted of a
    former wait, holder or team.

    The `cause` is when the wait began, and behind a # what was noted before in this conversation:
    so one that came back, after a claim was given up, is another one."""
    if thread.merged_into:
        for kind in PUSHED:
            end(thread, now, kind=kind)
        return []
    if not OF_A_WAIT & thread.facts.keys() and not (
        thread.was_cleared or thread.quarantine_began or thread.quarantine_ended
    ):
        return []
    last = of_kind(thread, Kind.WAITING).order_by("-pk").first()
    new_one = None
    if thread.open and thread.waiting and not thread.snoozed and not thread.quarantined:
        since = thread.facts.get("waiting_since") or stored_since(thread)
        cause = f"{since.isoformat()}#{last.pk if last else 0}"
        new_one = new(thread, Kind.WAITING, cause, now, who=thread.claimed_by)
    if last and last.ended_at is None:
        if new_one and is_same(last, new_one):
            return []
        end(thread, now, kind=Kind.WAITING)
    return [new_one] if new_one else []


def is_same(one: Notification, other: Notification) -> bool:
    """Whether two are of one wait, for the same people."""
    same = one.team_id == other.team_id and one.who == other.who
    return same and origin_of(one) == origin_of(other)


def origin_of(one: Notification) -> str:
    """When the wait began that it is of, or the seq of the note."""
    return one.cause.partition("#")[0]


def offer_of(thread: Thread, now: datetime) -> list[Notification]:
    """That it is offered to a member."""
    columns = thread.columns or {}
    if "offered_to" not in columns:
        return []
    end(thread, now, kind=Kind.OFFER)
    who, until = columns["offered_to"], columns["offered_until"]
    return [new(thread, Kind.OFFER, until.isoformat(), now, who=who)] if who else []


def mentions_of(thread: Thread, now: datetime) -> list[Notification]:
    """That notes call members; the `cause` is a note's seq, and behind a # when that was: a note
    calls again where a later one was recalled."""
    found = []
    for who, seq in thread.mentioned.items():
        end(thread, now, kind=Kind.MENTION, who=who)
        if seq:
            found.append(new(thread, Kind.MENTION, f"{seq}#{thread.last_seq}", now, who=who))
    end_what_is_read(thread, now)
    return found


def end_what_is_read(thread: Thread, now: datetime) -> None:
    """Ends the mentions of members whose cursor has reached them."""
    read = {who: seat.read_seq for who, seat in thread.seats.items() if seat.moved}
    if not read.keys() - {thread.visitor}:
        return
    open_ones = of_kind(thread, Kind.MENTION).filter(who__in=read, ended_at=None)
    over = [one.pk for one in open_ones if int(origin_of(one)) <= read[one.who]]
    if over:
        Notification.objects.filter(pk__in=over).update(ended_at=now, due_at=now)


def told_by(thread: Thread, now: datetime) -> list[Notification]:
    """What robots hear of: of the ladder of a wait, of a person who is wanted, of low ratings."""
    found = []
    for row in thread.rows:
        kind = kind_of(row) if row.kind in NOTICES else None
        if kind is not None:
            # A rating is said once, however often its visitor changes it.
            cause = f"r{thread.reception_id}" if kind == Kind.RATED else str(row.seq)
            one = new(thread, kind, cause, now)
            one.facts = {
                name: row.data[name]  # type: ignore[index]  # a notice has data
                for name in ("why", "minutes", "score")
                if name in (row.data or {})
            }
            found.append(one)
    return found


def kind_of(row: Row) -> Notification.Kind | None:
    data = row.data or {}
    event = data.get("event")
    if event == Notice.RATED and data["score"] <= LOW:
        return Kind.RATED
    if event == Notice.HANDED_OVER and data["why"] == BY_MEMBER:
        return None
    return {Notice.HANDED_OVER: Kind.WANTED, Notice.OVERDUE: Kind.LEADER}.get(event)  # type: ignore[arg-type]


def broken(
    ent_id: str, team_id: int | None, what: str, *, key: int, since: str, now: datetime
) -> None:
    """Something of an enterprise does not work: `what` is "channel", "webhook" or "assistant", and
    `key` which one. It is noted once for each `since`. To be called in the transaction that stores
    it; what works again within STEADY is not told."""
    if ent_id in with_robots:
        one = Notification(
            ent_id=ent_id,
            team_id=team_id,
            kind=Kind.BROKEN,
            cause=f"{what}:{key}:{since}"[:100],
            facts={"what": what, "key": key},
            created_at=now,
            due_at=now + STEADY,
        )
        Notification.objects.bulk_create([one], ignore_conflicts=True)


def new(
    thread: Thread, kind: Notification.Kind, cause: str, now: datetime, who: str = ""
) -> Notification:
    return Notification(
        ent_id=thread.ent_id,
        team_id=thread.team_id,
        group_id=thread.uuid,
        kind=kind,
        cause=cause,
        who=who,
        created_at=now,
        due_at=now,
    )


def end(thread: Thread, now: datetime, *, kind: Notification.Kind, who: str | None = None) -> None:
    """Ends the notifications of a kind in a conversation; or only those for `who`."""
    rows = of_kind(thread, kind).filter(ended_at=None)
    if who is not None:
        rows = rows.filter(who=who)
    rows.update(ended_at=now, ended_by=doer(thread), due_at=now)


def of_kind(thread: Thread, kind: Notification.Kind) -> QuerySet[Notification]:
    return Notification.objects.filter(theirs(thread.ent_id), group_id=thread.uuid, kind=kind)


def doer(thread: Thread) -> str:
    """Who has the conversation, or else has answered in it: a member (uuid), or ""."""
    if thread.claimed_by:
        return thread.claimed_by
    said = [row.sender for row in thread.rows if row.kind not in NOTICES]
    return next((who for who in reversed(said) if who and who != thread.visitor), "")
