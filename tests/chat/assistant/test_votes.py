"""Whether an answer helped: asked of its visitor alone."""

import pytest

from chat.models import AssistantTask
from chat.posting import batches
from tests.chat.helpers import JSON, draft_of, new_guest, refused

from .answered import answer

pytestmark = pytest.mark.django_db

HELPFUL = "/chat/acme/helpful/"


@pytest.fixture
def group(bot, guest, alice):
    return batches.post(guest.draft())["group"]


def said() -> list:
    return list(AssistantTask.objects.order_by("id").values_list("helpful", flat=True))


def test_the_visitor_says_it_and_may_think_again(group, bot, guest):
    seq = answer(bot, group)
    browser = guest.browser()
    assert browser.post(HELPFUL, {"seq": seq, "helpful": "1"}).status_code == 302
    assert said() == [True]
    page = browser.get("/chat/acme/").content.decode()
    assert 'value="1" aria-pressed="true"' in page and 'value="0" aria-pressed="false"' in page
    assert browser.post(HELPFUL, {"seq": seq, "helpful": "0"}, **JSON).status_code == 200
    assert said() == [False]


def test_nobody_says_it_of_anothers_or_of_what_is_no_answer(group, bot, guest, team, alice):
    seq = answer(bot, group)
    other = new_guest(team)
    batches.post(other.draft())
    yes = {"seq": seq, "helpful": "1"}
    assert refused(other.browser().post(HELPFUL, yes, **JSON)) == (404, "not_found")
    assert refused(new_guest(team).browser().post(HELPFUL, yes, **JSON)) == (404, "not_found")
    own = guest.browser()
    person = batches.post(draft_of(alice, group, "by a person"))["seq"]
    for wrong in ({"seq": person, "helpful": "1"}, {"seq": 1, "helpful": "1"}):
        assert refused(own.post(HELPFUL, wrong, **JSON)) == (404, "not_found")
    for wrong in (
        {"seq": seq, "helpful": "yes"},
        {"seq": seq},
        {"helpful": "1"},
        {"seq": "x", "helpful": "0"},
    ):
        assert refused(own.post(HELPFUL, wrong, **JSON)) == (400, "bad_field")
    AssistantTask.objects.update(ent_id="umbrella")
    assert refused(own.post(HELPFUL, yes, **JSON)) == (404, "not_found"), "a foreign row"
    assert said() == [None]
