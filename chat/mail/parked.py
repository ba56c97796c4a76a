"""Tells managers by mail that events could not be delivered to a webhook. It names the receiver's
host, and nothing of the events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts import rights
from accounts.models import Enterprise, Member
from chat import sweeps
from chat.models import Webhook, WebhookDelivery
from chat.webhooks.sender import GONE

from . import jobs
from .jobs import Reminder, Undo, gathered
from .reminders import link, mail

PAUSE = timedelta(days=1)
"""Between two mails about one webhook."""


def take_due(now: datetime | None = None) -> list[Reminder]:
    """Takes all that is due; whoever calls sends it."""
    return gathered(due(now or timezone.now()))


def due(now: datetime) -> Iterator[Reminder]:
    parked = WebhookDelivery.objects.filter(
        webhook=OuterRef("pk"), state=WebhookDelivery.State.PARKED
    )
    news = Exists(parked.filter(ended_at__gt=OuterRef("told_at")))
    found = Webhook.objects.filter(
        Q(Exists(parked), told_at=None) | Q(news, told_at__lte=now - PAUSE),
        enterprise__status=Enterprise.Status.OPEN,
    )
    for hook in found.select_related("enterprise"):
        yield from sweeps.run_step(take, hook, now) or []


def take(hook: Webhook, now: datetime) -> list[Reminder]:
    """The mails, unless another process has taken them, or nobody can be mailed."""
    managers = Member.objects.filter(
        enterprise=hook.enterprise,
        status=Member.Status.NORMAL,
        role__in=rights.roles_with(rights.SETTINGS),
    )
    people = list(managers.exclude(email=""))
    with transaction.atomic():
        mine = Webhook.objects.filter(pk=hook.pk, told_at=hook.told_at)
        if not people or not mine.update(told_at=now):
            return []
        job = jobs.store(Undo(Webhook, [hook.pk], "told_at", now))
    parked = WebhookDelivery.objects.filter(webhook=hook, state=WebhookDelivery.State.PARKED)
    gone = not hook.active and parked.filter(attempts__status=GONE).exists()
    place = f"{reverse('admin:chat_webhookdelivery_changelist')}?state__exact=2"
    facts = {
        "count": parked.count(),
        "host": urlsplit(hook.url).hostname,
        "link": link(place),
        "gone": gone,
    }
    mails = [mail(one, subject, facts, "parked") for one in people]
    return [Reminder(job, hook.enterprise_id, mails, automatic=True)]


def subject(facts: dict) -> str:
    return ngettext(
        "%(count)d event could not be delivered to %(host)s",
        "%(count)d events could not be delivered to %(host)s",
        facts["count"],
    )
