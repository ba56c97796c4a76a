"""The live view: how an enterprise stands at a moment, as the page shows it and as JSON."""

from collections import Counter
from datetime import datetime

from accounts import hours
from accounts.models import Enterprise, Team
from chat.conversations import targets
from chat.presence import leases
from chat.protocol import channels

from . import now
from .now import Colleague, Waits

MOST_CONVERSATIONS, MOST_AGENTS = 50, 200
"""Conversations that wait, the longest first, and agents, that are listed."""


def board(enterprise: Enterprise, moment: datetime) -> dict:
    """Everything that the live view shows; docs/protocol.md has its fields."""
    teams = {team.pk: team for team in enterprise.teams.order_by("name", "id")}
    waits = now.waits(enterprise.code, teams.values(), moment)
    opened = now.opened(enterprise.code)
    people = now.colleagues(enterprise, moment)
    online = Counter(team.pk for one in people if one.state == leases.ONLINE for team in one.teams)
    total = Waits()
    for one in waits.values():
        total.add(one)
    return {
        "at": moment,
        "zone": hours.zone_named(enterprise.zone).key,
        **waits_of(total),
        "open": sum(opened.values()),
        "online": sum(one.state == leases.ONLINE for one in people),
        "teams": sorted(
            (team_line(team, waits[team.pk], opened, online, moment) for team in teams.values()),
            key=lambda line: line["since"] or moment,
        ),
        "agents": [agent_line(one) for one in people[:MOST_AGENTS]],
        "more_agents": max(len(people) - MOST_AGENTS, 0),
        "conversations": conversations(enterprise.code, teams, people, moment),
        "more_conversations": max(total.n - MOST_CONVERSATIONS, 0),
    }


def waits_of(one: Waits) -> dict:
    return {"waiting": one.n, "late": one.late, "soon": one.soon, "since": one.since}


def team_line(
    team: Team, waits: Waits, opened: dict[int, int], online: Counter[int], moment: datetime
) -> dict:
    return {
        "team": team.slug,
        "name": team.name,
        "limit": team.answer_seconds,
        "works": hours.is_open(team, moment),
        **waits_of(waits),
        "open": opened.get(team.pk, 0),
        "online": online[team.pk],
    }


def agent_line(one: Colleague) -> dict:
    """`chosen` is the state that they have set, `state` the one that they are in: a lost connection
    makes offline, and no input for a while makes away."""
    return {
        "member": one.member.name,
        "name": one.member.display_name,
        "state": one.state,
        "chosen": leases.own_state(one.member),
        "held": one.held,
        "capacity": one.capacity,
        "since": one.since,
        "teams": [team.name for team in one.teams],
    }


def conversations(
    ent_id: str, teams: dict[int, Team], people: list[Colleague], moment: datetime
) -> list[dict]:
    names = {one.member.uuid: one.member.display_name for one in people}
    columns = (
        "uuid",
        "visitor__label",
        "team_id",
        "waiting_since",
        "due_at",
        "claimed_by",
        "channel",
    )
    found = []
    for group, visitor, team, since, due, holder, channel in now.waiting(
        ent_id, moment
    ).values_list(*columns)[:MOST_CONVERSATIONS]:
        seconds = teams[team].target(False, channel == channels.MAIL)
        left = targets.due(since, due, seconds) - moment
        found.append(
            {
                "group": group,
                "visitor": visitor,
                "team": teams[team].name,
                "since": since,
                "level": targets.level(left, seconds),
                "holder": names.get(holder),
                "channel": channel or None,
            }
        )
    return found
