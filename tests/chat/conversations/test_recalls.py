"""Taking back an own message: who may and for how long, and that its text is nowhere afterwards."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.posting.actions import Recall
from chat.reading import conversation_page, history, inbox
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    NOTE,
    NOTICE,
    check_ledger,
    database,
    draft_of,
    new_id,
    posted,
    rows_of,
    seat_of,
    stored_text,
    types,
)
from tests.chat.sample_files import picture, upload

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "the password is swordfish"


def recall(who, group: str, seq: int) -> str | None:
    """The code of the refusal, None when it is done."""
    answer = batches.run([Recall(who.uuid, group, seq)])[0]
    return answer and answer["code"]


def age(group: str, seq: int, seconds: int) -> None:
    row = GroupMessage.objects.in_group(group).filter(seq=seq)
    row.update(created_at=F("created_at") - timedelta(seconds=seconds))


def test_a_recalled_message_is_gone_everywhere_and_leaves_its_number(guest, alice, bob, group):
    seq = batches.post(draft_of(alice, group, SECRET))["seq"]
    assert SECRET in stored_text()
    assert recall(alice, group, seq) is None
    assert SECRET not in stored_text()
    rows = rows_of(group)
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    facts = {"member": alice.uuid, "name": "小艾"}
    assert (rows[2].message_type, rows[2].data) == (NOTICE, {"event": "recalled", **facts})
    assert (rows[3].message_type, rows[3].data) == (NOTICE, {"event": "recall", "of": 3, **facts})
    conversation = Conversation.objects.get(uuid=group)
    for as_visitor in (False, True):
        shown, _more = history.messages(conversation, as_visitor)
        assert SECRET not in repr(shown) and [one["seq"] for one in shown] == [1, 2, 3, 4]
    assert SECRET not in repr(conversation_page.agent_page(bob, conversation))
    (row,) = inbox.rows_of(bob.uuid, bob.enterprise.code, [group])
    assert row["last"]["excerpt"] == "first", "the message before it is the last one now"
    check_ledger()


def test_unread_goes_down_for_those_who_had_not_read_it(guest, alice, bob, group):
    batches.mark(bob.uuid, group, 2)
    seq = batches.post(draft_of(alice, group, "one"))["seq"]
    batches.post(draft_of(alice, group, "two"))
    batches.mark(guest.uuid, group, seq)
    assert (seat_of(bob, group).unread, seat_of(guest, group).unread) == (2, 1)
    assert recall(alice, group, seq) is None
    assert (seat_of(bob, group).unread, seat_of(guest, group).unread) == (1, 1)
    assert recall(alice, group, seq) is None, "once more changes nothing"
    assert len(rows_of(group)) == 5
    check_ledger()


def test_the_visitors_page_goes_on_after_a_bot_has_recalled_a_message(bot, guest):
    group = batches.post(guest.draft())["group"]
    seq = batches.post(draft_of(bot, group, SECRET, bot=True, seen=2))["seq"]
    assert recall(bot, group, seq) is None
    page = guest.browser().get("/chat/acme/")
    assert page.status_code == 200 and SECRET not in page.content.decode()


def test_a_recalled_note_leaves_no_trace_for_the_visitor(guest, alice, bob, group):
    seq = batches.post(draft_of(alice, group, SECRET, note=True))["seq"]
    before = Conversation.objects.get(uuid=group).public_seq
    assert recall(alice, group, seq) is None
    kinds = [row.message_type for row in rows_of(group)]
    assert kinds[2:] == [AGENT_NOTICE, AGENT_NOTICE]
    conversation = Conversation.objects.get(uuid=group)
    assert conversation.public_seq == before == 2
    assert [one["seq"] for one in history.messages(conversation, as_visitor=True)[0]] == [1, 2]
    assert recall(guest, group, seq) == "not_found"
    check_ledger()


def test_only_the_sender_recalls_and_only_for_two_minutes(
    guest, alice, bob, carol, manager, outsider, group
):
    seq = batches.post(draft_of(alice, group))["seq"]
    assert recall(bob, group, seq) == recall(guest, group, seq) == "forbidden"
    assert recall(manager, group, seq) == "forbidden"
    assert recall(carol, group, seq) == recall(outsider, group, seq) == "not_found"
    assert recall(alice, group, 1) == "forbidden", "a notice"
    assert recall(alice, group, 99) == recall(alice, new_id(), seq) == "not_found"
    age(group, seq, 121)
    assert recall(alice, group, seq) == "conflict"
    age(group, seq, -3)
    assert recall(alice, group, seq) is None
    assert recall(guest, group, 2) is None, "a visitor recalls too"
    (row,) = inbox.rows_of(alice.uuid, alice.enterprise.code, [group])
    assert row["last"] is None
    check_ledger()


def test_a_manager_without_a_seat_recalls_the_own_note(manager, group):
    seq = batches.post(draft_of(manager, group, note=True))["seq"]
    assert recall(manager, group, seq) is None
    assert NOTE not in [row.message_type for row in rows_of(group)]
    check_ledger()


def test_a_retry_after_a_recall_does_not_bring_it_back(guest, alice, group):
    draft = draft_of(alice, group, SECRET)
    accepted = batches.post(draft)
    recall(alice, group, accepted["seq"])
    again = batches.post(draft_of(alice, group, SECRET, draft.client_id))
    assert again == accepted
    assert SECRET not in stored_text() and len(rows_of(group)) == 4


def test_many_recalls_and_reads_at_once_leave_the_numbers_right(guest, alice, bob, group):
    seqs = [batches.post(draft_of(alice, group, f"{n}"))["seq"] for n in range(6)]

    def step(number: int) -> None:
        try:
            seq = seqs[number % 6]
            if number % 3 == 0:
                batches.mark(bob.uuid, group, seq)
            elif number % 3 == 1:
                recall(alice, group, seq)
            else:
                batches.post(draft_of(bob, group, f"b{number}"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(24)))
    check_ledger()


async def all_after_recall(socket) -> list[dict]:
    """All that is pushed until the recall is told, and what comes with it."""
    events = []
    while not any(one["data"] for one in posted(events)):
        events.append(await socket.next())
    return events + await socket.all()


async def test_every_page_is_told_and_who_was_away_finds_it(connect, guest, alice, bob, group):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    seq = (await actor.say(SECRET, group=group))["seq"]
    await visitor.all(), await colleague.all()
    await actor.send("message.recall", group=group, seq=seq)
    for socket, other in ((actor, None), (colleague, 1), (visitor, 0)):
        events = await all_after_recall(socket)
        (notice,) = [one for one in posted(events) if one["kind"] == "notice"]
        assert notice["data"]["event"] == "recall" and notice["data"]["of"] == seq
        last = [event["last"] for event in events if "last" in event]
        assert [one["excerpt"] for one in last] == ([] if socket is visitor else ["first"])
        if other is not None:
            assert [e["unread"] for e in events if e["type"] == "unread"] == [other]
        await socket.send("sync", groups={group: 2})
        missed = await socket.all()
        assert SECRET not in repr(missed)
        assert [one["data"]["event"] for one in posted(missed)] == ["recalled", "recall"]
    await actor.send("message.recall", group=group, seq=99)
    error = await actor.until("error")
    assert (error["code"], error["group"], error["seq"]) == ("not_found", group, 99)
    await database(check_ledger)()


async def test_a_recalled_note_is_told_to_agents_alone(connect, guest, alice, bob, group):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    seq = (await actor.say(SECRET, group=group, note=True))["seq"]
    await actor.send("message.recall", group=group, seq=seq)
    await actor.until("message.posted", prev=seq)
    assert "recall" in repr(posted(await all_after_recall(colleague)))
    assert types(await visitor.all()) == []
    await visitor.send("sync", groups={group: 0})
    missed = await visitor.all()
    assert [one["seq"] for one in posted(missed)] == [1, 2]


def test_a_recalled_file_is_gone_with_its_message(agent, visitor, group, settings):
    form = {"file": upload("shot.png", picture()), "client_id": new_id()}
    answer = json.loads(agent.post(agent.place, form, **JSON).content)
    place = answer["attachment"]["url"]
    assert visitor.get(place).status_code == 200
    assert agent.post(f"{agent.page}recall/", {"seq": answer["seq"]}, **JSON).status_code == 200
    for browser in (agent, visitor):
        assert browser.get(place).status_code == 404
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    again = {**form, "file": upload("shot.png", picture())}
    assert json.loads(agent.post(agent.place, again, **JSON).content)["seq"] == answer["seq"]
    assert rows_of(group)[answer["seq"] - 1].data["event"] == "recalled"
    assert "shot.png" not in stored_text()
    check_ledger()


def test_recalling_by_http(agent, visitor, group, alice):
    seq = batches.post(draft_of(alice, group))["seq"]
    place = f"{agent.page}recall/"
    assert agent.post(place, {"seq": "x"}, **JSON).status_code == 400
    assert agent.post(place, {"seq": 2}, **JSON).status_code == 403
    assert agent.post(place, {"seq": 99}, **JSON).status_code == 404
    assert agent.post(place, {"seq": seq}, **JSON).json() == {"ok": True}
    own = visitor.place.replace("messages", "recall")
    assert visitor.post(own, {"seq": seq}, **JSON).status_code == 403
    assert visitor.post(own, {"seq": 2}, **JSON).json() == {"ok": True}
    check_ledger()
