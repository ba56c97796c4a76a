"""What events tell. It is read from the rows at that moment, so what was recalled, edited or erased
since appears as it is now, and a conversation is with the team and the visitor that it has now."""

from collections import defaultdict
from datetime import datetime

from accounts.models import Enterprise
from chat.ledger import references
from chat.ledger.threads import Row
from chat.models import Conversation, GroupMessage, Reception, StreamEvent, Visitor, theirs
from chat.protocol import contacts, events

from .types import CLOSED, OF_VISITORS, QUARANTINED


def shape(ent_id: str, found: list[StreamEvent]) -> dict[int, dict]:
    """By id, what clients get of these events of an enterprise. Those whose row is gone, or is not
    the enterprise's, are missing."""
    ids = [each.row_id for each in found if each.row_id]
    rows = GroupMessage.objects.filter(theirs(ent_id)).in_bulk(ids)
    told = messages(ent_id, list(rows.values()))
    # A program is no person who would be asked why: what agents do not see, it does not get.
    sees = not Enterprise.objects.filter(code=ent_id, hide_contacts=True).exists()
    people = visitors(ent_id, [each.about for each in found if each.type in OF_VISITORS], sees)
    groups = [rows[each.row_id].group_id if each.row_id in rows else each.about for each in found]
    pairs = list(zip(found, groups, strict=True))
    talks = [group for each, group in pairs if each.type.startswith("conversation.")]
    known = conversations(ent_id, talks, sees)
    closed = [rows[each.row_id] for each in found if each.type == CLOSED and each.row_id in rows]
    reasons = reasons_of(ent_id, closed)
    shaped = {}
    for each, group in pairs:
        at, data = each.at, people.get(each.about)
        if each.row_id in told:
            row = rows[each.row_id]
            at, data = row.created_at, facts(told[row.id])
            if each.type.startswith("message."):
                data["message"] = told[row.id]
            else:
                data |= known[group]
            if each.type == CLOSED:
                data["reason"] = reasons.get((group, row.created_at), "")
        elif each.row_id is None and each.type == QUARANTINED and group in known:
            data = dict(known[group])
        if data is None:
            continue
        if each.type == QUARANTINED:
            data["quarantined"] = each.why or None
        shaped[each.id] = {"id": each.public_id, "type": each.type, "at": at, "data": data}
    return shaped


def messages(ent_id: str, rows: list[GroupMessage]) -> dict[int, dict]:
    """The message objects of an enterprise's rows, by the row's id."""
    by_group = defaultdict(list)
    for row in rows:
        by_group[row.group_id].append(row)
    known = Conversation.objects.whole().filter(theirs(ent_id), uuid__in=by_group)
    return {
        row.id: events.message(row, one.uuid, one.visitor_id)
        for one in known.only("uuid", "ent_id", "visitor_id")
        for row in references.dress(one, list(map(Row.stored, by_group[one.uuid])))
    }


def visitors(ent_id: str, uuids: list[str], sees: bool) -> dict[str, dict]:
    """What programs know of an enterprise's visitors, with their conversations; `sees` is whether
    they see contact data."""
    if not uuids:
        return {}
    talks = defaultdict(list)
    rows = Conversation.objects.whole().filter(theirs(ent_id), visitor_id__in=uuids)
    for one in rows.select_related("team").order_by("id"):
        state = "open" if one.open else "closed"
        talk = {"group": one.uuid, "team": one.team.slug, "state": state}
        talks[one.visitor_id].append(talk)
    return {
        row.uuid: {**events.visitor_facts(row, sees), "conversations": talks[row.uuid]}
        for row in Visitor.objects.filter(theirs(ent_id), uuid__in=uuids)
    }


def conversations(ent_id: str, groups: list[str], sees: bool) -> dict[str, dict]:
    """Whose each of these conversations of an enterprise is, by group."""
    if not groups:
        return {}
    found = Conversation.objects.whole().filter(theirs(ent_id), uuid__in=groups)
    return {
        one.uuid: {
            "group": one.uuid,
            "team": one.team.slug,
            "visitor": one.visitor.uuid,
            "identity": site_id(one.visitor, sees),
        }
        for one in found.select_related("team", "visitor")
    }


def site_id(visitor: Visitor, sees: bool) -> str | None:
    """The id by which the enterprise's site knows a visitor; None for who has not signed in."""
    identity = contacts.shown(visitor, sees)["identity"]
    return identity and identity["id"]


def reasons_of(ent_id: str, closed: list[GroupMessage]) -> dict[tuple[str, datetime], str]:
    """Why receptions ended, by group and by the time that their notices have, too. A close that
    was taken back has none."""
    if not closed:
        return {}
    groups, times = {row.group_id for row in closed}, {row.created_at for row in closed}
    ended = Reception.objects.filter(theirs(ent_id), group_id__in=groups, closed_at__in=times)
    return {(one.group_id, one.closed_at): one.reason for one in ended}


def facts(message: dict) -> dict:
    """Which row an event is about, and what a notice tells."""
    found = {"group": message["group"], "seq": message["seq"]}
    if message["kind"] == "notice":
        found["notice"] = message["data"]
    return found
