"""Why a conversation was closed, and what came of it: for colleagues, for no visitor."""

import json

import pytest

from accounts.setup import find_or_create_team, join_team
from chat.conversations import receptions
from chat.models import Conversation, Reception, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reading import profiles
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    NOTICE,
    PAGE,
    act_of,
    check_ledger,
    new_guest,
    refused,
    rows_of,
    within,
)

pytestmark = pytest.mark.django_db


def close(member, group: str, **more) -> None:
    batches.do(act_of("close", member.uuid, group, **more))


def reception_of(group: str) -> Reception:
    return Conversation.objects.select_related("reception").get(uuid=group).reception


def test_reason_and_summary_stay_with_the_reception(alice, guest, group):
    close(alice, group, reason="Solved", summary="sent\na new one")
    first = reception_of(group)
    assert (first.reason, first.summary) == ("Solved", "sent\na new one")
    closed, closing = rows_of(group)[-2:]
    assert (closed.message_type, closing.message_type) == (NOTICE, AGENT_NOTICE)
    assert closed.data == {"event": "closed", "by": alice.uuid, "by_name": "小艾"}
    about = {"event": "closing", "reason": "Solved", "summary": "sent\na new one"}
    assert closing.data == about
    close(alice, group, reason="another")
    assert reception_of(group).reason == "Solved", "it was closed already"
    batches.post(guest.draft("not yet", group=group))
    assert reception_of(group).reason == ""
    close(alice, group)
    assert [row.data["event"] for row in rows_of(group) if row.data][-1] == "closed"
    assert check_ledger() == 7


def test_a_visitor_sees_neither_and_colleagues_see_both(visitor, agent, alice, group):
    close(alice, group, reason="spammer", summary="a long story")
    for answer in (visitor.get(visitor.place), visitor.get("/chat/acme/")):
        text = answer.content.decode()
        assert "spammer" not in text and "long story" not in text
    assert json.loads(visitor.get(visitor.place).content)["last_seq"] == 3
    page = agent.get(agent.page).content.decode()
    assert page.count("spammer") == page.count("a long story") == 2, "the thread and the panel"


def test_earlier_receptions_tell_both(alice, bob, group):
    close(alice, group, reason="Solved", summary="new one sent")
    found = profiles.profile(bob, Visitor.objects.get(), group)["receptions"]
    assert [(one["reason"], one["summary"]) for one in found] == [("Solved", "new one sent")]


def test_an_enterprises_own_reasons_are_offered(agent, alice, outsider, group, other_group, team):
    groups = [group, *(batches.post(new_guest(team).draft("x"))["group"] for _ in range(3))]
    for one, reason in zip(groups, ("rare", "often", "often", ""), strict=True):
        close(alice, one, reason=reason)
    close(outsider, other_group, reason="theirs")
    Reception.objects.filter(reason="").update(reason=receptions.IDLE)
    found = json.loads(agent.get("/agent/reasons/").content)
    assert found == {"reasons": ["often", "rare"]}


@pytest.mark.once
def test_reasons_of_other_teams_are_offered_to_managers_alone(
    enterprise, agent, alice, carol, manager, group
):
    other = find_or_create_team(enterprise, "billing", "Billing")
    join_team(carol, other)
    theirs = batches.post(new_guest(other).draft("x"))["group"]
    close(carol, theirs, reason="Mr Wang owes us money")
    close(alice, group, reason="Solved")
    assert json.loads(agent.get("/agent/reasons/").content) == {"reasons": ["Solved"]}
    assert receptions.reasons_in_use(carol) == ["Mr Wang owes us money"]
    assert sorted(receptions.reasons_in_use(manager)) == ["Mr Wang owes us money", "Solved"]


def test_an_erasure_takes_both(manager, alice, group):
    close(alice, group, reason="Wang called", summary="Wang, 138 0000 0000")
    batches.do(VisitorAction("erase", manager.uuid, group))
    reception = reception_of(group)
    assert (reception.reason, reception.summary) == ("", "")
    assert reception.closed_by == alice.uuid
    assert "Wang" not in json.dumps([[row.message_content, row.data] for row in rows_of(group)])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reason": "x" * 61}, (413, "too_long")),
        ({"reason": "a\x00b"}, (400, "bad_field")),
        ({"summary": "x" * 1001}, (413, "too_long")),
    ],
)
def test_what_is_no_reason_and_no_summary_is_refused_and_stays_in_the_form(
    agent, group, fields, expected
):
    form = {"action": "close", "reason": "kept reason", "summary": "kept summary"} | fields
    assert refused(agent.post(f"{agent.page}actions/", form, **JSON)) == expected
    answer = agent.post(f"{agent.page}actions/", form, **PAGE)
    assert answer.status_code == expected[0]
    kept = {"kept reason", "kept summary"} - {f"kept {name}" for name in fields}
    assert all(words in answer.content.decode() for words in kept)
    assert Conversation.objects.get(uuid=group).open


def test_blanks_are_nothing_and_lengths_count_without_them(agent, group):
    form = {"action": "close", "reason": f"  {'x' * 60} ", "summary": " \r\n "}
    assert agent.post(f"{agent.page}actions/", form, **PAGE).status_code == 302
    reception = reception_of(group)
    assert (reception.reason, reception.summary) == ("x" * 60, "")
    assert rows_of(group)[-1].data == {"event": "closing", "reason": "x" * 60, "summary": ""}


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_all_agents_hear_both_live_and_the_visitor_hears_of_the_closing_alone(
    alice, bob, guest, group, connect
):
    page, colleague, visitor = await connect(alice), await connect(bob), await connect(guest)
    for fields in ({"reason": 1}, {"reason": ["x"]}, {"summary": {}}, {"reason": "\x01"}):
        await page.send("conversation.close", group=group, **fields)
        assert (await page.until("error"))["code"] == "bad_field"
    await visitor.send("conversation.close", group=group, reason="x")
    assert (await visitor.until("error"))["code"] == "forbidden"
    await page.send("conversation.close", group=group, reason=None, summary="done with it")
    heard = [await colleague.until("message.posted") for _ in range(2)]
    assert [one["message"]["data"]["event"] for one in heard] == ["closed", "closing"]
    assert heard[1]["message"]["content"] == "done with it"
    told = await visitor.until("message.posted")
    assert told["message"]["data"]["event"] == "closed"
    await page.send("conversation.reopen", group=group)
    told = await visitor.until("message.posted")
    assert told["message"]["data"]["event"] == "reopened" and told["prev"] == 3
