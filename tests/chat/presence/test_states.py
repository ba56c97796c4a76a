"""Online, busy, away, offline: what colleagues, visitors and managers are told of it."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.background import upkeep
from chat.models import Conversation, Presence, Visitor
from chat.posting import batches
from chat.posting.items import Draft
from chat.presence import leases, unattended_teams
from tests.chat.helpers import JSON, PAGE, database, new_guest, refused, within

SWITCH = "/agent/online/"


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(upkeep, "GRACE", 0.05)


def switched(member, state: str) -> None:
    fields = {"online": (1, False), "busy": (1, True), "offline": (2, False)}[state]
    Member.objects.filter(pk=member.pk).update(online_status=fields[0], busy=fields[1])


@pytest.mark.django_db
def test_the_switch_has_three_positions(agent, alice):
    for state, online in (("busy", True), ("offline", False), ("online", True), ("busy", True)):
        answer = agent.post(SWITCH, {"state": state}, **JSON)
        assert answer.json() == {"online": online, "state": state}
        alice.refresh_from_db()
        assert (alice.online_status, alice.busy) == (1 if online else 2, state == "busy")
        page = agent.get("/agent/").content.decode()
        assert f'value="{state}" aria-current="true"' in page
    assert agent.post(SWITCH, {"online": "1"}, **JSON).json() == {"online": True, "state": "online"}
    alice.refresh_from_db()
    assert not alice.busy
    assert agent.post(SWITCH, {"state": "busy"}, **PAGE)["Location"] == "/agent/"
    for wrong in ({"state": "away"}, {"state": "1"}, {"online": "busy"}, {}):
        assert refused(agent.post(SWITCH, wrong, **JSON)) == (400, "bad_field")
    alice.refresh_from_db()
    assert alice.busy, "what was refused changes nothing"


@pytest.mark.django_db
def test_a_state_is_told_by_switch_and_windows_together(alice, bob, carol, team):
    leases.renew([alice.uuid, bob.uuid, carol.uuid], away={bob.uuid})
    leases.renew([bob.uuid], "another process")
    switched(carol, "busy")
    people = {alice.uuid, bob.uuid, carol.uuid}
    states = {alice.uuid: "online", bob.uuid: "online", carol.uuid: "busy"}
    assert leases.agent_states(people) == states, "of whom one window is in use is not away"
    leases.renew([bob.uuid], "another process", away={bob.uuid})
    leases.renew([carol.uuid], away={carol.uuid})
    assert leases.agent_states(people) == states | dict.fromkeys((bob.uuid, carol.uuid), "away")
    switched(alice, "offline")
    assert leases.agent_states(people).keys() == {bob.uuid, carol.uuid}
    told = leases.for_visitors(team, {"a": "online", "b": "busy", "c": "busy", "d": "away"})
    assert (told["online"], told["busy"]) == (1, 2)


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_colleagues_see_who_is_busy_or_away_and_visitors_who_is_free(
    connect, guest, alice, bob, group
):
    visitor, watcher = await connect(guest), await connect(bob)
    first, second = await connect(alice), await connect(alice)

    async def told(state, online, busy):
        event = await watcher.until("presence", member=alice.uuid, state=state)
        assert event["online"] is (state in ("online", "busy"))
        await visitor.until("presence", team="service", online=online, busy=busy)

    await told("online", 2, 0)
    await database(switched)(alice, "busy")
    upkeep.soon()
    await told("busy", 1, 1)
    newcomer = await connect(guest)
    there = newcomer.hello["team"]
    assert (there["online"], there["busy"]) == (1, 1)
    await database(switched)(alice, "online")
    upkeep.soon()
    await told("online", 2, 0)
    await first.send("presence", away=True)
    await asyncio.sleep(0.3)
    assert await database(leases.agent_states)({alice.uuid}) == {alice.uuid: "online"}
    await second.send("presence", away=True)
    await told("away", 1, 0)
    await first.send("presence", away=False)
    await told("online", 2, 0)
    await first.leave()
    await upkeep.current().renew({alice.uuid})
    upkeep.soon()
    await told("away", 1, 0)
    assert await database(Presence.objects.filter(who=alice.uuid, away=True).exists)()


@pytest.mark.django_db
def test_seats_and_the_list_of_colleagues_tell_the_state(agent, alice, bob, group):
    leases.renew([alice.uuid, bob.uuid], away={bob.uuid})
    switched(alice, "busy")
    facts = json.loads(agent.get(agent.page, **JSON).content)["conversation"]
    by_name = {one["name"]: (one["online"], one["state"]) for one in facts["members"]}
    assert by_name == {"小艾": (True, "busy"), "小博": (False, "away")}
    people = agent.get("/agent/colleagues/", **JSON).json()["members"]
    assert {one["name"]: one["state"] for one in people} == {"小艾": "busy", "小博": "away"}
    page = agent.get(agent.page).content.decode()
    assert 'data-state="busy"' in page and 'data-state="away"' in page
    assert ">Busy</span>" in page and ">Away</span>" in page


def unattended(code="acme") -> dict[str, int]:
    return {one["team"]: one["waiting"] for one in unattended_teams.of_enterprise(code)}


@pytest.mark.django_db
def test_a_team_is_unattended_while_somebody_waits_and_nobody_is_there(
    team, alice, bob, group, carol, other_group, django_assert_num_queries, sales
):
    assert unattended() == {"service": 1}, "sales has nobody either, but nobody waits there"
    batches.post(new_guest(team).draft("me too"))
    batches.post(new_guest(sales).draft("and I"))
    assert unattended() == {"service": 2, "sales": 1}
    (one,) = [one for one in unattended_teams.of_enterprise("acme") if one["team"] == "sales"]
    assert one["name"] == "Sales" and timezone.now() - one["since"] < timedelta(minutes=1)
    leases.renew([carol.uuid])
    switched(carol, "busy")
    assert unattended() == {"service": 2}, "a busy one is somebody"

    leases.renew([carol.uuid], away={carol.uuid})
    assert unattended()["sales"] == 1, "one who left the desk is nobody"
    leases.renew([alice.uuid])
    assert unattended() == {"sales": 1}

    leases.renew([carol.uuid])
    with django_assert_num_queries(3):
        assert unattended() == {}
    leases.release([alice.uuid])
    leases.release([carol.uuid])
    batches.post(Draft(alice.uuid, "小艾", "", new_guest(team).uuid, "hello", group))
    assert unattended() == {"service": 1, "sales": 1}, "who was answered does not wait"

    Visitor.objects.filter(ent_id="acme").update(blocked=True)
    assert unattended() == {}, "nobody need answer who is blocked"
    Visitor.objects.update(blocked=False)
    later = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(team=team).update(snoozed_until=later)
    assert unattended() == {"sales": 1}

    Conversation.objects.filter(team=sales).update(open=False)
    assert unattended() == {}
    assert unattended("umbrella") == {"service": 1}


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_managers_hear_of_it_and_nobody_else(
    connect, guest, alice, manager, other_manager, group
):
    boss, stranger = await connect(manager), await connect(other_manager)
    assert [one["waiting"] for one in boss.hello["unattended"]] == [1]
    assert stranger.hello["unattended"] == []
    agent = await connect(alice)
    assert "unattended" not in agent.hello
    assert await boss.until("unattended", teams=[]) == {"type": "unattended", "teams": []}
    await agent.leave()
    while not (event := await boss.until("unattended"))["teams"]:
        pass
    assert event["teams"][0]["team"] == "service"
    agent = await connect(alice)
    upkeep.current().renewed = 0.0
    upkeep.soon()
    await boss.until("unattended", teams=[])
    await agent.send("ping")
    while (event := await agent.next())["type"] != "pong":
        assert event["type"] != "unattended"
    await stranger.send("ping")
    while (event := await stranger.next())["type"] != "pong":
        assert not event.get("teams")


@pytest.mark.django_db
def test_a_managers_page_tells_it_without_scripts_and_an_agents_does_not(
    browser_of, manager, alice, group
):
    boss, agent = browser_of(manager), browser_of(alice)
    Presence.objects.all().delete()
    assert "nobody is online, 1 visitor has been waiting for 1 min." in (
        boss.get("/agent/").content.decode()
    )
    assert 'class="unattended"' not in agent.get("/agent/").content.decode()
    # A screen reader speaks what comes into a status that is there.
    page = boss.get("/agent/").content.decode()
    assert '<p class="unattended" role="status"></p>' in page, "alice was just there"
