"""Who is typing: told to the others in the group, never stored."""

from chat.protocol import events
from chat.protocol.forms import TypingForm

from . import announce
from .announce import Announcement


def relay(
    ent_id: str,
    who: str,
    name: str,
    form: TypingForm,
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
