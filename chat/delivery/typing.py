"""Who is typing: told to the others in the group, never stored."""

from chat.protocol import events
from chat.protocol.forms import Typing

from . import announce


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
    others = [person for person in people if person != who]
    draft = form.draft if drafts else bool(form.draft)
    event = events.typing(form.group, who, name, draft)
    announce.send_event(ent_id, others, event)
