"""Both servers, attacked; and the people of the chat's tests."""

import pytest
from django.db import connection

from tests.chat.conftest import connect, group, guest, house, other_guest, visitor

from .servers import Server

__all__ = ["connect", "group", "guest", "house", "other_guest", "visitor"]


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request, transactional_db, tmp_path):
    """Without limits: what is tried here comes, on the internet, from many addresses."""
    if connection.vendor != "sqlite":
        pytest.skip("none of this reaches the database; tried on SQLite")
    server = Server(tmp_path / "server.log", kind=request.param).start()
    yield server
    server.kill()
