"""A program that knows nothing but the stream holds the same conversations as the database, in
whatever order things happen and whenever it reads."""

import random

import pytest

from accounts import setup
from chat.stream import sequencer
from tests.examples import some

from .follower import Follower, World, check

STEPS = 50


@pytest.mark.parametrize("seed", some(range(3)))
@pytest.mark.django_db
def test_a_program_holds_what_the_database_holds(enterprise, team, alice, manager, seed):
    dice = random.Random(seed)
    setup.join_team(alice, setup.find_or_create_team(enterprise, "sales"))
    world = World(dice, team, alice, manager)
    prompt, slow, late = (Follower(enterprise.code) for _ in range(3))
    for _ in range(STEPS):
        world.step()
        if dice.random() < 0.7:
            sequencer.look()
        prompt.read()
        if dice.random() < 0.1:
            slow.read()
    sequencer.look()
    for follower in (prompt, slow, late):
        follower.read()
        check(follower)
