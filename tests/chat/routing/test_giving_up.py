"""Who is offline gives conversations up in which a visitor waits."""

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.conversations import claims
from chat.models import Conversation

from .desk import act, connect, holder, look, notice, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(team, alice, bob):
    """The team, which offers, and its agents with sockets."""
    set_routing(team, "offer")
    connect(alice, bob)
    return team


def test_who_chose_to_be_offline_gives_up_whose_visitor_waits(desk, alice, bob):
    set_routing(desk, "assign")
    waits, answered = wait(desk), wait(desk)
    look()
    Conversation.objects.filter(uuid=answered).update(waiting_since=None)
    long_ago = timezone.now() - claims.OFFLINE * 2
    Conversation.objects.update(claimed_by=alice.uuid, claimed_at=long_ago)
    alice.choose_state(True, False, timezone.now() - claims.OFFLINE * 0.9)
    claims.give_up()
    assert holder(waits) == alice.uuid, "they may change their mind"
    Member.objects.filter(pk=alice.pk).update(offline_since=timezone.now() - claims.OFFLINE)
    claims.give_up()
    assert (holder(waits), holder(answered)) == ("", alice.uuid)
    assert notice(waits, "expired").data["why"] == "offline"
    look()
    assert holder(waits) == bob.uuid


@pytest.mark.parametrize("handed", [False, True])
def test_what_is_claimed_or_handed_while_offline_stays_for_a_minute(desk, alice, bob, handed):
    alice.choose_state(True, False, timezone.now() - claims.OFFLINE * 2)
    group = wait(desk)
    if handed:
        act("transfer", bob, group, member=alice.uuid)
    else:
        act("claim", alice, group)
    claims.give_up()
    claims.free_if_offline(group, alice.uuid)
    assert holder(group) == alice.uuid
    Conversation.objects.update(claimed_at=timezone.now() - claims.OFFLINE)
    claims.give_up()
    assert holder(group) == ""


def test_an_offline_member_who_is_back_gives_nothing_up(desk, alice):
    group = wait(desk)
    long_ago = timezone.now() - claims.OFFLINE * 2
    Conversation.objects.update(claimed_by=alice.uuid, claimed_at=long_ago)
    alice.choose_state(True, False, timezone.now() - claims.OFFLINE * 2)
    alice.choose_state(False, True, timezone.now())
    claims.give_up()
    assert holder(group) == alice.uuid
