"""The open offers of a member."""

from django.utils import timezone

from chat.models import Conversation

from . import inbox


def of_member(member_id: str) -> list[dict]:
    """What is offered to a member (uuid) now: group, until when, how many seconds these are from
    now, and why to them."""
    now = timezone.now()
    open_ones = Conversation.objects.filter(offered_to=member_id, offered_until__gt=now)
    columns = ("uuid", "offered_until", "offer_reason")
    rows = open_ones.order_by("offered_until", "id").values_list(*columns)
    return [
        {
            "group": group,
            "until": until,
            "seconds": (until - now).total_seconds(),
            "reason": reason,
        }
        for group, until, reason in rows
    ]


def rows_of(member_id: str) -> list[dict]:
    """The same for a page: with the inbox row of each conversation as `row`, and whole seconds."""
    found = of_member(member_id)
    for one in found:
        one["seconds"] = round(one["seconds"])
    rows = {row["group"]: row for row in inbox.rows_of(member_id, [one["group"] for one in found])}
    return [one | {"row": rows[one["group"]]} for one in found if one["group"] in rows]
