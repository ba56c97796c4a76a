"""Who is looking at which conversation: sent to the agents who have a seat there, and to managers
who look at it without one; never stored.

A page repeats it while it lasts, and whoever receives it forgets it after a minute. So after a
process was killed nobody seems to look for longer than that.
"""

from accounts.models import Member
from chat.protocol import events

from . import access, announce


def topic(group: str) -> str:
    """What the socket of one who looks at `group` without a seat listens to meanwhile."""
    return f"looking:{group}"


def look(member: Member, ent_id: str, window: str, group: str) -> bool | None:
    """Tells the others that `member` looks at `group`, in one of their windows. Returns whether
    they sit there; None, and nobody is told, where it is not there for them: they neither sit there
    nor manage its enterprise."""
    agents = access.agents_of(group, ent_id)
    seated = member.uuid in agents
    if not seated and access.conversation_for(member, group) is None:
        return None
    tell(member, ent_id, window, group, agents, looking=True)
    return seated


def look_away(member: Member, ent_id: str, window: str, group: str) -> None:
    """Announces that this window does not look at `group` any more; the seat may be gone
    already."""
    tell(member, ent_id, window, group, access.agents_of(group, ent_id), looking=False)


def tell(
    member: Member, ent_id: str, window: str, group: str, agents: list[str], looking: bool
) -> None:
    event = events.viewing(group, member, window, looking)
    others = [who for who in agents if who != member.uuid]
    announce.send_event(ent_id, [*others, topic(group)], event)
