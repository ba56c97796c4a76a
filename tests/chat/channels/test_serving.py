"""Which process serves a channel, and a channel of which nothing is heard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Enterprise
from chat.channels import health
from chat.channels.contract import Failed
from chat.models import Channel

pytestmark = pytest.mark.django_db


def test_one_process_serves_a_channel_and_another_follows(channel):
    assert health.serve("one") == [channel] and health.serve("two") == []
    health.release("one")
    assert health.serve("two") == [channel] and health.serve("one") == []
    past = timezone.now() - timedelta(seconds=1)
    Channel.objects.update(leased_until=past)
    assert health.serve("one") == [channel] and health.serve("two") == []


@pytest.mark.parametrize("closed", [True, False])
def test_one_that_is_off_or_of_a_closed_enterprise_is_served_by_nobody(
    channel, closed, django_assert_num_queries
):
    if closed:
        Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    else:
        Channel.objects.update(active=False)
    with django_assert_num_queries(1):
        assert health.serve("one") == []


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
