"""Whether a channel works, and who serves it: one process at a time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.conversations import causes
from chat.models import Channel, ChannelArrival, ChannelDelivery

from .contract import SENDS, Failed

LEASE = timedelta(seconds=30)
"""How long a process serves a channel without renewing; the renewal is due every third of it."""
SILENT = timedelta(hours=1)
"""How long a channel that fetches may go without an answer of the other side."""


def serve(lease: str) -> list[Channel]:
    """The channels that the process with this lease serves: those that nobody else does, from now
    on for LEASE. Each says whether something `comes` or `goes`: every process looks each second,
    and asks once for all of them."""
    now = timezone.now()
    # A reading first: on SQLite an UPDATE that finds nothing waits for the one writer.
    known = list(looked_at(now))
    due = [one.pk for one in known if is_due(one, lease, now)]
    if due:
        free = Q(lease=lease) | Q(lease="") | Q(leased_until__lt=now)
        mine = Channel.objects.filter(free, pk__in=due, active=True)
        mine.update(lease=lease, leased_until=now + LEASE)
        known = list(looked_at(now))
    return [one for one in known if one.lease == lease]


def looked_at(now: datetime) -> QuerySet[Channel]:
    """The channels that are on, with what they have to do now."""
    own = {"channel": OuterRef("pk"), "due_at__lte": now}
    comes = ChannelArrival.objects.filter(**own, done_at=None)
    goes = ChannelDelivery.objects.filter(**own, state=ChannelDelivery.State.SENDING)
    work = {"comes": Exists(comes), "goes": Exists(goes)}
    return Channel.objects.on().annotate(**work)


def is_due(channel: Channel, lease: str, now: datetime) -> bool:
    """Whether this lease is to be renewed, or taken."""
    until = channel.leased_until or now
    return until < now + LEASE * 2 / 3 if channel.lease == lease else until <= now


def release(lease: str) -> None:
    """Leaves all channels to others, at the end of a process."""
    if list(own := Channel.objects.filter(lease=lease)):
        own.update(lease="", leased_until=None)


def works(channel: Channel, sends: bool = False) -> None:
    """It works, again. A fetch says so of all but sending, and who could send (`sends`) of that."""
    if channel.failure and channel.failure.startswith(SENDS) == sends:
        channel.failure = ""
        rows = Channel.objects.filter(pk=channel.pk)
        rows.update(failure="", failure_words="", failed_at=None)


def listens(channel: Channel, since: datetime, now: datetime) -> None:
    """Notes it where nothing could be fetched for SILENT, asked for all the time `since`, and no
    failure says why."""
    heard = max(since, channel.fetched_at or since)
    if not channel.failure and now - heard > SILENT:
        words = f"nothing was fetched since {heard:%Y-%m-%d %H:%M} UTC"
        fails(channel, Failed("silent", words), now)


def fails(channel: Channel, failed: Failed, now: datetime) -> None:
    """It does not work, since when it first did not."""
    if (channel.failure, channel.failure_words) == (failed.code, failed.words):
        return
    rows = Channel.objects.filter(pk=channel.pk)
    with transaction.atomic():
        # Others who serve it may have found the same: it fails once.
        known = rows.select_for_update().exclude(failure="").first()
        since = known.failed_at if known else now
        rows.update(failure=failed.code, failure_words=failed.words, failed_at=since)
        if known is None:
            who = channel.ent_id, channel.team_id
            causes.broken(*who, "channel", key=channel.pk, since=now.isoformat(), now=now)
    channel.failure, channel.failure_words, channel.failed_at = failed.code, failed.words, since
