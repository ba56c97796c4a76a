"""Processes that give places are killed anywhere while messages come: each event is there once."""

import random
import time

import pytest

from accounts import setup
from chat.models import GroupMessage
from chat.posting import batches
from chat.stream import reader, sequencer
from chat.stream.types import TYPES
from tests.chat.helpers import draft_of, new_guest
from tests.chat.two_processes import started

from .follower import Follower, World, check

pytestmark = [pytest.mark.release, pytest.mark.django_db(transaction=True)]
LOOKS = """
import django
django.setup()
from chat.stream import sequencer
print("ready", flush=True)
while True:
    try:
        sequencer.look()
    except Exception:
        pass
"""


def put(draft) -> None:
    """As a page does, when the database is busy."""
    for _ in range(50):
        if batches.post(draft).get("type") == "message.accepted":
            return
        time.sleep(0.05)
    raise AssertionError("the database never took it")


def test_each_event_is_there_once_whoever_was_killed(enterprise, team, alice, bob):
    dice = random.Random(11)
    groups = [batches.post(new_guest(team).draft("first"))["group"] for _ in range(5)]
    for _ in range(4):
        looks = [started(LOOKS), started(LOOKS)]
        try:
            for number in range(12):
                put(draft_of(alice, dice.choice(groups), str(number)))
                time.sleep(dice.random() * 0.03)
        finally:
            for each in looks:
                each.kill()
                each.communicate()
    sequencer.look()
    events, _cursor = reader.page(enterprise.code, None, 1000, TYPES)
    told = [(each["data"]["group"], each["data"]["seq"]) for each in events]
    assert sorted(told) == sorted(GroupMessage.objects.values_list("group_id", "seq"))
    for group in groups:
        seqs = [seq for each, seq in told if each == group]
        assert seqs == sorted(seqs)


def test_a_program_holds_all_whoever_was_killed(enterprise, team, alice, manager):
    dice = random.Random(12)
    setup.join_team(alice, setup.find_or_create_team(enterprise, "sales"))
    world, follower = World(dice, team, alice, manager), Follower(enterprise.code)
    for _ in range(4):
        looks = [started(LOOKS), started(LOOKS)]
        try:
            for _ in range(15):
                world.step()
                follower.read()
        finally:
            for each in looks:
                each.kill()
                each.communicate()
    sequencer.look()
    follower.read()
    check(follower)
