"""A message that comes twice, or too late: one row, the same answer, or why not."""

import pytest

from accounts.setup import find_or_create_team
from chat.models import ChatGroup, Conversation
from chat.posting import batches
from chat.protocol.errors import Refused
from tests.chat.helpers import act_of, check_ledger, codes, draft_of, new_guest, new_id, rows_of

pytestmark = pytest.mark.django_db


def test_a_retry_is_answered_as_the_first_time_and_stores_nothing(guest, alice, group):
    draft = guest.draft("once", group=group)
    first = batches.post(draft)
    for _ in range(3):
        again = guest.draft("once", client_id=draft.client_id, group=group)
        assert batches.post(again) == first
    opening = guest.draft("once", client_id=draft.client_id)
    assert batches.post(opening) == first, "a page that does not know its group yet"
    assert check_ledger() == 3


def test_a_retry_of_who_has_left_since_is_answered_as_the_first_time(guest, alice, bob, group):
    draft, client_id = draft_of(alice, group, "once"), new_id()
    first = batches.post(draft)
    batches.do(act_of("leave", alice.uuid, group))
    assert batches.post(draft) == first
    answers = batches.run(
        [
            draft_of(alice, group, "once", client_id),
            draft_of(alice, group, "twice", draft.client_id),
            draft_of(bob, group, "once", draft.client_id),
        ]
    )
    assert codes(answers) == ["not_found", "conflict", "message.accepted"]
    ChatGroup.objects.filter(uuid=group, member_id=guest.uuid).delete()
    assert codes(batches.run([draft])) == ["not_found"], "the visitor was erased"


def test_a_retry_beside_new_messages_keeps_everyones_place(guest, alice, group):
    old = guest.draft("old", group=group)
    first = batches.post(old)
    batch = [guest.draft(f"{number}", group=group) for number in range(4)]
    batch.insert(2, guest.draft("old", client_id=old.client_id, group=group))
    answers = batches.run(batch)
    assert [answer["seq"] for answer in answers] == [4, 5, 3, 6, 7]
    assert answers[2] == first and check_ledger() == 7


def test_a_client_id_used_for_other_words_is_a_conflict(guest, alice, group):
    draft = guest.draft("one", group=group)
    batches.post(draft)
    with pytest.raises(Refused) as refusal:
        batches.post(guest.draft("two", draft.client_id, group))
    assert refusal.value.code == "conflict" and refusal.value.status == 409
    assert refusal.value.facts["client_id"] == draft.client_id
    same_batch = new_id()
    answers = batches.run([guest.draft(text, same_batch, group) for text in "ab"])
    assert codes(answers) == ["message.accepted", "conflict"]
    assert check_ledger() == 4


def test_a_client_id_used_in_another_group_is_a_conflict(team, alice, group):
    other = batches.post(new_guest(team).draft())["group"]
    draft = draft_of(alice, group, "here")
    batches.post(draft)
    assert codes(batches.run([draft_of(alice, other, "here", draft.client_id)])) == ["conflict"]
    assert check_ledger() == 5


def test_a_first_message_that_is_a_conflict_opens_no_conversation(guest, alice, enterprise, group):
    first = guest.draft("mine", group=group)
    batches.post(first)
    guest.team = find_or_create_team(enterprise, "sales")
    answers = batches.run([guest.draft("mine", first.client_id)])
    assert codes(answers) == ["conflict"]
    assert Conversation.objects.count() == 1, "nothing is stored for what was refused"


def test_a_note_is_no_retry_of_a_message_nor_the_other_way_round(alice, group):
    message, note = draft_of(alice, group, "x"), draft_of(alice, group, "y", note=True)
    batches.run([message, note])
    answers = batches.run(
        [
            draft_of(alice, group, "x", message.client_id, note=True),
            draft_of(alice, group, "y", note.client_id),
        ]
    )
    assert codes(answers) == ["conflict", "conflict"]


def test_two_senders_may_use_the_same_client_id(guest, alice, bob, group):
    client_id = new_id()
    answers = batches.run(
        [
            guest.draft("x", client_id, group),
            draft_of(alice, group, "x", client_id),
            draft_of(bob, group, "x", client_id),
        ]
    )
    assert [answer["seq"] for answer in answers] == [3, 4, 5]


def test_an_answer_is_stale_after_a_colleagues_message_and_says_what_it_was(
    guest, alice, bob, group
):
    batches.run([draft_of(bob, group, "a note", note=True), draft_of(bob, group, "I did")])
    with pytest.raises(Refused) as refusal:
        batches.post(draft_of(alice, group, "I do", seen=2))
    facts = refusal.value.facts
    assert refusal.value.code == "stale" and facts["last_seq"] == 4
    told = [(message["seq"], message["content"]) for message in facts["messages"]]
    assert told == [(3, "a note"), (4, "I did")]
    assert facts["messages"][1]["sender_role"] == "agent"
    assert len(rows_of(group)) == 4
    assert batches.post(draft_of(alice, group, "I do", seen=4))["seq"] == 5


@pytest.mark.parametrize("between", ["the visitor", "a note", "the own message", "a notice"])
def test_an_answer_is_not_stale_after_anything_else(guest, alice, bob, carol, group, between):
    if between == "a notice":
        from chat.conversations import seating

        seating.join(carol, [group])
    else:
        batches.post(
            {
                "the visitor": guest.draft("more", group=group),
                "a note": draft_of(bob, group, "n", note=True),
                "the own message": draft_of(alice, group, "m"),
            }[between]
        )
    assert batches.post(draft_of(alice, group, "answer", seen=2))["seq"] == 4


def test_a_note_is_never_stale(alice, bob, group):
    batches.post(draft_of(bob, group, "I did"))
    assert batches.post(draft_of(alice, group, "fyi", note=True, seen=0))["seq"] == 4


def test_of_two_answers_in_one_batch_the_second_is_stale(alice, bob, group):
    answers = batches.run(
        [draft_of(bob, group, "first", seen=2), draft_of(alice, group, "second", seen=2)]
    )
    assert codes(answers) == ["message.accepted", "stale"]
    (message,) = answers[1]["messages"]
    assert (message["seq"], message["content"]) == (3, "first")
    assert message["id"] == answers[0]["id"] and answers[1]["last_seq"] == 3


def test_a_retry_of_what_was_stored_is_not_stale(alice, bob, group):
    draft = draft_of(alice, group, "mine", seen=2)
    first = batches.post(draft)
    batches.post(draft_of(bob, group, "after", seen=3))
    assert batches.post(draft_of(alice, group, "mine", draft.client_id, seen=2)) == first
