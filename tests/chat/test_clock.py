"""The database's clock counts, whatever this machine's says."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from chat import clock
from chat.care import quarantine
from chat.models import Conversation
from chat.presence import leases
from chat.reading import offers

from .helpers import JSON

pytestmark = pytest.mark.django_db
needs_server = pytest.mark.skipif(
    "mysql" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite has no clock of its own"
)


@pytest.fixture
def wrong(monkeypatch):
    """A function: this machine's clock is so far ahead."""
    real = timezone.now
    monkeypatch.setattr(clock, "clock", fresh := clock.Clock())
    for name in ("now", "measure"):
        monkeypatch.setattr(clock, name, getattr(fresh, name))

    def set_clock(ahead: timedelta) -> timedelta:
        monkeypatch.setattr("django.utils.timezone.now", lambda: real() + ahead)
        clock.measure()
        return abs(clock.now() - real())

    return set_clock


@needs_server
@pytest.mark.parametrize("minutes", [-10, 10, 1_000])
def test_a_clock_that_is_wrong_is_corrected_and_told_once(wrong, caplog, minutes):
    assert wrong(timedelta(minutes=minutes)) < timedelta(seconds=1)
    clock.measure()
    assert len(caplog.records) == 1 and f"{minutes * 60:+.1f} s" in caplog.text


@needs_server
def test_a_small_difference_is_none(wrong, caplog):
    wrong(timedelta(milliseconds=300))
    assert clock.clock.ahead == timedelta() and not caplog.records


@needs_server
def test_a_lease_of_a_machine_whose_clock_is_behind_is_valid_for_the_others(wrong, alice):
    real = timezone.now
    wrong(timedelta(minutes=-10))
    until = leases.renew([alice.uuid])
    assert timedelta(seconds=48) < until - real() < timedelta(seconds=52)


def test_offers_who_is_offline_and_old_quarantines_go_by_it(monkeypatch, agent, alice, group):
    monkeypatch.setattr(clock.clock, "ahead", timedelta(minutes=10))
    soon = timezone.now() + timedelta(minutes=5)
    Conversation.objects.update(
        offered_to=alice.uuid,
        offered_until=soon,
        quarantined_since=soon - quarantine.AGE,
        quarantined_for="links",
    )
    assert offers.of_member(alice) == [], "it is over by the database's clock"
    quarantine.expire()
    assert not Conversation.objects.get().open
    assert agent.post("/agent/online/", {"state": "offline"}, **JSON).status_code == 200
    alice.refresh_from_db()
    assert alice.offline_since > soon


def test_without_a_database_server_the_machines_own_clock_counts(wrong):
    if "mysql" in settings.DATABASES["default"]["ENGINE"]:
        assert wrong(timedelta()) < timedelta(seconds=1)
    else:
        wrong(timedelta(minutes=10))
        assert clock.now() >= timezone.now() - timedelta(seconds=1)
