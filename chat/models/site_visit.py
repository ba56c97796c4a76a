"""Who is on the enterprise's sites just now, whether or not they ever write."""

from django.db import models

from accounts.models import Enterprise, Member
from accounts.models.greeting_rule import MAX_TEXT

from .visitor import Visitor


class SiteVisit(models.Model):
    """One browser on the enterprise's sites, as its widget tells. `key` is random, made by that
    browser anew for each visit, and opens only this row; `visitor` is known once they have written.
    The row goes an hour after the last sign of them (chat/visitors/site_visits.py).

    `dismissed_at`: they closed a greeting or an invitation, and want no other.
    """

    enterprise = models.ForeignKey(Enterprise, models.CASCADE)
    key = models.CharField(max_length=32)
    visitor = models.ForeignKey(Visitor, models.CASCADE, to_field="uuid", null=True)
    url = models.CharField(max_length=300)
    title = models.CharField(max_length=200, blank=True, default="")
    referrer = models.CharField(max_length=300, blank=True, default="")
    visits = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    invitation = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    invited_by = models.ForeignKey(Member, models.SET_NULL, null=True)
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
