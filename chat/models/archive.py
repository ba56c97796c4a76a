"""What members keep of the archive: named filters, and exports that are being made or were."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import Enterprise, Member


class SavedView(models.Model):
    """A member's filters of the archive (archive/question.py), under a name."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="saved_views")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(fields=["member", "enterprise", "name"], name="saved_view_once")
        ]


class ArchiveExport(models.Model):
    """A selection of conversations as a file, from the wish to the file's deletion.

    `chosen` are the groups that were ticked; if it is empty, `fields` are the filters. A process
    that works on it renews `taken_at`; whoever takes it next gives it another `key`, by which the
    file lies on disk, so that the one before notices. `percent` says how far it is, `done` how many
    conversations it has.
    """

    class Kind(models.TextChoices):
        CSV = "csv"
        JSON = "json"
        ZIP = "zip"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    fields = models.JSONField(default=dict)
    chosen = models.JSONField(default=list)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    key = models.CharField(max_length=32, default="")
    done = models.IntegerField(default=0)
    percent = models.SmallIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    problem = models.CharField(max_length=10, default="")
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "archive_export"


class ExportedConversation(models.Model):
    """That an export has, or is about to have, this conversation: stored before it is read, so that
    an erasure finds every file that may tell of its visitor."""

    export = models.ForeignKey(ArchiveExport, models.CASCADE)
    group_id = models.CharField(max_length=36, db_index=True)

    class Meta:
        db_table = "exported_conversation"
