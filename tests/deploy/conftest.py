"""People whom a server beside the tests knows: it has none of the tests' quick hashes. And houses
beside that of the tests."""

import contextlib
import os
import uuid

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from tests.conftest import PASSWORD


@pytest.fixture
def alice(alice):
    alice.password = make_password(PASSWORD, hasher="argon2")
    alice.save(update_fields=["password"])
    return alice


@pytest.fixture
def house_of(tmp_path, transactional_db):
    """A function: makes an empty house in a folder of this name, and returns its environment."""
    with contextlib.ExitStack() as stack:

        def make(name: str) -> dict[str, str]:
            data = tmp_path / name
            data.mkdir(mode=0o700)
            place = data / "kefu.sqlite3"
            if connection.vendor != "sqlite":
                place = f"{name}_{uuid.uuid4().hex[:8]}"
                cursor = stack.enter_context(connection.cursor())
                cursor.execute(f"CREATE DATABASE {place} CHARACTER SET utf8mb4")
                stack.callback(cursor.execute, f"DROP DATABASE {place}")
            return {"DATA_DIR": str(data), "DATABASE_URL": url_of(place)}

        yield make


def url_of(name) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
