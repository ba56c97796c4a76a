"""Messages by the API: reading and writing, and what a service account's message is not."""

import pytest
from django.utils import timezone

from accounts.models import Team
from chat.models import Conversation, Reception, Visitor
from chat.posting import batches
from chat.presence import leases
from tests.chat.helpers import draft_of, new_id, rows_of, seat_of
from tests.chat.sample_files import picture, upload

from .program import bot_of, program_of, refusal

pytestmark = pytest.mark.django_db


def place(group: str) -> str:
    return f"conversations/{group}/messages/"


def test_history_goes_by_seq_like_that_of_pages(program, group, alice, agent):
    for number in range(5):
        batches.post(draft_of(alice, group, f"{number}"))
    batches.post(draft_of(alice, group, "between us", note=True))
    for query in ({}, {"after": 3}, {"before": 4, "limit": 2}, {"limit": 1}):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        ours = program.get(place(group), **query)
        assert ours.status_code == 200
        assert ours.json() == agent.get(f"{agent.place}?{text}").json()
    assert program.get(place(group)).json()["messages"][-1]["kind"] == "note"


def test_a_message_is_stored_once_however_often_it_is_sent(program, group):
    body = {"content": "Your parcel\r\nis on its way.", "client_id": new_id()}
    first = program.post(place(group), body)
    assert first.status_code == 200 and first.json()["type"] == "message.accepted"
    assert program.post(place(group), body).json() == first.json()
    rows = rows_of(group)
    assert [row.message_content for row in rows[2:]] == ["Your parcel\nis on its way."]
    assert first.json()["client_id"] == body["client_id"] and first.json()["seq"] == 3
    changed = program.post(place(group), {**body, "content": "other"})
    assert refusal(changed) == (409, "conflict")
    assert len(rows_of(group)) == 3


def test_everybody_is_told_that_a_program_wrote_it(program, group, visitor, agent):
    program.post(place(group), {"content": "**news**"})
    program.post(place(group), {"content": "between us", "note": True})
    theirs = visitor.get(visitor.place).json()["messages"]
    ours = agent.get(agent.place).json()["messages"]
    assert len(ours) == len(theirs) + 1
    for message in (theirs[-1], *ours[-2:]):
        assert message["sender_role"] == "bot" and message["automatic"] is True
        assert message["sender"] == program.member.uuid and message["sender_name"] == "crm"


def test_an_answer_quotes(program, group):
    program.post(place(group), {"content": "about that", "reply_to": 2})
    last = program.get(place(group)).json()["messages"][-1]
    assert last["reply_to"]["seq"] == 2


def test_it_ends_no_wait_and_claims_nothing(program, group, alice):
    Team.objects.update(answering_claims=True)
    before = Conversation.objects.get(uuid=group)
    program.post(place(group), {"content": "news"})
    after = Conversation.objects.get(uuid=group)
    assert (after.waiting_since, after.claimed_by) == (before.waiting_since, "")
    assert after.waiting_since is not None
    assert Reception.objects.get(group_id=group).first_reply_at is None
    assert seat_of(alice, group).unread == 2


def test_it_makes_nobodys_send_stale_but_may_be_stale_itself(program, group, alice, bob):
    program.post(place(group), {"content": "news"})
    batches.post(draft_of(alice, group, "an answer", seen=2))
    late = program.post(place(group), {"content": "more", "seen": 2})
    assert refusal(late) == (409, "stale")
    assert [one["content"] for one in late.json()["messages"]][-1] == "an answer"
    assert program.post(place(group), {"content": "more"}).status_code == 200


def test_a_stale_refusal_shows_messages_only_to_who_reads_them(enterprise, group, alice):
    writer = program_of(enterprise, "messages:write")
    batches.post(draft_of(alice, group, "an answer"))
    batches.post(draft_of(alice, group, "between us", note=True))
    text = writer.post(place(group), {"content": "more", "seen": 0})
    files = f"conversations/{group}/files/"
    for answer in (text, writer.send_file(files, upload("a.png", picture()), {"seen": 0})):
        assert refusal(answer) == (409, "stale")
        assert (answer.json()["messages"], answer.json()["last_seq"]) == ([], 4)


def test_it_lets_a_conversation_in_quarantine_stay_there(program, group):
    now = timezone.now()
    Conversation.objects.filter(uuid=group).update(quarantined_for="links", quarantined_since=now)
    assert program.post(place(group), {"content": "news"}).status_code == 200
    assert Conversation.objects.get(uuid=group).quarantined_since is not None


def test_a_closed_conversation_stays_closed(program, group):
    program.post(f"conversations/{group}/actions/", {"action": "close"})
    assert program.post(place(group), {"content": "news"}).status_code == 200
    assert not Conversation.objects.get(uuid=group).open


def test_nothing_is_written_to_an_erased_visitor(program, group, guest):
    assert program.delete(f"visitors/{guest.uuid}/").status_code == 200
    assert Visitor.objects.get(uuid=guest.uuid).is_erased
    assert refusal(program.post(place(group), {"content": "x"})) == (404, "not_found")


def test_a_bot_without_a_socket_writes_notes_only(team, group):
    bot = bot_of(team)
    assert program_answer(bot, group, note=True).status_code == 200
    assert refusal(program_answer(bot, group, seen=9)) == (403, "forbidden")
    assert [row.message_type for row in rows_of(group)].count(1) == 1


def test_a_bot_offers_answers_and_a_service_account_cannot(team, guest, program):
    bot = bot_of(team)
    leases.renew([bot.member.uuid], restart=True)
    group = batches.post(guest.draft())["group"]
    offer = {"seen": 2, "buttons": ["Yes", "No"]}
    assert program_answer(bot, group, **offer).status_code == 200
    assert bot.get(place(group)).json()["messages"][-1]["data"] == {"buttons": ["Yes", "No"]}
    assert refusal(program_answer(program, group, **offer)) == (400, "bad_field")
    for wrong in ("Yes", [], ["a", "a"], [1]):
        assert refusal(program_answer(bot, group, seen=3, buttons=wrong)) == (400, "bad_field")


def program_answer(bot, group: str, **fields):
    return bot.post(place(group), {"content": "it looks like an order", **fields})
