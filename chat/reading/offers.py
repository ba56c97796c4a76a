"""The open offers of a member."""

from django.db.models import QuerySet

from accounts.kept import Kept
from accounts.models import Member
from chat import clock
from chat.models import Conversation, theirs

from . import inbox


def of_member(member: Member) -> list[dict]:
    """What is offered to a member now: group, until when, how many seconds these are from
    now, and why to them."""
    now = clock.now()
    code = member.enterprise.code
    return [
        {
            "group": group,
            "until": until,
            "seconds": (until - now).total_seconds(),
            "reason": reason,
        }
        for group, until, reason in offered_to(code, member.uuid, now)
    ]


@Kept
def offered_to(code, who, now) -> QuerySet:
    found = Conversation.objects.filter(theirs(code), offered_to=who, offered_until__gt=now)
    columns = ("uuid", "offered_until", "offer_reason")
    return found.order_by("offered_until", "id").values_list(*columns)


def rows_of(member: Member) -> list[dict]:
    """The same for a page: with the inbox row of each conversation as `row`, and whole seconds."""
    found = of_member(member)
    for one in found:
        one["seconds"] = round(one["seconds"])
    groups = [one["group"] for one in found]
    found_rows = inbox.rows_of(member.uuid, member.enterprise.code, groups)
    rows = {row["group"]: row for row in found_rows}
    return [one | {"row": rows[one["group"]]} for one in found if one["group"] in rows]
