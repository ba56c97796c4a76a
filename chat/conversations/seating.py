"""Who comes to sit in a conversation and leaves it again; how it begins: openings.py.

What a change of teams or names means for many conversations is done in transactions of BATCH.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from accounts.kept import Kept
from accounts.models import Member, Team
from chat.ledger.threads import Seat, Thread
from chat.models import ChatGroup, Conversation, GroupMember, MemberType, Visitor, of_these, theirs
from chat.protocol import events
from chat.protocol.notices import Notice, about, by
from chat.reading import conversation_page, inbox

from . import changes, claims

BATCH = 100
"""Conversations locked at a time when somebody joins or leaves many."""


def find(code: str, visitor: str, team_id: int) -> str | None:
    """The group that the visitor meets on this team's page: the one begun there, wherever it was
    handed on to since, or one that the team was handed. `code` is their enterprise's."""
    return find_each([(code, visitor, team_id)])[0][0]


def find_each(doors: list[tuple[str, str, int]]) -> list[tuple[str | None, int]]:
    """For each (enterprise's code, visitor, team of the page): the group that the visitor meets
    there, None without one, and the team that looks after them: after a hand-on another one."""
    met: dict[str, list] = {visitor: [] for _code, visitor, _team in doors}
    for visitor, *row in doors_of({code for code, *_door in doors}, met):
        met[visitor].append(row)
    return [choose(met[visitor], team) for _code, visitor, team in doors]


@Kept
def doors_of(codes, visitors) -> QuerySet:
    found = Conversation.objects.whole().filter(of_these(codes), visitor__uuid__in=visitors)
    return found.values_list("visitor_id", "uuid", "team_id", "door_id")


def choose(rows: list, team_id: int) -> tuple[str | None, int]:
    """The group and the team of find_each, from the (group, team, door) of a visitor."""
    begun = [row for row in rows if (row[2] or row[1]) == team_id]
    for group, team, _door in begun or [row for row in rows if row[1] == team_id]:
        return group, team
    return None, team_id


def serving(visitor: str, team: Team) -> Team:
    """The team that looks after the visitor of this team's page."""
    _group, found = find_each([(team.enterprise.code, visitor, team.pk)])[0]
    return team if found == team.pk else Team.objects.get(pk=found, enterprise=team.enterprise_id)


def latest(code: str, visitor: str) -> tuple[str, str] | None:
    """(group, slug of the team on whose page it is) of the conversation that had something last."""
    found = Conversation.objects.whole().filter(theirs(code), visitor_id=visitor)
    row = found.order_by("-last_activity").values_list("uuid", "door__slug", "team__slug").first()
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


SEAT = (
    "INSERT INTO chat_group (ent_id, uuid, group_name, member_id, member_type, read_seq,"
    " joined_seq) VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
SHOWN = (
    "INSERT INTO group_member (ent_id, group_id, member_id, member_name, member_avatar,"
    " member_type) VALUES (%s, %s, %s, %s, %s, %s)"
)


def seat(places: list[Place]) -> None:
    """Writes both rows of every place: chat_group, and group_member. By hand, since a team has
    many, and making them by the ORM took a quarter of what a first message costs."""
    with connection.cursor() as cursor:
        cursor.executemany(
            SEAT,
            [
                (
                    *(one.ent_id, one.group, one.group_name, one.who),
                    *(int(one.member_type), one.cursor, one.cursor),
                )
                for one in places
            ],
        )
        cursor.executemany(
            SHOWN,
            [
                (one.ent_id, one.group, one.who, one.name, one.avatar, int(one.member_type))
                for one in places
            ],
        )


def row_events(who: str, ent_id: str, groups: list[str]) -> list[dict]:
    """The whole rows of groups that `who`, a member, has been sitting in: how all of it stands."""
    rows = list(Conversation.objects.whole().filter(theirs(ent_id), uuid__in=groups))
    versions = {row.uuid: row.last_seq for row in rows}
    members = conversation_page.members_of({row.uuid: row.visitor_id for row in rows}, ent_id)
    return [
        events.conversation_row(row, members[row["group"]], versions[row["group"]])
        for row in inbox.rows_of(who, ent_id, list(versions))
    ]


def join(
    member: Member,
    groups: list[str],
    member_type: int = MemberType.MEMBER,
    inviter: Member | None = None,
) -> None:
    """Seats a member in conversations: nothing unread there, the whole history readable. They have
    joined, unless they were invited and have still to come."""
    for start in range(0, len(groups), BATCH):
        with changes.begin() as change:
            threads = change.lock(groups[start : start + BATCH])
            joined = [one for one in threads.values() if member.uuid not in one.seats]
            take_seats([(thread, member, member_type) for thread in joined])
            for thread in joined:
                if inviter:
                    thread.notice(Notice.INVITED, **about(member), **by(inviter))
                else:
                    thread.notice(Notice.JOINED, **about(member))


def take_seats(newcomers: list[tuple[Thread, Member, int]]) -> None:
    """Seats members, each in a locked conversation where they have no seat, with a member_type.
    The notice that follows there is read already, with all before it: the cursor stands on it."""
    if not newcomers:
        return
    threads = {thread.uuid: thread for thread, _member, _type in newcomers}
    codes = {thread.ent_id for thread in threads.values()}
    named = ChatGroup.objects.filter(
        ent_id__in=codes,
        uuid__in=threads,
        member_id__in=[thread.visitor for thread in threads.values()],
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
        if row.member_id not in thread.seats and row.ent_id == thread.ent_id:
            thread.seats[row.member_id] = Seat(
                row.id, row.member_id, row.member_type, 0, row.read_seq, row.joined_seq
            )
            thread.joined += (row.member_id,)


def leave(member: Member, groups: list[str], remover: Member | None = None) -> None:
    """Takes a member's seats in conversations away. The others see who left; only colleagues do
    where somebody, `remover`, acts on one who was invited and has never come."""
    for start in range(0, len(groups), BATCH):
        with changes.begin() as change:
            threads = change.lock(groups[start : start + BATCH])
            left = [thread for thread in threads.values() if member.uuid in thread.seats]
            ids = [thread.seats[member.uuid].id for thread in left]
            for thread in left:
                del thread.seats[member.uuid]
                thread.left += (member.uuid,)
                if thread.claimed_by == member.uuid:
                    claims.clear_holder(thread)
                if remover:
                    thread.notice(Notice.REMOVED, **about(member), **by(remover))
                else:
                    thread.notice(Notice.LEFT, **about(member))
            gone = [thread.uuid for thread in left]
            ChatGroup.objects.filter(pk__in=ids).delete()
            shown = GroupMember.objects.filter(member_id=member.uuid, group_id__in=gone)
            shown.filter(ent_id__in={thread.ent_id for thread in left}).delete()


def set_type(member: Member, groups: list[str], member_type: int) -> None:
    """Makes a member who sits in these conversations their leader, or a member like others."""
    for start in range(0, len(groups), BATCH):
        part = groups[start : start + BATCH]
        with changes.begin() as change:
            seated = [one for one in change.lock(part).values() if member.uuid in one.seats]
            for thread in seated:
                thread.seats[member.uuid].member_type = member_type
                thread.seats_changed = True
            ids = [thread.seats[member.uuid].id for thread in seated]
            ChatGroup.objects.filter(pk__in=ids).update(member_type=member_type)
            shown = GroupMember.objects.filter(member_id=member.uuid, group_id__in=part)
            shown = shown.filter(ent_id__in={thread.ent_id for thread in seated})
            shown.update(member_type=member_type)


def relabel(visitor: Visitor, label: str, threads: list[Thread]) -> None:
    """Another name of a visitor, whose row and conversations are locked and written by the caller.
    Conversations carry it; messages keep the one they were sent under."""
    visitor.label = label
    groups, own = [thread.uuid for thread in threads], theirs(visitor.ent_id)
    ChatGroup.objects.filter(own, uuid__in=groups).update(group_name=label)
    GroupMember.objects.filter(own, member_id=visitor.uuid).update(member_name=label)
    for thread in threads:
        thread.facts["group_name"] = label


def rename(visitor: Visitor) -> None:
    """After a change by administration, which has stored the visitor's row."""
    with changes.begin() as change:
        threads = change.lock_all_of(visitor)
        relabel(visitor, visitor.label, threads)
