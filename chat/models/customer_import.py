"""Customers from a CSV file: the file's way from the upload to its deletion, and its lines."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, Member, OwnKey

from .group import theirs
from .visitor import Visitor

COLUMN = 60
"""Characters of a column's name that are stored."""


class CustomerImport(models.Model):
    """A file that was uploaded (chat/bulk/customer_imports/). Its name on disk is `file`; `shape`
    is how it is read (tables.py). `lines` is the number of its last line, `done` the last one that
    the present step has passed. A process that works on it renews `taken_at`; whoever takes it next
    gives it another `key`, so that the one before notices.

    Deleted a day after its end, with all lines and the file: no backup or move has to know it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Begins soon")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Checked; nothing is imported yet")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        GONE = "gone"
        """Shown to nobody; its lines are being deleted."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=32)
    shape = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    key = models.CharField(max_length=32, default="")
    lines = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    problem = models.CharField(max_length=10, default="")
    created_at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customer_import"

    @property
    def own_rows(self) -> "models.QuerySet[CustomerImportRow]":
        """Its lines, which are its enterprise's."""
        return self.rows.filter(theirs(self.enterprise.code))

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // max(1, self.lines))


class CustomerImportRow(models.Model):
    """A line of the file: at first what it would do, then what it did. `values` are by column what
    stood before and what is written. `who` is the cell that names the customer: by it an erasure
    finds a line that is still to be stored. An erasure deletes the line."""

    class What(models.TextChoices):
        CREATE = "create", _("To be created")
        CHANGE = "change", _("To be changed")
        NOTHING = "nothing", _("Nothing to change")
        PROBLEM = "problem", _("Not importable")
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Not undone, since changed")

    ent_id = models.CharField(max_length=100)
    customer_import = models.ForeignKey(CustomerImport, models.CASCADE, related_name="rows")
    line = models.IntegerField()
    what = models.CharField(max_length=7, choices=What.choices)
    who = models.CharField(max_length=125, default="")
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", null=True, related_name="+")
    values = models.JSONField(default=dict)
    column = models.CharField(max_length=COLUMN, default="")
    problem = models.CharField(max_length=10, default="")

    class Meta:
        db_table = "customer_import_row"
        constraints = [
            models.UniqueConstraint(fields=["customer_import", "line"], name="customer_import_line")
        ]
        indexes = [
            models.Index(fields=["customer_import", "what", "line"], name="customer_import_what"),
            models.Index(fields=["ent_id", "who"], name="customer_import_who"),
        ]
