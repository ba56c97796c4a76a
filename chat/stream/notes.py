"""What a transaction notes for the stream, which takes it in after the commit. Notes lock nothing
that others wait for."""

from datetime import datetime

from chat.models import StreamDue, StreamPlace, Visitor

from .types import VISITOR_ERASED, VISITOR_UPDATED


def visitor_updated(visitor: Visitor, now: datetime) -> None:
    note(visitor, VISITOR_UPDATED, now)


def visitor_erased(visitor: Visitor, now: datetime) -> None:
    note(visitor, VISITOR_ERASED, now)


def note(visitor: Visitor, type: str, now: datetime) -> None:
    StreamDue.objects.create(ent_id=visitor.ent_id, type=type, about=visitor.uuid, at=now)


def counted(seqs: dict[str, tuple[str, int]]) -> None:
    """Conversations (by group: enterprise's code, last seq) that the caller's transaction marks as
    counted, by which the stream does not find them any more. It has locked them."""
    places = StreamPlace.objects.filter(group_id__in=seqs).values_list("group_id", "seq")
    known = dict(places)
    StreamDue.objects.bulk_create(
        StreamDue(ent_id=ent_id, about=group)
        for group, (ent_id, seq) in seqs.items()
        if known.get(group, 0) < seq
    )
