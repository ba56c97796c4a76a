"""Presence leases."""

from django.db import models
from django.db.models.functions import Now


class Presence(models.Model):
    """A lease: `who` (uuid of a member or visitor) is connected to the process `node` until
    `expires_at`. A renewal keeps `taken_at`, the time of connecting. `away`: none of their pages
    has had input for a while. `shown_at`: when a page last said that it is seen
    (presence/shown.py).
    """

    who = models.CharField(max_length=36)
    node = models.CharField(max_length=36)
    expires_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(db_default=Now(), db_index=True)
    away = models.BooleanField(default=False, db_default=False)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "presence"
        constraints = [models.UniqueConstraint(fields=["who", "node"], name="presence_once")]
