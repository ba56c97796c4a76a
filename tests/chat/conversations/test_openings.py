"""Many first messages in one batch."""

import dataclasses

import orjson
import pytest

from chat.models import ChatGroup, Conversation, GroupMember, Reception, Visitor
from chat.posting import batches
from tests.chat.helpers import check_ledger, new_guest, rows_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 30])
def test_thirty_first_messages_need_as_many_queries_as_one(
    team, alice, bob, count, django_assert_max_num_queries
):
    drafts = [new_guest(team).draft(f"hello {number}") for number in range(count)]
    with django_assert_max_num_queries(32):
        outcome = batches.settle(drafts)
    assert [answer["seq"] for answer in outcome.answers] == [2] * count
    groups = {draft.group for draft in drafts}
    assert len(groups) == Conversation.objects.count() == Reception.objects.count() == count
    assert ChatGroup.objects.count() == GroupMember.objects.count() == 3 * count
    for draft in drafts:
        notice, message = rows_of(draft.group)
        assert notice.data == {
            "event": "opened",
            "team": team.name,
            "members": [name for name in ("小博", "小艾") if name in notice.data["members"]],
        }
        assert message.message_content == draft.content
    reception = Conversation.objects.select_related("reception").first().reception
    assert reception.group_id in groups and reception.opened_at
    assert check_ledger() == 2 * count


def test_every_agent_gets_each_new_row_before_its_messages(team, alice, bob):
    drafts = [new_guest(team).draft(f"hello {number}") for number in range(3)]
    (announcement,) = batches.settle(drafts).announcements
    seen = []
    for recipients, event in announcement.events:
        event = orjson.loads(event)
        if event["type"] == "conversation":
            assert set(recipients) == {alice.uuid, bob.uuid}
            assert event["last"]["excerpt"].startswith("hello") and event["online"]
            assert {member["member"] for member in event["members"]} == {alice.uuid, bob.uuid}
            seen.append(event["group"])
        elif recipients != ["live:acme"]:
            assert event["message"]["group"] in seen
    assert sorted(seen) == sorted(draft.group for draft in drafts)


def test_two_first_messages_of_one_visitor_open_one_conversation(team, guest, alice, bob):
    first, second, other = guest.draft("one"), guest.draft("two"), new_guest(team).draft("three")
    again = dataclasses.replace(first)
    answers = batches.settle([first, other, second, again]).answers
    assert [answer["seq"] for answer in answers] == [2, 2, 3, 2]
    assert answers[0] == answers[3]
    assert Conversation.objects.count() == Visitor.objects.count() == 2
    assert check_ledger() == 5


def test_the_same_first_message_to_another_team_opens_nothing(guest, enterprise, alice, bob):
    second = enterprise.teams.create(name="Second", slug="second")
    first = guest.draft("one")
    elsewhere = dataclasses.replace(
        first, opening=dataclasses.replace(first.opening, team_id=second.id)
    )
    answers = batches.settle([first, elsewhere]).answers
    assert answers[0]["seq"] == 2 and answers[1]["code"] == "conflict"
    assert Conversation.objects.count() == 1


def test_an_opening_that_cannot_be_harms_no_other(team, guest, alice, bob):
    """The team is gone by now."""
    lost = guest.draft("lost")
    lost.opening = dataclasses.replace(lost.opening, team_id=0)
    drafts = [new_guest(team).draft("one"), lost, new_guest(team).draft("two")]
    first, refused, last = (answer["type"] for answer in batches.settle(drafts).answers)
    assert first == last == "message.accepted" and refused == "error"
    assert not Visitor.objects.filter(uuid=guest.uuid).exists()
    assert check_ledger() == 4
