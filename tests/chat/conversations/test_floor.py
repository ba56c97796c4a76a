"""The floor: when a bot may speak to a visitor, and when people have the conversation."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.care import blocks
from chat.conversations import changes, floor
from chat.models import Conversation, Presence, Reception, Visitor
from chat.posting import batches
from chat.posting.actions import Edit
from chat.presence import leases
from chat.reading import conversation_page
from tests.chat.actions import do
from tests.chat.helpers import NOTICE, act_of, check_ledger, draft_of, new_guest, new_id, rows_of
from tests.conftest import hire

pytestmark = pytest.mark.django_db


def row(group: str) -> Conversation:
    return Conversation.objects.get(uuid=group)


def says(guest, group=None, content="你好"):
    return batches.post(guest.draft(content, group=group))


def speaks(bot, group, seen=None, **more):
    """What a bot's message is answered with; it has seen everything unless `seen` says less."""
    seen = row(group).last_seq if seen is None else seen
    draft = draft_of(bot, group, "Bot here", bot=True, seen=seen, **more)
    return batches.run([draft])[0]


def code(answer) -> str:
    return answer.get("code", answer["type"])


def events_of(group: str) -> list[str]:
    return [one.data["event"] for one in rows_of(group) if one.message_type == NOTICE]


def later(monkeypatch, **time):
    """Moves the clock on."""
    moment = timezone.now() + timedelta(**time)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


@pytest.fixture
def group(bot, guest, alice, bob):
    """A conversation in which the bot has the floor, and an unanswered message."""
    return says(guest)["group"]


def test_nobody_waits_for_a_person_while_a_bot_has_the_floor(group, bot, guest):
    assert (row(group).bot, row(group).waiting_since) == (bot.uuid, None)
    assert code(speaks(bot, group)) == "message.accepted"
    says(guest, group)
    assert row(group).waiting_since is None
    assert rows_of(group)[0].data["bot"] == bot.uuid
    check_ledger()


def test_what_a_bot_says_is_marked_for_ever(group, bot):
    speaks(bot, group)
    assert rows_of(group)[-1].data == {"bot": True}


def test_a_handover_by_the_bot_lets_the_visitor_wait_since_the_oldest_unanswered_message(
    group, bot, guest
):
    asked = rows_of(group)[-1].created_at
    says(guest, group, "are you there?")
    batches.do(act_of("handover", bot.uuid, group, note="wants a refund"))
    assert (row(group).bot, row(group).waiting_since) == ("", asked)
    *_, notice, note = rows_of(group)
    assert notice.data["event"] == "handed_over"
    assert (notice.data["why"], notice.data["by"]) == ("bot", bot.uuid)
    assert (note.message_content, note.data) == ("wants a refund", {"bot": True})


def test_a_handover_with_nothing_unanswered_lets_the_visitor_wait_from_then(group, bot):
    speaks(bot, group)
    batches.do(act_of("handover", bot.uuid, group))
    assert row(group).waiting_since == rows_of(group)[-1].created_at


def test_a_second_handover_changes_nothing(group, bot):
    batches.do(act_of("handover", bot.uuid, group))
    last = row(group).last_seq
    batches.do(act_of("handover", bot.uuid, group, note="again"))
    assert row(group).last_seq == last


def test_a_bot_is_refused_after_a_handover_and_may_write_notes(group, bot, alice):
    batches.do(act_of("handover", bot.uuid, group))
    assert code(speaks(bot, group)) == "forbidden"
    assert code(speaks(bot, group, note=True)) == "message.accepted"


def test_a_claim_is_a_handover_that_no_release_takes_back(group, bot, alice):
    asked = rows_of(group)[-1].created_at
    batches.do(act_of("claim", alice.uuid, group))
    refusal = speaks(bot, group)
    assert (refusal["code"], refusal["claimed_by"]) == ("claimed", alice.uuid)
    assert row(group).waiting_since == asked
    batches.do(act_of("release", alice.uuid, group))
    assert code(speaks(bot, group)) == "forbidden"
    batches.do(act_of("leave", alice.uuid, group))
    assert code(speaks(bot, group)) == "forbidden"


def test_a_claim_of_what_the_bot_has_answered_lets_nobody_wait(group, bot, alice):
    speaks(bot, group)
    batches.do(act_of("claim", alice.uuid, group))
    assert (row(group).bot, row(group).waiting_since) == ("", None)


def test_a_persons_answer_is_a_handover_and_the_first_reply(group, bot, alice):
    seen = row(group).last_seq
    batches.post(draft_of(alice, group, "a person"))
    assert code(speaks(bot, group, seen=seen)) == "stale"
    assert code(speaks(bot, group)) == "forbidden"
    assert row(group).waiting_since is None
    reception = Reception.objects.get()
    assert reception.first_reply_at == rows_of(group)[-1].created_at
    assert reception.opened_at < reception.first_reply_at <= reception.handed_at


def test_a_note_is_no_handover(group, bot, alice):
    batches.post(draft_of(alice, group, "for colleagues", note=True))
    assert code(speaks(bot, group, seen=1)) == "message.accepted"


def test_a_bot_has_to_say_what_it_has_seen(group, bot):
    answer = batches.run([draft_of(bot, group, bot=True)])[0]
    assert code(answer) == "bad_field"
    assert code(batches.run([draft_of(bot, group, bot=True, note=True)])[0]) == "message.accepted"


def test_a_retry_of_a_stored_message_is_answered_first_whatever_has_happened_since(
    group, bot, alice
):
    client_id = new_id()
    first = speaks(bot, group, client_id=client_id)
    batches.do(act_of("claim", alice.uuid, group))
    batches.post(draft_of(alice, group, "a person"))
    again = speaks(bot, group, seen=1, client_id=client_id)
    assert again == first
    other = batches.run([draft_of(bot, group, "other", client_id, bot=True, seen=1)])[0]
    assert code(other) == "conflict"


def test_a_new_reception_gives_the_floor_back(group, bot, guest, alice):
    batches.do(act_of("claim", alice.uuid, group))
    batches.do(act_of("close", alice.uuid, group))
    assert code(speaks(bot, group)) == "forbidden"
    says(guest, group, "hello again")
    assert (row(group).bot, row(group).waiting_since) == (bot.uuid, None)
    reopened = next(one for one in rows_of(group) if (one.data or {}).get("event") == "reopened")
    assert reopened.data["bot"] == bot.uuid
    assert code(speaks(bot, group)) == "message.accepted"


def test_a_close_that_is_taken_back_at_once_leaves_it_to_people(group, bot, alice):
    batches.do(act_of("handover", bot.uuid, group))
    waiting = row(group).waiting_since
    batches.do(act_of("close", alice.uuid, group))
    batches.do(act_of("reopen", alice.uuid, group))
    assert (row(group).bot, row(group).waiting_since) == ("", waiting)


def test_a_bot_is_named_as_one_among_the_participants(group, bot, alice):
    members = conversation_page.agent_page(alice, row(group))["members"]
    assert [one["member"] for one in members if "bot" in one] == [bot.uuid]
    assert not any(one["online"] for one in members if "bot" in one), "never as an agent"


def test_of_several_bots_the_oldest_has_the_floor(bot, guest, team):
    other = hire("robo2", team.enterprise, Member.Role.BOT, team)
    leases.renew([other.uuid], restart=True)
    group = says(guest)["group"]
    assert row(group).bot == bot.uuid
    assert code(speaks(other, group)) == "forbidden"
    assert code(speaks(other, group, note=True)) == "message.accepted"
    assert code(speaks(bot, group, seen=1)) == "message.accepted", "a bot makes no send stale"


def test_a_bot_that_only_uses_the_api_has_no_floor(bot, guest):
    Presence.objects.all().delete()
    group = says(guest)["group"]
    assert row(group).bot == ""
    assert row(group).waiting_since == rows_of(group)[-1].created_at
    assert code(speaks(bot, group)) == "forbidden"
    assert code(speaks(bot, group, note=True)) == "message.accepted"


def test_a_bots_message_makes_nobodys_send_stale(group, bot, alice):
    seen = row(group).last_seq
    speaks(bot, group)
    answer = batches.run([draft_of(alice, group, "me", seen=seen)])[0]
    assert code(answer) == "message.accepted"


def test_what_a_bot_leaves_unanswered_waits_for_people_once(group, bot, monkeypatch):
    asked = rows_of(group)[-1].created_at
    keep_alive(bot)
    later(monkeypatch, seconds=29)
    keep_alive(bot)
    floor.expire()
    assert row(group).bot == bot.uuid
    later(monkeypatch, seconds=2)
    keep_alive(bot)
    floor.expire()
    floor.expire()
    assert (row(group).bot, row(group).waiting_since) == ("", asked)
    assert rows_of(group)[-1].data["why"] == "silent"
    assert events_of(group).count("handed_over") == 1


def keep_alive(bot) -> None:
    leases.renew([bot.uuid])


def test_a_team_says_how_long_its_bot_has(group, bot, team, monkeypatch):
    team.bot_seconds = 5
    team.save()
    later(monkeypatch, seconds=6)
    keep_alive(bot)
    floor.expire()
    assert row(group).bot == ""


def test_a_team_that_gives_its_bot_long_holds_up_no_other(
    group, bot, team, enterprise, monkeypatch
):
    team.bot_seconds = 300
    team.save()
    sales = find_or_create_team(enterprise, "sales")
    join_team(bot, sales)
    soon = says(new_guest(sales))["group"]
    monkeypatch.setattr(floor, "BATCH", 1)
    later(monkeypatch, seconds=31)
    keep_alive(bot)
    floor.expire()
    assert (row(group).bot, row(soon).bot) == (bot.uuid, "")


def test_an_answer_in_time_keeps_the_floor(group, bot, monkeypatch):
    speaks(bot, group)
    later(monkeypatch, seconds=600)
    floor.expire()
    assert row(group).bot == bot.uuid


def test_without_a_socket_of_the_bot_ten_seconds_are_enough(group, bot, monkeypatch):
    leases.release([bot.uuid])
    later(monkeypatch, seconds=9)
    floor.expire()
    assert row(group).bot == bot.uuid
    later(monkeypatch, seconds=2)
    floor.expire()
    assert row(group).bot == ""
    assert rows_of(group)[-1].data["why"] == "away"


def test_a_bot_that_has_left_the_team_answers_nobody(group, bot, guest, team):
    speaks(bot, group)
    team.places.get(member=bot).delete()
    says(guest, group)
    assert row(group).bot == ""
    assert row(group).waiting_since == rows_of(group)[-2].created_at


def test_a_hand_on_to_another_team_is_a_handover(group, bot, alice, sales):
    asked = rows_of(group)[-1].created_at
    batches.do(act_of("transfer", alice.uuid, group, team="sales"))
    assert (row(group).bot, row(group).waiting_since) == ("", asked)


def test_who_is_blocked_waits_for_nobody_after_a_handover(group, bot, alice, guest):
    with changes.begin() as change:
        visitor = Visitor.objects.select_for_update().get(uuid=guest.uuid)
        blocks.block(visitor, alice, None, "spam", change.lock_all_of(visitor), change.now)
    batches.do(act_of("handover", bot.uuid, group))
    assert row(group).waiting_since is None
    with changes.begin() as change:
        blocks.unblock(visitor, alice, change.lock_all_of(visitor), change.now)
    assert row(group).waiting_since == rows_of(group)[1].created_at


@pytest.mark.parametrize("name", ["claim", "release", "leave", "reopen", "snooze", "invite"])
def test_a_bot_does_not_do_what_people_do(name, group, bot, carol):
    assert do(name, bot, group, member=carol.uuid, minutes=5) == "forbidden"


def test_a_bot_closes_only_while_it_has_the_floor(group, bot, guest):
    batches.do(act_of("close", bot.uuid, group))
    assert not row(group).open
    says(guest, group)
    batches.do(act_of("handover", bot.uuid, group))
    assert do("close", bot, group) == "forbidden"


def test_a_bot_does_not_edit_what_it_has_said(group, bot):
    seq = speaks(bot, group)["seq"]
    assert code(batches.run([Edit(bot.uuid, group, seq, "other words")])[0]) == "forbidden"


def test_a_quarantined_conversation_begins_with_people(bot, guest):
    draft = guest.draft("buy https://a.example https://b.example https://c.example")
    draft.opening.suspicion = "links"
    group = batches.post(draft)["group"]
    assert row(group).bot == ""


def test_without_bots_nothing_is_asked_about_them(alice, guest, monkeypatch):
    monkeypatch.setattr(leases, "connected_since", None)
    with CaptureQueriesContext(connection) as queries:
        group = says(guest)["group"]
        begun = len(queries)
        says(guest, group)
    assert len(queries) - begun <= 12, "a message costs what it did"
