"""Presence: who is connected, as leases in the database that each process renews.

A lease is a row for a person and a process. A person with an unexpired lease is connected. A
process that dies renews nothing, so its people are offline once their leases expire. An agent is
online while connected and switched on; busy if they chose so; away if none of their windows had
input for a while.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.db.models import Count, Max, Q, QuerySet

from accounts import hours, rights
from accounts.kept import Kept
from accounts.models import Member, Team, TeamMember
from chat import clock, sweeps
from chat.models import Presence, Visitor

log = logging.getLogger("kefu.presence")

LEASE = timedelta(seconds=50)
"""How long a lease lasts. It is renewed every 15 s, so presence is correct within a minute after a
process was killed."""
PAGE_LEASE = timedelta(seconds=60)
"""How long the lease of a page request lasts, for pages without a socket (no JavaScript)."""
EXPIRED_KEPT = timedelta(minutes=5)
"""How long an expired lease is kept, to know when its person was last connected.
`connected_since` cannot look further back, so claims.AWAY must be shorter."""
BATCH = 500
"""Leases that one statement renews or ends."""
DELETE_BATCH = 2_000
"""Expired leases deleted at a time."""
NODE_ID = str(uuid.uuid4())
"""The id of this process."""
PAGES_NODE = "pages"
"""The node of page leases, shared by all processes."""
ONLINE, BUSY, AWAY, OFFLINE = "online", "busy", "away", "offline"
"""An agent's states."""
MAX_MISSED = 3
"""Offers that expire in a row until their agent counts as away."""
PRESENT = {ONLINE, BUSY}
"""The states in which an agent is present: a visitor may expect a reply from a busy agent, but not
from one who is away."""


def renew(
    people: list[str],
    node: str = NODE_ID,
    life: timedelta = LEASE,
    restart: bool = False,
    away: set[str] = frozenset(),
) -> datetime:
    """Renews or inserts the leases of `people` (uuids), of whom those in `away` are away. With
    `restart` they have just connected, so `taken_at` is set again. Returns the time of expiry."""
    now = clock.now()
    until = now + life
    leases = [
        Presence(who=who, node=node, expires_at=until, taken_at=now, away=who in away)
        for who in people
    ]
    Presence.objects.bulk_create(
        leases,
        batch_size=BATCH,
        update_conflicts=True,
        update_fields=["expires_at", "away", *(["taken_at"] if restart else [])],
        **unique_fields(),
    )
    return until


def delete_expired() -> None:
    """Deletes leases that expired more than EXPIRED_KEPT ago, and stores in a visitor's row when
    they were last seen."""
    old = Presence.objects.filter(expires_at__lt=clock.now() - EXPIRED_KEPT)
    found = list(old.values_list("pk", "who", "expires_at")[:DELETE_BATCH])
    if not found:
        return
    last: dict[str, datetime] = {}
    for _pk, who, ended in found:
        last[who] = max(ended, last.get(who, ended))
    visitors = Visitor.objects.filter(uuid__in=last).values_list("uuid", "last_seen_at")
    with transaction.atomic():
        for who, known in sorted(visitors):
            if known is None or known < last[who]:
                Visitor.objects.filter(uuid=who).update(last_seen_at=last[who])
        # A lease that was renewed meanwhile is kept.
        old.filter(pk__in=[pk for pk, _who, _ended in found]).delete()


def unique_fields() -> dict:
    """Arguments of bulk_create: MySQL finds the conflicting key itself and accepts no names."""
    if connection.features.supports_update_conflicts_with_target:
        return {"unique_fields": ["who", "node"]}
    return {}


def renew_page_lease(who: str) -> None:
    """Renews the page lease of `who` (uuid), who may have no socket. Database errors are logged
    only, so that the page is shown."""
    now = clock.now()
    lease = Presence.objects.filter(who=who, node=PAGES_NODE, expires_at__gt=now)
    try:
        if not lease.update(expires_at=now + PAGE_LEASE):
            renew([who], node=PAGES_NODE, life=PAGE_LEASE, restart=True)
    except Error as error:
        log.warning("a page's lease was not stored: %s", error)


def release(people: list[str]) -> None:
    """Ends the leases of `people` (uuids), whose last sockets in this process have closed."""
    here, now = Presence.objects.filter(node__in=[NODE_ID, PAGES_NODE]), clock.now()
    for some in sweeps.parts(people, BATCH):
        here.filter(who__in=some).update(expires_at=now)


def online(people: set[str]) -> set[str]:
    """Those of `people` (uuids) who are connected to any process."""
    return {who for who, _away in connected(people, clock.now())}


@Kept
def connected(people, moment) -> QuerySet:
    return Presence.objects.filter(who__in=people, expires_at__gt=moment).values_list("who", "away")


@Kept
def connected_by_socket(people, moment) -> QuerySet:
    leases = Presence.objects.filter(who__in=people, expires_at__gt=moment)
    return leases.exclude(node=PAGES_NODE).values_list("who", "away")


def connected_since(people: set[str], moment: datetime) -> set[str]:
    """Those of `people` (uuids) who were connected at any time after `moment`. Raises ValueError
    for a moment more than EXPIRED_KEPT ago, because leases may have been deleted since."""
    if clock.now() - moment > EXPIRED_KEPT:
        raise ValueError("leases that ended before EXPIRED_KEPT are deleted")
    return {who for who, _away in connected(people, moment)}


def last_connected(people: set[str]) -> dict[str, datetime]:
    """Until when each of `people` (uuids) is or was connected by a socket, as their last lease has
    it, in the future for who is; who is missing has not been for EXPIRED_KEPT."""
    found = Presence.objects.filter(who__in=people).exclude(node=PAGES_NODE)
    return dict(found.order_by().values_list("who").annotate(Max("expires_at")))


def changes(since: datetime, until: datetime) -> tuple[dict[str, bool], set[str]]:
    """The people whose leases began or expired from `since` to `until`: a dict from uuid to whether
    they are connected at `until`, and the set of those who were connected without interruption by
    another lease. The cost depends on the number of changes, not on the number of people online."""
    taken = Presence.objects.filter(taken_at__gt=since)
    ended = Presence.objects.filter(expires_at__gt=since, expires_at__lte=until)
    people = {*taken.values_list("who", flat=True), *ended.values_list("who", flat=True)}
    leases = Presence.objects.filter(who__in=people, expires_at__gt=until)
    valid = list(leases.values_list("who", "taken_at"))
    here = {who for who, _ in valid}
    return {who: who in here for who in people}, {who for who, at in valid if at <= since}


def agents_by_enterprise(enterprises: set[str]) -> dict[str, dict[str, str]]:
    """The states of the agents who are not offline, by uuid, for each of these enterprises
    (codes)."""
    switched_on = Member.objects.people().filter(
        enterprise__code__in=enterprises,
        online_status=Member.OnlineStatus.ONLINE,
        status=Member.Status.NORMAL,
    )
    columns = ("uuid", "enterprise__code", "busy", "missed_offers")
    known = {who: facts for who, *facts in switched_on.values_list(*columns)}
    found: dict[str, dict[str, str]] = {code: {} for code in enterprises}
    for who, away in away_by_person(set(known)).items():
        code, busy, missed = known[who]
        found[code][who] = agent_state(busy, away or missed >= MAX_MISSED)
    return found


def staffed_teams(enterprises: set[str]) -> QuerySet[int]:
    """The ids of the teams of these enterprises (codes) with at least one agent who is PRESENT."""
    members = agents_by_enterprise(enterprises).values()
    there = [who for states in members for who, state in states.items() if state in PRESENT]
    return TeamMember.objects.filter(member__uuid__in=there).values_list("team_id", flat=True)


def away_by_person(people: set[str], by_socket: bool = False) -> dict[str, bool]:
    """Those of `people` (uuids) who are connected, and whether they are away in all processes; with
    `by_socket` only those who are connected by a socket."""
    found: dict[str, bool] = {}
    for who, away in (connected_by_socket if by_socket else connected)(people, clock.now()):
        found[who] = away and found.get(who, True)
    return found


def agent_state(busy: bool, away: bool) -> str:
    """The state of an agent who is connected and switched on."""
    if away:
        return AWAY
    return BUSY if busy else ONLINE


def own_state(member: Member) -> str:
    """The state that the member has set, `ONLINE`, `BUSY` or `OFFLINE`; or `AWAY` because of the
    offers that they missed."""
    if member.online_status != Member.OnlineStatus.ONLINE:
        return OFFLINE
    return agent_state(member.busy, away=member.missed_offers >= MAX_MISSED)


def state_of(member: Member, here: dict[str, bool]) -> str:
    """The state of a member as others see it; `here` is `away_by_person` of them."""
    state = own_state(member)
    if member.uuid not in here or state == OFFLINE:
        return OFFLINE
    return AWAY if here[member.uuid] else state


def count_online() -> tuple[int, int]:
    """The numbers of agents and of visitors who are online. Reads all leases."""
    leases = Presence.objects.filter(expires_at__gt=clock.now())
    people = leases.aggregate(n=Count("who", distinct=True))["n"]
    switched_on = Q(
        online_status=Member.OnlineStatus.ONLINE,
        status=Member.Status.NORMAL,
        enterprise__isnull=False,
    ) & ~Q(role__in=rights.PROGRAMS)
    connected = Member.objects.filter(uuid__in=leases.values("who"))
    members = connected.aggregate(all=Count("pk"), online=Count("pk", filter=switched_on))
    return members["online"], people - members["all"]


def agent_states(people: set[str], by_socket: bool = False) -> dict[str, str]:
    """The states of those of `people` (uuids) who are agents, no programs, and not offline; with
    `by_socket` of those who are connected by a socket."""
    here = away_by_person(people, by_socket)
    return {
        who: agent_state(busy, here[who] or missed >= MAX_MISSED)
        for who, busy, missed in switched_on(here)
    }


@Kept
def switched_on(people) -> QuerySet:
    found = Member.objects.people().filter(
        uuid__in=people, online_status=Member.OnlineStatus.ONLINE, status=Member.Status.NORMAL
    )
    return found.values_list("uuid", "busy", "missed_offers")


def come_back(member: Member) -> bool:
    """Ends that a member counts as away because of the offers that they missed; False if they do
    not. The row is asked, as `member` may be older than the last of these."""
    missed = Member.objects.filter(pk=member.pk, missed_offers__gte=MAX_MISSED)
    # Mostly there is nothing to be done. Then no row is locked.
    if not missed.exists() or not missed.update(missed_offers=0):
        return False
    member.missed_offers = 0
    return True


def begin_anew(who: str) -> None:
    """A member (uuid) took or declined a conversation: the offers before it are no row of missed
    ones any more."""
    Member.objects.filter(uuid=who, missed_offers__gt=0).update(missed_offers=0)


def team_states(team: Team) -> dict[str, str]:
    """The states of the team's agents who are not offline, by uuid."""
    return agent_states(set(members_of(team.pk)))


@Kept
def members_of(team) -> QuerySet:
    return Member.objects.filter(teams=team).select_related(None).values_list("uuid", flat=True)


def is_team_away(team: Team, now: datetime | None = None) -> bool:
    """Whether a visitor who writes to the team now can expect no prompt reply: it is outside of its
    working hours, or no agent is PRESENT."""
    if not hours.is_open(team, now or clock.now()):
        return True
    return not PRESENT & set(team_states(team).values())


def for_visitors(team: Team, states: dict[str, str], now: datetime | None = None) -> dict:
    """A team's presence as visitors see it: the numbers of agents who are `online` and `busy`,
    whether it is `open`, and when it closes and opens next. `states` are those of its agents."""
    known, now = list(states.values()), now or clock.now()
    closes_at = hours.next_closing(team, now)
    opened = hours.is_open(team, now)
    opens_at = hours.next_opening(team, closes_at if opened and closes_at else now)
    return {
        "online": known.count(ONLINE),
        "busy": known.count(BUSY),
        "open": opened,
        "closes_at": closes_at,
        "opens_at": opens_at if closes_at or not opened else None,
    }


def for_colleagues(state: str) -> dict:
    """An agent's state as events and pages contain it; `online`: whether they are PRESENT."""
    return {"online": state in PRESENT, "state": state}
