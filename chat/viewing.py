"""Who is looking at which conversation: told to the agents who sit there, never stored.

It is a hint that fades: a page says it again while it lasts, and whoever is told forgets it after a
minute. So a process that is killed leaves nobody looking for longer than that.
"""

from accounts.models import Member

from . import access, announce
from .announce import Announcement


def look(member: Member, ent_id: str, window: str, group: str) -> bool:
    """Tells the others that `member` looks at `group`, in one of their windows. False, and nobody
    is told, where that is not there for them: they neither sit there nor manage its enterprise."""
    agents = access.agents_of(group, ent_id)
    if member.uuid not in agents and access.conversation_for(member, group) is None:
        return False
    tell(member, ent_id, window, group, agents, looking=True)
    return True


def look_away(member: Member, ent_id: str, window: str, group: str) -> None:
    """Tells that this window does not look at `group` any more; the seat may be gone already."""
    tell(member, ent_id, window, group, access.agents_of(group, ent_id), looking=False)


def tell(
    member: Member, ent_id: str, window: str, group: str, agents: list[str], looking: bool
) -> None:
    event = {
        "type": "viewing",
        "group": group,
        "member": member.uuid,
        "name": member.display_name,
        "avatar": member.avator,
        "window": window,
        "looking": looking,
    }
    announcement = Announcement(ent_id)
    announcement.to([who for who in agents if who != member.uuid], event)
    announce.send([announcement])
