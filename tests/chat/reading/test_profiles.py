"""What agents see of a visitor in the panel, and what they write down of them."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import setup
from accounts.audit import Origin
from chat.conversations import seating
from chat.customers import links
from chat.models import Presence, Visitor
from chat.posting import batches
from chat.posting.actions import Rating
from chat.posting.visitor_actions import VisitorAction
from chat.presence import leases
from chat.reading import profiles
from tests.chat.helpers import (
    AGENT_NOTICE,
    PAGE,
    Guest,
    act_of,
    check_ledger,
    database,
    new_guest,
    rows_of,
    within,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(enterprise, carol):
    team = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(carol, team)
    return team


@pytest.fixture
def sold(guest, sales, group) -> str:
    """The same visitor's conversation with another team, where carol sits."""
    return batches.post(Guest(guest.enterprise, sales, guest.token).draft("prices?"))["group"]


def profile(browser, group: str) -> dict:
    answer = browser.get(f"/agent/c/{group}/visitor/")
    assert answer.status_code == 200
    return json.loads(answer.content)["visitor"]


def edit(member, group: str, label: str, contact: str = "") -> None:
    batches.do(VisitorAction("edit", member.uuid, group, label=label, contact=contact))


def test_earlier_receptions_stand_there_with_their_ratings(agent, alice, bob, guest, group):
    assert profile(agent, group)["receptions"] == []
    batches.do(act_of("close", bob.uuid, group))
    batches.do(Rating(guest.uuid, group, 4, "很快"))
    batches.post(guest.draft("again", group=group))
    batches.do(act_of("close", alice.uuid, group))
    later, first = profile(agent, group)["receptions"]
    assert (first["closed_name"], first["score"], first["comment"]) == ("小博", 4, "很快")
    assert (later["closed_name"], later["score"], later["comment"]) == ("小艾", None, "")
    assert first["closed_at"] < later["closed_at"] and first["group"] == group
    page = agent.get(agent.page).content.decode()
    assert "★★★★☆" in page and "很快" in page


def test_only_so_many_receptions_are_shown(agent, alice, bob, guest, group):
    for _time in range(profiles.MAX_RECEPTIONS + 2):
        batches.do(act_of("close", alice.uuid, group))
        batches.do(act_of("reopen", bob.uuid, group))
    assert len(profile(agent, group)["receptions"]) == profiles.MAX_RECEPTIONS


def test_other_conversations_are_those_that_one_may_see(
    agent, alice, bob, carol, manager, group, sold, browser_of
):
    batches.do(act_of("close", carol.uuid, sold))
    theirs = profile(browser_of(manager), group)
    assert [(one["group"], one["team_name"], one["open"]) for one in theirs["others"]] == [
        (sold, "sales", False)
    ]
    assert [one["group"] for one in theirs["receptions"]] == [sold]
    mine = profile(agent, group)
    assert (mine["others"], mine["receptions"]) == ([], []), "alice does not sit there"
    assert sold not in agent.get(agent.page).content.decode()
    batches.do(act_of("invite", carol.uuid, sold, member=alice.uuid))
    assert [one["group"] for one in profile(agent, group)["others"]] == [sold]
    assert f"/agent/c/{sold}/" in agent.get(agent.page).content.decode()
    assert [one["group"] for one in profile(browser_of(carol), sold)["others"]] == []


def test_conversations_of_linked_visitors_stand_there_with_their_name(
    agent, alice, carol, manager, guest, group, sales, browser_of
):
    other = new_guest(sales)
    linked = batches.post(other.draft("the same person"))["group"]
    batches.do(VisitorAction("edit", carol.uuid, linked, label="Kim"))
    origin = Origin(source="a test")
    links.link(manager, guest.uuid, other.uuid, origin=origin)
    (row,) = profile(browser_of(manager), group)["others"]
    assert (row["group"], row["visitor"], row["visitor_name"]) == (linked, other.uuid, "Kim")
    shown = browser_of(manager).get(agent.page).content.decode()
    assert "Other visitors of this customer: 1" in shown and "sales · Kim" in shown
    page = re.search('class="customer-page" href="([^"]*)"', shown)[1]
    assert browser_of(manager).get(page, follow=True).status_code == 200
    assert profile(agent, group)["others"] == [], "alice does not sit there"
    shown = agent.get(agent.page).content.decode()
    assert linked not in shown and page in shown
    assert profile(browser_of(carol), linked)["others"] == []


def test_last_seen_is_told_by_the_lease_and_then_by_the_row(agent, guest, group):
    assert profile(agent, group)["last_seen_at"] is None
    leases.renew([guest.uuid])
    seen = profile(agent, group)
    assert seen["online"] and seen["last_seen_at"]
    ended = timezone.now() - timedelta(minutes=2)
    Presence.objects.update(expires_at=ended)
    seen = profile(agent, group)
    assert not seen["online"] and seen["last_seen_at"] == ended.isoformat().replace("+00:00", "Z")
    ended -= timedelta(minutes=10)
    Presence.objects.update(expires_at=ended)
    leases.delete_expired()
    assert not Presence.objects.exists()
    assert Visitor.objects.get(uuid=guest.uuid).last_seen_at == ended
    leases.renew([guest.uuid], "another process")
    Presence.objects.update(expires_at=ended - timedelta(days=1))
    leases.delete_expired()
    assert Visitor.objects.get(uuid=guest.uuid).last_seen_at == ended, "it moves forward only"


def test_an_edit_is_stored_and_noted_in_each_conversation(alice, guest, group, sold):
    edit(alice, group, "王建国", "138 0013 8000")
    row = Visitor.objects.get(uuid=guest.uuid)
    assert (row.label, row.contact) == ("王建国", "138 0013 8000")
    for each in (group, sold):
        named, contact = rows_of(each)[-2:]
        assert named.message_type == contact.message_type == AGENT_NOTICE
        assert named.data["event"] == "named" and named.data["name"] == "王建国"
        assert contact.data == {"event": "contact", "by": alice.uuid, "by_name": "小艾"}
        assert "138" not in contact.message_content, "it stands in one place only"
    edit(alice, group, "王建国", "138 0013 8000")
    assert len(rows_of(group)) == 4, "what is so already changes nothing"
    edit(alice, group, "王建国")
    assert Visitor.objects.get(uuid=guest.uuid).contact == ""
    check_ledger()


def test_a_visitor_sees_nothing_of_an_edit(visitor, alice, group):
    edit(alice, group, "difficult customer", "secret contact")
    for answer in (visitor.get(visitor.place), visitor.get("/chat/acme/")):
        assert "secret contact" not in answer.content.decode()
        assert "小艾 named" not in answer.content.decode()
    assert json.loads(visitor.get(visitor.place).content)["last_seq"] == 2


def test_editing_works_by_a_plain_form(agent, group):
    form = {"action": "edit", "name": "  王  建国 ", "contact": "wang@example.com"}
    answer = agent.post(f"{agent.page}visitor/", form, **PAGE)
    assert answer.status_code == 302 and answer["Location"] == agent.page
    page = agent.get(agent.page).content.decode()
    assert "王 建国" in page and "wang@example.com" in page
    assert agent.get("/agent/").content.decode().count("王 建国") > 0
    wrong = agent.post(f"{agent.page}visitor/", form | {"name": " "}, **PAGE)
    assert wrong.status_code == 400 and "王 建国" in wrong.content.decode()


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_all_pages_of_the_group_hear_of_an_edit(
    alice, bob, carol, manager, guest, group, connect
):
    page, colleague, visitor = await connect(alice), await connect(bob), await connect(guest)
    boss, stranger = await connect(manager), await connect(carol)
    await database(edit)(manager, group, "王建国", "wang@example.com")
    for socket in (page, colleague, boss):
        event = await socket.until("conversation", group=group)
        assert event["group_name"] == "王建国" and event["version"] == 4
        event = await socket.until("visitor", visitor=guest.uuid)
        assert (event["name"], event["contact"]) == ("王建国", "wang@example.com")
    for socket in (visitor, stranger):
        assert [event["type"] for event in await socket.all()] == []


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_a_change_by_administration_reaches_the_pages_too(alice, guest, group, connect):
    page = await connect(alice)

    def administer():
        row = Visitor.objects.get(uuid=guest.uuid)
        row.label, row.contact = "王建国", "wang@example.com"
        row.save()
        seating.rename(row)

    await database(administer)()
    event = await page.until("visitor", visitor=guest.uuid)
    assert (event["name"], event["contact"]) == ("王建国", "wang@example.com")


def test_a_visitors_conversations_are_not_looked_for_among_all(alice, guest, group):
    if connection.vendor != "sqlite":
        pytest.skip("MariaDB takes any way through a table this small")
    with CaptureQueriesContext(connection) as asked:
        assert profiles.readable_conversations(alice, Visitor.objects.get(uuid=guest.uuid))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[-1]['sql']}")
        plan = str(cursor.fetchall())
    assert "conversation USING INDEX conversation_visitor_id" in plan, plan
    assert "LIST SUBQUERY" not in plan, "nor their seats among all of the member's"
