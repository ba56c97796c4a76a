"""The stream of an enterprise's events: which row is at which place of it (chat/stream)."""

from django.db import models
from django.db.models.functions import Now

ROOM = 10**12
"""Places that each stream has in the ids of all events."""


class StreamHead(models.Model):
    """One stream. Places up to `last` are taken, those up to `deleted` are no longer kept. Places
    are given under this row's lock, which is kept until the commit, so whoever sees a place sees
    all lower ones."""

    ent_id = models.CharField(max_length=100, unique=True)
    last = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stream_head"

    def id_of(self, place: int) -> int:
        """The id of the event at a place."""
        return self.pk * ROOM + place


class StreamEvent(models.Model):
    """One event: its id is its stream and its place there. It tells of a row of group_message
    (`row_id`), or of the visitor or the conversation `about` (a uuid), and has no text of its own.
    `why` is that of StreamDue."""

    id = models.BigIntegerField(primary_key=True)
    type = models.CharField(max_length=30)
    row_id = models.IntegerField(null=True)
    about = models.CharField(max_length=36, default="", db_column="visitor")
    why = models.CharField(max_length=10, default="", db_default="")
    at = models.DateTimeField()
    """When it got its place; of an event without a row, when what it tells was stored."""

    class Meta:
        db_table = "stream_event"

    @property
    def place(self) -> int:
        return self.id % ROOM

    @property
    def public_id(self) -> str:
        """The id as clients get it. These texts sort like the places."""
        return f"{self.id:019d}"


class StreamPlace(models.Model):
    """Up to which seq a conversation is in the stream. Changed under the lock of the StreamHead."""

    group_id = models.CharField(max_length=36, primary_key=True)
    seq = models.IntegerField()

    class Meta:
        db_table = "stream_place"


class StreamDue(models.Model):
    """What the stream has to take in and would not find by itself: with a `type`, an event about a
    visitor, a conversation (uuid) or a message of it (`row_id`); without, the new rows of a
    conversation. `why` a conversation is in quarantine; "" where that is over."""

    ent_id = models.CharField(max_length=100)
    type = models.CharField(max_length=30, default="")
    about = models.CharField(max_length=36)
    row_id = models.IntegerField(null=True)
    why = models.CharField(max_length=10, default="", db_default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "stream_due"
