"""What could not be delivered is told to managers: by mail, and on their home."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.mail import jobs, parked
from chat.models import MailJob, WebhookDelivery
from chat.overview.decisions import decisions
from chat.webhooks import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def given_up(hook, manager, alice):
    Member.objects.filter(pk=manager.pk).update(email="m@example.com")
    delivery = deliveries.send_test(hook)
    deliveries.park(delivery, timezone.now(), "no connection")
    return delivery


def test_managers_are_mailed_once_and_again_a_day_later_for_what_came_since(
    given_up, hook, mailoutbox
):
    for taken in (parked.take_due(), parked.take_due()):
        jobs.send(taken)
    assert [each.to for each in mailoutbox] == [["m@example.com"]], "no agents"
    assert "127.0.0.1" in mailoutbox[0].subject and hook.secret not in mailoutbox[0].body
    assert not MailJob.objects.exists()
    tomorrow = timezone.now() + timedelta(hours=25)
    assert parked.take_due(tomorrow) == []
    deliveries.park(deliveries.send_test(hook), timezone.now() + timedelta(seconds=1), "x")
    assert parked.take_due() == []
    assert len(parked.take_due(tomorrow)) == 1


def test_the_home_tells_until_it_was_sent_again(given_up, enterprise):
    assert "parked" in [each.key for each in decisions(enterprise, 0, "")]
    deliveries.replay(given_up)
    assert WebhookDelivery.objects.get().state == WebhookDelivery.State.DUE
    assert "parked" not in [each.key for each in decisions(enterprise, 0, "")]
