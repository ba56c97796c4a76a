"""What becomes of a push whose service refuses it, or does not answer."""

import pytest

from accounts.models import Member
from chat.models import NotificationDelivery
from chat.notifications import deliveries
from chat.notifications.contract import Failed, Later
from chat.notifications.push import sending
from chat.posting import batches
from tests.chat.helpers import draft_of

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def unanswered(phone_of, answered, guest, alice, look, monkeypatch):
    """A phone that has a push whose service's answer was lost."""
    phone = phone_of(alice)
    with monkeypatch.context() as cut:
        cut.setattr(sending, "judge", lambda *_args: raised(Later("unreachable", perhaps=True)))
        batches.post(guest.draft("help"))
        look()
    assert phone.kinds == ["waiting"]
    return phone


def test_what_waits_is_dropped_with_its_cause(phone_of, answered, guest, alice, bob, look):
    phone = phone_of(alice)
    phone.answer = 503
    batches.post(guest.draft("help"))
    look()
    batches.post(draft_of(bob, answered, "hello"))
    phone.answer = 201
    look()
    assert phone.kinds == [] and not NotificationDelivery.objects.exists()


def test_what_a_process_may_have_sent_is_replaced(
    phone_of, answered, guest, alice, bob, look, pass_time, monkeypatch
):
    """It ended between the service's answer and the database."""
    phone = phone_of(alice)
    batches.post(guest.draft("help"))
    with monkeypatch.context() as killed:
        killed.setattr("chat.notifications.deliveries.store", lambda *args: raised(RuntimeError))
        look()
    assert phone.kinds == ["waiting"]
    batches.post(draft_of(bob, answered, "hello"))
    look()
    pass_time(31)
    look()
    assert phone.kinds == ["waiting", "gone"]


@pytest.mark.parametrize("then", ["refused", "not theirs"])
def test_what_was_perhaps_taken_is_replaced_whatever_came_of_the_next_try(
    then, unanswered, answered, alice, bob, look, pass_time
):
    phone = unanswered
    if then == "refused":
        phone.answer = 503
    else:
        Member.objects.filter(pk=alice.pk).update(online_status=Member.OnlineStatus.OFFLINE)
    pass_time(3)
    look()
    phone.answer = 201
    batches.post(draft_of(bob, answered, "hello"))
    pass_time(31)
    look()
    assert phone.kinds == ["waiting", "gone"]


@pytest.mark.parametrize("end", [Later("unreachable"), Failed("refused")])
def test_what_was_perhaps_taken_is_replaced_after_the_last_try(
    end, unanswered, answered, bob, look, pass_time, monkeypatch
):
    phone = unanswered
    NotificationDelivery.objects.update(tries=len(deliveries.DELAYS))
    pass_time(31)
    with monkeypatch.context() as last:
        last.setattr(sending, "judge", lambda *_args: raised(end))
        look()
    batches.post(draft_of(bob, answered, "hello"))
    look()
    assert phone.kinds == ["waiting", "waiting", "gone"]


def test_what_was_taken_while_its_end_was_spread_is_replaced(
    unanswered, answered, bob, look, monkeypatch
):
    done = deliveries.done

    def taken_before(one):
        monkeypatch.setattr(deliveries, "done", done)
        deliveries.count_as_sent(NotificationDelivery.objects.get())
        done(one)

    batches.post(draft_of(bob, answered, "hello"))
    monkeypatch.setattr(deliveries, "done", taken_before)
    look()
    assert unanswered.kinds == ["waiting", "gone"]


def test_who_lost_what_was_perhaps_taken_gets_it_again_while_it_lasts(
    unanswered, alice, look, pass_time
):
    phone = unanswered
    own = Member.objects.filter(pk=alice.pk)
    for status in (Member.OnlineStatus.OFFLINE, Member.OnlineStatus.ONLINE):
        own.update(online_status=status)
        pass_time(31)
        look()
    assert phone.kinds == ["waiting", "gone", "waiting"]


def raised(error):
    raise error
