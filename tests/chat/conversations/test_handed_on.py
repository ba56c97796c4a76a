"""Whom a visitor is with, once they were handed on: what their page shows, live and anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.setup import find_or_create_team, join_team
from chat.models import QuickQuestion
from chat.posting import batches
from chat.presence import leases
from tests.chat.actions import do
from tests.chat.helpers import JSON, PAGE, database, new_guest, within
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales(enterprise):
    """Another team, with an agent and a question of its own."""
    team = find_or_create_team(enterprise, "sales", "Tea sales")
    join_team(hire("eve", enterprise, nickname="Eve"), team)
    QuickQuestion.objects.create(team=team, question="Green or black?", answer="Both.")
    return team


@pytest.fixture
def asked(team):
    return QuickQuestion.objects.create(team=team, question="How long?", answer="Two days.")


def page_of(visitor, team="") -> str:
    return visitor.get(f"/chat/acme/{team}", **PAGE).content.decode()


def holidays() -> dict:
    today = timezone.now().date()
    days = [[str(today + timedelta(number)), ""] for number in range(-2, 5)]
    return {"zone": "UTC", "week": [], "holidays": days}


def head_of(page: str) -> str:
    return page.partition("</header>")[0]


def test_the_page_shows_the_team_that_serves_now_at_the_address_where_they_came_in(
    visitor, guest, alice, bob, team, sales, asked, group
):
    before = page_of(visitor)
    assert f'data-serving="{team.slug}"' in before and "How long?" in before
    assert "Tea sales" not in before and 'class="serving"' not in before
    assert do("transfer", alice, group, team="sales") is None
    for address in ("", "?team=service", "?team=sales"):
        after = page_of(visitor, address)
        assert 'data-serving="sales"' in after and f'data-group="{group}"' in after, address
        assert "Green or black?" in after and "How long?" not in after, address
        assert "You have been transferred to Tea sales" in after, address
        assert after.count('class="with-dot"') == 1, "Eve alone, and not who has left"
    after = page_of(visitor)
    assert '<b class="serving" dir="auto">Tea sales</b>' in after
    assert 'data-team="service"' in after, "what the browser keeps of drafts lies under this"


def test_the_page_tells_when_the_team_that_serves_now_is_back(
    visitor, guest, alice, team, sales, group
):
    sales.hours = holidays()
    sales.save()
    assert "Nobody is online" in head_of(page_of(visitor))
    assert do("transfer", alice, group, team="sales") is None
    assert "Outside working hours, back from" in head_of(page_of(visitor))


def test_who_was_never_handed_on_is_with_the_team_of_the_page(
    visitor, guest, other_guest, alice, team, sales, group
):
    assert do("transfer", alice, group, team="sales") is None
    page = page_of(other_guest.browser())
    assert 'data-serving="service"' in page and "Tea sales" not in page


@within(20)
async def test_a_socket_hears_of_the_team_that_serves_from_its_hello_or_by_asking(
    connect, guest, alice, team, sales, group
):
    visitor, stranger = await connect(guest), await connect(new_guest(team))
    assert visitor.hello["team"]["team"] == "service"
    desk = await connect(alice)
    await desk.send("conversation.transfer", group=group, team="sales")
    notice = (await visitor.until("message.posted"))["message"]
    assert (notice["kind"], notice["data"]["event"]) == ("notice", "moved")
    await visitor.send("team")
    told = await visitor.until("team")
    hours = {"open": True, "closes_at": None, "opens_at": None}
    facts = {"team": "sales", "name": "Tea sales", "online": 0, "busy": 0, **hours}
    assert told == {"type": "team", **facts}
    await stranger.heard()
    await connect(await database(sales.members.get)())
    assert (await visitor.until("presence", team="sales"))["online"] == 1
    assert not [event for event in await stranger.heard() if event.get("team") == "sales"]
    assert (await connect(guest)).hello["team"]["team"] == "sales"
    await stranger.send("team")
    assert (await stranger.until("team"))["team"] == "service"
    await desk.send("team")
    assert (await desk.until("error"))["code"] == "forbidden"


def test_an_agent_is_told_which_teams_are_closed_or_empty_before_handing_on(
    agent, alice, bob, enterprise, team, sales, browser_of
):
    def states() -> dict:
        teams = agent.get("/agent/colleagues/", **JSON).json()["teams"]
        return {one["team"]: one["state"] for one in teams}

    agent.get("/agent/")
    leases.release([alice.uuid])
    assert states() == {"service": "offline", "sales": "offline"}
    page = agent.get(agent.page, **PAGE).content.decode()
    assert 'data-state="offline">Tea sales (nobody online)</option>' in page
    assert 'data-state="offline">Customer service' not in page, "it is with them already"
    assert states()["service"] == "online"
    sales.hours = holidays()
    sales.save()
    browser_of(sales.members.get()).get("/agent/")
    assert states()["sales"] == "closed"
    page = agent.get(agent.page, **PAGE).content.decode()
    assert 'data-state="closed">Tea sales (outside working hours)</option>' in page
    sales.hours = {}
    sales.save()
    assert states()["sales"] == "online"


def test_a_visitor_reads_who_looks_after_them_now(visitor, guest, alice, bob, manager, group):
    assert do("claim", alice, group) is None
    assert do("transfer", alice, group, member=bob.uuid, note="hush") is None
    assert do("claim", manager, group) == "forbidden"
    page = page_of(visitor)
    assert "小艾 is helping you" in page and "小博 is now helping you" in page
    assert "handed" not in page.partition('class="writing-area"')[0] and "hush" not in page
    told = visitor.get(visitor.place, **JSON).json()["messages"]
    assert [message["data"]["event"] for message in told[-2:]] == ["claimed", "transferred"]
    assert batches.post(guest.draft("thanks", group=group))["seq"] == 6
