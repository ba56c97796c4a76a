"""The open offers of a member."""

from django.utils import timezone

from chat.models import Conversation

from . import inbox


def of_member(member_id: str) -> list[dict]:
    """What is offered to a member (uuid) now: group, until when, and why to them."""
    open_ones = Conversation.objects.filter(offered_to=member_id, offered_until__gt=timezone.now())
    columns = ("uuid", "offered_until", "offer_reason")
    rows = open_ones.order_by("offered_until", "id").values_list(*columns)
    return [{"group": group, "until": until, "reason": why} for group, until, why in rows]


def rows_of(member_id: str) -> list[dict]:
    """The same for a page: with the inbox row of each conversation as `row`, and the `seconds` that
    are left."""
    now, found = timezone.now(), of_member(member_id)
    for one in found:
        one["seconds"] = max(0, round((one["until"] - now).total_seconds()))
    rows = {row["group"]: row for row in inbox.rows_of(member_id, [one["group"] for one in found])}
    return [one | {"row": rows[one["group"]]} for one in found if one["group"] in rows]
