"""What a page shows of one conversation, for an agent or for its visitor; and the colleagues whom
an agent can choose there."""

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import hours, rights
from accounts.kept import Kept
from accounts.models import Member, Team, TeamMember
from accounts.models.member_queries import FACE
from chat.ledger import visible_names
from chat.ledger.threads import seen_seq
from chat.models import ChatGroup, Conversation, GroupMember, MemberType, not_snoozed, theirs
from chat.presence import leases

from . import profiles, undone
from .history import messages
from .last_rows import excerpt, last_rows
from .standing import Standing, rating_of


def members_of(
    visitors: dict[str, str],
    ent_id: str,
    seats: list[ChatGroup] | None = None,
    states: dict[str, str] | None = None,
) -> dict[str, list[dict]]:
    """The agents with a seat in each group of `visitors` (the visitor's uuid by group), all of one
    enterprise: leaders first, bots last, then by name, with presence and read cursor; a bot also
    with `bot`. `seats` of the groups and `states` of the enterprise's agents save queries, if the
    caller has them."""
    if seats is None:
        found = ChatGroup.objects.filter(theirs(ent_id), uuid__in=visitors)
        rows = found.values_list("uuid", "member_id", "read_seq")
        cursors = {(group, who): read_seq for group, who, read_seq in rows}
    else:
        cursors = {(seat.uuid, seat.member_id): seat.read_seq for seat in seats}
    shown = colleagues_in(ent_id, visitors, set(visitors.values()))
    if states is None:
        states = leases.agent_states({who for _group, who, *_rest in shown})
    members = {group: [] for group in visitors}
    for group, who, name, avatar, member_type, is_bot in shown:
        members[group].append(
            {
                "member": who,
                "name": name,
                "avatar": avatar,
                "leader": member_type == MemberType.LEADER,
                **leases.for_colleagues(states.get(who, leases.OFFLINE)),
                "read_seq": cursors.get((group, who), 0),
                **({"bot": True} if is_bot else {}),
            }
        )
    return members


@Kept
def colleagues_in(code, groups, visitors) -> QuerySet:
    own = Member.objects.filter(uuid=OuterRef("member_id"), enterprise__code=code)
    found = GroupMember.objects.filter(theirs(code), group_id__in=groups)
    found = found.exclude(member_id__in=visitors)
    found = found.annotate(is_bot=Exists(own.filter(role=rights.BOT)))
    names = ("group_id", "member_id", "member_name", "member_avatar", "member_type", "is_bot")
    return found.order_by("member_type", "is_bot", "member_name").values_list(*names)


STATES = (leases.ONLINE, leases.BUSY, leases.AWAY, leases.OFFLINE)
"""In the order in which colleagues are offered."""
MESSAGES_BEFORE = 25
"""Messages that are shown before a message that was searched for."""


def agent_page(
    member: Member,
    conversation: Conversation,
    at: int | None = None,
    states: dict[str, str] | None = None,
    contacts: bool = False,
) -> dict:
    """What the workspace shows of a conversation. The member has a seat in it, or is a manager.
    With `at` (a seq) it contains the messages around that one, else the newest. `states` are as in
    members_of; `contacts` shows contact data that is hidden from the member otherwise."""
    found = seats_of(conversation.uuid, conversation.ent_id)
    seats = {seat.member_id: seat for seat in found}
    visitor = conversation.visitor
    last = conversation.last_seq
    if at is None:
        shown, more = messages(conversation, as_visitor=False)
    else:
        shown, _newer = messages(conversation, as_visitor=False, after=max(at - MESSAGES_BEFORE, 0))
        # Messages that are not shown do not count as seen.
        last = shown[-1]["seq"] if shown else last
        more = True
    code = conversation.ent_id
    return {
        **facts_of(member, conversation, seats, Standing([conversation], code)),
        "at": at,
        "last_seq": last,
        "visitor": profiles.profile(member, visitor, conversation.uuid, contacts),
        "members": members_of(
            {conversation.uuid: visitor.uuid}, code, list(seats.values()), states
        )[conversation.uuid],
        "messages": shown,
        "more": more,
    }


@Kept
def seats_of(group, code) -> QuerySet[ChatGroup]:
    return ChatGroup.objects.in_group(group).filter(theirs(code))


def facts_of(
    member: Member, conversation: Conversation, seats: dict[str, ChatGroup], standing: Standing
) -> dict:
    """How a conversation stands for a member. `seats` are its seats by person."""
    own, theirs = seats.get(member.uuid), seats.get(conversation.visitor_id)
    return standing.of(conversation) | {
        "group_name": theirs.group_name if theirs else conversation.visitor.label,
        "unread": own.unread if own else 0,
        "read_seq": own.read_seq if own else conversation.last_seq,
        "seen_seq": theirs.read_seq if theirs else 0,
        "seated": own is not None,
        "acts": own is not None or member.may(rights.LEAD),
        "leads": member.may(rights.LEAD) or bool(own and own.member_type == MemberType.LEADER),
    }


def colleagues(member: Member) -> dict:
    """The enterprise's enabled members with a workspace by name, and its teams: for invitations
    and transfers."""
    teams = teams_in(member.enterprise_id) if member.enterprise_id else ()
    people = enabled_in(member.enterprise_id) if member.enterprise_id else ()
    return {
        "members": list(map(face_of, people)),
        "teams": [{"team": team.slug, "name": team.name} for team in teams],
    }


@Kept
def teams_in(enterprise) -> QuerySet[Team]:
    return Team.objects.filter(enterprise=enterprise).order_by("id")


def face_of(person: Member) -> dict:
    return {"member": person.uuid, "name": person.display_name, "avatar": person.avator}


@Kept
def enabled_in(enterprise) -> QuerySet[Member]:
    roles = rights.roles_with(rights.WORKSPACE)
    found = Member.objects.faces().filter(enterprise=enterprise, role__in=roles)
    found = found.only(*FACE, "online_status", "busy", "missed_offers")
    return found.filter(status=Member.Status.NORMAL).order_by("nickname", "name")


def colleagues_with_states(member: Member) -> dict:
    """As `colleagues`, with states, who is there first. A team is `closed` outside of its hours,
    `online` if an agent is present, else `offline`."""
    rows = enabled_in(member.enterprise_id) if member.enterprise_id else []
    here = leases.away_by_person({row.uuid for row in rows})
    states = {row.uuid: leases.state_of(row, here) for row in rows}
    people = [face_of(row) | leases.for_colleagues(states[row.uuid]) for row in rows]
    people.sort(key=lambda one: STATES.index(one["state"]))
    there = [who for who, state in states.items() if state in leases.PRESENT]
    teams = staffed_in(member.enterprise_id, there) if member.enterprise_id else ()
    return {
        "members": people,
        "teams": [
            {"team": team.slug, "name": team.name, "state": team_state(team)} for team in teams
        ],
    }


@Kept
def staffed_in(enterprise, people) -> QuerySet:
    places = TeamMember.objects.filter(team=OuterRef("pk"), member__uuid__in=people)
    return teams_in.build(enterprise).annotate(staffed=Exists(places))


def colleagues_with_load(member: Member) -> dict:
    """As `colleagues_with_states`; `claimed` is how many open conversations a member looks after,
    without those that are snoozed. Of those who are there alike the one with fewer stands first."""
    found = colleagues_with_states(member)
    claims = Conversation.objects.filter(
        not_snoozed(timezone.now()),
        theirs(member.enterprise.code),
        open=True,
        claimed_by__in=[one["member"] for one in found["members"]],
    )
    counts = dict(claims.order_by().values_list("claimed_by").annotate(Count("pk")))
    for one in found["members"]:
        one["claimed"] = counts.get(one["member"], 0)
    found["members"].sort(key=lambda one: (STATES.index(one["state"]), one["claimed"]))
    return found


def team_state(team: Team) -> str:
    if not hours.is_open(team, timezone.now()):
        return "closed"
    return leases.ONLINE if team.staffed else leases.OFFLINE


def visitor_page(conversation: Conversation) -> dict:
    """What the visitor's page shows of a conversation, and under `left_out` the notices that it
    does not show, or not yet (undone.py)."""
    found, more = messages(conversation, as_visitor=True)
    found = list(map(visible_names.worded, found))
    leaving = undone.leave(conversation, found, timezone.now())
    unread, seen = read_positions([conversation])[conversation.uuid]
    return {
        "group": conversation.uuid,
        "open": conversation.open or leaving.ends,
        "bot": conversation.bot or None,
        "rating": rating_of(conversation.reception),
        "rated": str(conversation.reception.score or "") if conversation.reception else "",
        "last_seq": conversation.public_seq,
        "unread": unread,
        "seen_seq": seen,
        "messages": [one for one in found if one["seq"] not in leaving.left_out],
        # Without the stored sentence, which nobody is to read.
        "left_out": [{**one, "content": ""} for one in found if one["seq"] in leaving.left_out],
        "more": more,
    }


def read_positions(conversations: list[Conversation]) -> dict[str, tuple[int, int]]:
    """By group: the visitor's unread count, and the highest seq that an agent has read."""
    found: dict[str, list[tuple]] = {one.uuid: [] for one in conversations}
    for group, *seat in positions_in(found):
        found[group].append(seat)
    positions = {}
    for one in conversations:
        mine = [unread for who, unread, *_ in found[one.uuid] if who == one.visitor_id]
        others = [cursor for who, _unread, *cursor in found[one.uuid] if who != one.visitor_id]
        positions[one.uuid] = mine[0] if mine else 0, seen_seq(others, one.public_seq)
    return positions


@Kept
def positions_in(groups) -> QuerySet:
    columns = ("uuid", "member_id", "unread", "read_seq", "joined_seq")
    own = Conversation.objects.filter(uuid=OuterRef("uuid")).values("ent_id")
    seats = ChatGroup.objects.filter(theirs(Subquery(own)), uuid__in=groups)
    return seats.values_list(*columns)


def visitor_rows(conversations: list[Conversation]) -> dict[str, dict]:
    """The visitors' rows in `hello`, by group. Their numbers count only rows that the visitor may
    see."""
    positions = read_positions(conversations)
    newest = last_rows(conversations, as_visitor=True)
    excerpts = visible_names.for_visitor(list(map(excerpt, newest.values())), "")
    last = dict(zip(newest, excerpts, strict=True))
    rows = {}
    for one in conversations:
        unread, seen = positions[one.uuid]
        rows[one.uuid] = {
            "group": one.uuid,
            "group_name": one.team.name,
            "last_seq": one.public_seq,
            "unread": unread,
            "seen_seq": seen,
            "open": one.open,
            "claimed_by": one.claimed_by or None,
            "bot": one.bot or None,
            "team": one.team.slug,
            "team_name": one.team.name,
            "waiting_since": one.waiting_since,
            "rating": rating_of(one.reception),
            "last": last.get(one.uuid),
        }
    return rows
