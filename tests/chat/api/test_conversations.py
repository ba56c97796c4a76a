"""Conversations by the API: lists, one of them, and what is done to them."""

import pytest

from accounts import setup
from chat.models import ChatGroup, Conversation
from chat.posting import batches
from chat.presence import leases
from tests.chat.helpers import act_of, draft_of, new_guest, rows_of

from .program import bot_of, program_of, refusal

pytestmark = pytest.mark.django_db


def begin(team, number: int) -> list[str]:
    """So many conversations, the latest first."""
    return [batches.post(new_guest(team).draft(f"{one}"))["group"] for one in range(number)][::-1]


def groups(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["group"] for one in answer.json()["conversations"]]


def walk(program, **query) -> list[str]:
    pages = program.pages("conversations/", **query)
    return [one["group"] for page in pages for one in page["conversations"]]


def test_the_list_has_the_enterprises_conversations_latest_begun_first(
    program, team, group, other_group
):
    later = begin(team, 3)
    assert groups(program.get("conversations/")) == [*later, group]
    assert other_group not in walk(program, limit=1)


def test_what_begins_and_changes_meanwhile_moves_no_other(program, team, alice):
    begun = begin(team, 6)
    first = program.get("conversations/", limit=2)
    begin(team, 2)
    batches.post(draft_of(alice, begun[0], "an answer"))
    rest = program.get("conversations/", limit=100, cursor=first.json()["cursor"])
    assert groups(first) + groups(rest) == begun


def test_it_is_chosen_by_state_and_team(program, enterprise, team, alice):
    closed, kept = begin(team, 2)
    batches.do(act_of("close", alice.uuid, closed))
    sales = setup.find_or_create_team(enterprise, "sales")
    sold = begin(sales, 1)[0]
    assert groups(program.get("conversations/", state="closed")) == [closed]
    assert groups(program.get("conversations/", state="open")) == [sold, kept]
    assert groups(program.get("conversations/", state="open", team="sales")) == [sold]
    empty = {"team": "", "cursor": "", "limit": ""}
    assert groups(program.get("conversations/", state="open", **empty)) == [sold, kept]
    for place in (f"conversations/{sold}/messages/", "events/", "visitors/", "articles/"):
        assert program.get(place, limit="").status_code == 200, place


def test_a_cursor_of_another_enterprise_or_list_is_refused(program, other_program, team, alice):
    begin(team, 3)
    cursor = program.get("conversations/", limit=1).json()["cursor"]
    assert refusal(other_program.get("conversations/", cursor=cursor)) == (400, "bad_field")
    for place in ("visitors/", "articles/"):
        assert refusal(program.get(place, cursor=cursor)) == (400, "bad_field"), place


def test_one_conversation_is_the_conversation_object(program, group, alice, guest):
    batches.post(draft_of(alice, group, "an answer"))
    shown = program.get(f"conversations/{group}/").json()["conversation"]
    assert (shown["group"], shown["open"], shown["team"]) == (group, True, "service")
    assert [one["content"] for one in shown["messages"]][-2:] == ["first", "an answer"]
    assert shown["visitor"]["visitor"] == guest.uuid and "contact" in shown["visitor"]
    assert {one["member"] for one in shown["members"]} >= {alice.uuid}
    assert shown["last_seq"] == 3 and shown["seated"] is False
    listed = program.get("conversations/").json()["conversations"][0]
    assert listed["last"]["excerpt"] == "an answer" and "messages" not in listed
    unlike = {name for name in listed if name in shown and listed[name] != shown[name]}
    assert unlike <= {"visitor"}


def test_what_the_scopes_do_not_read_is_left_out(enterprise, group, guest):
    program = program_of(enterprise, "conversations:read")
    shown = program.get(f"conversations/{group}/").json()["conversation"]
    assert "messages" not in shown and set(shown["visitor"]) == {"visitor", "name", "erased"}
    listed = program.get("conversations/").json()["conversations"][0]
    assert listed["last"] is None and set(listed["visitor"]) == {"visitor", "name", "erased"}


def test_a_list_takes_as_many_queries_for_many_as_for_few(
    program, team, alice, django_assert_max_num_queries
):
    begin(team, 2)
    with django_assert_max_num_queries(20):
        assert len(groups(program.get("conversations/"))) == 2
    begin(team, 20)
    with django_assert_max_num_queries(20):
        assert len(groups(program.get("conversations/"))) == 22


def test_a_bot_sees_the_conversations_in_which_it_has_a_seat(enterprise, team, group, alice):
    other = begin(setup.find_or_create_team(enterprise, "sales"), 1)[0]
    bot = bot_of(team)
    assert walk(bot) == [group]
    assert refusal(bot.get(f"conversations/{other}/")) == (404, "not_found")
    assert bot.get(f"conversations/{group}/").status_code == 200


def test_a_service_account_acts_without_a_seat(program, group, alice):
    place = f"conversations/{group}/actions/"
    for body in (
        {"action": "tag", "tag": "refund"},
        {"action": "transfer", "member": alice.uuid, "note": "yours"},
        {"action": "release"},
        {"action": "close", "reason": "solved", "summary": "sent"},
        {"action": "close"},
        {"action": "reopen"},
        {"action": "snooze", "minutes": 5},
        {"action": "wake"},
    ):
        answer = program.post(place, body)
        assert (answer.status_code, answer.json()) == (200, {"ok": True}), body
    told = [row.data["event"] for row in rows_of(group) if row.data and "event" in row.data]
    for event in ("tagged", "transferred", "closed", "reopened", "snoozed", "woken"):
        assert any(one.startswith(event[:6]) for one in told), (event, told)
    assert not ChatGroup.objects.filter(member_id=program.member.uuid).exists()
    assert Conversation.objects.get(uuid=group).claimed_by == ""
    named = [row.data.get("by_name") for row in rows_of(group) if row.data]
    assert "crm" in named


@pytest.mark.parametrize(("who", "why"), [("bot", "bot"), ("program", "member")])
def test_a_program_hands_the_conversation_to_people(request, team, bot, alice, who, why):
    leases.renew([bot.member.uuid], restart=True)
    group = begin(team, 1)[0]
    assert Conversation.objects.get(uuid=group).bot == bot.member.uuid
    sender = request.getfixturevalue(who)
    body = {"action": "handover", "note": "wants a refund"}
    answer = sender.post(f"conversations/{group}/actions/", body)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    row = Conversation.objects.get(uuid=group)
    assert row.bot == "" and row.waiting_since
    *_, notice, note = rows_of(group)
    assert notice.data["event"] == "handed_over"
    assert (notice.data["why"], notice.data["by"]) == (why, sender.member.uuid)
    assert note.message_content == "wants a refund"


@pytest.mark.parametrize("action", ["spam", "not_spam"])
def test_a_bot_does_not_judge_what_is_spam(team, bot, action, alice):
    draft = new_guest(team).draft("buy https://a.example https://b.example https://c.example")
    draft.opening.suspicion = "links"
    group = batches.post(draft)["group"]
    before = len(rows_of(group))
    answer = bot.post(f"conversations/{group}/actions/", {"action": action})
    assert refusal(answer) == (403, "forbidden")
    row = Conversation.objects.get(uuid=group)
    assert row.open and row.quarantined_since and not row.visitor.blocked
    assert len(rows_of(group)) == before


def test_nothing_is_given_to_programs(program, bot, group):
    ours, theirs = program.member.uuid, bot.member.uuid
    for action, who in (("invite", ours), ("transfer", ours), ("transfer", theirs)):
        body = {"action": action, "member": who}
        answer = program.post(f"conversations/{group}/actions/", body)
        assert refusal(answer) == (404, "not_found")
