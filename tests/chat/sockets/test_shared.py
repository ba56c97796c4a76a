"""What is read once for several sockets is never older than they are."""

import time

import pytest

from chat.sockets import shared
from chat.sockets.shared import Shared


@pytest.fixture
def read():
    """A function that counts its calls."""

    def read(key: str) -> str:
        read.n += 1
        return f"{key} {read.n}"

    read.n = 0
    return read


def test_who_waited_gets_what_was_read_after_they_came_and_who_comes_later_does_not(read):
    found, came = Shared(), time.monotonic()
    assert found.get("acme", came, read) == "acme 1"
    assert found.get("acme", came, read) == "acme 1"
    assert found.get("other", came, read) == "other 2"
    assert found.get("acme", time.monotonic(), read) == "acme 3"


def test_what_is_older_than_a_second_is_read_anew_however_long_one_has_waited(read, monkeypatch):
    found, came = Shared(), time.monotonic()
    found.get("acme", came, read)
    monkeypatch.setattr(shared, "OLDEST", 0)
    assert found.get("acme", came, read) == "acme 2"


def test_what_is_missing_is_asked_for_again_and_no_flood_of_names_fills_the_memory(monkeypatch):
    found, came = Shared(), time.monotonic()
    assert found.get("nowhere", came, lambda key: None) is None and not found.found
    monkeypatch.setattr(shared, "MOST", 3)
    for number in range(10):
        found.get(f"{number}", came, str.upper)
        assert len(found.found) <= 3


@pytest.mark.django_db
def test_the_teams_of_an_enterprise_come_with_it(enterprise, team, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = shared.read_enterprise("acme")
        assert [one.slug for one in found.teams.all()] == [team.slug]
    assert shared.read_enterprise("nowhere") is None
