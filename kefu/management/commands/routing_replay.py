from datetime import date

from django.core.management.base import CommandError

from accounts.hours import Hours
from accounts.management.base import SetupCommand
from accounts.models import Team
from accounts.models.member import MAX_CAPACITY
from chat.routing import replay, stored
from chat.routing.replay import Desk, Outcome


class Command(SetupCommand):
    help = (
        "Runs stored arrivals through the ways of routing, and prints what each would have done:"
        " the wait until an agent has the conversation, how evenly agents got them, and how many"
        " overflowed. Changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, type=day, metavar="YYYY-MM-DD", dest="first")
        parser.add_argument("--to", type=day, metavar="YYYY-MM-DD", dest="last", help="today")
        parser.add_argument("--policy", choices=[*replay.POLICIES, "all"], default="all")
        parser.add_argument("--enterprise", metavar="CODE", help="all")
        parser.add_argument("--team", metavar="SLUG", help="all")
        parser.add_argument("--capacity", type=int, metavar="N", help="as the team has it")

    def handle(self, first, last, policy, enterprise, team, capacity, **options):
        last = last or date.today()
        if last < first:
            raise CommandError("--from is after --to.")
        if capacity is not None and not 0 <= capacity <= MAX_CAPACITY:
            raise CommandError(f"--capacity is from 0 to {MAX_CAPACITY:,}.")
        teams = Team.objects.select_related("enterprise", "overflow").order_by("enterprise", "pk")
        if enterprise:
            teams = teams.filter(enterprise__code=enterprise)
        if team:
            teams = teams.filter(slug=team)
        if not teams:
            raise CommandError("There is no such team.")
        policies = replay.POLICIES if policy == "all" else [policy]
        for one in teams:
            self.replay_team(one, stored.period(first, last), policies, capacity)

    def replay_team(self, team: Team, period: tuple, policies: list[str], capacity: int | None):
        arrivals, shifts = stored.arrivals(team, *period), stored.shifts(team, *period)
        own = [shift.who for shift in shifts if not shift.helps]
        desk = Desk(
            team.capacity if capacity is None else capacity,
            team.offer_seconds,
            team.overflow_minutes if team.overflow else None,
            Hours.from_stored(team.hours),
        )
        self.stdout.write(
            f"{team.enterprise.code}/{team.slug}: {len(arrivals)} arrivals, {len(own)} agents,"
            f" {desk.capacity} at a time"
        )
        self.stdout.write(HEAD)
        for policy in policies:
            outcome = replay.run(policy, arrivals, shifts, desk)
            self.stdout.write(line_of(policy, outcome, own))


HEAD = f"{'policy':<10}{'served':>8}{'left':>6}{'p50':>9}{'p90':>9}{'gini':>7}{'overflowed':>12}"


def line_of(policy: str, outcome: Outcome, own: list[str]) -> str:
    p50, p90 = (seconds(outcome.wait(share)) for share in (0.5, 0.9))
    served, left = len(outcome.served), outcome.left
    return (
        f"{policy:<10}{served:>8}{left:>6}{p50:>9}{p90:>9}{outcome.gini(own):>7.3f}"
        f"{outcome.overflowed:>12}"
    )


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def day(text: str) -> date:
    return date.fromisoformat(text)
