"""Who comes to sit in a conversation and leaves it again; how it begins: openings.py.

Each function here writes, in a transaction, a notice row beside what it changed, and
announces after the commit.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Member, Team
from chat.delivery import announce, ledger
from chat.delivery.announce import Announcement
from chat.delivery.threads import Seat, Thread
from chat.models import ChatGroup, Conversation, GroupMember, MemberType, Visitor
from chat.protocol import events
from chat.reading import conversation_page, inbox

from . import claims

BATCH = 100
"""Conversations locked at a time when somebody joins or leaves many."""


def find(visitor: str, team_id: int) -> str | None:
    """The group that the visitor meets on this team's page: the one begun there, wherever it was
    handed on to since, or one that the team was handed."""
    found = Conversation.objects.filter(visitor_id=visitor)
    rows = list(found.values_list("uuid", "team_id", "door_id"))
    begun = [group for group, team, door in rows if (door or team) == team_id]
    return next(iter(begun or [group for group, team, _door in rows if team == team_id]), None)


def serving(visitor: str, team: Team) -> Team:
    """The team that looks after the visitor of this team's page: after a hand-on another one."""
    group = find(visitor, team.pk)
    return Team.objects.get(conversation__uuid=group) if group else team


def latest(visitor: str) -> tuple[str, str] | None:
    """(group, slug of the team on whose page it is) of the conversation that had something last."""
    found = Conversation.objects.filter(visitor_id=visitor).order_by("-last_activity")
    row = found.values_list("uuid", "door__slug", "team__slug").first()
    return row and (row[0], row[1] or row[2])


@dataclass(slots=True)
class Place:
    """One person's place in one group, to be written as a seat and as a shown member."""

    ent_id: str
    group: str
    group_name: str
    who: str
    name: str
    avatar: str = ""
    member_type: int = MemberType.MEMBER
    cursor: int = 0


def seat(places: list[Place]) -> None:
    """Writes both rows of every place: chat_group, and group_member."""
    ChatGroup.objects.bulk_create(
        ChatGroup(
            ent_id=place.ent_id,
            uuid=place.group,
            group_name=place.group_name,
            member_id=place.who,
            member_type=place.member_type,
            read_seq=place.cursor,
            joined_seq=place.cursor,
        )
        for place in places
    )
    GroupMember.objects.bulk_create(
        GroupMember(
            ent_id=place.ent_id,
            group_id=place.group,
            member_id=place.who,
            member_name=place.name,
            member_avatar=place.avatar,
            member_type=place.member_type,
        )
        for place in places
    )


def row_events(who: str, groups: list[str]) -> list[dict]:
    """The whole rows of groups that `who`, a member, has been sitting in: how all of it stands."""
    found = Conversation.objects.filter(uuid__in=groups)
    rows = list(found.values_list("uuid", "visitor_id", "last_seq"))
    versions = {group: version for group, _visitor, version in rows}
    members = conversation_page.members_of({group: visitor for group, visitor, _version in rows})
    return [
        events.conversation_row(row, members[row["group"]], versions[row["group"]])
        for row in inbox.rows_of(who, list(versions))
    ]


def join(member: Member, groups: list[str], member_type: int = MemberType.MEMBER) -> None:
    """Seats a member in conversations: nothing unread there, the whole history readable."""
    for start in range(0, len(groups), BATCH):
        now = timezone.now()
        with transaction.atomic():
            threads = ledger.lock(set(groups[start : start + BATCH]))
            joined = [one for one in threads.values() if member.uuid not in one.seats]
            take_seats([(thread, member, member_type) for thread in joined])
            for thread in joined:
                text = f"{member.display_name} joined"
                thread.append(
                    ledger.notice("joined", text, member=member.uuid, name=member.display_name)
                )
            ledger.write(joined, now)
            transaction.on_commit(lambda joined=joined, now=now: announce_changed(joined, now))


def take_seats(newcomers: list[tuple[Thread, Member, int]]) -> None:
    """Seats members, each in a locked conversation where they have no seat, with a member_type.
    The notice that follows there is read already, with all before it: the cursor stands on it."""
    if not newcomers:
        return
    threads = {thread.uuid: thread for thread, _member, _type in newcomers}
    named = ChatGroup.objects.filter(
        uuid__in=threads, member_id__in=[thread.visitor for thread in threads.values()]
    )
    names = dict(named.values_list("uuid", "group_name"))
    seat(
        [
            Place(
                thread.ent_id,
                thread.uuid,
                names.get(thread.uuid, ""),
                member.uuid,
                member.display_name,
                member.avator,
                member_type,
                thread.last_seq + 1,
            )
            for thread, member, member_type in newcomers
        ]
    )
    people = {member.uuid for _thread, member, _type in newcomers}
    for row in ChatGroup.objects.filter(uuid__in=threads, member_id__in=people):
        thread = threads[row.uuid]
        if row.member_id not in thread.seats:
            thread.seats[row.member_id] = Seat(
                row.id, row.member_id, row.member_type, 0, row.read_seq, row.joined_seq
            )
            thread.joined += (row.member_id,)


def announce_changed(threads: list[Thread], now: datetime) -> None:
    """What one transaction did to conversations of one enterprise."""
    if not threads:
        return
    announcement = Announcement(threads[0].ent_id)
    announce_seats([thread for thread in threads if thread.joined or thread.left], announcement)
    for thread in threads:
        announce.of_thread(thread, now, announcement)
    announce.send([announcement])


def announce_seats(threads: list[Thread], announcement: Announcement) -> None:
    """Who came gets the whole row, who went is told so; who sits there now becomes a fact for
    the others."""
    members = conversation_page.members_of({thread.uuid: thread.visitor for thread in threads})
    versions = {thread.uuid: thread.last_seq for thread in threads}
    taken = defaultdict(list)
    for thread in threads:
        thread.facts["members"] = members[thread.uuid]
        for who in thread.joined:
            taken[who].append(thread.uuid)
        for who in thread.left:
            announcement.to([who], events.left(thread.uuid, thread.last_seq))
            announcement.unread.append((who, thread.uuid, 0, thread.last_seq * 2))
    for who, groups in taken.items():
        for row in inbox.rows_of(who, groups):
            group = row["group"]
            announcement.to([who], events.conversation_row(row, members[group], versions[group]))


def leave(member: Member, groups: list[str]) -> None:
    """Takes a member's seats in conversations away; the others see who left."""
    for start in range(0, len(groups), BATCH):
        now = timezone.now()
        with transaction.atomic():
            threads = ledger.lock(set(groups[start : start + BATCH]))
            left = [thread for thread in threads.values() if member.uuid in thread.seats]
            for thread in left:
                del thread.seats[member.uuid]
                thread.left += (member.uuid,)
                if thread.claimed_by == member.uuid:
                    claims.let_go(thread)
                text = f"{member.display_name} left"
                row = ledger.notice("left", text, member=member.uuid, name=member.display_name)
                thread.append(row)
            gone = [thread.uuid for thread in left]
            ChatGroup.objects.for_member(member.uuid).filter(uuid__in=gone).delete()
            GroupMember.objects.filter(member_id=member.uuid, group_id__in=gone).delete()
            ledger.write(left, now)
            transaction.on_commit(lambda left=left, now=now: announce_changed(left, now))


def announce_members(groups: list[str]) -> None:
    """Who sits in these groups of one enterprise, after something beside their seats changed."""
    for start in range(0, len(groups), BATCH):
        part = groups[start : start + BATCH]
        found = Conversation.objects.filter(uuid__in=part)
        rows = list(found.values_list("uuid", "visitor_id", "ent_id", "last_seq"))
        members = conversation_page.members_of({group: visitor for group, visitor, *_rest in rows})
        announcement = Announcement(rows[0][2] if rows else "")
        for group, _visitor, _ent_id, version in rows:
            people = [member["member"] for member in members[group]]
            facts = {"members": members[group]}
            announcement.to(people, events.conversation(group, version, facts))
        announce.send([announcement])


def relabel(visitor: Visitor, label: str, threads: list[Thread]) -> None:
    """Another name of a visitor, whose row and conversations are locked and written by the caller.
    Conversations carry it; messages keep the one they were sent under."""
    visitor.label = label
    groups = [thread.uuid for thread in threads]
    ChatGroup.objects.filter(uuid__in=groups).update(group_name=label)
    GroupMember.objects.filter(member_id=visitor.uuid).update(member_name=label)
    for thread in threads:
        thread.facts["group_name"] = label


def rename(visitor: Visitor) -> None:
    """After a change by administration. Conversations carry the visitor's name; messages keep the
    one they were sent under."""
    groups = list(Conversation.objects.filter(visitor=visitor).values_list("uuid", flat=True))
    seats = ChatGroup.objects.filter(uuid__in=groups)
    seats.update(group_name=visitor.label)
    GroupMember.objects.filter(member_id=visitor.uuid).update(member_name=visitor.label)
    agents: dict[str, list[str]] = {group: [] for group in groups}
    for group, who in seats.exclude(member_id=visitor.uuid).values_list("uuid", "member_id"):
        agents[group].append(who)
    announcement = Announcement(visitor.ent_id)
    for group, people in agents.items():
        announcement.to(people, events.renamed(group, visitor.label))
    everybody = {who for people in agents.values() for who in people}
    announcement.to(sorted(everybody), events.visitor(visitor))
    transaction.on_commit(lambda: announce.send([announcement]))
