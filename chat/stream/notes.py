"""What a transaction notes for the stream, which takes it in after the commit. Notes lock nothing
that others wait for."""

from datetime import datetime
from typing import Any

from chat.models import StreamDue, StreamPlace, Visitor

from .types import DELIVERY, QUARANTINED, VISITOR_ERASED, VISITOR_UPDATED


def visitor_updated(visitor: Visitor, now: datetime) -> None:
    note(visitor.ent_id, VISITOR_UPDATED, visitor.uuid, now)


def visitor_erased(visitor: Visitor, now: datetime) -> None:
    note(visitor.ent_id, VISITOR_ERASED, visitor.uuid, now)


def quarantined(ent_id: str, group: str, why: str, now: datetime) -> None:
    """A conversation is in quarantine from now on; with "" not any more. Its rows have no places
    meanwhile, so no row would say it."""
    note(ent_id, QUARANTINED, group, now, why=why)


def delivered(ent_id: str, group: str, row_id: int, now: datetime) -> None:
    """How far a message (its row's id) is on its way by a channel has changed."""
    note(ent_id, DELIVERY, group, now, row_id=row_id)


def note(ent_id: str, type: str, about: str, now: datetime, **more: Any) -> None:
    StreamDue.objects.create(ent_id=ent_id, type=type, about=about, at=now, **more)


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
