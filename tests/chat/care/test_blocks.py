"""Visitors who may not write for a while: how it begins, what they are told, how it ends."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.care import blocks
from chat.models import Conversation, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    PAGE,
    act_of,
    check_ledger,
    codes,
    database,
    draft_of,
    refused,
    rows_of,
    within,
)

pytestmark = pytest.mark.django_db


def block(member, group: str, minutes: int | None = 60, reason="spam") -> None:
    action = VisitorAction("block", member.uuid, group, minutes=minutes, reason=reason)
    batches.do(action)


def unblock(member, group: str) -> None:
    batches.do(VisitorAction("unblock", member.uuid, group))


def row_of(guest) -> Visitor:
    return Visitor.objects.get(uuid=guest.uuid)


def blocked(browser, group: str) -> dict | None:
    answer = browser.get(f"/agent/c/{group}/visitor/")
    return json.loads(answer.content)["visitor"]["blocked"]


def test_a_blocked_visitor_is_politely_refused_everywhere(visitor, alice, guest, group):
    block(alice, group, reason="insults in every message")
    until = row_of(guest).blocked_until
    for answer in (
        visitor.get(visitor.place, **JSON),
        visitor.post(visitor.place, {"content": "x"}, **JSON),
        visitor.post("/chat/acme/rating/", {"score": "5"}, **JSON),
        visitor.post("/chat/acme/recall/", {"seq": "2"}, **JSON),
    ):
        assert refused(answer) == (403, "closed_out")
        assert json.loads(answer.content)["until"] == until.isoformat().replace("+00:00", "Z")
        assert "insults" not in answer.content.decode()
    for answer in (
        visitor.get("/chat/acme/"),
        visitor.post(visitor.place, {"content": "x"}, **PAGE),
    ):
        page = answer.content.decode()
        assert answer.status_code == 403 and f"{until:%Y-%m-%d %H:%M} UTC" in page
        assert "insults" not in page and "You cannot write here at present" in page
    assert [row.message_content for row in rows_of(group)[:2]][-1] == "first"
    assert len(rows_of(group)) == 3, "the notice, and nothing of the visitor's"


def test_one_who_is_blocked_for_good_is_told_no_time(visitor, alice, guest, group):
    block(alice, group, minutes=None)
    answer = visitor.get("/chat/acme/")
    assert answer.status_code == 403 and "contact Acme in another way" in answer.content.decode()
    assert "until" not in json.loads(visitor.get(visitor.place, **JSON).content)
    blocks.expire()
    assert row_of(guest).is_blocked


def test_agents_see_until_when_and_why(agent, alice, bob, group, browser_of):
    assert blocked(agent, group) is None
    block(bob, group, reason="spam <b>")
    found = blocked(agent, group)
    assert (found["reason"], found["by_name"]) == ("spam <b>", "小博")
    page = agent.get(agent.page).content.decode()
    assert "小博: spam &lt;b&gt;" in page and 'value="unblock"' in page
    notice = rows_of(group)[-1]
    assert notice.message_type == AGENT_NOTICE and notice.data["event"] == "blocked"
    assert notice.data["until"][:26] == found["until"][:26]
    unblock(alice, group)
    assert blocked(agent, group) is None and rows_of(group)[-1].data["event"] == "unblocked"
    unblock(alice, group)
    assert len(rows_of(group)) == 4, "what is so already changes nothing"
    check_ledger()


def test_a_block_ends_by_itself_at_its_time(visitor, agent, alice, guest, group):
    block(alice, group)
    blocks.expire()
    assert row_of(guest).is_blocked
    Visitor.objects.update(blocked_until=timezone.now() - timedelta(seconds=1))
    assert visitor.get("/chat/acme/").status_code == 200, "before any beat"
    assert blocked(agent, group) is None
    blocks.expire()
    row = row_of(guest)
    assert not row.blocked and row.blocked_until is None
    assert row.block_reason == row.blocked_by == ""
    assert rows_of(group)[-1].data == {"event": "block_over"}
    blocks.expire()
    assert len(rows_of(group)) == 4
    assert visitor.post(visitor.place, {"content": "back"}, **JSON).status_code == 200


def since(group: str):
    return Conversation.objects.get(uuid=group).waiting_since


def test_nobody_has_to_answer_who_is_blocked_and_afterwards_they_wait_as_before(
    alice, guest, group
):
    asked = since(group)
    block(alice, group, minutes=None)
    assert since(group) is None, "it would be overdue in every inbox"
    unblock(alice, group)
    assert since(group) == asked
    block(alice, group)
    Visitor.objects.update(blocked_until=timezone.now() - timedelta(seconds=1))
    blocks.expire()
    assert since(group) == asked
    batches.post(guest.draft("still there?", group=group))
    block(alice, group)
    unblock(alice, group)
    assert since(group) == asked, "a later message does not begin it anew"
    batches.post(draft_of(alice, group))
    block(alice, group)
    unblock(alice, group)
    assert since(group) is None, "they have been answered"
    batches.post(guest.draft("thanks", group=group))
    assert batches.run([act_of("close", alice.uuid, group)]) == [None]
    block(alice, group)
    unblock(alice, group)
    assert since(group) is None, "it is closed"
    assert check_ledger()


def test_what_was_on_its_way_as_they_were_blocked_is_not_stored(alice, guest, group, enterprise):
    """Their socket is open until the next tick."""
    batches.do(act_of("close", alice.uuid, group))
    block(alice, group)
    until, before = row_of(guest).blocked_until, len(rows_of(group))
    sales = guest.draft("and you?")
    sales.opening.team_id = enterprise.teams.create(name="Sales", slug="sales").pk
    answers = batches.run([guest.draft("but", group=group), sales, guest.draft("page")])
    assert codes(answers) == ["closed_out"] * 3
    assert {answer["until"] for answer in answers} == {until}
    row = Conversation.objects.get()
    assert not row.open and row.waiting_since is None and len(rows_of(group)) == before
    assert batches.post(draft_of(alice, group))["seq"] == before + 1
    Visitor.objects.update(blocked_until=timezone.now() - timedelta(seconds=1))
    assert batches.post(guest.draft("thanks", group=group))
    assert check_ledger()


def test_who_was_blocked_for_longer_is_not_let_in_early(alice, guest, group):
    """The beat found it due; before it had the lock, a colleague blocked them once more."""
    block(alice, group)
    block(alice, group, minutes=None, reason="again")
    blocks.lift(guest.uuid)
    row = row_of(guest)
    assert row.is_blocked and row.blocked_until is None and row.block_reason == "again"


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_open_sockets_close_and_pages_of_the_group_hear_of_it(
    alice, bob, guest, group, connect, browser_of
):
    page, colleague, visitor = await connect(alice), await connect(bob), await connect(guest)
    browser = await database(browser_of)(alice)
    form = {"action": "block", "minutes": "60", "reason": "spam"}
    answer = await database(browser.post)(f"/agent/c/{group}/visitor/", form, **JSON)
    assert answer.status_code == 200
    assert await visitor.closed() == 4403
    for socket in (page, colleague):
        event = await socket.until("visitor", visitor=guest.uuid)
        assert event["blocked"]["reason"] == "spam" and event["blocked"]["until"].endswith("Z")
    await database(Visitor.objects.update)(blocked_until=timezone.now() - timedelta(seconds=1))
    await database(blocks.expire)()
    assert (await colleague.until("visitor", visitor=guest.uuid))["blocked"] is None
    back = await connect(guest)
    assert (await back.say("hello again"))["type"] == "message.accepted"
