"""What the tests of care share."""

import pytest

from accounts import setup
from chat.posting import batches
from tests.chat.helpers import Guest


@pytest.fixture
def sold(guest, enterprise, alice, group) -> str:
    """The same visitor's conversation with another team."""
    team = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(alice, team)
    return batches.post(Guest(enterprise, team, guest.token).draft("a price"))["group"]
