"""A demo as `manage.py demo` makes it, on a Wednesday afternoon of its shop."""

from datetime import datetime, timezone

import pytest
from django.core.management import call_command

from accounts.models import Enterprise
from chat.bulk.demo import conversations
from tests.conftest import PASSWORD

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=timezone.utc)


@pytest.fixture
def accounts(db) -> Enterprise:
    """The demo's accounts alone."""
    call_command("demo", "--empty", password=PASSWORD)
    return Enterprise.objects.get(code="demo")


@pytest.fixture
def full(accounts, django_capture_on_commit_callbacks) -> Enterprise:
    with django_capture_on_commit_callbacks(execute=True):
        conversations.make(accounts, NOW)
    return accounts
