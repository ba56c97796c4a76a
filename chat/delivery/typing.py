"""Who is typing: sent to the others in the conversation, never stored."""

from chat.protocol import events
from chat.protocol.forms import TypingForm

from . import announce


def relay(
    ent_id: str,
    who: str,
    name: str,
    form: TypingForm,
    people: list[str],
    drafts: bool,
) -> None:
    """Sends a visitor's draft to the agents, or without `drafts` only that there is one; sends to
    everyone else that an agent is typing."""
    others = [person for person in people if person != who]
    draft = form.draft if drafts else bool(form.draft)
    event = events.typing(form.group, who, name, draft)
    announce.send_event(ent_id, others, event)
