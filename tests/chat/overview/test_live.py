"""The live view: who may look, that it is what the rows say, and changing a colleague's state."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation
from chat.overview import live
from chat.posting import batches
from chat.presence import leases
from tests.chat.helpers import JSON, draft_of, new_guest
from tests.conftest import hire

pytestmark = pytest.mark.django_db

LIVE, STATE = "/admin/live/", "/admin/live/state/"


@pytest.fixture
def board(browser_of):
    def fetch(reader, **fields):
        answer = browser_of(reader).get(LIVE, fields, **JSON)
        assert answer.status_code == 200
        return answer.json()

    return fetch


def test_who_may_look_gets_the_same_as_a_page_and_as_json(
    browser_of, manager, supervisor, superuser, group, board
):
    for reader, fields in ((manager, {}), (supervisor, {}), (superuser, {"enterprise": "acme"})):
        told = board(reader, **fields)
        assert list(told) == [
            *("at", "zone", "waiting", "late", "soon", "since", "open", "online", "teams"),
            *("agents", "more_agents", "conversations", "more_conversations"),
        ]
        page = browser_of(reader).get(LIVE, fields)
        shown = page.context["board"]
        assert (shown["waiting"], shown["open"]) == (told["waiting"], told["open"]) == (1, 1)
        assert (f"/agent/c/{group}/" in page.content.decode()) is (reader != superuser)


def test_nobody_sees_another_enterprise(board, other_manager, group, alice, outsider):
    told = board(other_manager)
    assert (told["waiting"], told["open"], told["conversations"]) == (0, 0, [])
    assert [one["member"] for one in told["agents"]] == ["oscar"]


@pytest.mark.parametrize("seed", range(2))
def test_every_number_is_that_of_a_count_of_the_rows(seed, enterprise, team, alice, bob):
    chance = random.Random(seed)
    second = find_or_create_team(enterprise, "second")
    second.answer_seconds = 30
    second.save()
    join_team(bob, second)
    leases.renew([alice.uuid, bob.uuid])
    now = timezone.now()
    for _number in range(25):
        guest = new_guest(chance.choice((team, second)))
        group = batches.post(guest.draft("hello"))["group"]
        row = Conversation.objects.filter(uuid=group)
        since = now - timedelta(seconds=chance.randint(0, 300))
        limit = timedelta(seconds=row.get().team.answer_seconds)
        row.update(waiting_since=since, due_at=since + limit)
        change = chance.choice(("", "claim", "answer", "close", "snooze", "hold"))
        if change == "claim":
            row.update(claimed_by=chance.choice((alice, bob)).uuid)
        if change == "answer":
            row.update(waiting_since=None, claimed_by=alice.uuid)
        if change == "close":
            row.update(open=False)
        if change == "snooze":
            row.update(snoozed_until=now + timedelta(hours=chance.choice((-1, 1))))
        if change == "hold":
            row.update(quarantined_since=now, quarantined_for="links")
    rows = list(Conversation.objects.select_related("team"))
    there = [row for row in rows if row.open and not row.quarantined_since]
    awake = [row for row in there if not row.snoozed_until or row.snoozed_until <= now]
    waiting = sorted((row for row in awake if row.waiting_since), key=lambda row: row.waiting_since)
    told = live.board(enterprise, now)
    assert told["open"] == len(there)
    assert [one["group"] for one in told["conversations"]] == [row.uuid for row in waiting]
    assert told["since"] == waiting[0].waiting_since
    levels = [one["level"] for one in told["conversations"]]
    for row, one in zip(waiting, told["conversations"], strict=True):
        seconds = (now - row.waiting_since).total_seconds()
        limit = row.team.answer_seconds
        assert one["level"] == (
            "late" if seconds > limit else "soon" if seconds > limit / 2 else "ok"
        )
    assert (told["late"], told["soon"]) == (levels.count("late"), levels.count("soon"))
    for line in told["teams"]:
        theirs = [row for row in waiting if row.team.slug == line["team"]]
        assert line["waiting"] == len(theirs)
        assert line["since"] == (theirs[0].waiting_since if theirs else None)
        assert line["open"] == sum(row.team.slug == line["team"] for row in there)
    assert {line["team"]: line["online"] for line in told["teams"]} == {"service": 2, "second": 1}
    for person, line in zip((bob, alice), told["agents"], strict=True):
        held = [row for row in rows if row.claimed_by == person.uuid and row.open]
        held = [row for row in held if not row.snoozed_until or row.snoozed_until <= now]
        assert (line["member"], line["held"]) == (person.name, len(held))
        assert line["since"] == min(filter(None, (row.waiting_since for row in held)), default=None)


def test_the_number_of_statements_does_not_grow(browser_of, manager, enterprise, team):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(LIVE).status_code == 200
        return len(seen)

    def grow(number: int) -> None:
        other = find_or_create_team(enterprise, f"team-{number}")
        hired = hire(f"agent-{number}", enterprise, team=other)
        leases.renew([hired.uuid])
        group = batches.post(new_guest(other).draft("hello"))["group"]
        Conversation.objects.filter(uuid=group).update(claimed_by=hired.uuid)

    browser = browser_of(manager)
    grow(0)
    before = statements()
    for number in range(1, 10):
        grow(number)
    assert statements() == before <= 16


def test_long_lists_are_cut_and_say_how_much_is_left(board, manager, team, alice, bob, monkeypatch):
    monkeypatch.setattr(live, "MOST_CONVERSATIONS", 2)
    monkeypatch.setattr(live, "MOST_AGENTS", 1)
    for _number in range(5):
        batches.post(new_guest(team).draft("hello"))
    told = board(manager)
    assert (len(told["conversations"]), told["more_conversations"], told["waiting"]) == (2, 3, 5)
    assert (len(told["agents"]), told["more_agents"]) == (1, 1)


@pytest.mark.parametrize("state", ["busy", "offline", "online"])
def test_a_colleagues_state_changes_as_by_their_own_switch(
    browser_of, supervisor, manager, alice, board, state
):
    leases.renew([alice.uuid])
    answer = browser_of(supervisor).post(STATE, {"member": "alice", "state": state})
    assert (answer.status_code, answer["Location"]) == (302, LIVE)
    changed = Member.objects.get(pk=alice.pk)
    assert leases.own_state(changed) == state
    assert (changed.offline_since is not None) is (state == "offline")
    (line,) = board(manager)["agents"]
    assert (line["state"], line["chosen"]) == (state, state)
    told = browser_of(manager).post(STATE, {"member": "ALICE", "state": state}, **JSON).json()
    assert told["state"] == state


def test_a_wrong_state_or_a_wrong_member_changes_nothing(
    browser_of, manager, other_manager, superuser, analyst, alice, bob
):
    def post(who, account, **fields):
        form = {"member": account, **fields}
        return browser_of(who).post(STATE, form, **JSON).status_code

    assert post(manager, "alice") == post(manager, "alice", state="away") == 400
    assert post(manager, "nobody", state="busy") == post(manager, "anna", state="busy") == 404
    assert post(other_manager, "alice", state="busy") == 404
    assert post(superuser, "alice", state="busy") == 400
    Member.objects.filter(pk=bob.pk).update(status=Member.Status.CLOSED)
    assert post(manager, "bob", state="busy") == 404
    assert not Member.objects.filter(busy=True).exists()
    form = {"member": "alice", "state": "busy"}
    answer = browser_of(superuser).post(f"{STATE}?enterprise=acme", form)
    assert answer["Location"] == f"{LIVE}?enterprise=acme"
    assert Member.objects.get(pk=alice.pk).busy


def test_a_look_at_it_makes_nobody_present(browser_of, manager, board, alice, group):
    batches.post(draft_of(alice, group, "an answer"))
    board(manager)
    browser_of(manager).get(LIVE)
    assert not leases.online({manager.uuid})
