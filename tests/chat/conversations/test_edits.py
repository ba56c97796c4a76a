"""Editing an own message: who may and for how long, and that everybody reads the new text."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.utils import timezone

from chat import transcripts
from chat.conversations import changes, edits
from chat.mail import answers
from chat.models import Conversation, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_CONTENT
from chat.reading import conversation_page, history, inbox
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    MESSAGE,
    NOTICE,
    PAGE,
    act_of,
    check_ledger,
    database,
    draft_of,
    new_id,
    posted,
    refused,
    rows_of,
    seat_of,
    stored_text,
)
from tests.chat.sample_files import upload
from tests.chat.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FORMER, NEW = "the former words", "the new words"


def edit(who, group: str, seq: int, content: str = NEW) -> str | None:
    """The code of the refusal, None when it is done."""
    answer = batches.run([Edit(who.uuid, group, seq, content)])[0]
    return answer and answer["code"]


def test_an_edited_message_has_its_number_and_the_new_text_everywhere(
    guest, alice, bob, group, agent
):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    batches.post(draft_of(bob, group, "an answer", reply_to=seq))
    assert edit(alice, group, seq) is None
    assert FORMER not in stored_text()
    rows = rows_of(group)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert (rows[2].message_type, rows[2].message_content) == (MESSAGE, NEW)
    facts = {"event": "edited", "of": seq, "member": alice.uuid, "name": "小艾"}
    assert (rows[4].message_type, rows[4].data) == (NOTICE, facts)
    conversation = Conversation.objects.select_related("team").get(uuid=group)
    for as_visitor in (False, True):
        shown, _more = history.messages(conversation, as_visitor)
        assert shown[2]["content"] == NEW and shown[2]["edited"] == 5
        assert shown[2]["data"] is None, "the digest of the former text is nobody's business"
        assert shown[3]["reply_to"]["excerpt"] == NEW
        assert shown[4]["current"] == {"content": NEW, "excerpt": NEW, "edited": 5}
        assert FORMER not in repr(shown)
    assert FORMER not in repr(conversation_page.agent_page(bob, conversation))
    text = transcripts.transcript_text(conversation, guest.enterprise, "UTC")
    assert NEW in text and FORMER not in text and "edited a message" not in text
    found = json.loads(agent.get("/agent/search/", {"q": "new words"}).content)["messages"]
    assert [one["seq"] for one in found] == [seq]
    assert not json.loads(agent.get("/agent/search/", {"q": "former"}).content)["messages"]
    check_ledger()


def test_the_inbox_shows_the_new_text_of_the_last_message(alice, bob, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    assert edit(alice, group, seq) is None
    (row,) = inbox.rows_of(bob.uuid, bob.enterprise.code, [group])
    assert (row["last"]["seq"], row["last"]["excerpt"]) == (seq, NEW)
    assert seat_of(bob, group).unread == 2, "an edit is nothing new to read"


def test_a_mail_that_was_not_sent_yet_has_the_new_text(guest, alice, group, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    Visitor.objects.filter(uuid=guest.uuid).update(contact="wang@example.com")
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    assert edit(alice, group, seq) is None
    later = timezone.now() + timedelta(minutes=10)
    (reminder,) = answers.take_due(later)
    (sent,) = reminder.mails
    assert NEW in sent.body and FORMER not in sent.body


@pytest.mark.parametrize(("seconds", "code"), [(119, None), (120, None), (121, "conflict")])
def test_a_message_is_edited_within_two_minutes(alice, group, seconds, code):
    accepted = batches.post(draft_of(alice, group, FORMER))
    now = accepted["created_at"] + timedelta(seconds=seconds)
    found = None
    try:
        with changes.begin(now) as change:
            form = {"who": alice.uuid, "seq": accepted["seq"], "content": NEW}
            edits.edit(change.lock_one(group), **form, formatted=False, now=now)
    except Refused as refusal:
        found = refusal.code
    assert found == code
    assert rows_of(group)[2].message_content == (FORMER if code else NEW)


def test_only_the_sender_edits(guest, alice, bob, carol, manager, outsider, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    assert edit(bob, group, seq) == edit(manager, group, seq) == "forbidden"
    assert edit(carol, group, seq) == edit(outsider, group, seq) == "not_found"
    assert edit(alice, group, 1) == edit(alice, group, 2) == "forbidden"
    assert edit(alice, group, 99) == edit(alice, new_id(), seq) == "not_found"
    batches.do(act_of("leave", alice.uuid, group))
    assert edit(alice, group, seq) == "not_found", "the seat is gone"
    assert rows_of(group)[2].message_content == FORMER
    check_ledger()


def test_a_manager_without_a_seat_edits_the_own_note(manager, bob, group):
    seq = batches.post(draft_of(manager, group, FORMER, note=True))["seq"]
    assert edit(manager, group, seq) is None
    assert rows_of(group)[2].message_content == NEW


def test_an_edited_note_leaves_no_trace_for_the_visitor(guest, alice, bob, group):
    seq = batches.post(draft_of(alice, group, FORMER, note=True, mentions=(bob.uuid,)))["seq"]
    assert edit(alice, group, seq) is None
    rows = rows_of(group)
    assert rows[3].message_type == AGENT_NOTICE and rows[2].data["mentions"] == [bob.uuid]
    conversation = Conversation.objects.get(uuid=group)
    assert conversation.public_seq == 2
    assert [one["seq"] for one in history.messages(conversation, as_visitor=True)[0]] == [1, 2]
    check_ledger()


def test_the_same_text_changes_nothing_and_a_third_text_replaces_the_second(alice, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    assert edit(alice, group, seq, FORMER) is None
    assert len(rows_of(group)) == 3 and "first" not in (rows_of(group)[2].data or {})
    assert edit(alice, group, seq) is edit(alice, group, seq, "the third words") is None
    rows = rows_of(group)
    assert rows[2].message_content == "the third words" and rows[2].data["edited"] == 5
    shown, _more = history.messages(Conversation.objects.get(uuid=group), as_visitor=False)
    assert [one["current"]["content"] for one in shown[3:]] == ["the third words"] * 2


def test_a_retry_of_the_first_send_gets_the_first_answer(alice, group, settings):
    draft = draft_of(alice, group, FORMER)
    accepted = batches.post(draft)
    for content in (NEW, "the third words"):
        assert edit(alice, group, accepted["seq"], content) is None
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    again = batches.post(draft_of(alice, group, FORMER, draft.client_id))
    assert again == accepted
    for content in (NEW, "the third words", "anything else"):
        other = draft_of(alice, group, content, draft.client_id)
        assert batches.run([other])[0]["code"] == "conflict"
    assert rows_of(group)[2].message_content == "the third words" and len(rows_of(group)) == 5


def test_recalled_and_erased_messages_cannot_be_edited(guest, alice, manager, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    assert edit(alice, group, seq) is None
    batches.do(Recall(alice.uuid, group, seq))
    assert NEW not in stored_text() and FORMER not in stored_text()
    assert edit(alice, group, seq, "again") == "conflict"
    shown, _more = history.messages(Conversation.objects.get(uuid=group), as_visitor=True)
    assert "current" not in shown[3] and shown[3]["data"]["event"] == "edited"
    kept = batches.post(draft_of(alice, group, FORMER))["seq"]
    guest.browser().post("/chat/acme/privacy/erase/", {"sure": 1}, **JSON)
    assert edit(alice, group, kept) == "not_found"
    assert NEW not in stored_text()
    check_ledger()


def test_a_closed_quarantined_or_blocked_conversation_hinders_no_edit(guest, alice, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    batches.do(act_of("close", alice.uuid, group))
    assert edit(alice, group, seq) is None
    assert not Conversation.objects.get(uuid=group).open, "an edit reopens nothing"
    now = timezone.now()
    Conversation.objects.filter(uuid=group).update(
        open=True, quarantined_since=now, quarantined_for="links"
    )
    assert edit(alice, group, seq, "the third words") is None
    assert Conversation.objects.get(uuid=group).quarantined_since == now
    Conversation.objects.filter(uuid=group).update(quarantined_since=None, quarantined_for="")
    Visitor.objects.filter(uuid=guest.uuid).update(blocked=True)
    assert edit(alice, group, seq, "the fourth words") is None
    check_ledger()


def test_the_text_has_the_limits_of_a_message(agent, alice, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    place = f"{agent.page}edit/"
    for content, status in (("x" * MAX_CONTENT, 200), ("x" * (MAX_CONTENT + 1), 413), (" ", 400)):
        answer = agent.post(place, {"seq": seq, "content": content}, **JSON)
        assert answer.status_code == status
    assert agent.post(place, {"seq": seq, "content": "a\r\nb"}, **JSON).json() == {"ok": True}
    assert rows_of(group)[2].message_content == "a\nb"
    form = {"file": upload("a.txt", b"text of a file"), "client_id": new_id(), "content": FORMER}
    with_file = json.loads(agent.post(agent.place, form, **JSON).content)["seq"]
    assert refused(agent.post(place, {"seq": with_file}, **JSON)) == (400, "bad_field")
    assert rows_of(group)[with_file - 1].message_content == FORMER, "the field was missing"
    answer = agent.post(place, {"seq": with_file, "content": ""}, **JSON)
    assert answer.json() == {"ok": True}
    row = rows_of(group)[with_file - 1]
    assert row.message_content == "" and row.data["attachment"]["name"] == "a.txt"
    again = {**form, "file": upload("a.txt", b"text of a file")}
    assert json.loads(agent.post(agent.place, again, **JSON).content)["seq"] == with_file


def test_the_plain_form_stands_at_ones_own_fresh_messages(agent, bob, alice, group):
    seq = batches.post(draft_of(alice, group, FORMER))["seq"]
    batches.post(draft_of(bob, group, "of a colleague"))
    page = agent.get(agent.page).content.decode()
    assert page.count(f'action="{agent.page}edit/"') == 1
    answer = agent.post(f"{agent.page}edit/", {"seq": seq, "content": NEW}, **PAGE)
    assert (answer.status_code, answer.url) == (302, agent.page)
    page = agent.get(agent.page).content.decode()
    assert NEW in page and FORMER not in page and 'class="edited"' in page
    GroupMessage.objects.filter(seq=seq).update(created_at=F("created_at") - timedelta(minutes=3))
    assert f'action="{agent.page}edit/"' not in agent.get(agent.page).content.decode()
    answer = agent.post(f"{agent.page}edit/", {"seq": seq, "content": "too late"}, **PAGE)
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.content.decode()
    assert ">too late</textarea>" in answer.content.decode(), "the text is not lost"


async def test_every_page_is_told_and_who_was_away_finds_it(connect, guest, alice, bob, group):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    seq = (await actor.say(FORMER, group=group))["seq"]
    await visitor.all(), await colleague.all()
    await actor.send("message.edit", group=group, seq=seq, content=NEW)
    for socket in (actor, colleague, visitor):
        event = await socket.until("message.posted", prev=seq)
        message = event["message"]
        assert (message["kind"], message["data"]["event"]) == ("notice", "edited")
        assert message["data"]["of"] == seq
        assert message["current"] == {"content": NEW, "excerpt": NEW, "edited": seq + 1}
        rest = await socket.all()
        assert not [one for one in rest if one["type"] == "unread"]
        await socket.send("sync", groups={group: 2})
        missed = posted(await socket.all())
        assert missed[0]["content"] == NEW and FORMER not in repr(missed)
        await socket.send("sync", groups={group: seq})
        (notice,) = posted(await socket.all())
        assert notice["current"]["content"] == NEW
    await actor.send("message.edit", group=group, seq=99, content=NEW)
    error = await actor.until("error")
    assert (error["code"], error["group"], error["seq"]) == ("not_found", group, 99)
    await database(check_ledger)()


def test_an_edit_and_a_recall_at_once_leave_one_of_them(guest, alice, group):
    for round in range(6):
        seq = batches.post(draft_of(alice, group, f"{FORMER} {round}"))["seq"]
        items = [
            Edit(alice.uuid, group, seq, f"{NEW} a{round}"),
            Recall(alice.uuid, group, seq),
            Edit(alice.uuid, group, seq, f"{NEW} b{round}"),
        ]
        answers = at_once(*(partial(batches.run, [item]) for item in items))
        codes = [answer and answer["code"] for (answer,) in answers]
        assert codes[1] is None and set(codes) <= {None, "conflict"}
        row = rows_of(group)[seq - 1]
        assert row.data["event"] == "recalled"
    assert NEW not in stored_text() and FORMER not in stored_text()
    check_ledger()


def test_an_edit_is_formatted_or_not_by_its_new_text(alice, group):
    seq = batches.post(draft_of(alice, group, "**bold**"))["seq"]
    conversation = Conversation.objects.get(uuid=group)

    def shown() -> tuple:
        message, *notices = history.messages(conversation, as_visitor=True, after=seq - 1)[0]
        return message.get("formatted"), [one["current"].get("formatted") for one in notices]

    nodes = [{"kind": "paragraph", "parts": [{"kind": "bold", "parts": ["bold"]}]}]
    assert shown() == (nodes, [])
    assert edit(alice, group, seq, "plain") is None
    assert shown() == (None, [None])
    assert edit(alice, group, seq, "**bold**") is None
    assert shown() == (nodes, [nodes, nodes])
