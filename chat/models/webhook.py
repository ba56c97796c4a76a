"""Webhooks: where an enterprise has its events sent, what is to be sent there, and each try."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, new_uuid


class Webhook(models.Model):
    """An address that gets the events of an enterprise, signed. Deliveries were made of the events
    up to `place` in its stream. `former_secret` signs as well until `former_until`. Managers were
    mailed of what was parked up to `told_at`."""

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, verbose_name=_("enterprise"))
    url = models.CharField(_("web address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    active = models.BooleanField(_("active"), default=True)
    secret = models.CharField(max_length=100, editable=False)
    former_secret = models.CharField(max_length=100, default="", editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    place = models.BigIntegerField(default=0, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        db_table = "webhook"
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self):
        return self.url


class WebhookDelivery(models.Model):
    """One event for one webhook. It names the event and has nothing of its text: what is sent is
    read from the event's row each time. `about` is the conversation or visitor (uuid) within which
    the order is kept. `event` is null for a test. Nobody else sends it before `leased_until`: a
    process has the `lease`, or without one the receiver asked for a pause."""

    class State(models.IntegerChoices):
        DUE = 0, _("to be sent")
        DONE = 1, _("delivered")
        PARKED = 2, _("parked")

    webhook = models.ForeignKey(Webhook, models.CASCADE, verbose_name=_("webhook"))
    event = models.BigIntegerField(null=True)
    type = models.CharField(_("event"), max_length=30)
    about = models.CharField(_("conversation or visitor"), max_length=36)
    state = models.SmallIntegerField(_("state"), choices=State.choices, default=State.DUE)
    tries = models.IntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"))
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=36, default="")
    created_at = models.DateTimeField(_("created"))
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_delivery"
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # What is due; and what is parked.
            models.Index(fields=["webhook", "state", "due_at"], name="webhook_delivery_due"),
            # Whether something earlier about the same is still to be sent.
            models.Index(
                fields=["about", "webhook", "state", "event"], name="webhook_delivery_first"
            ),
            models.Index(fields=["ended_at"], name="webhook_delivery_ended"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_delivery_once")
        ]

    def __str__(self):
        return f"{self.type} {self.pk}"


class WebhookAttempt(models.Model):
    """One try of a delivery: the `status` of the answer, or the `error` where there was none, and
    the first lines of the answer."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("time"))
    seconds = models.FloatField(_("seconds"))
    status = models.SmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=200, default="")
    lines = models.CharField(_("response"), max_length=500, default="")

    class Meta:
        db_table = "webhook_attempt"
        verbose_name = _("try")
        verbose_name_plural = _("tries")
