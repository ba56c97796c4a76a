"""Offers: whom a conversation asks, one after the other, and how an offer ends."""

import pytest
from django.utils import timezone

from accounts import setup
from accounts.models import Member, Team
from chat.background import router
from chat.delivery import announce
from chat.models import Conversation
from chat.posting import batches
from chat.posting.actions import Decline
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.reading import offers
from tests.chat.helpers import check_ledger, draft_of
from tests.conftest import hire

from .desk import (
    act,
    connect,
    conversation,
    disconnect,
    events_of,
    holder,
    look,
    notice,
    offered,
    set_routing,
    wait,
)

pytestmark = pytest.mark.django_db(transaction=True)
OVER = 31
"""Seconds after which an offer has expired."""


@pytest.fixture
def desk(team, alice, bob):
    """The team, which offers, and its agents with sockets."""
    set_routing(team, "offer")
    connect(alice, bob)
    return team


@pytest.fixture
def told(monkeypatch):
    """What is told of offers: (who, type, why, if it is over)."""
    found = []
    add = announce.Announcement.add

    def listen(announcement, recipients, event):
        if event["type"].startswith("offer"):
            found.append((*recipients, event["type"], event.get("why")))
        add(announcement, recipients, event)

    monkeypatch.setattr(announce.Announcement, "add", listen)
    return found


def decline(member: Member, group: str) -> None:
    batches.do(Decline(member.uuid, group))


def test_one_agent_is_asked(desk, alice, bob, told):
    group = wait(desk)
    look()
    assert (holder(group), offered(group)) == ("", alice.uuid)
    (offer,) = offers.of_member(alice)
    assert offer["group"] == group and offer["reason"] == "longest_idle"
    left = (offer["until"] - timezone.now()).total_seconds()
    assert 25 < left <= 30
    assert offers.of_member(bob) == []
    assert told == [(alice.uuid, "offer", None)]
    look()
    assert len(told) == 1, "an open offer is not made again"
    assert events_of(group) == ["opened"], "an offer is no row"


def test_a_claim_accepts_and_says_why(desk, alice, told):
    group = wait(desk)
    look()
    act("claim", alice, group)
    assert (holder(group), offered(group)) == (alice.uuid, "")
    assert events_of(group) == ["opened", "claimed", "assigned"]
    said = notice(group, "assigned").data
    assert (said["reason"], said["taken"], said["limit"]) == ("longest_idle", 0, 4)
    assert told[-1] == (alice.uuid, "offer.ended", "taken")
    check_ledger()


def test_a_claim_by_somebody_else_takes_it_away(desk, alice, bob, told):
    group = wait(desk)
    look()
    act("claim", bob, group)
    assert told[-1] == (alice.uuid, "offer.ended", "taken")
    assert "assigned" not in events_of(group)
    with pytest.raises(Refused, match="holds the claim"):
        act("claim", alice, group)


def test_who_declines_comes_after_the_others_and_a_new_round_begins_at_once(desk, alice, bob, told):
    group = wait(desk)
    look()
    decline(alice, group)
    assert offered(group) == "" and told[-1] == (alice.uuid, "offer.ended", "declined")
    look()
    assert offered(group) == bob.uuid
    decline(bob, group)
    look()
    assert offered(group) == alice.uuid
    decline(alice, group)
    look()
    assert offered(group) == bob.uuid


def test_a_declined_offer_is_declined_once(desk, alice, bob, told):
    group = wait(desk)
    look()
    decline(alice, group)
    look()
    decline(alice, group)
    assert offered(group) == bob.uuid, "it is not theirs any more"
    with pytest.raises(Refused, match="no such conversation"):
        decline(hire("zoe", desk.enterprise), group)
    with pytest.raises(Refused, match="no such conversation"):
        decline(alice, "00000000-0000-4000-8000-000000000000")


def test_an_expired_offer_goes_to_the_next(desk, alice, bob, told):
    group = wait(desk)
    look()
    look(29)
    assert offered(group) == alice.uuid
    look(OVER)
    assert offered(group) == bob.uuid
    assert (alice.uuid, "offer.ended", "expired") in told
    alice.refresh_from_db()
    assert alice.missed_offers == 1


def test_an_offer_that_is_accepted_after_its_time_is_a_claim(desk, alice, bob, told):
    group = wait(desk)
    look()
    Conversation.objects.update(offered_until=timezone.now())
    act("claim", alice, group)
    assert holder(group) == alice.uuid
    act("claim", alice, group)
    assert events_of(group).count("claimed") == 1, "by two windows"
    look(OVER)
    alice.refresh_from_db()
    assert (alice.missed_offers, holder(group)) == (0, alice.uuid)


def miss(member: Member, times: int) -> None:
    for _ in range(times):
        look()
        assert offered(Conversation.objects.get().uuid) == member.uuid
        Conversation.objects.update(offered_until=timezone.now())
        look()
        Conversation.objects.update(asked={})


def test_three_expired_in_a_row_make_away_and_tell(desk, alice, bob, told):
    disconnect(bob)
    group = wait(desk)
    miss(alice, 2)
    assert leases.agent_states({alice.uuid}) == {alice.uuid: "online"}
    miss(alice, 1)
    assert leases.agent_states({alice.uuid}) == {alice.uuid: "away"}
    assert told.count((alice.uuid, "offers.paused", None)) == 1
    look()
    assert offered(group) == ""
    alice.refresh_from_db()
    leases.come_back(alice)
    look()
    assert offered(group) == alice.uuid


def test_what_an_agent_takes_or_declines_begins_the_count_anew(desk, alice, bob):
    disconnect(bob)
    wait(desk)
    miss(alice, 2)
    look()
    group = Conversation.objects.get().uuid
    decline(alice, group)
    alice.refresh_from_db()
    assert alice.missed_offers == 0
    Member.objects.update(missed_offers=2)
    router.live.routed.add(desk.enterprise.code)
    act("claim", alice, group)
    alice.refresh_from_db()
    assert alice.missed_offers == 0
    router.look()
    alice.refresh_from_db()
    assert alice.given_at


def test_an_answer_that_claims_begins_the_count_anew(desk, alice):
    Team.objects.update(answering_claims=True)
    group = wait(desk)
    look()
    Member.objects.filter(pk=alice.pk).update(missed_offers=2)
    batches.post(draft_of(alice, group))
    router.look()
    alice.refresh_from_db()
    assert holder(group) == alice.uuid
    assert alice.missed_offers == 0 and alice.given_at


def test_what_a_colleague_hands_on_or_routing_assigns_is_no_sign_of_life(desk, alice, bob):
    Member.objects.filter(pk=alice.pk).update(missed_offers=2)
    group = wait(desk)
    look()
    act("claim", bob, group)
    act("transfer", bob, group, member=alice.uuid)
    disconnect(bob)
    set_routing(desk, "assign")
    assigned = wait(desk)
    router.look()
    assert holder(group) == holder(assigned) == alice.uuid
    alice.refresh_from_db()
    assert alice.missed_offers == 2 and alice.given_at


@pytest.mark.parametrize("change", [{"busy": True}, {"online_status": 2}, {"capacity": 0}], ids=str)
def test_an_offer_to_who_is_there_no_more_goes_on_without_a_miss(desk, alice, bob, told, change):
    group = wait(desk)
    look()
    Member.objects.filter(pk=alice.pk).update(**change)
    look()
    assert offered(group) == bob.uuid
    assert (alice.uuid, "offer.ended", "gone") in told
    alice.refresh_from_db()
    assert alice.missed_offers == 0


def test_an_offer_to_who_was_just_disabled_is_gone(desk, alice, bob, told):
    group = wait(desk)
    look()
    alice.status = Member.Status.CLOSED
    alice.save()
    assert told[-1] == (alice.uuid, "offer.ended", "gone")
    with pytest.raises(Refused, match="no such conversation"):
        act("claim", alice, group)
    look()
    assert offered(group) == bob.uuid


def test_an_offer_ends_with_the_working_hours(desk, alice, told):
    group = wait(desk)
    look()
    today = timezone.now().date().isoformat()
    Team.objects.update(hours={"zone": "UTC", "week": [[]] * 7, "holidays": [[today, ""]]})
    look()
    assert offered(group) == "" and told[-1] == (alice.uuid, "offer.ended", "gone")


@pytest.mark.parametrize("name", ["close", "snooze", "leave", "transfer"])
def test_an_action_that_ends_the_wait_or_the_seat_ends_the_offer(
    desk, enterprise, alice, told, name
):
    setup.join_team(alice, setup.find_or_create_team(enterprise, "vip"))
    group = wait(desk)
    look()
    act(name, alice, group, minutes=5, team="vip")
    assert offered(group) == "" and told[-1] == (alice.uuid, "offer.ended", "gone")


def test_an_answer_ends_the_offer(desk, alice, bob, told):
    group = wait(desk)
    look()
    batches.post(draft_of(bob, group))
    assert offered(group) == ""
    assert told[-1][:2] == (alice.uuid, "offer.ended")


def test_open_offers_count_like_claims(desk, alice, bob):
    Member.objects.update(capacity=1)
    groups = [wait(desk) for _ in range(3)]
    look()
    assert [offered(group) for group in groups] == [alice.uuid, bob.uuid, ""]
    act("claim", alice, groups[2])
    look()
    assert [offered(group) for group in groups] == ["", bob.uuid, ""], "alice holds one already"


def test_a_new_wait_is_a_new_round(desk, alice, bob):
    disconnect(bob)
    group = wait(desk)
    look()
    decline(alice, group)
    act("claim", alice, group)
    batches.post(draft_of(alice, group))
    act("release", alice, group)
    assert conversation(group).waiting_since is None
    Conversation.objects.filter(uuid=group).update(waiting_since=timezone.now())
    look()
    assert offered(group) == alice.uuid
