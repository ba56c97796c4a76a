"""Who is looking at which conversation: told to the agents who sit there, and to the managers who
look at it without a seat; never stored.

It is a hint that fades: a page says it again while it lasts, and whoever is told forgets it after a
minute. So a process that is killed leaves nobody looking for longer than that.
"""

from accounts.models import Member
from chat.protocol import events

from . import access, announce
from .announce import Announcement


def topic(group: str) -> str:
    """What the socket of one who looks at `group` without a seat listens to meanwhile."""
    return f"looking:{group}"


def agents_for(member: Member, ent_id: str, group: str) -> list[str] | None:
    """The uuids of the agents of `group`, to be told of a look. None where it is not there for
    `member`, who neither sits there nor manages its enterprise."""
    agents = access.agents_of(group, ent_id)
    if member.uuid not in agents and access.conversation_for(member, group) is None:
        return None
    return agents


def look_away(member: Member, ent_id: str, window: str, group: str) -> None:
    """Tells that this window does not look at `group` any more; the seat may be gone already."""
    tell(member, ent_id, window, group, access.agents_of(group, ent_id), looking=False)


def tell(
    member: Member, ent_id: str, window: str, group: str, agents: list[str], looking: bool
) -> None:
    """Tells the others whether `member` looks at `group`, in one of their windows."""
    event = events.viewing(group, member, window, looking)
    announcement = Announcement(ent_id)
    announcement.to([*(who for who in agents if who != member.uuid), topic(group)], event)
    announce.send([announcement])
