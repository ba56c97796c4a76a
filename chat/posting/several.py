"""One action on several conversations: each is locked, changed and announced by itself, as if it
were the only one, so that one that is refused does not stop the others."""

from dataclasses import dataclass, field

from accounts.models import Member
from chat.protocol.errors import Refused
from chat.protocol.forms import ActionForm

from . import batches
from .actions import Action

MOST = 100
"""Conversations of one request: more than a page shows at once, and about a second of work."""
ACTIONS = ("close", "reopen", "claim", "transfer")
"""What can be done to several: closing and handing on, and what undoes a closing."""


@dataclass(slots=True)
class Outcome:
    """The conversations (uuids) that were changed, those that were so already, and why the others
    were refused."""

    done: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)


def refuse_others(member: Member) -> None:
    """Raises Refused where the member may not act on several conversations at all."""
    if not member.acts_on_several:
        raise Refused("forbidden", "Only leaders, supervisors and managers act on several at once.")


def perform(actor: Member, forms: list[ActionForm]) -> Outcome:
    """Does each of the forms in their order, for a member who may."""
    outcome = Outcome()
    for form in forms:
        answer = batches.run([Action(form, actor.uuid)])[0]
        if answer is None:
            outcome.done.append(form.group)
        elif answer["type"] == "error":
            outcome.refused[form.group] = Refused.from_event(answer)
        else:
            outcome.same.append(form.group)
    return outcome
