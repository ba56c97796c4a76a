"""Sign-ins and failed tries in the audit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import audit
from accounts.audit import sign_ins
from accounts.models import AuditRow, SignInFailures

from .rows import details

pytestmark = pytest.mark.django_db
LOGIN = "/agent/login/"
LATER = timedelta(minutes=2)


def attempt(client, account, password="wrong", address="203.0.113.7"):
    words = {"username": account, "password": password}
    return client.post(LOGIN, words, REMOTE_ADDR=address)


def failures() -> list[dict]:
    sign_ins.gather(timezone.now() + LATER)
    rows = AuditRow.objects.filter(action="sign_in_failed").order_by("chain", "pk")
    return [{"address": row.address, "chain": row.chain, **details(row)} for row in rows]


def test_failures_are_gathered_by_minute_and_address(client, alice, bob, superuser, monkeypatch):
    now = timezone.now().replace(second=0, microsecond=0)
    monkeypatch.setattr(sign_ins.timezone, "now", lambda: now)
    for account in ("alice", "ALICE", "bob", "my pass word", "root"):
        attempt(client, account)
    attempt(client, "alice", address="203.0.113.8")
    assert not AuditRow.objects.filter(action="sign_in_failed").exists()
    assert "my pass word" not in str([*SignInFailures.objects.values_list()])
    minute = now.isoformat()
    assert failures() == [
        {"chain": 0, "address": "203.0.113.7", "minute": minute, "count": 2, "accounts": ["root"]},
        {
            "chain": alice.enterprise_id,
            "address": "203.0.113.7",
            "minute": minute,
            "count": 3,
            "accounts": ["alice", "bob"],
        },
        {
            "chain": alice.enterprise_id,
            "address": "203.0.113.8",
            "minute": minute,
            "count": 1,
            "accounts": ["alice"],
        },
    ]
    assert not SignInFailures.objects.exists()
    assert "my pass word" not in str([*AuditRow.objects.values_list()])
    assert audit.verify(alice.enterprise_id).problem == ""


def test_tries_while_an_account_is_locked_count(client, alice, settings):
    settings.AXES_FAILURE_LIMIT = 2
    for _try in range(5):
        attempt(client, "alice")
    assert sum(row["count"] for row in failures()) == 5


def test_the_running_minute_is_left_alone(client, alice):
    attempt(client, "alice")
    audit.gather()
    assert SignInFailures.objects.get().count == 1


def test_a_wrong_old_password_counts(browser_of, alice):
    words = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    browser_of(alice).post("/agent/password/", words)
    assert failures()[-1]["accounts"] == ["alice"]
