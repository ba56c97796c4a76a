"""Teams that route, agents with sockets, and visitors who wait, in the database alone."""

from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from accounts.models import Member, Team
from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.presence import leases
from chat.routing import live
from tests.chat.helpers import act_of, new_guest

OFFLINE = Member.OnlineStatus.OFFLINE


def set_routing(team: Team, routing="assign", **settings) -> None:
    Team.objects.filter(pk=team.pk).update(routing=routing, **settings)


def connect(*members: Member, away=()) -> None:
    """Gives members a socket, for an hour."""
    people = [one.uuid for one in members]
    leases.renew(people, life=timedelta(hours=1), away={one.uuid for one in away})


def disconnect(member: Member) -> None:
    leases.release([member.uuid])


def wait(team: Team, guest=None) -> str:
    """A visitor writes to the team; the group."""
    return batches.post((guest or new_guest(team)).draft())["group"]


def look(after: float = 0) -> None:
    """What each process does once a second; `after`: so many seconds from now."""
    moment = timezone.now() + timedelta(seconds=after)
    with patch.object(timezone, "now", lambda: moment):
        live.look()


def act(name: str, actor: Member, group: str, **fields) -> None:
    batches.do(act_of(name, actor.uuid, group, **fields))


def conversation(group: str) -> Conversation:
    return Conversation.objects.get(uuid=group)


def holder(group: str) -> str:
    return conversation(group).claimed_by


def offered(group: str) -> str:
    return conversation(group).offered_to


def events_of(group: str) -> list[str]:
    """The events of a conversation's notices."""
    rows = GroupMessage.objects.in_group(group).order_by("seq").values_list("data", flat=True)
    return [data["event"] for data in rows if data and "event" in data]


def notice(group: str, event: str) -> GroupMessage:
    """The latest notice of an event."""
    rows = GroupMessage.objects.in_group(group).order_by("-seq")
    return next(row for row in rows if (row.data or {}).get("event") == event)
