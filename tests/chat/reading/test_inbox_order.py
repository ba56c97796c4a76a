"""One team's conversations, and who waits sorted by wait, target or activity: by the address, and
remembered."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation
from chat.posting import batches
from chat.protocol.selection import SORTS, Selection
from chat.reading import inbox
from tests.chat.helpers import JSON, new_guest

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(enterprise, alice):
    team = find_or_create_team(enterprise, "sales", "Sales")
    join_team(alice, team)
    return team


@pytest.fixture
def desk(browser_of, alice):
    return browser_of(alice)


@pytest.fixture
def three(team, sales, alice) -> dict[str, str]:
    """Three who wait. The first has waited longest, the second's target is nearest, the third
    wrote last."""
    now = timezone.now()
    times = {"wait": (-90, 300, -90), "target": (-60, 10, -60), "activity": (-30, 200, 0)}
    groups = {}
    for name, (since, due, activity) in times.items():
        serves = sales if name == "target" else team
        groups[name] = batches.post(new_guest(serves).draft(name))["group"]
        Conversation.objects.filter(uuid=groups[name]).update(
            waiting_since=now + timedelta(seconds=since),
            due_at=now + timedelta(seconds=due),
            last_activity=now + timedelta(seconds=activity),
        )
    return groups


def asked(browser, **query) -> list[str]:
    return [row["group"] for row in browser.get("/agent/inbox/", query).json()["groups"]]


ORDERS = {
    "wait": ["wait", "target", "activity"],
    "target": ["target", "activity", "wait"],
    "activity": ["activity", "target", "wait"],
}


@pytest.mark.parametrize("few_seats", [300, 0])
@pytest.mark.parametrize("sort", SORTS)
def test_who_waits_is_sorted_page_by_page(desk, three, monkeypatch, sort, few_seats):
    monkeypatch.setattr(inbox, "FEW_SEATS", few_seats)
    expected = [three[name] for name in ORDERS[sort]]
    assert asked(desk, view="waiting", sort=sort) == expected
    found, more = [], ""
    while more is not None:
        query = {"view": "waiting", "sort": sort, "limit": 1, **({"before": more} if more else {})}
        answer = desk.get("/agent/inbox/", query).json()
        assert (answer["view"], answer["sort"], answer["team"]) == ("waiting", sort, "")
        found += [row["group"] for row in answer["groups"]]
        more = answer["more"]
    assert found == expected


def test_other_views_begin_with_the_newest_activity_whatever_is_asked(desk, three):
    for sort in SORTS:
        found = asked(desk, view="all", sort=sort)
        assert found == [three[name] for name in ORDERS["activity"]]


@pytest.mark.parametrize("few_seats", [300, 0])
def test_a_team_leaves_the_others_out_in_every_view(desk, three, monkeypatch, few_seats):
    monkeypatch.setattr(inbox, "FEW_SEATS", few_seats)
    for view in ("waiting", "all", "unclaimed"):
        assert asked(desk, view=view, team="sales") == [three["target"]]
        assert three["target"] not in asked(desk, view=view, team="service")
        assert asked(desk, view=view, team="nowhere") == []
    for sort in SORTS:
        assert asked(desk, view="waiting", team="sales", sort=sort) == [three["target"]]


@pytest.mark.django_db(transaction=True)
async def test_a_sync_asks_for_it_and_refuses_what_is_wrong(alice, connect):
    socket = await connect(alice)
    await socket.send("sync", groups={}, inbox=True, view="waiting", team="sales", sort="target")
    event = await socket.until("inbox")
    assert (event["view"], event["team"], event["sort"]) == ("waiting", "sales", "target")
    for wrong in ({"sort": "x"}, {"sort": 1}, {"sort": None}, {"team": []}, {"team": "x" * 51}):
        await socket.send("sync", groups={}, inbox=True, view="waiting", **wrong)
        assert (await socket.until("error"))["code"] == "bad_field"


def groups_on(page: str) -> list[str]:
    return re.findall(r'<li class="row" data-group="([^"]+)"', page)


def chosen_on(page: str, name: str) -> str:
    return re.search(rf'data-{name}="(\w*)"[^>]*aria-current="true"', page)[1]


def test_the_workspace_opens_on_what_was_chosen_last_without_scripts(desk, alice, three):
    query = {"view": "waiting", "team": "sales", "sort": "target"}
    page = desk.get("/agent/", query).content.decode()
    assert groups_on(page) == [three["target"]]
    assert (chosen_on(page, "sort"), chosen_on(page, "team")) == ("target", "sales")
    assert "The nearest target first" in page and "?view=waiting&amp;team=sales" in page
    desk.post("/agent/view/", query)
    page = desk.get("/agent/").content.decode()
    assert groups_on(page) == [three["target"]]
    assert desk.get(f"/agent/c/{three['wait']}/").content.decode().count('data-team="sales"') == 1
    # A link to another view keeps the team; one to all teams drops it.
    assert "?view=mine&amp;team=sales&amp;sort=target" in page
    page = desk.get("/agent/", {"view": "waiting"}).content.decode()
    assert groups_on(page) == [three[name] for name in ORDERS["wait"]]


def test_a_choice_with_scripts_is_kept_likewise(desk, alice, three):
    form = {"view": "waiting", "sort": "activity", "team": "service"}
    assert desk.post("/agent/view/", form, **JSON).json() == form
    assert groups_on(desk.get("/agent/").content.decode()) == [three["activity"], three["wait"]]
    assert desk.post("/agent/view/", {"view": "waiting"}, **JSON).json() == {"view": "waiting"}
    assert len(groups_on(desk.get("/agent/").content.decode())) == 3


def test_a_team_that_the_member_left_is_forgotten_and_one_team_offers_no_choice(
    desk, browser_of, alice, bob, three
):
    Member.objects.filter(pk=alice.pk).update(inbox_team="gone", inbox_sort="gone")
    page = desk.get("/agent/?view=all").content.decode()
    assert 'data-team="sales"' in page and "All my teams" in page
    Member.objects.filter(pk=alice.pk).update(inbox_team="gone", inbox_sort="gone")
    assert len(groups_on(desk.get("/agent/").content.decode())) == 3
    assert "All my teams" not in browser_of(bob).get("/agent/").content.decode()


def test_a_selection_says_all_of_itself_in_its_query():
    chosen = Selection("waiting", "vip", "sales", "target")
    assert chosen.query == "?view=waiting&tag=vip&team=sales&sort=target"
    assert Selection.parse({"view": "waiting"}, chosen) == Selection("waiting")
    assert Selection.parse({}, chosen) == Selection("waiting", "", "sales", "target")
    assert json.dumps(Selection().facts) == '{"view": "all", "tag": "", "team": "", "sort": "wait"}'
