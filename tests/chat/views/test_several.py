"""Several conversations at once by a request: a script's, and that of a form without scripts."""

import pytest
from django.test import override_settings

from accounts.setup import find_or_create_team
from chat.limits import Buckets, limits
from chat.posting import batches
from chat.rates import Rate
from tests.chat.actions import do, facts, notices
from tests.chat.helpers import JSON, new_guest, new_id

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = "/agent/several/"


@pytest.fixture
def groups(team, leader, alice, bob) -> list[str]:
    return [batches.post(new_guest(team).draft(f"number {n}"))["group"] for n in range(3)]


def test_a_script_learns_what_was_done_and_why_the_rest_was_not(leader, bob, groups, browser_of):
    browser, unknown = browser_of(leader), new_id()
    do("close", leader, groups[2])
    form = {"action": "close", "group": [*groups, unknown, groups[0]]}
    answer = browser.post(PLACE, form, **JSON).json()
    assert answer["done"] == groups[:2] and answer["same"] == [groups[2]]
    [refused] = answer["refused"]
    assert (refused["group"], refused["error"]) == (unknown, "not_found")
    assert refused["why"] == "you are not a participant"
    assert notices(groups[0]) == ["opened", "closed"], "named twice, closed once"


def test_a_claim_that_is_in_the_way_is_named(team, supervisor, alice, bob, groups, browser_of):
    do("invite", alice, groups[0], member=supervisor.uuid)
    do("claim", alice, groups[0])
    form = {"action": "transfer", "member": bob.uuid, "group": groups[:1]}
    [refused] = browser_of(supervisor).post(PLACE, form, **JSON).json()["refused"]
    assert refused["claimed_by"] == alice.uuid and refused["why"] == "小艾 has claimed it"


def test_a_hundred_are_taken(leader, groups, browser_of):
    form = {"action": "close", "group": [*groups, *(new_id() for _ in range(97))]}
    answer = browser_of(leader).post(PLACE, form, **JSON).json()
    assert answer["done"] == groups and len(answer["refused"]) == 97


@override_settings(RATE_LIMITS=True)
def test_each_conversation_counts_for_the_members_limit(leader, groups, browser_of, stopped):
    limits.buckets["message"]["member"] = Buckets(Rate(6, 1))
    browser = browser_of(leader)
    form = {"action": "close", "group": [new_id() for _ in range(2)]}
    codes = [browser.post(PLACE, form, **JSON).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_without_scripts_a_form_asks_before_it_is_done(leader, groups, browser_of):
    browser = browser_of(leader)
    page = browser.get("/agent/").content.decode()
    assert page.count('name="group"') == 4, "three rows, and the template"
    form = {"action": "close", "group": groups[:2]}
    asked = browser.post(PLACE + "?view=all", form)
    assert asked.status_code == 200 and "Close 2 conversations?" in asked.content.decode()
    assert all(facts(group).open for group in groups), "nothing is done yet"
    answer = browser.post(PLACE + "?view=all", form | {"sure": "1"}, follow=True)
    assert answer.redirect_chain == [("/agent/?view=all", 302)]
    assert "2 conversations closed" in answer.content.decode()
    assert [facts(group).open for group in groups] == [False, False, True]


def test_without_scripts_the_receiver_is_one_choice(leader, enterprise, bob, groups, browser_of):
    browser = browser_of(leader)
    find_or_create_team(enterprise, "empty", "Empty team")
    form = {"action": "transfer", "to": f"member:{bob.uuid}", "group": groups[:1]}
    asked = browser.post(PLACE, form).content.decode()
    assert "Transfer 1 conversation to 小博?" in asked
    assert f'<input type="hidden" name="member" value="{bob.uuid}">' in asked
    browser.post(PLACE, form | {"sure": "1"})
    assert facts(groups[0]).claimed_by == bob.uuid
    name = "Empty team"
    form = {"action": "transfer", "to": "team:empty", "group": groups}
    assert f"Transfer 3 conversations to {name}?" in browser.post(PLACE, form).content.decode()
    page = browser.post(PLACE, form | {"sure": "1"}, follow=True).content.decode()
    assert page.count("not possible in its present state") == 3
    assert not any(f"{n} conversations transferred" in page for n in range(4))


def test_of_many_that_were_not_done_ten_are_named(leader, groups, browser_of):
    form = {"action": "close", "sure": "1", "group": [new_id() for _ in range(15)]}
    page = browser_of(leader).post(PLACE, form, follow=True).content.decode()
    assert page.count("Not done: A conversation (you are not a participant)") == 10
    assert "5 more were not done" in page


def test_an_agent_who_leads_nobody_has_no_box_to_select_by(alice, groups, browser_of):
    page = browser_of(alice).get("/agent/").content.decode()
    assert "row-pick" not in page and 'class="several"' not in page
