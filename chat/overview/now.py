"""How things stand at a moment: who waits, what is open, and which colleagues are there.

The number of statements is the same whatever the sizes. Who waits is read by an index that holds
nobody else.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from accounts import rights
from accounts.models import Enterprise, Member, Team, TeamMember
from chat.conversations import targets
from chat.models import Conversation, not_snoozed
from chat.presence import leases
from chat.routing.facts import EARLIEST_WAIT

STATES = (leases.ONLINE, leases.BUSY, leases.AWAY, leases.OFFLINE)
"""In the order of lists."""


@dataclass
class Waits:
    """The visitors who wait in a team, or in several."""

    n: int = 0
    late: int = 0
    """Those who have waited for longer than their team's limit."""
    soon: int = 0
    """Those who have waited for more than half of it."""
    since: datetime | None = None
    """When the longest wait began."""
    unanswered: int = 0
    """Those of the late ones who have no answer at all yet."""

    def add(self, other: "Waits") -> None:
        self.n, self.late, self.soon = (
            self.n + other.n,
            self.late + other.late,
            self.soon + other.soon,
        )
        self.unanswered += other.unanswered
        self.since = min(filter(None, (self.since, other.since)), default=None)


@dataclass
class Colleague:
    """A member who serves visitors."""

    member: Member
    state: str
    teams: list[Team] = field(default_factory=list)
    held: int = 0
    """How many open conversations they hold, snoozed ones excepted."""
    since: datetime | None = None
    """When the longest wait in one of these began."""

    @property
    def capacity(self) -> int:
        """How many they may hold: their own number, or the largest of their teams."""
        if self.member.capacity is not None:
            return self.member.capacity
        return max((team.capacity for team in self.teams), default=0)


def waiting(ent_id: str, now: datetime) -> QuerySet[Conversation]:
    """The conversations of the view `waiting` of all seats of an enterprise (its code), the longest
    wait first."""
    found = Conversation.objects.whole().filter(
        not_snoozed(now),
        ent_id=ent_id,
        waiting_since__gt=EARLIEST_WAIT,
        open=True,
        quarantined_since=None,
    )
    return found.order_by("waiting_since", "id")


def waits(ent_id: str, teams: Iterable[Team], now: datetime) -> dict[int, Waits]:
    """Those who wait, by the id of their team."""
    late, soon = (targets.over(teams, now, level) for level in (targets.LATE, targets.SOON))
    rows = waiting(ent_id, now).order_by().values_list("team_id")
    counted = rows.annotate(
        n=Count("pk"),
        late=Count("pk", filter=late),
        half=Count("pk", filter=soon),
        since=Min("waiting_since"),
        unanswered=Count("pk", filter=late & Q(reception__first_reply_at=None)),
    )
    found: dict[int, Waits] = defaultdict(Waits)
    for team, n, late, half, since, unanswered in counted:
        found[team] = Waits(n, late, half - late, since, unanswered)
    return found


def opened(ent_id: str) -> dict[int, int]:
    """How many conversations are open, by the id of their team; without those in quarantine."""
    rows = Conversation.objects.filter(ent_id=ent_id, open=True, quarantined_since=None)
    return dict(rows.values_list("team_id").annotate(n=Count("pk")))


def colleagues(enterprise: Enterprise, now: datetime) -> list[Colleague]:
    """The members with a place in a team, and whoever else holds a conversation: who is there
    first, then by name."""
    roles = [role for role, given in rights.OF_ROLE.items() if rights.WORKSPACE in given]
    members = Member.objects.filter(
        enterprise=enterprise, status=Member.Status.NORMAL, role__in=roles
    )
    people = {one.uuid: one for one in members.prefetch_related(TeamMember.with_teams())}
    states = leases.agent_states(set(people))
    held = Conversation.objects.filter(
        not_snoozed(now), ent_id=enterprise.code, claimed_by__gt="", open=True
    )
    counted = held.values_list("claimed_by").annotate(n=Count("pk"), since=Min("waiting_since"))
    loads = {who: (n, since) for who, n, since in counted}
    found = [
        Colleague(
            one,
            states.get(who, leases.OFFLINE),
            [place.team for place in one.places.all()],
            *loads.get(who, (0, None)),
        )
        for who, one in people.items()
    ]
    found = [one for one in found if one.teams or one.held]
    return sorted(found, key=lambda one: (STATES.index(one.state), one.member.display_name))
