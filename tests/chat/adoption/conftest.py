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
