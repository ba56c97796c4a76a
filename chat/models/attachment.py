"""Uploaded files."""

from django.db import models
from django.db.models.functions import Now


class Attachment(models.Model):
    """An uploaded file. It lies on disk under `key` and belongs to the message with the same
    `sender` and `client_id`. The row is stored before the file and the message, so every file on
    disk has a row; a row without a message is deleted later (files.storage.sweep).
    """

    key = models.CharField(max_length=32, unique=True)
    ent_id = models.CharField(max_length=100)
    sender = models.CharField(max_length=36)
    client_id = models.CharField(max_length=36)
    digest = models.CharField(max_length=64)
    """SHA-256 of the upload in hex: the same digest is a retry, another one a conflict."""
    name = models.CharField(max_length=100)
    size = models.IntegerField()
    mime = models.CharField(max_length=100)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "attachment"
        indexes = [models.Index(fields=["sender", "client_id"], name="attachment_message")]
