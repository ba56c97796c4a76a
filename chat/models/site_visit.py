"""Visits to an enterprise's sites."""

from django.db import models

from accounts.models import Enterprise, Member, OwnKey
from accounts.models.greeting_rule import MAX_TEXT

from .visitor import Visitor


class SiteVisit(models.Model):
    """A browser's visit to an enterprise's sites, as the widget there reports it. The browser makes
    a random `key` for each visit, which gives access to this row only. `visitor` is set once they
    have written. `dismissed_at`: they closed a greeting or an invitation, and are shown no other.
    The row is deleted an hour after the last report (chat/visitors/site_visits.py).
    """

    enterprise = models.ForeignKey(Enterprise, models.CASCADE)
    key = models.CharField(max_length=32)
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", null=True)
    url = models.CharField(max_length=300)
    title = models.CharField(max_length=200, blank=True, default="")
    referrer = models.CharField(max_length=300, blank=True, default="")
    visits = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    invitation = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    invited_by = OwnKey(Member, models.SET_NULL, null=True)
    invited_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "site_visit"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "key"], name="site_visit_key"),
        ]
        indexes = [models.Index(fields=["enterprise", "seen_at"], name="site_visit_seen")]

    def __str__(self):
        return self.key
