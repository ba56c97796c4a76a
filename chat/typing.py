"""Who is typing: told to the others in the group, never stored."""

from . import announce, events
from .announce import Announcement
from .forms import Typing


def relay(
    ent_id: str,
    who: str,
    name: str,
    form: Typing,
    people: list[str],
    drafts: bool,
) -> None:
    """A visitor's draft goes to the agents, or without `drafts` only that there is one; that an
    agent types, to everyone else."""
    announcement = Announcement(ent_id)
    others = [person for person in people if person != who]
    draft = form.draft if drafts else bool(form.draft)
    event = events.typing(form.group, who, name, draft)
    announcement.to(others, event)
    announce.send([announcement])
