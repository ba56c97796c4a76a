"""Actions on a conversation, and what is stored after them."""

from accounts.models import TeamMember
from chat.models import ChatGroup, Conversation, GroupMember, Reception
from chat.posting import batches
from tests.chat.helpers import act_of, rows_of, seat_of


def do(name: str, actor, group: str, **fields) -> str | dict | None:
    """The code of the refusal, or the answer: None after a change, else the present state."""
    answer = batches.run([act_of(name, actor.uuid, group, **fields)])[0]
    return answer["code"] if answer and answer["type"] == "error" else answer


def facts(group: str) -> Conversation:
    return Conversation.objects.select_related("team", "reception").get(uuid=group)


def notices(group: str) -> list[str]:
    return [row.data["event"] for row in rows_of(group) if row.data]


def seated(group: str) -> set[str]:
    return set(ChatGroup.objects.in_group(group).values_list("member_id", flat=True))


def make_leader(member, team, group):
    place = TeamMember.objects.get(team=team, member=member)
    place.member_type = TeamMember.Type.LEADER
    place.save()
    assert seat_of(member, group).member_type == TeamMember.Type.LEADER


def check_seats(group: str) -> None:
    """A seat and a shown member for each, and the claim with one who sits there."""
    shown = set(GroupMember.objects.filter(group_id=group).values_list("member_id", flat=True))
    assert seated(group) == shown
    found = facts(group)
    assert not found.claimed_by or found.claimed_by in seated(group)
    assert found.open or not found.claimed_by
    running = Reception.objects.filter(group_id=group, closed_at=None).count()
    assert running == found.open, "an open conversation has one open reception"
