"""Canned replies: whose they are, who sees them, who changes them; on the page and by JSON."""

import json

import pytest

from accounts.models import TeamMember
from chat.models.canned import CannedReply
from tests.chat.helpers import JSON

pytestmark = pytest.mark.django_db

PLACE = "/agent/replies/"


@pytest.fixture
def replies(enterprise, other_enterprise, other_team, team, sales, alice, bob, outsider):
    def make(title, **whose):
        whose.setdefault("enterprise", enterprise)
        return CannedReply.objects.create(title=title, content=f"{title} text", **whose)

    return {
        "all": make("all"),
        "team": make("team", team=team),
        "sales": make("sales", team=sales),
        "alice": make("alice", owner=alice),
        "bob": make("bob", owner=bob),
        "foreign": make("foreign", enterprise=other_enterprise),
        "foreign team": make("foreign team", enterprise=other_enterprise, team=other_team),
    }


def seen(browser) -> set[str]:
    response = browser.get(PLACE, **JSON)
    assert response.status_code == 200
    return {one["title"] for one in json.loads(response.content)["replies"]}


def lead(member, team):
    TeamMember.objects.filter(team=team, member=member).update(member_type=TeamMember.Type.LEADER)


def test_everybody_answers_with_what_is_theirs(
    replies, alice, bob, carol, manager, outsider, browser_of
):
    assert seen(browser_of(alice)) == {"all", "team", "alice"}
    assert seen(browser_of(bob)) == {"all", "team", "bob"}
    assert seen(browser_of(carol)) == {"all", "sales"}
    assert seen(browser_of(manager)) == {"all"}
    assert seen(browser_of(outsider)) == {"foreign", "foreign team"}
    page = browser_of(alice).get(PLACE).content.decode()
    assert "team text" in page and "bob text" not in page and "foreign" not in page


def test_a_reply_tells_whose_it_is(replies, alice, browser_of):
    found = json.loads(browser_of(alice).get(PLACE, **JSON).content)["replies"]
    by_title = {one["title"]: one for one in found}
    assert by_title["alice"] == {
        "id": replies["alice"].pk,
        "title": "alice",
        "content": "alice text",
        "team": None,
        "personal": True,
    }
    assert by_title["team"]["team"] == replies["team"].team.name
    assert not by_title["team"]["personal"]


def test_an_agent_keeps_their_own_and_no_other(replies, alice, browser_of):
    browser = browser_of(alice)
    form = {"title": "hi", "content": "你好 {visitor}\r\nthere"}
    assert browser.post(PLACE, form).status_code == 302
    mine = CannedReply.objects.get(title="hi")
    assert (mine.owner, mine.team, mine.enterprise) == (alice, None, alice.enterprise)
    place = f"{PLACE}{mine.pk}/"
    assert browser.post(place, {**form, "title": "ho"}).status_code == 302
    mine.refresh_from_db()
    assert mine.title == "ho"
    for name in ("all", "team", "sales", "bob", "foreign", "foreign team"):
        there = f"{PLACE}{replies[name].pk}/"
        assert browser.get(there).status_code == 404, name
        assert browser.post(there, form).status_code == 404, name
        assert browser.post(there, {"delete": "1"}).status_code == 404, name
    browser.post(PLACE, {**form, "title": "sly", "whose": "all"})
    assert CannedReply.objects.get(title="sly").owner == alice, "an agent shares nothing"
    assert browser.post(place, {"delete": "1"}).status_code == 302
    assert not CannedReply.objects.filter(pk=mine.pk).exists()


def test_a_leader_keeps_the_teams_and_a_manager_all_that_is_shared(
    replies, alice, bob, manager, team, sales, other_team, browser_of
):
    lead(alice, team)
    form = {"title": "hi", "content": "x"}
    leader, chief = browser_of(alice), browser_of(manager)
    assert leader.post(PLACE, {**form, "whose": str(team.pk)}).status_code == 302
    assert CannedReply.objects.get(title="hi").team == team
    assert leader.get(f"{PLACE}{replies['team'].pk}/").status_code == 200
    for whose in (str(sales.pk), str(other_team.pk), "all", "x"):
        assert leader.post(PLACE, {**form, "whose": whose}).status_code == 400, whose
    assert leader.get(f"{PLACE}{replies['all'].pk}/").status_code == 404
    for name in ("all", "team", "sales"):
        place = f"{PLACE}{replies[name].pk}/"
        assert chief.post(place, {**form, "whose": str(sales.pk)}).status_code == 302, name
        replies[name].refresh_from_db()
        assert (replies[name].team, replies[name].owner) == (sales, None)
    for name in ("bob", "foreign"):
        assert chief.get(f"{PLACE}{replies[name].pk}/").status_code == 404, name
    assert chief.post(PLACE, {**form, "whose": str(other_team.pk)}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "", "content": "x"},
        {"title": "x", "content": " "},
        {"title": "x" * 61, "content": "x"},
        {"title": "x", "content": "{tema} is here, {visitor}"},
        {"title": "x", "content": "x" * 4001},
        {},
    ],
    ids=["no title", "no text", "long title", "unknown name", "long text", "nothing"],
)
def test_what_is_wrong_is_told_and_not_stored(alice, browser_of, wrong):
    response = browser_of(alice).post(PLACE, wrong)
    assert response.status_code == 400 and b"field-error" in response.content
    assert not CannedReply.objects.exists()


def test_a_name_that_is_not_known_is_told_with_those_that_are(alice, manager, browser_of):
    told = (
        "{tema} is not known. Use {visitor}, {agent}, {team}. To send braces as they are, put "
        "spaces inside them: { tema }."
    )
    form = {"title": "x", "content": "{tema} is here, {visitor}"}
    assert told in browser_of(alice).post(PLACE, form).content.decode()
    add = "/admin/chat/cannedreply/add/"
    form |= {"enterprise": manager.enterprise_id, "team": ""}
    assert told in browser_of(manager).post(add, form).content.decode()
    form["content"] = "{visitor}, {agent} and {team}; {} {not one} { team } too"
    assert browser_of(alice).post(PLACE, form).status_code == 302


def test_code_may_stand_in_a_reply_and_is_stored_again_as_it_is(alice, browser_of):
    code = "cp ${HOME}/x{0,1}; grep 'a\\d{3}' { name } {{ item }} {longer_than_any_name_is}"
    place, form = PLACE, {"title": "x", "content": code}
    for _ in range(2):
        assert browser_of(alice).post(place, form).status_code == 302
        reply = CannedReply.objects.get()
        assert reply.content == code
        place = f"{PLACE}{reply.pk}/"
    for wrong in ("{customer}", "{Visitor}", "{{name}}", "{访客}", "{visitor_name}", "x{_x}"):
        assert browser_of(alice).post(place, form | {"content": wrong}).status_code == 400, wrong


def test_too_many_are_refused(alice, browser_of, monkeypatch):
    monkeypatch.setattr("chat.views.agents.replies.MAX_REPLIES", 2)
    browser = browser_of(alice)
    statuses = [
        browser.post(PLACE, {"title": f"{n}", "content": "x"}).status_code for n in range(3)
    ]
    assert statuses == [302, 302, 400]


def test_the_administration_has_what_is_shared_alone(
    replies, manager, superuser, team, other_team, browser_of
):
    place = "/admin/chat/cannedreply/"
    page = browser_of(manager).get(place).content.decode()
    assert "sales" in page and "alice" not in page and "foreign" not in page
    browser = browser_of(manager)
    form = {"enterprise": manager.enterprise_id, "title": "made", "content": "x"}
    assert browser.post(f"{place}add/", {**form, "team": other_team.pk}).status_code == 200
    assert not CannedReply.objects.filter(title="made").exists()
    assert browser.post(f"{place}add/", {**form, "team": team.pk}).status_code == 302
    assert CannedReply.objects.get(title="made").team == team
    root = browser_of(superuser)
    assert root.post(f"{place}add/", {**form, "team": other_team.pk}).status_code == 200
    for name in ("alice", "foreign"):
        assert browser.get(f"{place}{replies[name].pk}/change/").status_code == 302
