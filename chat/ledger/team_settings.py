"""What the teams of locked conversations have set."""

from accounts.models import Team


class TeamSettings:
    """Reads the teams of some conversations, all with one query, when the first is asked for: most
    messages need none."""

    def __init__(self, *teams: Team) -> None:
        """`teams`: those that the caller has read already."""
        self.wanted: set[int] = set()
        self.known: dict[int, Team] = {team.pk: team for team in teams}

    def of(self, team_id: int) -> Team:
        """A team of which `wanted` has the id."""
        if team_id not in self.known:
            self.known |= Team.objects.in_bulk(self.wanted | {team_id})
        return self.known[team_id]
