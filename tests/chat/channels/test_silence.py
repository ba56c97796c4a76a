from datetime import timedelta

import pytest
from django.utils import timezone

from chat.channels import health
from chat.channels.contract import Failed

pytestmark = pytest.mark.django_db


def test_a_channel_that_hears_nothing_for_an_hour_says_so(channel):
    now = timezone.now()
    channel.fetched_at = now - timedelta(hours=3)
    health.listens(channel, now - timedelta(minutes=59), now)
    assert channel.failure == "", "it was asked only since"
    health.listens(channel, now - timedelta(hours=2), now)
    channel.refresh_from_db()
    assert channel.failure == "silent" and channel.failed_at == now
    health.works(channel)
    health.fails(channel, Failed("sign_in"), now)
    health.listens(channel, now - timedelta(hours=2), now)
    assert channel.failure == "sign_in", "the cause is known"
