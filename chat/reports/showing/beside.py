"""What the page of rows shows beside each row for people: names, a rating's comment, and whether
its reader may open the conversation. The rows as JSON and as files have none of it."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from accounts import rights
from accounts.models import Member
from chat.models import ChatGroup, Conversation, CountedReception, GroupMessage, theirs
from chat.protocol.notices import Notice

from .question import Question


@dataclass
class Told:
    """One row of the page; `row` is that of listing.py."""

    row: dict
    visitor: str
    """The visitor's name; empty for a reader who may not see names, as are the further ones."""
    team: str
    member: str
    comment: str
    reads: bool
    """Whether the reader may open the conversation."""


def told(question: Question, reader: Member, rows: list[dict]) -> list[Told]:
    groups = {row["group"] for row in rows}
    teams = {team.slug: team.name for team in question.choices}
    readable = readable_of(reader, groups)
    visitors, members, comments = {}, {}, {}
    if question.names:
        found = Conversation.objects.filter(theirs(question.enterprise.code), uuid__in=groups)
        visitors = dict(found.values_list("uuid", "visitor__label"))
        accounts = {row["member"] for row in rows} - {None}
        found = Member.objects.filter(enterprise=question.enterprise, name__in=accounts)
        members = {member.name: member.display_name for member in found}
        comments = comments_of(question.enterprise.code, [row for row in rows if "score" in row])
    return [
        Told(
            row,
            visitors.get(row["group"], ""),
            teams.get(row["team"], ""),
            members.get(row["member"], row["member"] or ""),
            comments.get((row["group"], row["opened_at"]), ""),
            row["group"] in readable,
        )
        for row in rows
    ]


def readable_of(reader: Member, groups: set[str]) -> set[str]:
    """The conversations that the reader may open: those of their seats, or all of their
    enterprise's; of another one, which a superuser asks about, none."""
    if not reader.may(rights.WORKSPACE):
        return set()
    if reader.may(rights.READ_ALL):
        found = Conversation.objects.filter(uuid__in=groups, ent_id=reader.enterprise.code)
    else:
        found = ChatGroup.objects.held_by(reader).filter(uuid__in=groups)
    return set(found.values_list("uuid", flat=True))


def comments_of(ent_id: str, rated: list[dict]) -> dict[tuple[str, datetime], str]:
    """What visitors wrote to the ratings of these rows, by conversation and beginning: the newest
    one before the next reception began. One that was emptied tells nothing any more."""
    groups = {row["group"] for row in rated}
    begun: dict[str, set[datetime]] = defaultdict(set)
    known = CountedReception.objects.filter(theirs(ent_id), group_id__in=groups)
    for group, at in known.values_list("group_id", "opened_at"):
        begun[group].add(at)
    for row in rated:
        begun[row["group"]].add(row["opened_at"])
    begins = {group: sorted(moments) for group, moments in begun.items()}
    scores = {(row["group"], row["opened_at"]): row["score"] for row in rated}
    found = {}
    notices = GroupMessage.objects.filter(
        theirs(ent_id),
        group_id__in=groups,
        message_type=GroupMessage.Type.NOTICE,
        data__event=Notice.RATED,
    )
    for group, at, data in notices.order_by("seq").values_list("group_id", "created_at", "data"):
        place = bisect_right(begins[group], at)
        key = group, begins[group][place - 1] if place else None
        if scores.get(key) == data.get("score"):
            found[key] = data.get("comment") or ""
    return found
