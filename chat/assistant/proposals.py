"""What people wrote where the assistant had no proof, or made of its drafts: often something that
an article lacks. A proposal is an AssistantTask that nobody has judged."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Q, QuerySet

from accounts import rights
from accounts.models import Member
from chat import clock
from chat.models import AssistantCitation, AssistantTask, ChatGroup, theirs

from . import rehearsal
from .answering import KIND, STATE

KEPT = timedelta(days=30)
"""For so long the texts of a task are there."""
MOST = 50
"""Proposals that are shown, the newest first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`name` answered `text`; `article` is what a changed draft stood on."""

    task: AssistantTask
    name: str
    text: str
    article: AssistantCitation | None


def open_to(member: Member) -> QuerySet[AssistantTask]:
    """The tasks that are proposals, of conversations that the member may read: a person answered,
    or changed a draft."""
    code = member.enterprise.code  # type: ignore[union-attr]  # who writes articles has one
    own = AssistantTask.objects.filter(ent_id=code, created_at__gt=clock.now() - KEPT)
    own = own.filter(kind__in=(KIND.ANSWER, KIND.DRAFT), judgement="", conversation__isnull=False)
    own = own.filter(conversation__quarantined_for="").exclude(question="")
    answered = Q(Exists(rehearsal.by_people(code)), state=STATE.REFUSED)
    own = own.filter(answered | ~Q(edited=""))
    if not member.may(rights.READ_ALL):
        own = own.filter(conversation_id__in=ChatGroup.objects.held_by(member).values("uuid"))
    return own.select_related("conversation", "reception", "member").order_by("-pk")


def of(member: Member) -> list[Proposal]:
    """The proposals that a member may make an article of, the newest first."""
    tasks = list(open_to(member)[:MOST])
    code = member.enterprise.code  # type: ignore[union-attr]
    people = rehearsal.people_of(code, tasks)
    cited = AssistantCitation.objects.filter(theirs(code), task__in=tasks, article__isnull=False)
    cited = cited.select_related("article").defer("article__body")
    articles = {one.task_id: one for one in cited.order_by("-n")}
    found = []
    for task in tasks:
        name, text = people.get(task.pk, ("", ""))
        if task.edited:
            name, text = task.member.display_name if task.member else "", task.edited
        found.append(Proposal(task, name, text, articles.get(task.pk)))
    return found


def without_seat(member: Member, found: list[Proposal]) -> bool:
    """Whether any of these is of a conversation in which the member does not sit."""
    groups = {one.task.conversation_id for one in found}
    return ChatGroup.objects.held_by(member).filter(uuid__in=groups).count() < len(groups)


def dismiss(member: Member, pk: int) -> bool:
    """No article lacks this; False where there is no such proposal for the member."""
    right = AssistantTask.Judgement.RIGHT
    return bool(open_to(member).order_by().filter(pk=pk).update(judgement=right))
