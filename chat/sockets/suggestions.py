"""What is suggested to somebody who writes. It only reads, and for all sockets on one reader's
thread at a time, so that no message waits for it."""

from dataclasses import dataclass

from accounts.models import Enterprise
from chat.knowledge import nearest, search
from chat.ledger import access
from chat.models import Conversation, Visitor, theirs
from chat.protocol.forms import SuggestForm


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks (a uuid of the enterprise `ent_id`), and what."""

    who: str
    ent_id: str
    is_visitor: bool
    reads_internal: bool
    form: SuggestForm

    async def prepared(self) -> None:
        """Waits a moment for what a search by meaning takes; no reader's thread does."""
        await nearest.prepared(self.ent_id, self.form.text, self.is_visitor)


def suggest_all(asked: list[Asked]) -> list[list[dict] | None]:
    """For each the results of `knowledge.suggested`; None for a group in which they have no
    seat."""
    return [suggest(one) for one in asked]


def suggest(asked: Asked) -> list[dict] | None:
    group = asked.form.group
    if group and not access.sits(asked.who, group, asked.ent_id):
        return None
    enterprise = Enterprise.objects.filter(code=asked.ent_id).first()
    if enterprise is None or (asked.is_visitor and not enterprise.suggests_articles):
        return []
    audience = "internal" if asked.reads_internal else "public"
    lang = visitors_language(group, asked.ent_id) if group and not asked.is_visitor else ""
    return search.suggestions(enterprise, asked.form.text, audience, lang)


def visitors_language(group: str, ent_id: str) -> str:
    """The language of a conversation's visitor, "" if it is not known."""
    conversation = Conversation.objects.filter(theirs(ent_id), uuid=group)
    visitor = Visitor.objects.filter(ent_id=ent_id, uuid__in=conversation.values("visitor_id"))
    return visitor.values_list("language", flat=True).first() or ""
