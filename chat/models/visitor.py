"""Who writes to an enterprise."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import new_uuid


class Visitor(models.Model):
    """Someone who wrote at least once to an enterprise. The row comes with the first message.

    `identity` is what the enterprise's own site has signed about them (id, name, email), and
    `identity_key` finds it (chat/visitors/identities.py); `label` and `contact` are words that
    anybody gave.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    ent_id = models.CharField(_("enterprise"), max_length=100, db_index=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    identity_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    identity = models.JSONField(default=dict, editable=False)
    label = models.CharField(_("name"), max_length=125)
    contact = models.CharField(_("contact"), max_length=125, blank=True, default="")
    referrer = models.CharField(_("came from"), max_length=500, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    device = models.CharField(_("device"), max_length=60, blank=True, default="")
    browser = models.CharField(_("browser"), max_length=60, blank=True, default="")
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    path = models.JSONField(_("pages visited"), default=list)
    consented_at = models.DateTimeField(_("agreed"), null=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    blocked_until = models.DateTimeField(_("blocked until"), null=True, db_index=True)
    block_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    blocked_by = models.CharField(_("blocked by"), max_length=125, blank=True, default="")
    created_at = models.DateTimeField(_("first seen"), db_default=Now())
    last_seen_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        db_table = "visitor"
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self):
        return self.label

    @property
    def email(self) -> str:
        """The address that the site has signed, or the first one in the contact, wherever agents
        put it; "" for none."""
        words = re.split(r"[\s,;，；、<>()（）:：]+", self.contact)
        for word in [self.identity.get("email", ""), *words]:
            if "@" in word:
                try:
                    validate_email(word)
                except ValidationError:
                    continue
                return word
        return ""

    @property
    def is_blocked(self) -> bool:
        """At this moment; a block that has an end may be over before a beat takes it away."""
        return self.blocked and (self.blocked_until is None or self.blocked_until > now())

    @property
    def is_erased(self) -> bool:
        """No cookie opens it any more, and nothing of it names anybody (erasure.py)."""
        return not self.secret_hash


class EndedSession(models.Model):
    """A visitor's sign-in that ended before its time: no cookie that carries it opens anything. Or,
    by uuid, a visitor without a name who has signed in since: for two weeks if their row was joined
    with the person's, else for some minutes."""

    key = models.CharField(max_length=36, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "ended_session"
