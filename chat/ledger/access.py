"""The only gate: who may see a conversation at all. Outsiders get `not_found`, and who may read but
not act `forbidden`."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, QuerySet

from accounts import audit, rights
from accounts.audit import Origin
from accounts.kept import Kept
from accounts.models import Enterprise, Member
from chat.models import ChatGroup, Conversation, MergedConversation, Visitor, theirs
from chat.protocol.errors import Refused

READING = timedelta(minutes=10)
"""For how long somebody who opens a conversation again and again has read it once."""


def seat(member: Member, group: str) -> ChatGroup | None:
    """The seat of a member in a group, or None."""
    code = member.enterprise.code if member.enterprise else ""
    return seats_in.first(member.uuid, code, group)


@Kept
def seats_in(who: Any, code: Any, group: Any) -> QuerySet[ChatGroup]:
    return ChatGroup.objects.for_member(who).filter(theirs(code)).in_group(group)


def conversation_for(member: Member, group: str) -> Conversation | None:
    """The conversation (`with_people`) if the member sits in it, or may read all of its enterprise;
    else None, and for who has neither the workspace nor a token."""
    if not (member.may(rights.WORKSPACE) or member.is_program):
        return None
    code = member.enterprise.code  # type: ignore[union-attr]
    found = with_people.first(member.uuid, code, group)
    if found is None or member.may(rights.READ_ALL):
        return found
    return found if found.is_seated else None  # type: ignore[attr-defined]  # with_people


@Kept
def with_people(who: Any, code: Any, group: Any) -> QuerySet[Conversation]:
    """The conversation, and whether that member sits in it."""
    seated = Exists(seats_in.build(who, code, group))
    found: QuerySet[Conversation] = Conversation.objects.whole().annotate(is_seated=seated)
    return found.select_related("team", "visitor", "reception").filter(theirs(code), uuid=group)


def visitor_for(member: Member, who: str) -> Visitor | None:
    """A visitor (uuid) of the enterprise all of which the member may read, with a conversation or
    without; else None."""
    if not member.may(rights.READ_ALL):
        return None
    return Visitor.objects.filter(theirs(member.enterprise.code), uuid=who).first()  # type: ignore[union-attr]


def merged(who: str, group: str) -> Refused | None:
    """Where a conversation is that a sign-in has merged with another one: for a member or a visitor
    (a uuid) who may read that one. None for others, and where it was not merged."""
    member = Member.objects.select_related("enterprise").filter(uuid=who).first()
    visitor = None if member else Visitor.objects.filter(uuid=who).first()
    if member:
        code = member.enterprise.code if member.enterprise and member.is_active else ""
    else:
        code = visitor.ent_id if visitor else ""
    found = MergedConversation.objects.filter(theirs(code), group=group).first()
    if found is None:
        return None
    if member:
        readable = conversation_for(member, found.into) is not None
    else:
        whole = Conversation.objects.whole().filter(theirs(code), uuid=found.into)
        readable = whole.filter(visitor_id=who).exists()
    return merged_into(found.into) if readable else None


def merged_into(group: str) -> Refused:
    return Refused("merged", "It has become a part of another conversation.", into=group)


def refusal(who: str, ent_id: str) -> Refused:
    """Why a member (uuid) without a seat may not do something in a conversation of this enterprise:
    it is not there for them, or their role lets them read it and do less than that."""
    member = Member.objects.filter(uuid=who).first()
    if member and member.is_active and member.may(rights.READ_ALL):
        if member.enterprise.code == ent_id:  # type: ignore[union-attr]
            return Refused("forbidden", "Only those who have a seat there may do this.")
    return Refused("not_found", "There is no such conversation for you.")


def opened_by(member: Member, group: str, origin: Origin) -> Conversation | None:
    """As `conversation_for`, for pages on which it can be read: whoever has no seat there is noted
    in the audit, once in READING."""
    found = conversation_for(member, group)
    if found and not found.is_seated:  # type: ignore[attr-defined]  # with_people
        about = {"kind": "conversation", "object_id": group, "visitor": found.visitor_id}
        audit.note_once(READING, audit.Action.READ, member.enterprise_id, origin, **about)
    return found


def without_contacts(who: Iterable[str]) -> set[str]:
    """Which of these members (uuids) do not see the contact data of visitors
    (`Member.sees_contacts`)."""
    hidden = Member.objects.filter(uuid__in=who, enterprise__hide_contacts=True, is_superuser=False)
    found = hidden.exclude(role__in=rights.roles_with(rights.CONTACTS))
    return set(found.values_list("uuid", flat=True))


def agents_of(group: str, ent_id: str) -> list[str]:
    """The uuids of the members who sit in a group of this enterprise; none in a foreign one."""
    rows = Conversation.objects.filter(theirs(ent_id), uuid=group)
    seats = ChatGroup.objects.in_group(group).filter(theirs(ent_id), Exists(rows))
    visitor = rows.values("visitor_id")
    return list(seats.exclude(member_id__in=visitor).values_list("member_id", flat=True))


def agents_of_visitor(who: str) -> list[str]:
    """The uuids of the agents with a seat in any of a visitor's conversations outside
    quarantine."""
    found = Conversation.objects.whole().filter(visitor_id=who, quarantined_for="")
    groups = dict(found.values_list("uuid", "ent_id"))
    seats = ChatGroup.objects.filter(uuid__in=groups).exclude(member_id=who)
    rows = seats.values_list("uuid", "ent_id", "member_id")
    return sorted({member for group, ent_id, member in rows if ent_id == groups[group]})


def leads(who: str, ent_id: str) -> bool:
    """Whether a member (uuid) may act in all conversations of this enterprise, and still enter."""
    member = Member.objects.filter(uuid=who).first()
    if member is None or not member.is_active or not member.may(rights.LEAD):
        return False
    return member.enterprise.code == ent_id  # type: ignore[union-attr]


def sits(who: str, group: str, ent_id: str) -> bool:
    """Whether somebody (uuid) has a seat in a group of this enterprise."""
    there = Conversation.objects.filter(theirs(ent_id), uuid=group)
    seats = ChatGroup.objects.for_member(who).in_group(group)
    return seats.filter(theirs(ent_id), Exists(there)).exists()


def people_of(who: str, group: str, ent_id: str) -> tuple[list[str], bool] | None:
    """For somebody with a seat in a group: the uuids of all who are told that they type, and
    whether the agents of this enterprise may read visitors' drafts. None without a seat. Nobody is
    told of a visitor whose conversation is in quarantine, or was closed in quarantine."""
    there = Conversation.objects.filter(theirs(ent_id), uuid=group)
    seats = ChatGroup.objects.in_group(group).filter(theirs(ent_id), Exists(there))
    people = list(seats.values_list("member_id", flat=True))
    if who not in people:
        return None
    quarantined = there.filter(visitor_id=who).exclude(quarantined_for="")
    facts = Enterprise.objects.annotate(quarantined=Exists(quarantined)).values_list(
        "draft_preview", "quarantined"
    )
    drafts, is_quarantined = facts.get(code=ent_id)
    return [] if is_quarantined else people, drafts
