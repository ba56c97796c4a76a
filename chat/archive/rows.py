"""What the list shows of conversations: who, about what, how it went, and the last words or those
that were searched for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.text import capfirst

from accounts.models import Member
from chat.database import select
from chat.models import Conversation, CountedReception, GroupMessage, Reception, theirs
from chat.protocol import channels
from chat.reading import search
from chat.reading.last_rows import excerpt, last_rows
from chat.reading.standing import rating_of

from . import conditions
from .question import Asked


@dataclass(slots=True)
class Row:
    group: str
    visitor: str
    name: str
    team_name: str
    people: list[str]
    """The names of who held the claim last and of who answered."""
    tags: list[str]
    topic: str
    rating: dict | None
    """The newest rating, as in an inbox row."""
    channel: str
    """The kind of channel; "" for the page."""
    state: str
    """quarantined, waiting, open or closed."""
    opened_at: datetime | None
    closed_at: datetime | None
    last_activity: datetime
    last: dict | None
    """The last message, as in an inbox row."""
    hit: dict | None
    """Where the text was found, as in a search result; None without a text."""

    @property
    def channel_name(self) -> str:
        return capfirst(str(channels.NAMES[self.channel]))


def rows_of(asked: Asked, groups: list[str], hits: bool = True) -> list[Row]:
    """The rows of these conversations, in this order; `hits`: with where the text was found."""
    # Not select_related: MariaDB would begin with the teams and read all their conversations.
    code = asked.enterprise.code
    known = Conversation.objects.whole().filter(theirs(code), uuid__in=groups)
    found = {row.uuid: row for row in known.prefetch_related("team", "reception", "visitor")}
    shown = [found[group] for group in groups if group in found]
    last = last_rows(shown, as_visitor=False)
    rated = newest_ratings(code, groups)
    people = people_of(code, shown)
    return [
        Row(
            one.uuid,
            one.visitor_id,
            one.visitor.label,
            one.team.name,
            people[one.uuid],
            one.tags,
            one.topic,
            rating_of(rated.get(one.uuid)),
            one.channel,
            one.state,
            one.reception and one.reception.opened_at,
            None if one.open else one.reception and one.reception.closed_at,
            one.last_activity,
            excerpt(last[one.uuid]) if one.uuid in last else None,
            hit_in(asked, one.uuid) if hits and "q" in asked.fields else None,
        )
        for one in shown
    ]


def newest_ratings(ent_id: str, groups: list[str]) -> dict[str, Reception]:
    """The newest rated reception of each conversation that has one."""
    rated = Reception.objects.filter(theirs(ent_id), group_id__in=groups, score__isnull=False)
    newest = rated.order_by().values("group_id").annotate(newest=Max("pk")).values_list("newest")
    return {row.group_id: row for row in Reception.objects.filter(pk__in=[pk for (pk,) in newest])}


def people_of(ent_id: str, shown: list[Conversation]) -> dict[str, list[str]]:
    """Names by conversation: who holds the claim or held it last, then who answered in the newest
    receptions that reports have counted."""
    uuids: dict[str, dict[str, None]] = {
        one.uuid: dict.fromkeys(filter(None, (one.claimed_by or one.last_held_by,)))
        for one in shown
    }
    counted = CountedReception.objects.filter(theirs(ent_id), group_id__in=uuids)
    counted = counted.order_by("-opened_at")
    for group, members in counted.values_list("group_id", "members"):
        uuids[group].update(dict.fromkeys(members))
    wanted = {who for people in uuids.values() for who in people}
    members = Member.objects.filter(uuid__in=wanted, enterprise__code=ent_id)
    names = {who.uuid: who.display_name for who in members}
    return {
        group: [names[who] for who in people if who in names] for group, people in uuids.items()
    }


def hit_in(asked: Asked, group: str) -> dict | None:
    """The newest message of a conversation that has the text, as an excerpt, with its `seq`."""
    sql, values = conditions.hit(asked)
    rows = select(
        f"SELECT m.id FROM group_message m WHERE m.group_id = %s AND +m.ent_id = %s AND {sql}"
        " ORDER BY m.seq DESC LIMIT 1",
        [group, asked.enterprise.code, *values],
    )
    found = GroupMessage.objects.filter(pk=rows[0][0]).first() if rows else None
    if found is None:
        return None
    file = (found.data or {}).get("attachment") or {}
    terms = asked.terms("q")
    return {
        "seq": found.seq,
        "sender_name": found.sender_name,
        "note": found.message_type == GroupMessage.Type.NOTE,
        **search.excerpt_of(found.message_content or "", file.get("name", ""), terms),
    }
