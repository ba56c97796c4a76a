"""Who is looking at which conversation: sent to the agents who have a seat there, and to managers
who look at it without one; never stored.

A page repeats it while it lasts, and whoever receives it forgets it after a minute. So after a
process was killed nobody seems to look for longer than that.
"""

from accounts.models import Member
from chat.ledger import access
from chat.protocol import events

from . import announce


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
    """Announces that this window does not look at `group` any more; the seat may be gone
    already."""
    tell(member, ent_id, window, group, access.agents_of(group, ent_id), looking=False)


def tell(
    member: Member, ent_id: str, window: str, group: str, agents: list[str], looking: bool
) -> None:
    """Tells the others whether `member` looks at `group`, in one of their windows."""
    event = events.viewing(group, member, window, looking)
    others = [who for who in agents if who != member.uuid]
    announce.send_event(ent_id, [*others, topic(group)], event)
