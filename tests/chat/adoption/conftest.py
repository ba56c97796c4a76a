"""Another MariaDB than ours, to import from: the one of the tests, or one that is started."""

import os
from urllib.parse import urlsplit

import pytest

from tests.plugins import services

from .seed_database import SeedDatabase


@pytest.fixture(scope="session")
def their_server(request, tmp_path_factory):
    """(host, port)"""
    if os.environ.get("DATABASE_URL", "").startswith("mysql"):
        parts = urlsplit(os.environ["DATABASE_URL"])
        return parts.hostname, parts.port
    pytest.importorskip("MySQLdb")
    if services.shutil.which("mariadbd", path=services.PATH) is None:
        pytest.skip("mariadbd is not installed")
    parts = urlsplit(
        services.start_database(request.config, "mysql", tmp_path_factory.mktemp("theirs"))
    )
    return parts.hostname, parts.port


@pytest.fixture
def theirs(their_server):
    there = SeedDatabase(*their_server, "theirs")
    yield there
    there.close()


@pytest.fixture
def talk(theirs, team):
    """A visitor v1 who has asked two agents, one of whom has answered."""
    theirs.member(1, "Ann", nickname="小安")
    theirs.member(2, "ben")
    theirs.group("g1", "v1", "agent-1", "agent-2", unread=1)
    theirs.say("g1", "v1", "where is it", 1)
    theirs.say("g1", "agent-1", "on its way", 4)
    theirs.say("g1", "v1", "thank you", 5)
    return theirs
