"""Makes and changes webhooks."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import Enterprise
from chat.models import Webhook, WebhookDelivery
from chat.protocol.errors import Refused
from chat.stream import reader
from chat.stream.types import TYPES

from . import addresses, signatures

MOST = 20
"""Webhooks of an enterprise."""
FORMER_SIGNS_FOR = timedelta(hours=24)
"""How long the former secret signs beside a new one."""


def create(enterprise: Enterprise, url: str, events: list[str]) -> Webhook:
    """A webhook that gets what happens from now on. Its `secret` is to be shown once. Raises
    Refused: bad_field, conflict."""
    hook = Webhook(enterprise=enterprise, url=url, events=check(url, events))
    check_room(enterprise)
    store(hook)
    return hook


def check(url: str, events: list[str]) -> list[str]:
    """The types in their order, if a webhook may have this URL and these types. Raises Refused
    (bad_field)."""
    addresses.check(url, settings.WEBHOOK_ALLOW)
    texts = isinstance(events, list) and all(isinstance(each, str) for each in events)
    if not texts or not events or set(events) - set(TYPES):
        raise Refused("bad_field", f"events lists some of: {', '.join(TYPES)}.", field="events")
    return [each for each in TYPES if each in events]


def check_room(enterprise: Enterprise) -> None:
    """Raises Refused (conflict) where the enterprise has as many webhooks as it may have."""
    if Webhook.objects.filter(enterprise=enterprise).count() >= MOST:
        raise Refused("conflict", f"An enterprise has at most {MOST} webhooks.")


def store(hook: Webhook) -> None:
    """Stores a new webhook, with a secret."""
    hook.secret = signatures.new_secret()
    hook.place = reader.head_of(hook.enterprise.code).last
    hook.save()


def rotate(hook: Webhook) -> None:
    """Gives it another secret, to be shown once; the former one signs beside it for a day."""
    hook.former_secret, hook.former_until = hook.secret, timezone.now() + FORMER_SIGNS_FOR
    hook.secret = signatures.new_secret()
    hook.save(update_fields=["secret", "former_secret", "former_until"])


def parked_of(enterprise: Enterprise) -> int:
    """How many deliveries of an enterprise were given up."""
    rows = WebhookDelivery.objects.filter(webhook__in=enterprise.webhook_set.all())
    return rows.filter(state=WebhookDelivery.State.PARKED).count()
