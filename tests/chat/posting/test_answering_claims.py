"""An answer claims what nobody holds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.conversations import seating
from chat.models import Conversation
from chat.posting import batches
from tests.chat.helpers import act_of, check_ledger, draft_of, new_guest, rows_of
from tests.chat.two_processes import twins
from tests.conftest import hire

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def claiming(team):
    """The team's setting as a new team has it."""
    assert type(team)._meta.get_field("answering_claims").default is True
    type(team).objects.update(answering_claims=True)


def events_of(group: str) -> list[str]:
    return [(row.data or {}).get("event") or row.message_content for row in rows_of(group)]


def holder_of(group: str) -> str:
    return Conversation.objects.get(uuid=group).claimed_by


def test_the_claim_comes_with_the_answer_and_its_notice_before_it(group, alice):
    answer = batches.post(draft_of(alice, group, "hello"))
    assert events_of(group)[-2:] == ["claimed", "hello"]
    notice, message = rows_of(group)[-2:]
    assert answer["seq"] == message.seq == notice.seq + 1
    assert notice.data == {"event": "claimed", "member": alice.uuid, "name": "小艾"}
    found = Conversation.objects.get(uuid=group)
    assert found.claimed_by == alice.uuid and found.claimed_at and found.waiting_since is None
    check_ledger()


def test_only_a_public_answer_in_an_open_conversation_that_nobody_holds(group, alice, bob, guest):
    batches.post(draft_of(alice, group, "a note", note=True))
    batches.post(guest.draft("more", group=group))
    assert holder_of(group) == ""
    batches.do(act_of("claim", bob.uuid, group))
    batches.post(draft_of(alice, group, "I know"))
    assert holder_of(group) == bob.uuid, "who answers beside the holder takes nothing away"
    batches.do(act_of("close", bob.uuid, group))
    batches.post(draft_of(alice, group, "goodbye"))
    assert holder_of(group) == "" and events_of(group)[-1] == "goodbye"
    batches.do(act_of("reopen", alice.uuid, group))
    batches.post(draft_of(alice, group, "again"))
    batches.do(act_of("release", alice.uuid, group))
    batches.post(draft_of(bob, group, "mine now"))
    assert holder_of(group) == bob.uuid
    assert events_of(group).count("claimed") == 3


def test_a_retry_claims_once_also_after_a_release(group, alice):
    draft = draft_of(alice, group, "hello")
    first = batches.post(draft)
    batches.do(act_of("release", alice.uuid, group))
    assert batches.post(draft) == first
    assert holder_of(group) == "" and events_of(group).count("claimed") == 1


def test_a_manager_with_a_seat_claims_and_one_without_writes_nothing(group, manager):
    refused = batches.run([draft_of(manager, group, "hello")])[0]
    assert refused["code"] == "not_found" and holder_of(group) == ""
    seating.join(manager, [group])
    batches.post(draft_of(manager, group, "hello"))
    assert holder_of(group) == manager.uuid


def test_of_two_in_one_batch_the_first_gets_it(group, alice, bob):
    batches.run([draft_of(bob, group, "one"), draft_of(alice, group, "two")])
    assert holder_of(group) == bob.uuid
    assert events_of(group)[-3:] == ["claimed", "one", "two"]


ANSWERS = """
import os, sys, uuid
import django
django.setup()
from chat.posting import batches
from chat.posting.batches import Draft
print("ready", flush=True)
sys.stdin.readline()
for group in os.environ["GROUPS"].split():
    for who in os.environ["PEOPLE"].split():
        batches.post(Draft(who, "name", "", str(uuid.uuid4()), "hello", group))
"""


@pytest.mark.release
@pytest.mark.django_db(transaction=True)
def test_of_those_who_answer_in_two_processes_at_once_exactly_one_gets_it(team, alice, bob):
    groups = [batches.post(new_guest(team).draft("hello"))["group"] for _number in range(10)]
    with twins(ANSWERS, GROUPS=" ".join(groups), PEOPLE=f"{alice.uuid} {bob.uuid}"):
        pass
    for group in groups:
        events = events_of(group)
        assert events.count("claimed") == 1 and len(events) == 7
        assert events[2] == "claimed" and holder_of(group) == rows_of(group)[3].sender
    check_ledger()


def test_the_team_that_serves_it_decides(group, alice, team, enterprise):
    sales = enterprise.teams.create(slug="sales", name="Sales", answering_claims=False)
    member = hire("sal", enterprise, team=sales)
    batches.do(act_of("transfer", alice.uuid, group, team="sales"))
    batches.post(draft_of(member, group, "hello"))
    assert holder_of(group) == ""


def test_only_an_answer_that_claims_needs_more_statements(group, alice, guest, team):
    def statements(*drafts) -> int:
        with CaptureQueriesContext(connection) as captured:
            batches.run([*drafts])
        return len(captured)

    batches.post(draft_of(alice, group, "hello"))
    batches.post(guest.draft("thanks", group=group))
    held = statements(*(draft_of(alice, group, f"{number}") for number in range(20)))
    batches.do(act_of("release", alice.uuid, group))
    batches.post(guest.draft("more", group=group))
    free = statements(*(draft_of(alice, group, f"{number} again") for number in range(20)))
    assert free == held + 2, "one for all teams, and one for the columns of the claim"
    type(team).objects.update(answering_claims=False)
    batches.post(guest.draft("bye", group=group))
    assert statements(draft_of(alice, group, "bye")) == held


@pytest.mark.django_db(transaction=True)
async def test_pages_are_told_of_the_claim_before_the_message(alice, bob, guest, group, connect):
    agent, visitor = await connect(bob), await connect(guest)
    writer = await connect(alice)
    await writer.say("hello", group=group)
    event = await agent.until("conversation")
    assert event["claimed_by"] == alice.uuid and event["claimed_name"] == "小艾"
    for socket in (agent, visitor):
        notice = await socket.until("message.posted")
        message = await socket.until("message.posted")
        assert notice["message"]["data"]["event"] == "claimed"
        assert message["message"]["content"] == "hello"
        assert message["prev"] == notice["message"]["seq"]
