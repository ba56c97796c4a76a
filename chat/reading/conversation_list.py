"""The conversations that a member may read, page by page, for programs."""

from collections import defaultdict
from typing import NamedTuple

from accounts.models import Member
from chat.models import ChatGroup, Conversation, theirs
from chat.presence import leases
from chat.protocol import events

from .conversation_page import facts_of, members_of
from .last_rows import excerpt, last_rows
from .standing import Standing
from .visitor_list import conversations_of


class Page(NamedTuple):
    conversations: list[dict]
    last: int | None
    """Where the next page begins (`after`); None at the end."""


def page(
    member: Member, state: str | None, team: str | None, after: int | None, limit: int
) -> Page:
    """Up to `limit` conversations, the latest begun first: `open` or `closed` ones or both, of the
    team with this slug or of all. They stand by an id that never changes, so those that begin or
    change meanwhile move no other to another page."""
    found = conversations_of(member)
    if state is not None:
        found = found.filter(open=state == "open")
    if team is not None:
        found = found.filter(team__slug=team)
    if after is not None:
        found = found.filter(pk__lt=after)
    # Not select_related: MariaDB would begin with the teams and read all their conversations.
    found = found.prefetch_related("team", "visitor", "reception").order_by("-pk")
    rows = list(found[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    return Page(objects(member, rows), rows[-1].pk if more else None)


def objects(member: Member, rows: list[Conversation]) -> list[dict]:
    """The conversation objects without messages, and of their visitors what is stored with them."""
    visitors = {row.uuid: row.visitor_id for row in rows}
    code = member.enterprise.code
    seats = list(ChatGroup.objects.filter(theirs(code), uuid__in=visitors))
    by_person: dict[str, dict[str, ChatGroup]] = defaultdict(dict)
    for seat in seats:
        by_person[seat.uuid][seat.member_id] = seat
    standing, members = Standing(rows, code), members_of(visitors, code, seats)
    online = leases.online(set(visitors.values()))
    last = last_rows(rows, as_visitor=False)
    return [
        {
            **facts_of(member, row, by_person[row.uuid], standing),
            "last_activity": row.last_activity,
            "last": excerpt(last[row.uuid]) if row.uuid in last else None,
            "visitor": {
                **events.visitor_facts(row.visitor, member.sees_contacts),
                "online": row.visitor_id in online,
                "topic": row.topic,
            },
            "members": members[row.uuid],
        }
        for row in rows
    ]
