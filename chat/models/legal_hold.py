"""Legal holds: what must not be deleted until a manager says so."""

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import OwnKey

from .group import theirs
from .visitor import Visitor


class LegalHoldQuerySet(models.QuerySet):
    def of(self, visitor: str, ent_id: str, group: str | None = None):
        """The holds of their enterprise on a visitor (uuid) or on any conversation of theirs; with
        `group` those that keep this conversation."""
        found = self.filter(theirs(ent_id), visitor=visitor)
        return found if group is None else found.filter(group_id__in=("", group))

    def keeping(self, groups):
        """The holds that keep any of these conversations (rows)."""
        visitors = {row.visitor_id for row in groups}
        mine = {row.uuid for row in groups}
        kept = Q(group_id__in=mine) | Q(group_id="", visitor__in=visitors)
        return self.filter(kept, visitor__ent_id=F("ent_id"))

    def keep_former(self, visitor: Visitor, now: datetime, **facts) -> None:
        """The visitor, whose row is locked, has or gets others than these `facts` (name, contact,
        identity, attributes): each hold on anything of theirs keeps them, and until when they
        stood."""
        former = {"visitor": visitor.uuid, **facts, "until": now}
        for hold in self.of(visitor.uuid, visitor.ent_id).order_by("pk"):
            hold.kept.append(former)
            hold.save(update_fields=["kept"])


class LegalHold(models.Model):
    """A manager's word that a visitor, with all of their conversations, or one conversation
    (`group_id`) must not be deleted: neither after some days nor by an erasure. Lifting it deletes
    the row; the audit has both. `kept` is what was known since and is not in the visitor's row any
    more: of visitors who were joined with this one, and names and contacts that were changed."""

    ent_id = models.CharField(_("enterprise"), max_length=100, db_index=True)
    visitor = OwnKey(Visitor, models.PROTECT, to_field="uuid", verbose_name=_("visitor"))
    group_id = models.CharField(max_length=36, blank=True, default="", db_index=True)
    reason = models.CharField(_("reason"), max_length=200)
    placed_by = models.CharField(max_length=36)
    placed_by_name = models.CharField(_("placed by"), max_length=125)
    placed_at = models.DateTimeField(_("since"), db_default=Now())
    kept = models.JSONField(default=list, db_default=[], encoder=DjangoJSONEncoder)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        db_table = "legal_hold"
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")

    def __str__(self):
        return self.reason
