"""The audit: who did what to the settings, people and data of an enterprise, row by row."""

from django.db import models
from django.utils.translation import gettext_lazy as _

INSTALLATION = 0
"""The chain of what belongs to no enterprise, such as superusers; others have their enterprise's
id, which no other enterprise ever gets."""


class AuditRow(models.Model):
    """One thing that was done. Rows are only added (accounts/audit/chains.py), numbered within
    their chain; `hash` covers the row and the hash of the row before. `details` is JSON, or NULL
    once it was erased with its visitor; `digest`, which stays, is what the hash covers of it."""

    class Action(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        USED = "used", _("used")
        SIGNED_IN = "signed_in", _("signed in")
        FAILED = "sign_in_failed", _("failed sign-ins")
        LINK_SENT = "link_sent", _("sent a password link")
        READ = "read", _("read without taking part")
        EXPORTED = "exported", _("exported")
        SHOWN = "shown", _("showed contact details")
        ERASED = "erased", _("erased")
        DROPPED = "dropped", _("left out")
        CUT = "cut", _("audit shortened")

    chain = models.PositiveBigIntegerField()
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("time"))
    actor = models.CharField(max_length=36)
    """A member's uuid, a visitor's, or "" for the server and its commands."""
    actor_name = models.CharField(_("who"), max_length=125)
    """The account, or the user of the operating system; "" for visitors and the server itself."""
    source = models.CharField(_("where"), max_length=100)
    """The name of the page's route, or the command."""
    address = models.CharField(_("address"), max_length=45)
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    kind = models.CharField(_("of"), max_length=30)
    object_id = models.CharField(_("id"), max_length=36)
    object_name = models.CharField(_("name"), max_length=200)
    visitor = models.CharField(max_length=36, db_index=True)
    """The uuid of the visitor with whom the details are erased, or ""."""
    details = models.TextField(null=True)
    digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_row"
        verbose_name = _("audit row")
        verbose_name_plural = _("audit")
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_row_number")]
        indexes = [
            models.Index(fields=["chain", "at"], name="audit_row_at"),
            models.Index(fields=["object_id", "actor", "at"], name="audit_row_object"),
        ]

    def __str__(self):
        return f"{self.number}"


class AuditHead(models.Model):
    """How a chain ends: the number and hash of its last row. Writers lock this row."""

    chain = models.PositiveBigIntegerField(primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "audit_head"


class SignInFailures(models.Model):
    """Failed sign-ins of one minute from one address, until they become an audit row."""

    chain = models.PositiveBigIntegerField()
    minute = models.DateTimeField(db_index=True)
    address = models.CharField(max_length=45)
    account = models.CharField(max_length=125)
    """That of a member; "" for what nobody is called, which may be a password."""
    count = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "sign_in_failures"
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "minute", "address", "account"], name="sign_in_failures_once"
            )
        ]
