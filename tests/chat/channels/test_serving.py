"""Which process serves a channel."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.channels import health
from chat.models import Channel

pytestmark = pytest.mark.django_db


def test_one_process_serves_a_channel_and_another_follows(channel):
    assert health.serve("one") == [channel] and health.serve("two") == []
    health.release("one")
    assert health.serve("two") == [channel] and health.serve("one") == []
    past = timezone.now() - timedelta(seconds=1)
    Channel.objects.update(leased_until=past)
    assert health.serve("one") == [channel] and health.serve("two") == []


def test_a_channel_that_is_off_is_served_by_nobody(channel, django_assert_num_queries):
    Channel.objects.update(active=False)
    with django_assert_num_queries(1):
        assert health.serve("one") == []
