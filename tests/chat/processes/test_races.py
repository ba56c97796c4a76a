"""People of one team act at the same moment, on two server processes and by HTTP, and all of it
is as if they had acted one after the other."""

import random

import pytest
from django.conf import settings

from tests.chat.helpers import database, within

from .fleet import Fleet
from .race_acts import RACES, Scene
from .race_hour import Hour

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="several processes need MariaDB and Redis"),
]
TIMES = 4
"""Of each race."""
SEED = random.randrange(10**6)
"""Printed by a test that fails; put here, it chooses the same actions again."""


@pytest.fixture(scope="module")
def fleet(django_db_setup, tmp_path_factory):
    """On the default server: what is at stake lies behind both."""
    one = Fleet("daphne", tmp_path_factory.mktemp("fleet"))
    yield one.start()
    one.stop()


@within(120)
async def test_whatever_happens_at_once_is_as_if_it_had_happened_one_by_one(fleet, team):
    chance = random.Random(SEED)
    hour = Hour(fleet, chance)
    await database(hour.hire)(team)
    await hour.connect()
    try:
        races = list(RACES) * TIMES
        chance.shuffle(races)
        for name in races:
            await play(hour, name)
        await hour.finish()
    except BaseException:
        print(f"SEED = {SEED}", *hour.told[-8:], sep="\n")
        raise
    finally:
        await hour.close()


async def play(hour: Hour, name: str) -> None:
    """One race, in each conversation at the same time."""
    before, bunch = RACES[name]
    scenes = {group: scene_of(hour, group) for group in hour.talks}
    for group, scene in scenes.items():
        for prepare in before:
            while act := prepare(scene):
                await hour.fire(prepare.__name__, {group: [act]})
                if prepare.__name__ == "spoken":
                    break
    await hour.fire(name, {group: bunch(scene) for group, scene in scenes.items()})


def scene_of(hour: Hour, group: str) -> Scene:
    (manager,) = hour.house.managers
    staff = [who for who in hour.staff if who != manager]
    return Scene(hour.talks[group], hour.chance, manager, staff)
