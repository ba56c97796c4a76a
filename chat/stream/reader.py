"""Reads the stream of an enterprise, by place."""

from collections.abc import Callable

from django.core import signing

from chat.models import StreamEvent, StreamHead
from chat.models.stream import ROOM
from chat.protocol.errors import Refused

from .payloads import shape

MAX_LIMIT = 1_000
ROUNDS = 20
"""Pages of which nothing is left that one request reads on; the next request goes on."""


def page(
    ent_id: str,
    cursor: str | None,
    limit: int,
    types: list[str],
    *,
    keep: Callable[[list[dict]], list[dict]] = list,
) -> tuple[list[dict], str]:
    """Up to `limit` events of these types behind a cursor, without one from the oldest that is
    kept; and the cursor behind them. Of them `keep` leaves those that may be read; where none is
    left, it is the next page. Raises Refused where it is no cursor of this stream, or one that is
    older than what is kept."""
    head = head_of(ent_id)
    place = read_cursor(head, cursor) if cursor else head.deleted
    for _ in range(ROUNDS):
        found = list(behind(head, place).filter(type__in=types)[:limit])
        place = found[-1].place if len(found) == limit else head.last
        told = shape(ent_id, found)
        kept = keep([told[each.id] for each in found if each.id in told])
        if kept or len(found) < limit:
            break
    return kept, write_cursor(head, place)


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
