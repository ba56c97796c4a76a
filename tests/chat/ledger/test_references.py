"""Answers that quote, and notes that call: what is stored, who sees it, who is told."""

import pytest

from chat.models import ChatGroup, Conversation
from chat.posting import batches
from chat.posting.actions import Recall
from chat.protocol.errors import Refused
from chat.reading import history, inbox
from tests.chat.helpers import (
    JSON,
    act_of,
    check_ledger,
    database,
    draft_of,
    new_id,
    posted,
    rows_of,
    seat_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def shown(group: str, as_visitor=False) -> dict[int, dict]:
    conversation = Conversation.objects.get(uuid=group)
    return {one["seq"]: one for one in history.messages(conversation, as_visitor)[0]}


def test_an_answer_carries_what_it_quotes(guest, alice, group):
    seq = batches.post(draft_of(alice, group, "yes", reply_to=2))["seq"]
    assert rows_of(group)[-1].data == {"reply_to": 2}, "the text stands in one place only"
    for as_visitor in (True, False):
        message = shown(group, as_visitor)[seq]
        assert message["data"] is None
        assert message["reply_to"] == {
            "seq": 2,
            "sender": guest.uuid,
            "sender_name": rows_of(group)[1].sender_name,
            "excerpt": "first",
            "recalled": False,
        }
    assert "reply_to" not in shown(group)[2]
    (row,) = inbox.rows_of(alice.uuid, alice.enterprise.code, [group])
    assert row["last"]["data"] is None
    check_ledger()


def test_one_batch_may_hold_both_the_question_and_its_answer(guest, alice, group):
    first, second = draft_of(alice, group, "one"), draft_of(alice, group, "two", reply_to=3)
    answers = batches.run([first, second])
    assert [answer["seq"] for answer in answers] == [3, 4]
    assert shown(group)[4]["reply_to"]["excerpt"] == "one"


def test_what_is_recalled_is_quoted_as_recalled(guest, alice, bob, group):
    seq = batches.post(draft_of(alice, group, "a slip"))["seq"]
    answer = batches.post(draft_of(bob, group, "what?", reply_to=seq))["seq"]
    batches.do(Recall(alice.uuid, group, seq))
    late = batches.post(draft_of(bob, group, "gone", reply_to=seq))["seq"]
    for number in (answer, late):
        quote = shown(group, as_visitor=True)[number]["reply_to"]
        assert (quote["recalled"], quote["excerpt"]) == (True, "")
    check_ledger()


def test_nothing_but_a_message_that_one_sees_can_be_quoted(guest, alice, group):
    note = batches.post(draft_of(alice, group, "a secret", note=True))["seq"]
    from_visitor = guest.draft("x", group=group)
    from_visitor.reply_to = note
    for draft in (
        draft_of(alice, group, reply_to=1),
        draft_of(alice, group, reply_to=99),
        draft_of(alice, group, reply_to=note),
        from_visitor,
    ):
        with pytest.raises(Refused, match="reply_to") as refused:
            batches.post(draft)
        assert refused.value.code == "bad_field"
    assert len(rows_of(group)) == note
    inner = batches.post(draft_of(alice, group, "see above", note=True, reply_to=note))["seq"]
    assert shown(group)[inner]["reply_to"]["excerpt"] == "a secret"
    assert "secret" not in repr(shown(group, as_visitor=True))
    batches.do(Recall(alice.uuid, group, note))
    with pytest.raises(Refused):
        batches.post(draft_of(alice, group, reply_to=note))


def test_a_quote_planted_on_a_note_is_not_shown(guest, alice, group):
    """Should a row ever say so, reading it still tells nothing of the note."""
    note = batches.post(draft_of(alice, group, "a secret", note=True))["seq"]
    seq = batches.post(draft_of(alice, group, "x", reply_to=2))["seq"]
    row = rows_of(group)[seq - 1]
    row.data = {"reply_to": note}
    row.save(update_fields=["data"])
    assert "reply_to" not in shown(group, as_visitor=True)[seq]


def test_a_first_message_that_answers_nothing_is_stored_without_it(guest, alice):
    draft = guest.draft("hello")
    draft.reply_to = 7
    accepted = batches.post(draft)
    assert "reply_to" not in shown(accepted["group"])[accepted["seq"]]


async def test_answers_and_calls_arrive_live(connect, guest, alice, bob, carol, outsider, group):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    bystander, stranger = await connect(carol), await connect(outsider)
    await visitor.say("and this?", reply_to=2)
    (message,) = posted(await colleague.all())
    assert message["reply_to"]["excerpt"] == "first"
    people = [bob.uuid, carol.uuid, outsider.uuid, guest.uuid, alice.uuid, new_id(), bob.uuid]
    seq = (await actor.say("@小博 look", group=group, note=True, mentions=people))["seq"]
    events = await colleague.all()
    assert posted(events)[0]["mentions"] == [bob.uuid]
    (call,) = [event for event in events if event["type"] == "mentioned"]
    by = {"member": alice.uuid, "name": "小艾"}
    assert call == {"type": "mentioned", "group": group, "seq": seq, **by}
    for socket in (visitor, bystander, stranger, actor):
        assert "mentioned" not in [event["type"] for event in await socket.all()]
    await actor.send("message.recall", group=group, seq=seq)
    assert (await colleague.until("mentioned"))["seq"] == 0
    await database(check_ledger)()


def test_a_call_marks_the_row_until_it_is_read_and_stays_findable(alice, bob, group):
    seqs = [
        batches.post(draft_of(alice, group, f"@小博 {n}", note=True, mentions=(bob.uuid,)))["seq"]
        for n in range(2)
    ]
    assert row_of(bob, group)["mentioned"] == seqs[1]
    assert row_of(alice, group)["mentioned"] == 0
    batches.do(Recall(alice.uuid, group, seqs[1]))
    assert row_of(bob, group)["mentioned"] == seqs[0], "the earlier call stands"
    batches.mark(bob.uuid, group, seqs[1])
    assert row_of(bob, group)["mentioned"] == 0
    assert list(ChatGroup.objects.for_member(bob.uuid).mentioned()) == [seat_of(bob, group)]
    batches.do(Recall(alice.uuid, group, seqs[0]))
    assert not ChatGroup.objects.for_member(bob.uuid).mentioned().exists()
    check_ledger()


def row_of(member, group: str) -> dict:
    return inbox.rows_of(member.uuid, member.enterprise.code, [group])[0]


def test_one_who_left_is_not_called(alice, bob, group):
    batches.do(act_of("leave", bob.uuid, group))
    batches.post(draft_of(alice, group, "@小博", note=True, mentions=(bob.uuid,)))
    assert rows_of(group)[-1].data is None


def test_answers_and_calls_by_http(agent, visitor, group, bob):
    answer = agent.post(agent.place, {"content": "yes", "reply_to": "2"}, **JSON)
    assert shown(group)[answer.json()["seq"]]["reply_to"]["seq"] == 2
    fields = {"content": "@小博", "note": "1", "mentions": bob.uuid}
    assert agent.post(agent.place, fields, **JSON).status_code == 200
    assert seat_of(bob, group).mentioned_seq == rows_of(group)[-1].seq
    assert agent.post(agent.place, {"content": "x", "reply_to": "99"}, **JSON).status_code == 400
    fields = {"content": "x", "mentions": bob.uuid}
    assert agent.post(agent.place, fields, **JSON).status_code == 400, "an answer calls nobody"
    visitor.post(visitor.place, {"content": "x", "reply_to": "2"}, **JSON)
    assert shown(group, as_visitor=True)[rows_of(group)[-1].seq]["reply_to"]["excerpt"] == "first"
