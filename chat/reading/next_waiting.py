"""The conversation that an agent takes up once they are done with another one."""

from accounts.models import Member
from chat.models import Conversation, theirs
from chat.protocol.selection import Selection

from .inbox import MAX_PAGE_SIZE, groups_of

WAITING = Selection("waiting")


def next_waiting(member: Member, done: str) -> str | None:
    """The group that has waited longest among those that the member holds or nobody does, other
    than `done`; None without one. Looks at the MAX_PAGE_SIZE longest waits."""
    groups = [group for group, _cursor in groups_of(member.uuid, None, MAX_PAGE_SIZE, WAITING)]
    rows = Conversation.objects.whole().filter(
        theirs(member.enterprise.code), uuid__in=groups, claimed_by__in=("", member.uuid)
    )
    open_ones = set(rows.values_list("uuid", flat=True)) - {done}
    return next((group for group in groups if group in open_ones), None)
