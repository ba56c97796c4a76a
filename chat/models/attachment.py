"""Files that somebody sent."""

from django.db import models
from django.db.models.functions import Now


class Attachment(models.Model):
    """A file that somebody sent: on disk under `key`, told of by the message whose `client_id` and
    `sender` these are. The row stands before the file and before the message, so nothing lies on
    disk that no row knows; what got no message within a while is swept away (files.py).
    """

    key = models.CharField(max_length=32, unique=True)
    ent_id = models.CharField(max_length=100)
    sender = models.CharField(max_length=36)
    client_id = models.CharField(max_length=36)
    digest = models.CharField(max_length=64)
    """SHA-256 of what was uploaded: the same again is a retry, anything else a conflict."""
    name = models.CharField(max_length=100)
    size = models.IntegerField()
    mime = models.CharField(max_length=100)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "attachment"
        indexes = [models.Index(fields=["sender", "client_id"], name="attachment_message")]
