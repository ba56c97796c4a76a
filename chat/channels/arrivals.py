"""What has come by a channel: stored at once, each thing once, and taken in afterwards in the order
in which it came."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat import sweeps
from chat.models import Channel, ChannelArrival

from .contract import Arrived

KEPT = timedelta(days=4)
"""How long it is remembered what came, so that a repeat is none: longer than any of the other sides
repeats or keeps something. Messages are known for ever (incoming.py)."""
PASSED = 500
"""Rows of those who have to wait that are passed at a time."""
DELETED = 1_000
"""Rows that are deleted at a time."""


def keep(
    channel: Channel,
    arrived: list[Arrived],
    cursor: dict[str, Any] | None = None,
    lease: str | None = None,
) -> bool:
    """Stores what came and up to where it was fetched, together. With `lease`, only while it is the
    channel's, and its keys are those of this `channel`: otherwise another process fetches, or it
    came from the account of before, and nothing is stored (False)."""
    now = timezone.now()
    with transaction.atomic():
        row = Channel.objects.filter(pk=channel.pk)
        same = row.filter(lease=lease, sealed=channel.sealed)
        if lease is not None and not same.update(fetched_at=now):
            return False
        if cursor is not None:
            row.update(cursor=cursor)
        if arrived:
            row.update(heard_at=now)
            ChannelArrival.objects.bulk_create(
                [
                    ChannelArrival(
                        ent_id=channel.ent_id,
                        channel=channel,
                        key=each.key,
                        payload=each.payload(),
                        due_at=now,
                        created_at=now,
                    )
                    for each in arrived
                ],
                ignore_conflicts=True,
            )
    if cursor is not None:
        channel.cursor = cursor
    return True


def waiting(channel: Channel, most: int) -> list[ChannelArrival]:
    """The next arrivals that are to be taken in, in their order. One that has to wait holds up
    those of the same person behind it."""
    found: list[ChannelArrival] = []
    held, now = set(), timezone.now()
    for each in channel.arrivals.filter(done_at=None).order_by("pk")[: most + PASSED]:
        if each.due_at > now:
            held.add(each.who)
        elif each.who not in held:
            found.append(each)
    return found[:most]


def put_off(arrival: ChannelArrival, seconds: float) -> None:
    """Has it tried again after so many seconds."""
    due = timezone.now() + timedelta(seconds=seconds)
    ChannelArrival.objects.filter(pk=arrival.pk).update(tries=arrival.tries + 1, due_at=due)


def delete_old(now: datetime) -> None:
    """Deletes what was taken in long ago."""
    while sweeps.run_step(delete_some, "arrivals", now - KEPT):
        pass


def delete_some(_key: str, before: datetime) -> bool:
    ids = ChannelArrival.objects.filter(done_at__lt=before).values_list("pk", flat=True)[:DELETED]
    return ChannelArrival.objects.filter(pk__in=list(ids)).delete()[0] == DELETED
