"""Reads the facts of a decision: who can take conversations, and which wait.

One enterprise at a time, with eight statements whatever its size, and one more for each further
capacity that its teams have. What is read is what could matter: agents with a socket, open offers,
and the longest waits in which one of the agents sits who have not as many as they may.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone

from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from accounts import hours
from accounts.models import Enterprise, Member, Routing, Team
from chat.conversations.offers import asked_before
from chat.database import select
from chat.models import ChatGroup, Conversation, found_by, not_snoozed, theirs
from chat.presence import leases

from .decision import STICKY_FOR, Agent, Case, Round, Snapshot, can_take

BATCH = 300
"""Waiting conversations that are read for one decision, the longest waits: of the teams with the
same capacity, since who is free for one of them is free for all."""
EARLIEST_WAIT = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Before every wait: no condition on the others of an index, which have none."""
COLUMNS = (
    *("id", "uuid", "team_id", "waiting_since", "topic", "visitor__language", "asked"),
    *("offered_to", "offered_until", "last_held_by", "last_held_at"),
)


def waiting_enterprises() -> tuple[set[str], set[str]]:
    """The codes of the enterprises with teams that need a look, because they do not leave claims to
    everyone or because they overflow; and of those the ones in which a visitor waits. One
    statement, which reads an entry of an index for each of these teams and each open offer."""
    hint = found_by("conversation_waiting")
    # The newest wait, as waits that are null are at the other end of the index.
    rows = select(
        "SELECT e.code, (SELECT c.waiting_since FROM conversation c"
        f"{hint} WHERE c.ent_id = e.code ORDER BY c.waiting_since DESC LIMIT 1)"
        " FROM team t JOIN enterprise e ON e.id = t.enterprise_id"
        " WHERE t.routing <> %s OR t.overflow_id IS NOT NULL"
        # What was offered before its team left it to everyone again.
        " UNION SELECT ent_id, offered_until FROM conversation WHERE offered_to > ''",
        [Routing.EVERYONE],
    )
    return {code for code, _since in rows}, {code for code, since in rows if since}


def read(ent_id: str, now: datetime) -> Snapshot:
    """What there is to know for a decision at `now`."""
    all_teams = Team.objects.filter(
        enterprise__code=ent_id, enterprise__status=Enterprise.Status.OPEN
    )
    teams = {team.pk: team for team in all_teams}
    working = {team.pk for team in teams.values() if hours.is_open(team, now)}
    rows = list(open_offers(ent_id).values(*COLUMNS))
    agents = agents_of(ent_id, (row["offered_to"] for row in rows), now)
    routing: dict[int, list[int]] = defaultdict(list)
    for pk in working:
        if teams[pk].routing != Routing.EVERYONE:
            routing[teams[pk].capacity].append(pk)
    for capacity, some in routing.items():
        free = [agent.who for agent in agents if can_take(agent, capacity, agent.taken)]
        if free:
            rows += waiting(ent_id, some, free, now).values(*COLUMNS)[:BATCH]
    seats = seats_of(ent_id, [row["uuid"] for row in rows], [agent.who for agent in agents])
    cases = [
        case_of(row, teams[row["team_id"]], seats[row["uuid"]], row["team_id"] in working, now)
        for row in rows
        if row["team_id"] in teams
    ]
    return Snapshot(now, agents, cases)


def open_offers(ent_id: str) -> QuerySet[Conversation]:
    return Conversation.objects.whole().filter(offered_to__gt="", ent_id=ent_id)


def agents_of(ent_id: str, offered: Iterable[str], now: datetime) -> list[Agent]:
    """The members who are connected by a socket. `offered` are those of the open offers, one for
    each."""
    columns = (
        *("pk", "uuid", "role", "capacity", "given_at", "languages", "topics", "takes_routed"),
        "missed_offers",
    )
    members = Member.objects.filter(enterprise__code=ent_id, status=Member.Status.NORMAL)
    people = {row["uuid"]: row for row in members.values(*columns)}
    states = leases.agent_states(set(people), by_socket=True)
    held = claims_of(ent_id, states, now)
    taken: dict[str, int] = defaultdict(int)
    for who in offered:
        taken[who] += 1
    agents = []
    for who, state in states.items():
        row = people[who]
        count, latest = held.get(who, (0, None))
        agents.append(
            Agent(
                who,
                row["pk"],
                present=state == leases.ONLINE,
                routed=row["role"] == Member.Role.AGENT or row["takes_routed"],
                capacity=row["capacity"],
                taken=count + taken[who],
                given_at=max(filter(None, (row["given_at"], latest)), default=None),
                skills=skills(row["languages"] or (), row["topics"] or ()),
                may_miss=leases.MAX_MISSED - row["missed_offers"],
            )
        )
    return agents


def claims_of(
    ent_id: str, people: Iterable[str], now: datetime
) -> dict[str, tuple[int, datetime | None]]:
    """How many open conversations that are not snoozed each of `people` holds, in all teams, and
    since when the latest."""
    held = Conversation.objects.filter(
        not_snoozed(now), theirs(ent_id), claimed_by__in=people, open=True
    )
    counted = held.values_list("claimed_by").annotate(n=Count("pk"), latest=Max("claimed_at"))
    return {who: (n, latest) for who, n, latest in counted}


def skills(languages: Iterable[str], topics: Iterable[str]) -> frozenset[str]:
    """What a member knows or a conversation asks for, in one set of texts."""
    both = [*(("language", one) for one in languages), *(("topic", one) for one in topics)]
    return frozenset(f"{kind}:{text}" for kind, text in both if text)


def waiting(
    ent_id: str, teams: list[int], people: list[str], now: datetime
) -> QuerySet[Conversation]:
    """The conversations of these teams in which a visitor waits, that nobody holds or is offered,
    and in which one of `people` sits; the longest wait first."""
    seats = ChatGroup.objects.filter(theirs(ent_id), uuid=OuterRef("uuid"), member_id__in=people)
    return unheld(ent_id, now).filter(Exists(seats), team_id__in=teams, offered_to="")


def unheld(ent_id: str, now: datetime) -> QuerySet[Conversation]:
    """The conversations in which a visitor waits and that nobody holds; the longest wait first. The
    range makes the index on the enterprise and `waiting_since` the cheapest."""
    found = Conversation.objects.whole().filter(
        not_snoozed(now), ent_id=ent_id, waiting_since__gt=EARLIEST_WAIT, claimed_by=""
    )
    return found.filter(open=True, quarantined_since=None).order_by("waiting_since", "id")


def seats_of(ent_id: str, groups: list[str], people: list[str]) -> dict[str, frozenset[str]]:
    """Who of `people` sits in each of these conversations."""
    seats = ChatGroup.objects.filter(theirs(ent_id), uuid__in=groups, member_id__in=people)
    found: dict[str, set[str]] = defaultdict(set)
    for group, who in seats.values_list("uuid", "member_id"):
        found[group].add(who)
    return defaultdict(frozenset, {group: frozenset(who) for group, who in found.items()})


def case_of(row: dict, team: Team, seated: frozenset[str], working: bool, now: datetime) -> Case:
    held_at = row["last_held_at"]
    return Case(
        row["uuid"],
        row["id"],
        row["waiting_since"] or now,
        team.routing,
        team.capacity,
        team.offer_seconds,
        seated,
        working,
        holder=row["last_held_by"] if held_at and held_at > now - STICKY_FOR else "",
        skills=skills([row["visitor__language"]], [row["topic"]]),
        round=Round(*asked_before(row["asked"], row["waiting_since"])),
        offered_to=row["offered_to"],
        offered_until=row["offered_until"],
    )
