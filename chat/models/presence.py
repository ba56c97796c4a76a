"""Who is connected, and to which process."""

from django.db import models
from django.db.models.functions import Now


class Presence(models.Model):
    """A lease: `who` (member or visitor uuid) is connected to process `node` until `expires_at`;
    renewing it leaves `taken_at`, which tells who came. `away`: nobody touches their pages."""

    who = models.CharField(max_length=36)
    node = models.CharField(max_length=36)
    expires_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(db_default=Now(), db_index=True)
    away = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "presence"
        constraints = [models.UniqueConstraint(fields=["who", "node"], name="presence_once")]
