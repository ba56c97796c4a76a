"""A conversation that a member begins with a visitor."""

import pytest

from accounts import setup
from chat.models import ChatGroup, Conversation, Reception
from chat.posting import batches, beginnings
from chat.protocol.errors import Refused
from tests.chat.helpers import act_of, check_ledger, new_guest, rows_of, seat_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(team) -> str:
    """A visitor (uuid) who has written to another team of the enterprise."""
    other = setup.find_or_create_team(team.enterprise, "sales")
    guest = new_guest(other)
    batches.post(guest.draft("hello"))
    return guest.uuid


def begin(actor, visitor: str, content="May I help?", **fields):
    return beginnings.begin(actor, {"visitor": visitor, "content": content, **fields})


def told(group: str) -> list:
    return [(row.data or {}).get("event", row.message_content) for row in rows_of(group)]


def test_it_is_the_members_who_has_the_claim(known, alice, bob, bot):
    group, is_new = begin(alice, known)
    assert is_new and told(group) == ["opened", "claimed", "May I help?"]
    row = Conversation.objects.get(uuid=group)
    assert (row.claimed_by, row.bot, row.waiting_since) == (alice.uuid, "", None)
    assert Reception.objects.get(pk=row.reception_id).first_reply_at is None
    assert rows_of(group)[-1].data is None and seat_of(bob, group).unread == 1
    check_ledger()


def test_a_colleague_keeps_the_claim_of_one_that_is_there(known, alice, bob):
    group, _new = begin(alice, known)
    assert begin(bob, known, "I could, too") == (group, False)
    assert Conversation.objects.get(uuid=group).claimed_by == alice.uuid
    batches.do(act_of("close", alice.uuid, group))
    assert begin(bob, known, "Once more") == (group, False)
    assert told(group)[-4:] == ["closed", "reopened", "claimed", "Once more"]
    assert Conversation.objects.get(uuid=group).claimed_by == bob.uuid


def test_a_manager_takes_a_seat_and_others_need_one(known, manager, supervisor, alice, carol):
    group, _new = begin(manager, known)
    assert told(group) == ["opened", "invited", "claimed", "May I help?"]
    assert Conversation.objects.get(uuid=group).claimed_by == manager.uuid
    for actor, code in ((supervisor, "forbidden"), (carol, "not_found")):
        with pytest.raises(Refused) as refused:
            begin(actor, known, team="sales")
        assert refused.value.code == code
    check_ledger()


def test_who_serves_no_visitors_begins_nothing(known, bot, analyst, superuser, outsider):
    before = ChatGroup.objects.count()
    wanted = {bot: "forbidden", analyst: "forbidden", superuser: "forbidden"}
    for actor, code in {**wanted, outsider: "not_found"}.items():
        with pytest.raises(Refused) as refused:
            begin(actor, known)
        assert refused.value.code == code
    assert ChatGroup.objects.count() == before
