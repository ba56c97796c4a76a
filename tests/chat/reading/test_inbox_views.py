"""The inbox by views: which conversations each shows, to whom, and how many it says there are."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import ChatGroup, Conversation
from chat.posting import batches
from chat.protocol.selection import ALL, VIEWS, Selection
from chat.reading import inbox
from tests.accounts.admin.page import form_of
from tests.chat.helpers import JSON, act_of, draft_of, new_guest, refused

pytestmark = pytest.mark.django_db


def act(member, group: str, name: str, **more) -> None:
    batches.do(act_of(name, member.uuid, group, **more))


@pytest.fixture
def house(alice, bob, team, group) -> dict[str, str]:
    """One conversation of each sort, alice and bob in all; `group` is open and unclaimed."""
    groups = {"open": group}
    for name in ("asleep", "mine", "bobs", "closed"):
        groups[name] = batches.post(new_guest(team).draft(name))["group"]
    act(alice, groups["asleep"], "snooze", minutes=60)
    act(alice, groups["mine"], "claim")
    act(bob, groups["bobs"], "claim")
    act(alice, groups["closed"], "claim")
    act(alice, groups["closed"], "close")
    suspicious = new_guest(team).draft("quarantined")
    suspicious.opening.suspicion = "links"
    groups["quarantined"] = batches.post(suspicious)["group"]
    batches.post(draft_of(bob, groups["bobs"], "@小艾", note=True, mentions=(alice.uuid,)))
    return groups


SHOWN = {
    "waiting": ["open", "mine", "bobs"],
    "all": ["bobs", "mine", "open"],
    "mine": ["mine"],
    "unclaimed": ["open"],
    "mentioned": ["bobs"],
    "snoozed": ["asleep"],
    "closed": ["closed"],
    "quarantined": ["quarantined"],
}


COUNTS = {"waiting": 3, "mine": 1, "unclaimed": 1, "mentioned": 1, "quarantined": 1}
"""Of alice."""


def shown(browser, house, query: dict) -> list[str]:
    names = {group: name for name, group in house.items()}
    answer = json.loads(browser.get("/agent/inbox/", query).content)
    return [names[row["group"]] for row in answer["groups"]]


def test_each_view_shows_its_own(agent, house):
    assert set(SHOWN) == set(VIEWS)
    for view, expected in SHOWN.items():
        assert shown(agent, house, {"view": view}) == expected, view
        page = agent.get("/agent/", {"view": view}).content.decode()
        for name, group in house.items():
            assert (f'data-group="{group}"' in page) == (name in expected), (view, name)
    assert shown(agent, house, {}) == SHOWN["all"]


def test_a_view_that_is_not_there_is_told_so(agent):
    for view in ("x", "ALL", "", "mine'"):
        assert refused(agent.get("/agent/inbox/", {"view": view})) == (400, "bad_field")
        assert agent.get("/agent/", {"view": view}).status_code == 404
    assert agent.get("/agent/", {"before": "x"}).status_code == 404
    form = {"content": "goes out all the same"}
    assert agent.post(f"{agent.place}?view=x", form, **JSON).status_code == 200
    assert agent.post(f"{agent.place}?view=x", {"content": " "}).status_code == 400


def test_counts_are_of_ones_own(agent, alice, bob, carol, outsider, house, browser_of):
    def counts(browser):
        return json.loads(browser.get("/agent/inbox/counts/").content)["counts"]

    assert counts(agent) == COUNTS
    batches.mark(alice.uuid, house["bobs"], 99)
    assert counts(agent) == COUNTS | {"mentioned": 0}, "read, and still in the view"
    assert json.loads(agent.get("/agent/inbox/").content)["counts"] == counts(agent)
    ChatGroup.objects.filter(member_id=bob.uuid, uuid=house["open"]).delete()
    fewer = {"waiting": 2, "unclaimed": 0, "mentioned": 0}
    assert counts(browser_of(bob)) == COUNTS | fewer
    for member in (carol, outsider):
        assert set(counts(browser_of(member)).values()) == {0}
    page = agent.get("/agent/").content.decode()
    assert re.search(r'data-view="mine".*?<span\s+class="count">1</span>', page, re.DOTALL)


def test_rows_are_given_by_name_to_who_sits_there(agent, carol, outsider, house, other_group):
    def asked(browser, *groups):
        answer = json.loads(browser.get("/agent/inbox/", {"group": groups}).content)
        return [row["group"] for row in answer["groups"]]

    both = [house["mine"], house["open"]]
    assert asked(agent, *both, other_group) == both
    for member in (carol, outsider):
        agent.force_login(member, backend="accounts.backends.MemberBackend")
        assert asked(agent, *both) == []
    for groups in (["x"], [""], [both[0]] * 51):
        assert refused(agent.get("/agent/inbox/", {"group": groups})) == (400, "bad_field")


def test_the_length_of_a_page_may_be_asked_for(agent, house):
    answer = json.loads(agent.get("/agent/inbox/", {"limit": "2"}).content)
    assert len(answer["groups"]) == 2 and answer["more"]
    for limit in ("0", "101", "x", "-1", ""):
        assert refused(agent.get("/agent/inbox/", {"limit": limit})) == (400, "bad_field")


def test_older_ones_are_a_link_away_without_scripts(agent, alice, team, group):
    batches.run([new_guest(team).draft(f"{number}") for number in range(35)])
    page = agent.get("/agent/").content.decode()
    assert "&amp;before=" in page and f'data-group="{group}"' not in page
    _rows, cursor = inbox.page(alice, chosen=ALL)
    page = agent.get("/agent/", {"before": cursor}).content.decode()
    assert f'data-group="{group}"' in page and "&amp;before=" not in page
    assert 'class="later' in page, "the way back to the newest"


@pytest.mark.parametrize("windows", [(2, 6), (1,), (200,)])
def test_who_sits_in_many_gets_the_same_views(alice, bob, team, house, monkeypatch, windows):
    """From the enterprise's newest first, and by an index where that is not enough."""
    batches.run([new_guest(team).draft(f"{number}") for number in range(20)])
    for number, group in enumerate(Conversation.objects.order_by("id").values_list("uuid")):
        if number > 3 and number % 3 == 0:
            act(alice, group[0], "close" if number % 2 else "claim")
        elif number % 7 == 0:
            act(alice, group[0], "snooze", minutes=60)
    expected = {view: inbox.page(alice, chosen=Selection(view)) for view in VIEWS}
    assert all(rows for rows, _more in expected.values())
    monkeypatch.setattr(inbox, "FEW_SEATS", 2)
    monkeypatch.setattr(inbox, "SCAN_WINDOWS", windows)
    for view, (rows, _more) in expected.items():
        chosen = Selection(view)
        assert inbox.page(alice, chosen=chosen)[0] == rows
        found, cursor = [], None
        while True:
            part, cursor = inbox.page(alice, cursor, limit=2, chosen=chosen)
            found += part
            if cursor is None:
                break
        assert found == rows, view


@pytest.mark.django_db(transaction=True)
async def test_a_sync_asks_for_the_page_of_a_view(alice, house, connect):
    socket = await connect(alice)
    hello = socket.hello
    assert hello["counts"] == COUNTS
    await socket.send("sync", groups={}, inbox=True, view="mine")
    event = await socket.until("inbox")
    assert event["view"] == "mine" and event["counts"] == hello["counts"]
    assert [row["group"] for row in event["groups"]] == [house["mine"]]
    await socket.send("sync", groups={}, inbox=True)
    assert len((await socket.until("inbox"))["groups"]) == 3
    for view in ("x", 1, None, ["mine"]):
        await socket.send("sync", groups={}, inbox=True, view=view)
        assert (await socket.until("error"))["code"] == "bad_field"


@pytest.mark.parametrize(
    ("waited", "level", "words"),
    [
        (-1, "ok", r"Waiting \d seconds?<"),
        (20, "ok", r"Waiting 2\d seconds<"),
        (31, "soon", r"Reply in 1\xa0minute"),
        (121, "worst", "Overdue 1\xa0minute"),
    ],
)
def test_waiting_is_told_by_the_teams_target(agent, team, group, waited, level, words):
    team.answer_seconds = 60
    team.save()
    since = timezone.now() - timedelta(seconds=waited)
    due = since + timedelta(seconds=60)
    Conversation.objects.filter(uuid=group).update(waiting_since=since, due_at=due)
    (row,) = json.loads(agent.get("/agent/inbox/").content)["groups"]
    assert row["target"] == 60 and row["waiting_since"] and row["due_at"]
    page = agent.get("/agent/").content.decode()
    assert f'data-level="{level}"' in page and re.search(words, page)


def test_an_answer_ends_the_wait_and_leaves_it_unclaimed(agent, alice, group):
    batches.post(draft_of(alice, group))
    (row,) = agent.get("/agent/inbox/", {"view": "unclaimed"}).json()["groups"]
    assert row["waiting_since"] is None
    assert "data-level" not in agent.get("/agent/").content.decode()


def test_a_manager_sets_the_target_of_a_team(manager, team, browser_of):
    browser, place = browser_of(manager), f"/admin/accounts/team/{team.pk}/change/"
    form = form_of(browser.get(place))
    for value, taken in ((300, True), (4, False), (86_401, False), ("", False), ("x", False)):
        chosen = {"answer_seconds": value, "answer_seconds_unit": "seconds"}
        answer = browser.post(place, form | chosen)
        assert (answer.status_code == 302) == taken, value
    team.refresh_from_db()
    assert team.answer_seconds == 300
