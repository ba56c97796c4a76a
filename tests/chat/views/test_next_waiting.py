"""What a page without scripts opens once an agent is done with a conversation."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from chat.models import Conversation
from chat.posting import batches
from chat.reading.next_waiting import next_waiting
from tests.chat.helpers import act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(alice, bob, team, group) -> list[str]:
    """Four conversations that wait, the longest wait first; bob holds the first one, and `group`
    is none of them."""
    batches.post(draft_of(bob, group, "an answer"))
    groups = [batches.post(new_guest(team).draft("?"))["group"] for _ in range(4)]
    for minutes, one in zip((40, 30, 20, 10), groups, strict=True):
        since = timezone.now() - timedelta(minutes=minutes)
        Conversation.objects.filter(uuid=one).update(waiting_since=since)
    batches.do(act_of("claim", bob.uuid, groups[0]))
    return groups


def do(browser, group: str, **fields):
    return browser.post(f"/agent/c/{group}/actions/", fields)


def test_it_is_the_longest_wait_that_no_colleague_looks_after(alice, bob, queue):
    assert next_waiting(alice, "") == queue[1]
    assert next_waiting(bob, "") == queue[0]
    assert next_waiting(alice, queue[1]) == queue[2]
    batches.do(act_of("snooze", alice.uuid, queue[1], minutes=60))
    batches.do(act_of("claim", alice.uuid, queue[2]))
    assert next_waiting(alice, "") == queue[2]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "close"}, "Conversation closed"),
        ({"action": "snooze", "minutes": 60}, "Snoozed"),
        ({"action": "transfer"}, "Transferred"),
    ],
)
def test_after_closing_snoozing_and_handing_on_the_next_one_opens(
    agent, bob, group, queue, fields, said
):
    if fields["action"] == "transfer":
        fields = fields | {"member": bob.uuid}
    answer = do(agent, group, **fields)
    assert answer.url == f"/agent/c/{queue[1]}/"
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [said]


def test_other_actions_stay(agent, group, queue):
    for action in ("claim", "release"):
        assert do(agent, group, action=action).url == f"/agent/c/{group}/"


def test_where_nobody_waits_the_page_says_so(agent, alice, group):
    answer = do(agent, group, action="close")
    assert answer.url == "/agent/"
    page = agent.get("/agent/").content.decode()
    assert "Nobody is waiting</h2>" in page and 'somebody-waits" hidden' in page
    assert page.count('go-on" href="/agent/?view=mine" hidden') == 2, "there are none to go on with"


def test_who_likes_to_stay_stays(agent, alice, group, queue):
    assert "data-opens-next" in agent.get("/agent/").content.decode()
    alice.opens_next = False
    alice.save()
    assert "data-opens-next" not in agent.get("/agent/").content.decode()
    assert do(agent, group, action="close").url == f"/agent/c/{group}/"
