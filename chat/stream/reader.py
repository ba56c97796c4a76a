"""Reads the stream of an enterprise, by place. What an event tells is read from its row at that
moment, so what was recalled, edited or erased since appears as it is now."""

from collections import defaultdict

from django.core import signing

from accounts.models import Enterprise
from chat.ledger import references
from chat.ledger.threads import Row
from chat.models import Conversation, GroupMessage, StreamEvent, StreamHead, Visitor, theirs
from chat.models.stream import ROOM
from chat.protocol import events
from chat.protocol.errors import Refused

MAX_LIMIT = 1_000


def page(ent_id: str, cursor: str | None, limit: int, types: list[str]) -> tuple[list[dict], str]:
    """Up to `limit` events of these types behind a cursor, without one from the oldest that is
    kept; and the cursor behind them. Raises Refused where it is no cursor of this stream, or one
    that is older than what is kept."""
    head = head_of(ent_id)
    after = read_cursor(head, cursor) if cursor else head.deleted
    found = list(behind(head, after).filter(type__in=types)[:limit])
    place = found[-1].place if len(found) == limit else head.last
    told = shape(ent_id, found)
    return [told[each.id] for each in found if each.id in told], write_cursor(head, place)


def head_of(ent_id: str) -> StreamHead:
    return StreamHead.objects.filter(ent_id=ent_id).first() or StreamHead(ent_id=ent_id, pk=0)


def behind(head: StreamHead, place: int):
    """The events above a place, in order, up to where the head stood when it was read."""
    found = StreamEvent.objects.filter(id__gt=head.id_of(place), id__lte=head.id_of(head.last))
    return found.order_by("id")


def within(head: StreamHead, events):
    """Those of these events that are in this stream."""
    return events.filter(id__gt=head.id_of(0), id__lt=head.id_of(ROOM))


def signer(head: StreamHead) -> signing.Signer:
    return signing.Signer(salt=f"kefu.stream {head.ent_id}")


def write_cursor(head: StreamHead, place: int) -> str:
    return signer(head).sign(str(place))


def read_cursor(head: StreamHead, cursor: str) -> int:
    try:
        place = int(signer(head).unsign(cursor))
    except (signing.BadSignature, ValueError):
        raise Refused("bad_field", "after is no cursor of this stream.") from None
    if place > head.last:
        # The database is an older one, restored: what has this place now would be skipped.
        raise Refused("bad_field", "after is a cursor of what is not here any more.")
    if place < head.deleted:
        raise Refused("bad_field", "after is older than what is kept.")
    return place


def shape(ent_id: str, found: list[StreamEvent]) -> dict[int, dict]:
    """By id, what clients get of these events of an enterprise. Those whose row is gone, or is not
    the enterprise's, are missing."""
    own = theirs(ent_id)
    ids = [each.row_id for each in found if each.row_id]
    rows = GroupMessage.objects.filter(own).in_bulk(ids)
    told = messages(ent_id, list(rows.values()))
    people = {each.visitor for each in found if each.visitor}
    visitors = {row.uuid: row for row in Visitor.objects.filter(own, uuid__in=people)}
    # A program is no person who would be asked why: what agents do not see, it does not get.
    hiding = Enterprise.objects.filter(code=ent_id, hide_contacts=True)
    hidden = bool(visitors) and hiding.exists()
    shaped = {}
    for each in found:
        if each.visitor and each.visitor in visitors:
            row = visitors[each.visitor]
            at, data = each.at, events.visitor_facts(row, not hidden)
        elif each.row_id in told:
            at, data = rows[each.row_id].created_at, facts(each.type, told[each.row_id])
        else:
            continue
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


def facts(type: str, message: dict) -> dict:
    """The `data` of an event about a row: the message where it is about one, and what a notice
    tells."""
    found = {"group": message["group"], "seq": message["seq"]}
    if message["kind"] == "notice":
        found["notice"] = message["data"]
    if type.startswith("message."):
        found["message"] = message
    return found
