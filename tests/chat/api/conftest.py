"""Programs of both enterprises."""

import pytest

from .program import Program, bot_of, program_of


@pytest.fixture
def program(enterprise) -> Program:
    """A service account's, with all scopes."""
    return program_of(enterprise)


@pytest.fixture
def bot(team) -> Program:
    return bot_of(team)


@pytest.fixture
def other_program(other_enterprise) -> Program:
    return program_of(other_enterprise)
