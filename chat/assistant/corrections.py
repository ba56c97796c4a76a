"""Answers that stand on an article: which of them another text would prove no more, and what a
member writes to who read those that stood on a former one."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from django.db.models import Exists, OuterRef, Prefetch

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

from . import texts
from .answering import KIND

MOST = 100
"""Conversations of one press, the newest: as many as posting.several changes at once."""

LOOKED_AT, LISTED = 200, 20
"""Of the answers that stand on an article: the newest that are compared with another text, and of
those that it proves no more how many are listed."""


@dataclass(slots=True)
class Foreseen:
    """Of the answers that an article's published text proves: how many `kept` their proof with
    another text, and how many `lost` it; `tasks` are some of these whose conversations a member may
    read, and `is_elsewhere` says that they do not sit in all of them."""

    kept: int = 0
    lost: int = 0
    tasks: list[AssistantTask] = field(default_factory=list)
    is_elsewhere: bool = False


@dataclass(slots=True)
class Answers:
    """The last such answer of each conversation that a member may read: those to whose visitors
    they can write, those in which they do not sit, and how many somebody has corrected."""

    open: list[AssistantTask] = field(default_factory=list)
    elsewhere: list[AssistantTask] = field(default_factory=list)
    corrected: int = 0


def answers(article: Article):
    """What visitors have read that stood on a former text of this article."""
    return standing_on(article, revision__lt=article.revision)


def standing_on(article: Article, **cited_by):
    """What visitors have read that has a citation of this article, one with these columns."""
    code = article.enterprise.code
    cited = AssistantCitation.objects.filter(theirs(code), task=OuterRef("pk"), article=article)
    whole = Conversation.objects.whole().filter(theirs(code), uuid=OuterRef("conversation_id"))
    said = AssistantTask.objects.filter(ent_id=code, kind__in=(KIND.ANSWER, KIND.DRAFT), edited="")
    said = said.filter(Exists(whole.filter(quarantined_for="")), message_seq__isnull=False)
    return said.filter(Exists(cited.filter(**cited_by)))


def foreseen(member: Member, article: Article, body: str) -> Foreseen:
    """What becomes of these answers if this text is published in place of the present one. Nothing
    is asked of a model: a quote that stands there word for word proves what it did."""
    found, lost = Foreseen(), []
    if body == article.body or not article.is_public:
        return found
    now, then = (texts.squeezed(text)[0] for text in (article.body, body))
    own = AssistantCitation.objects.filter(theirs(article.enterprise.code), article=article)
    rows = standing_on(article).prefetch_related(Prefetch("citations", own, to_attr="cited"))
    for task in rows.order_by("-pk")[:LOOKED_AT]:
        quotes = [texts.squeezed(one.quote)[0] for one in task.cited]
        if not all(quote in now for quote in quotes):
            continue
        if all(quote in then for quote in quotes):
            found.kept += 1
        else:
            lost.append(task)
    found.lost = len(lost)
    groups = [task.conversation_id for task in lost]
    seats = ChatGroup.objects.held_by(member).filter(uuid__in=groups)
    own_seats = set(seats.values_list("uuid", flat=True))
    may_read = set(groups) if member.may(rights.READ_ALL) else own_seats
    readable = [task for task in lost if task.conversation_id in may_read and task.question]
    found.tasks = readable[:LISTED]
    found.is_elsewhere = any(task.conversation_id not in own_seats for task in found.tasks)
    return found


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
