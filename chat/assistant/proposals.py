"""What people wrote where the assistant had no proof, or made of its drafts: often something that
an article lacks. A proposal is an AssistantTask that nobody has judged."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts import rights
from accounts.models import Member
from chat import clock
from chat.models import AssistantCitation, AssistantTask, ChatGroup, theirs

from . import rehearsal
from .answering import KIND, STATE

KEPT = timedelta(days=30)
"""For so long the texts of a task are there."""
MOST = 50
"""Tasks that are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`name` answered `text`; `article` is what a changed draft stood on."""

    task: AssistantTask
    name: str
    text: str
    article: AssistantCitation | None


def open_to(member: Member) -> QuerySet[AssistantTask]:
    """The tasks that may be proposals, of conversations that the member may read."""
    code = member.enterprise.code  # type: ignore[union-attr]  # who writes articles has one
    own = AssistantTask.objects.filter(ent_id=code, created_at__gt=clock.now() - KEPT)
    own = own.filter(kind__in=(KIND.ANSWER, KIND.DRAFT), judgement="", conversation__isnull=False)
    own = own.filter(Q(state=STATE.REFUSED) | ~Q(edited="")).exclude(question="")
    if not member.may(rights.READ_ALL):
        own = own.filter(conversation_id__in=ChatGroup.objects.held_by(member).values("uuid"))
    return own.select_related("conversation", "reception", "member").order_by("-pk")


def of(member: Member) -> list[Proposal]:
    """The proposals that a member may make an article of, the newest first."""
    found = []
    for task in open_to(member)[:MOST]:
        name, text = rehearsal.person_of(task)
        if task.edited:
            name, text = task.member.display_name if task.member else "", task.edited
        if text:
            cited = task.citations.filter(theirs(task.ent_id), article__isnull=False)
            found.append(Proposal(task, name, text, cited.first()))
    return found


def dismiss(member: Member, pk: int) -> bool:
    """No article lacks this; False where there is no such proposal for the member."""
    right = AssistantTask.Judgement.RIGHT
    return bool(open_to(member).order_by().filter(pk=pk).update(judgement=right))
