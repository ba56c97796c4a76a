"""Drafts: what the assistant would answer, for the people who sit in a conversation.

In mode `whisper` `due` has one made for each message of a visitor who waits for people. It stays
until somebody writes to the visitor or the visitor writes on, and is never a message. `seq` of its
task is the last message that it answers.
"""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts import rights
from accounts.models import Assistant, Enterprise, Member, TeamMember
from chat import clock
from chat.delivery import announce
from chat.knowledge import articles, beside
from chat.ledger import access
from chat.ledger.threads import MESSAGE
from chat.models import (
    AssistantCitation,
    AssistantTask,
    ChatGroup,
    Conversation,
    GroupMessage,
    any_of,
    not_snoozed,
    theirs,
)
from chat.protocol import citations, events
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_SEQ

from .causes import Cause

DRAFT, STATE = AssistantTask.Kind.DRAFT, AssistantTask.State
MOST = 50
"""Drafts that one look asks for in an enterprise, and that a socket is sent when it opens."""

whispering: set[str] = set()
"""The codes of the enterprises whose assistant was in mode `whisper` at this process's last look:
for others nothing is read."""


def due(assistants: list[Assistant]) -> None:
    """Has these assistants, which whisper, make the drafts that are missing. Several processes may
    do so at once."""
    codes = {assistant.enterprise.code for assistant in assistants}
    whispering.intersection_update(codes)
    whispering.update(codes)
    for assistant in assistants:
        ask_for(assistant)


def ask_for(assistant: Assistant) -> None:
    code = assistant.enterprise.code
    teams = TeamMember.objects.filter(member=assistant.member).values("team")
    waiting = Conversation.objects.whole().filter(not_snoozed(clock.now()), ent_id=code, open=True)
    waiting = waiting.exclude(waiting_since=None).filter(quarantined_for="", bot="", team__in=teams)
    last = said(OuterRef("uuid"), OuterRef("ent_id"))
    asked = waiting.annotate(
        said=Subquery(last.values("seq")[:1]), by=Subquery(last.values("sender")[:1])
    )
    known = AssistantTask.objects.filter(
        conversation_id=OuterRef("uuid"), kind=DRAFT, seq=OuterRef("said")
    )
    missing = asked.filter(~Exists(known), by=F("visitor_id")).order_by("waiting_since")
    rows = list(missing.values_list("uuid", "reception_id", "said")[:MOST])
    if not rows:
        return
    before = any_of(Q(conversation_id=group, seq__lt=seq) for group, _reception, seq in rows)
    former = AssistantTask.objects.filter(theirs(code), before, kind=DRAFT, member=None)
    former = former.filter(state__in=AssistantTask.UNFINISHED)
    former.update(state=STATE.DROPPED, cause=Cause.NEWER, finished_at=clock.now())
    AssistantTask.objects.bulk_create(
        [
            AssistantTask(
                ent_id=code, kind=DRAFT, conversation_id=group, reception_id=reception, seq=seq
            )
            for group, reception, seq in rows
        ],
        ignore_conflicts=True,
    )


def said(group, ent_id):
    """The messages of a conversation that people or bots wrote, the last first: not what answered
    by itself."""
    rows = GroupMessage.objects.filter(theirs(ent_id), group_id=group, message_type=MESSAGE)
    return rows.exclude(sender="").order_by("-seq")


def last_said(conversation: Conversation) -> int:
    """The seq of the last one of them; 0 for none."""
    rows = said(conversation.uuid, conversation.ent_id)
    return rows.values_list("seq", flat=True).first() or 0


def made(task: AssistantTask, **kwargs) -> None:
    """A queued task has ended (queued.done): sends a draft that came by itself to the people who
    sit there, unless somebody has written since."""
    group = task.conversation_id or ""
    if task.kind != DRAFT or task.member_id or not current(task.ent_id, [group]):
        return
    seated = access.agents_of(group, task.ent_id)
    people = Member.objects.filter(uuid__in=seated).exclude(role=rights.BOT)
    announce.send_event(task.ent_id, list(people.values_list("uuid", flat=True)), shown(task))


def current(ent_id: str, groups: Iterable[str]) -> list[AssistantTask]:
    """The drafts of these conversations that are finished, while nobody has written since and
    everybody reads what proves them."""
    last = said(OuterRef("conversation_id"), ent_id).values("seq")[:1]
    own = AssistantTask.objects.filter(theirs(ent_id), conversation_id__in=groups, kind=DRAFT)
    own = own.filter(state=STATE.ANSWERED).exclude(text="").annotate(said=Subquery(last))
    newest = {task.conversation_id: task for task in own.filter(seq=F("said")).order_by("run")}
    return [task for task in newest.values() if stands(task)]


def stands(task: AssistantTask) -> bool:
    proofs = {(one.article_id, one.revision) for one in citations_of(task)}
    public = articles.readable(Enterprise.objects.get(code=task.ent_id))
    keys = [article for article, _revision in proofs]
    return proofs <= set(public.filter(pk__in=keys).values_list("pk", "revision"))


def citations_of(task: AssistantTask) -> list[AssistantCitation]:
    return list(task.citations.filter(theirs(task.ent_id)))


def shown(task: AssistantTask) -> dict:
    """The event of a draft."""
    enterprise = Enterprise.objects.get(code=task.ent_id)
    cited = carried(enterprise, citations_of(task))
    return events.drafted(task.conversation_id or "", task.seq, task.text, cited)


def carried(enterprise: Enterprise, read: list[AssistantCitation]) -> list[dict]:
    """What stands under the marks of a task's text, as messages carry it."""
    names = "n", "slug", "lang", "revision", "title", "quote"
    return [
        {name: getattr(one, name) for name in names}
        | {"url": beside.address(enterprise, one.slug, one.lang)}
        for one in read
    ]


def of_conversation(member: Member, conversation: Conversation) -> dict | None:
    """The draft that came by itself to somebody who sits there, as its event; None for none."""
    if conversation.ent_id not in whispering or not access.seat(member, conversation.uuid):
        return None
    found = current(conversation.ent_id, [conversation.uuid])
    return shown(found[0]) if found else None


def of_member(member: Member) -> list[dict]:
    """Likewise those of all conversations in which visitors wait for people."""
    code = member.enterprise.code if member.enterprise else ""
    if code not in whispering:
        return []
    seats = ChatGroup.objects.held_by(member).values("uuid")
    waiting = Conversation.objects.whole().filter(ent_id=code, open=True, uuid__in=seats)
    groups = waiting.exclude(waiting_since=None).order_by("waiting_since")
    rows = list(groups.values_list("uuid", flat=True)[:MOST])
    return [shown(task) for task in current(code, rows)]


def used(member: Member, group: str, seq: int) -> None:
    """Their message `seq` was made of the draft there: keeps what they changed. Raises Refused."""
    task = last(member, group, seq)
    rows = GroupMessage.objects.filter(theirs(task.ent_id), group_id=group, seq=seq)
    message = rows.filter(sender=member.uuid, message_type=MESSAGE).first()
    if message is None:
        raise Refused("conflict", "There is no such message of yours.")
    sent = (message.message_content or "").strip()
    edited = "" if sent == citations.MARK.sub("", task.text).strip() else sent
    own = AssistantTask.objects.filter(pk=task.pk, message_seq=None)
    own.update(message_seq=seq, member=member, edited=edited)


def judge(member: Member, group: str, helpful: bool) -> None:
    """Whether the last draft there helps. Raises Refused."""
    AssistantTask.objects.filter(pk=last(member, group).pk).update(helpful=helpful)


def last(member: Member, group: str, before: int = MAX_SEQ) -> AssistantTask:
    """The last draft before a message of a conversation in which they sit."""
    code = member.enterprise.code  # type: ignore[union-attr]  # they have the workspace
    if not access.sits(member.uuid, group, code):
        raise Refused("not_found", "There is no such conversation for you.")
    own = AssistantTask.objects.filter(theirs(code), conversation_id=group, kind=DRAFT)
    drafts = own.filter(state=STATE.ANSWERED, seq__lt=before).exclude(text="")
    if found := drafts.order_by("-seq", "-run").first():
        return found
    raise Refused("conflict", "There is no draft in this conversation.")
