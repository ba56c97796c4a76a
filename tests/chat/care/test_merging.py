"""Two conversations of one visitor that join the same one of a person."""

import pytest

from chat.models import Conversation, GroupMessage, Reception
from chat.posting import batches
from tests.chat.helpers import Guest, act_of, check_ledger, draft_of
from tests.chat.signed_visitors import sign_in

pytestmark = pytest.mark.django_db


def act(actor, group: str, name: str, **fields) -> None:
    batches.do(act_of(name, actor.uuid, group, **fields))


def test_who_waits_in_one_of_two_threads_that_join_the_same_one_still_waits(
    customer, guest, alice, bob, carol, sales
):
    """The person's thread was handed on from service to sales, so it is the one that the visitor
    meets on both pages; `help` joins it first, and then what was settled with sales."""
    guest.enterprise.teams.update(answering_claims=False)
    act(alice, customer.group, "reopen")
    act(alice, customer.group, "transfer", team="sales")
    batches.post(draft_of(carol, customer.group, "settled"))
    waits = batches.post(guest.draft("help"))["group"]
    act(bob, waits, "claim")
    act(bob, waits, "tag", tag="urgent")
    mailed = batches.post(draft_of(bob, waits, "as mailed"))["seq"]
    batches.post(guest.draft("and more"))
    Conversation.objects.filter(uuid=waits).update(topic="Refunds", mailed_seq=mailed)
    since, claimed_at = Conversation.objects.values_list("waiting_since", "claimed_at").get(
        uuid=waits
    )
    before = Conversation.objects.get(uuid=customer.group)
    batches.mark(before.visitor_id, before.uuid, 99)
    other = batches.post(Guest(guest.enterprise, sales, guest.token).draft("a price?"))["group"]
    batches.post(draft_of(carol, other, "this one"))
    act(carol, other, "tag", tag="prices")
    assert since and Conversation.objects.get(uuid=other).waiting_since is None

    sign_in(guest)
    row = Conversation.objects.get()
    assert row.uuid == customer.group and row.waiting_since == since
    assert (row.claimed_by, row.claimed_at) == (bob.uuid, claimed_at)
    assert row.topic == "Refunds" and row.tags == ["prices", "urgent"]
    assert row.mailed_seq >= GroupMessage.objects.get(message_content="as mailed").seq
    assert row.reception.closed_at is None
    assert Reception.objects.filter(closed_at=None).get() == row.reception
    check_ledger()


def test_an_open_conversation_keeps_its_reception_where_one_joins_that_was_opened_later(
    customer, guest, alice
):
    act(alice, customer.group, "reopen")
    act(alice, batches.post(guest.draft("help"))["group"], "close")
    sign_in(guest)
    row = Conversation.objects.get()
    assert row.open and row.reception.closed_at is None
