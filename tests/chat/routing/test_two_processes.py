"""Two processes look at once, while agents and visitors go on; and one is killed as it decides."""

import signal
import time
from collections import Counter, defaultdict

import pytest

from accounts.models import Member
from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.posting.actions import Decline
from tests.chat.helpers import act_of, check_ledger
from tests.chat.threads import at_once
from tests.chat.two_processes import started, twins
from tests.conftest import hire
from tests.examples import some

from .desk import connect, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)
LOOKING = """
import select, sys, time
import django
django.setup()
from chat.routing import live
print("ready", flush=True)
sys.stdin.readline()
while True:
    live.look()
    readable, _, _ = select.select([sys.stdin], [], [], 0.002)
    if readable:
        break
live.look()
"""
DYING = """
import os, signal
import django
django.setup()
from chat.routing import live
before = live.give
def give(thread, wish, *args):
    before(thread, wish, *args)
    print("decides", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
live.give = give
print("ready", flush=True)
live.look()
"""


@pytest.fixture
def staff(team):
    people = [hire(f"agent{n}", team.enterprise, team=team, capacity=2) for n in range(4)]
    connect(*people)
    return people


def check_claims(people: list[Member]) -> dict[str, int]:
    """That each conversation was claimed by one after the other, and routing gave nobody more than
    two; returns how many each agent holds."""
    rows = GroupMessage.objects.filter(data__isnull=False).order_by("group_id", "seq")
    holders: dict[str, str] = defaultdict(str)
    for row in rows:
        event = row.data.get("event")
        if event == "claimed":
            assert not holders[row.group_id], "a second claim"
            holders[row.group_id] = row.data["member"]
        elif event in ("released", "freed", "closed", "expired"):
            holders[row.group_id] = ""
        elif event == "assigned":
            assert row.data["member"] == holders[row.group_id], "beside its claim"
            assert row.data["taken"] < row.data["limit"]
    held: dict[str, int] = defaultdict(int)
    for group, who in Conversation.objects.exclude(claimed_by="").values_list("uuid", "claimed_by"):
        assert holders[group] == who
        held[who] += 1
    return held


def is_undecided(people: list[Member]) -> bool:
    """Whether a visitor waits although an agent has room who has not let them go before."""
    places = Conversation.objects.values_list("claimed_by", "offered_to")
    taken = Counter(who for place in places for who in place)
    free = {member.uuid for member in people if taken[member.uuid] < 2}
    waiting = Conversation.objects.filter(open=True, claimed_by="", offered_to="")
    waiting = waiting.filter(waiting_since__isnull=False)
    return any(free - set(one.asked.get("who", ())) for one in waiting)


def comes_to_rest(people: list[Member]) -> None:
    end = time.monotonic() + 120
    while is_undecided(people) and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.parametrize("mode", some(["assign", "offer"]))
def test_of_two_processes_each_decision_is_made_by_one(team, staff, mode):
    set_routing(team, mode)

    def visitors() -> None:
        for _ in range(20):
            wait(team)

    def agent(member: Member):
        def work() -> None:
            for _round in range(30):
                mine = Conversation.objects.filter(claimed_by=member.uuid).first()
                asked = Conversation.objects.filter(offered_to=member.uuid).first()
                if asked and _round % 3:
                    batches.run([act_of("claim", member.uuid, asked.uuid)])
                elif asked:
                    batches.run([Decline(member.uuid, asked.uuid)])
                elif mine:
                    batches.run(
                        [act_of("close" if _round % 2 else "release", member.uuid, mine.uuid)]
                    )
                time.sleep(0.01)

        return work

    with twins(LOOKING):
        at_once(visitors, *map(agent, staff))
        if mode == "assign":
            comes_to_rest(staff)
    check_ledger()
    held = check_claims(staff)
    for member in staff:
        own = Conversation.objects.filter(offered_to=member.uuid).count()
        assert held[member.uuid] + own <= 2, "above capacity"
    assert mode == "offer" or not is_undecided(staff)


def test_where_the_deciding_process_is_killed_another_decides(team, staff):
    set_routing(team, "assign")
    for _ in range(3):
        wait(team)
    waiting = Conversation.objects.filter(claimed_by="")
    dying = started(DYING)
    assert dying.stdout.readline() == "decides\n"
    assert dying.wait(120) == -signal.SIGKILL
    dying.communicate()
    assert waiting.count() == 3, "all of it or nothing"
    with twins(LOOKING):
        comes_to_rest(staff)
    assert not waiting.exists()
    assert Conversation.objects.count() == sum(check_claims(staff).values())
    check_ledger()
