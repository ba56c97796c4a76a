"""People whom a server beside the tests knows: it has none of the tests' quick hashes."""

import pytest
from django.contrib.auth.hashers import make_password

from tests.conftest import PASSWORD


@pytest.fixture
def alice(alice):
    alice.password = make_password(PASSWORD, hasher="argon2")
    alice.save(update_fields=["password"])
    return alice
