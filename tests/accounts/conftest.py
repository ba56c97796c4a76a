"""Those who work in the admin."""

import pytest


@pytest.fixture
def boss(browser_of, manager):
    return browser_of(manager)


@pytest.fixture
def root(browser_of, superuser):
    return browser_of(superuser)
