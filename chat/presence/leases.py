"""Who is connected: leases in the database, renewed by each process, never a counter.

A lease is one row for each person and process; whoever has an unexpired one is connected.
A process that dies renews nothing, so its people are offline when their leases run out.
An agent is online while connected **and** their own switch is on; busy where they say so, away
where none of their windows had any input for a while.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts import hours
from accounts.models import Member, Team, TeamMember
from chat.models import Presence, Visitor

log = logging.getLogger("kefu.presence")

LEASE = timedelta(seconds=50)
"""Life of a lease; renewed every 15 s, so presence is right within a minute of a kill -9."""
PAGE_LEASE = timedelta(seconds=60)
"""A page request without a socket (no JavaScript) counts for a minute."""
EXPIRED_KEPT = timedelta(minutes=5)
"""How long an expired lease still tells since when somebody is away. `here_since` can look no
further back, so claims.AWAY has to be shorter."""
DELETED_AT_ONCE = 2_000
"""Expired leases dropped at a time."""
NODE_ID = str(uuid.uuid4())
"""This process."""
PAGES_NODE = "pages"
"""The node of leases that page requests take, shared by all processes."""
ONLINE, BUSY, AWAY, OFFLINE = "online", "busy", "away", "offline"
"""An agent's states."""
PRESENT = {ONLINE, BUSY}
"""Of whom a visitor may hope for an answer: a team of busy agents is not nobody, but who has left
the desk is not there, whatever the browser says."""


def renew(
    people: list[str],
    node: str = NODE_ID,
    life: timedelta = LEASE,
    anew: bool = False,
    away: set[str] = frozenset(),
) -> datetime:
    """Renews the leases of `people` (uuids), or takes those that are not there; `anew`: whatever
    is there has ended, they come only now. `away`: those of them who are. Returns until when."""
    now = timezone.now()
    until = now + life
    leases = [
        Presence(who=who, node=node, expires_at=until, taken_at=now, away=who in away)
        for who in people
    ]
    Presence.objects.bulk_create(
        leases,
        batch_size=500,
        update_conflicts=True,
        update_fields=["expires_at", "away", *(["taken_at"] if anew else [])],
        **unique_fields(),
    )
    return until


def delete_expired() -> None:
    """Drops what has long expired; of visitors their row keeps when they were last seen."""
    old = Presence.objects.filter(expires_at__lt=timezone.now() - EXPIRED_KEPT)
    found = list(old.values_list("pk", "who", "expires_at")[:DELETED_AT_ONCE])
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
        # One that was renewed meanwhile stays.
        old.filter(pk__in=[pk for pk, _who, _ended in found]).delete()


def unique_fields() -> dict:
    """MySQL finds the conflicting key by itself and refuses to be told which."""
    if connection.features.supports_update_conflicts_with_target:
        return {"unique_fields": ["who", "node"]}
    return {}


def renew_page_lease(who: str) -> None:
    """A page request of somebody who may have no socket. The page is shown without it, too."""
    now = timezone.now()
    held = Presence.objects.filter(who=who, node=PAGES_NODE, expires_at__gt=now)
    try:
        if not held.update(expires_at=now + PAGE_LEASE):
            renew([who], node=PAGES_NODE, life=PAGE_LEASE, anew=True)
    except Error as error:
        log.warning("a page's lease was not stored: %s", error)


def release(who: str) -> None:
    """The last socket of `who` in this process is gone. The row tells for a while since when."""
    Presence.objects.filter(who=who, node__in=[NODE_ID, PAGES_NODE]).update(
        expires_at=timezone.now()
    )


def online(people: set[str]) -> set[str]:
    """Those of `people` who are connected somewhere."""
    leases = Presence.objects.filter(who__in=people, expires_at__gt=timezone.now())
    return set(leases.values_list("who", flat=True))


def connected_since(people: set[str], moment: datetime) -> set[str]:
    """Those of `people` (uuids) who were connected at some time after `moment`. Raises ValueError
    for a moment longer ago than KEPT: the leases of those who left soon after it may be dropped
    already."""
    if timezone.now() - moment > EXPIRED_KEPT:
        raise ValueError("presence.KEPT keeps no leases that ended so long ago")
    leases = Presence.objects.filter(who__in=people, expires_at__gt=moment)
    return set(leases.values_list("who", flat=True))


def changes(since: datetime, until: datetime) -> tuple[dict[str, bool], set[str]]:
    """Whether they are connected, of those with a lease that was taken or has ended meanwhile;
    and which of them were connected all the time by another one, as when a page's lease ends.
    It costs what they are, however many stay."""
    taken = Presence.objects.filter(taken_at__gt=since)
    ended = Presence.objects.filter(expires_at__gt=since, expires_at__lte=until)
    people = {*taken.values_list("who", flat=True), *ended.values_list("who", flat=True)}
    leases = Presence.objects.filter(who__in=people, expires_at__gt=until)
    held = list(leases.values_list("who", "taken_at"))
    here = {who for who, _ in held}
    return {who: who in here for who in people}, {who for who, at in held if at <= since}


def agents_by_enterprise(enterprises: set[str]) -> dict[str, dict[str, str]]:
    """The agents of each of these enterprises (codes) who are not offline, and their state."""
    switched_on = Member.objects.filter(
        enterprise__code__in=enterprises,
        online_status=Member.OnlineStatus.ONLINE,
        status=Member.Status.NORMAL,
    )
    known = {
        who: (code, busy)
        for who, code, busy in switched_on.values_list("uuid", "enterprise__code", "busy")
    }
    found: dict[str, dict[str, str]] = {code: {} for code in enterprises}
    for who, away in away_by_person(set(known)).items():
        code, busy = known[who]
        found[code][who] = agent_state(busy, away)
    return found


def staffed_teams(enterprises: set[str]) -> QuerySet[int]:
    """The ids of the teams of these enterprises (codes) in which somebody is there, busy or not."""
    members = agents_by_enterprise(enterprises).values()
    there = [who for states in members for who, state in states.items() if state in PRESENT]
    return TeamMember.objects.filter(member__uuid__in=there).values_list("team_id", flat=True)


def away_by_person(people: set[str]) -> dict[str, bool]:
    """Those of `people` who are connected somewhere, and whether they are away everywhere."""
    leases = Presence.objects.filter(who__in=people, expires_at__gt=timezone.now())
    found: dict[str, bool] = {}
    for who, away in leases.values_list("who", "away"):
        found[who] = away and found.get(who, True)
    return found


def agent_state(busy: bool, away: bool) -> str:
    """The state of one who is connected and has not gone offline."""
    if away:
        return AWAY
    return BUSY if busy else ONLINE


def count_online() -> tuple[int, int]:
    """How many agents and how many visitors are online. It reads every lease."""
    leases = Presence.objects.filter(expires_at__gt=timezone.now())
    people = leases.aggregate(n=Count("who", distinct=True))["n"]
    switched_on = Q(
        online_status=Member.OnlineStatus.ONLINE,
        status=Member.Status.NORMAL,
        enterprise__isnull=False,
    )
    connected = Member.objects.filter(uuid__in=leases.values("who"))
    members = connected.aggregate(all=Count("pk"), online=Count("pk", filter=switched_on))
    return members["online"], people - members["all"]


def agent_states(people: set[str]) -> dict[str, str]:
    """The state of those of `people` who are agents and not offline."""
    here = away_by_person(people)
    switched_on = Member.objects.filter(
        uuid__in=here, online_status=Member.OnlineStatus.ONLINE, status=Member.Status.NORMAL
    )
    return {
        who: agent_state(busy, here[who]) for who, busy in switched_on.values_list("uuid", "busy")
    }


def team_states(team: Team) -> dict[str, str]:
    """The team's agents who are not offline, and their state."""
    return agent_states(set(team.members.values_list("uuid", flat=True)))


def is_team_away(team: Team, now: datetime | None = None) -> bool:
    """Whether a visitor who writes to the team now may not hope for an answer soon: it is closed,
    or nobody is there."""
    if not hours.is_open(team, now or timezone.now()):
        return True
    return not PRESENT & set(team_states(team).values())


def for_visitors(team: Team, states: dict[str, str], now: datetime | None = None) -> dict:
    """What a visitor is told of a team: how many are free, and how many there but busy; whether
    these are its working hours, until when, and when the next ones begin."""
    told, now = list(states.values()), now or timezone.now()
    closes_at = hours.closes_next(team, now)
    opened = hours.is_open(team, now)
    opens_at = hours.opens_next(team, closes_at if opened and closes_at else now)
    return {
        "online": told.count(ONLINE),
        "busy": told.count(BUSY),
        "open": opened,
        "closes_at": closes_at,
        "opens_at": opens_at if closes_at or not opened else None,
    }


def for_colleagues(state: str) -> dict:
    """An agent's state as events and pages have it; `online`: whether one may count on them."""
    return {"online": state in PRESENT, "state": state}
