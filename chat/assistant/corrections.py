"""Answers that stood on a former text of an article, and what a member writes to who read them."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from django.db.models import Exists, OuterRef

from accounts import rights
from accounts.models import Member
from chat.models import (
    Article,
    AssistantCitation,
    AssistantTask,
    ChatGroup,
    Conversation,
    GroupMessage,
    theirs,
)
from chat.posting import batches
from chat.posting.items import Draft
from chat.protocol import checks

from .answering import KIND

MOST = 100
"""Conversations of one press, the newest: as many as posting.several changes at once."""


@dataclass(slots=True)
class Answers:
    """The last such answer of each conversation that a member may read: those to whose visitors
    they can write, those in which they do not sit, and how many somebody has corrected."""

    open: list[AssistantTask] = field(default_factory=list)
    elsewhere: list[AssistantTask] = field(default_factory=list)
    corrected: int = 0


def has_any(article: Article) -> bool:
    return answers(article).exists()


def answers(article: Article):
    """What visitors have read that stood on a former text of this article."""
    code = article.enterprise.code
    cited = AssistantCitation.objects.filter(theirs(code), task=OuterRef("pk"), article=article)
    whole = Conversation.objects.whole().filter(theirs(code), uuid=OuterRef("conversation_id"))
    said = AssistantTask.objects.filter(ent_id=code, kind__in=(KIND.ANSWER, KIND.DRAFT), edited="")
    said = said.filter(Exists(whole.filter(quarantined_for="")), message_seq__isnull=False)
    return said.filter(Exists(cited.filter(revision__lt=article.revision)))


def of(member: Member, article: Article) -> Answers:
    seats = set(ChatGroup.objects.held_by(member).values_list("uuid", flat=True))
    rows = answers(article).select_related("conversation__visitor").order_by("-pk")
    if not member.may(rights.READ_ALL):
        rows = rows.filter(conversation_id__in=seats)
    last: dict[str, AssistantTask] = {}
    for task in rows[: 5 * MOST]:
        last.setdefault(task.conversation_id or "", task)
    written = GroupMessage.objects.filter(theirs(article.enterprise.code), group_id__in=last)
    keys = [key(article, group) for group in last]
    corrected = set(written.filter(client_id__in=keys).values_list("group_id", flat=True))
    found = Answers(corrected=len(corrected))
    for group, task in last.items():
        if group not in corrected:
            (found.open if group in seats else found.elsewhere).append(task)
    found.open = found.open[:MOST]
    return found


def key(article: Article, group: str | None) -> str:
    """The client id of a correction: there is one for each text of an article in a conversation."""
    return str(uuid5(NAMESPACE_URL, f"correction:{article.pk}:{article.revision}:{group}"))


def write(member: Member, article: Article, text: str) -> tuple[int, int]:
    """Writes it as the member's message to all of them who are open: how many were written to, and
    how many were refused, as where the member has left meanwhile. Raises Refused for the text."""
    groups = [task.conversation_id or "" for task in of(member, article).open]
    drafts = [
        Draft.of_member(
            checks.check_send(
                {"client_id": key(article, group), "content": text, "group": group}, visitor=False
            ),
            member,
            group,
        )
        for group in groups
    ]
    outcomes = [batches.run([draft])[0] for draft in drafts]
    refused = sum(1 for one in outcomes if one and one["type"] == "error")
    return len(outcomes) - refused, refused
