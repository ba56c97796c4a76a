"""Traces of signing in go after their time, whichever process deletes them and however often."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import MemberSession
from accounts.sign_ins import expiry
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/agent/login/"
KEPT = [
    (AccessAttempt, expiry.delete_failures, timedelta(days=1)),
    (AccessFailureLog, expiry.delete_wrong_passwords, timedelta(days=1)),
    (AccessLog, expiry.delete_sign_ins, timedelta(days=30)),
]
MINUTE = timedelta(minutes=1)


def attempt(model, number: int, age: timedelta):
    """A row that was written so long ago."""
    more = {"failures_since_start": 3} if model is AccessAttempt else {}
    row = model.objects.create(
        username=f"member{number}", ip_address="203.0.113.7", user_agent="Firefox", **more
    )
    model.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - age)
    return row


def session(key: str, left: timedelta) -> None:
    Session.objects.create(session_key=key, session_data="x", expire_date=timezone.now() + left)


def keys() -> set[str]:
    return set(Session.objects.values_list("session_key", flat=True))


def names(model) -> set[str]:
    return set(model.objects.values_list("username", flat=True))


@pytest.mark.parametrize("model, delete, kept", KEPT)
def test_what_is_older_goes_and_what_is_younger_stays(model, delete, kept):
    for number, age in enumerate([kept + MINUTE, kept - MINUTE, timedelta(0), kept * 10]):
        attempt(model, number, age)
    assert delete(0) == 0
    assert names(model) == {"member1", "member2"}
    assert delete(0) == 0, "again changes nothing"
    assert names(model) == {"member1", "member2"}


def place(key: str, age: timedelta, member) -> None:
    signed_in_at = timezone.now() - age
    MemberSession.objects.create(key=key, member=member, signed_in_at=signed_in_at)


def test_rows_of_sessions_that_are_no_more_go_an_hour_later(alice, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 2)
    session("there", MINUTE)
    for key, age in [("gone", 2), ("there", 2), ("young", 0), ("old", 9), ("older", 99)]:
        place(key, timedelta(hours=age), alice)
    after = 0
    for _call in range(3):
        after = expiry.delete_places(after)
    assert after == 0
    assert set(MemberSession.objects.values_list("key", flat=True)) == {"there", "young"}


@pytest.mark.parametrize("model, delete, kept", KEPT)
def test_a_call_deletes_a_batch_and_the_next_one_goes_on(model, delete, kept, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 2)
    for number, age in enumerate([kept * 2, kept / 2, kept * 2, kept * 2, kept / 2, kept * 2]):
        attempt(model, number, age)
    after, left = 0, []
    for _ in range(4):
        after = delete(after)
        left.append(len(names(model)))
    assert left == [5, 3, 2, 2] and after == 0, "two rows were looked at by each call"
    assert names(model) == {"member1", "member4"}


@pytest.mark.parametrize("model, delete, kept", KEPT)
def test_a_row_that_is_renewed_meanwhile_stays(model, delete, kept, monkeypatch):
    row = attempt(model, 1, kept * 2)
    original = model.objects.filter
    calls = []

    def renewing(**conditions):
        calls.append(conditions)
        if len(calls) == 2:
            original(pk=row.pk).update(attempt_time=timezone.now())
        return original(**conditions)

    monkeypatch.setattr(model.objects, "filter", renewing)
    delete(0)
    monkeypatch.undo()
    assert len(calls) == 2 and names(model) == {"member1"}


def test_sessions_that_are_over_go_in_batches_and_others_stay(monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 2)
    for number in range(3):
        session(f"over{number}", -timedelta(minutes=3 - number))
    session("lives", MINUTE)
    expiry.delete_sessions()
    assert keys() == {"over2", "lives"}, "the oldest first"
    expiry.delete_sessions()
    expiry.delete_sessions()
    assert keys() == {"lives"}


def test_a_session_that_goes_on_meanwhile_stays(monkeypatch):
    session("renewed", -MINUTE)
    moments = []

    def renewed(found):
        found = list(found)
        later = timezone.now() + timedelta(days=14)
        moments.append(Session.objects.filter(pk__in=found).update(expire_date=later))
        return found

    monkeypatch.setattr(expiry, "list", renewed, raising=False)
    expiry.delete_sessions()
    assert moments == [1] and keys() == {"renewed"}


def test_a_lock_out_and_a_live_session_outlive_the_deleting(alice, bob):
    here, there = Client(), Client()
    there.post(LOGIN, {"username": "bob", "password": PASSWORD})
    wrong = [here.post(LOGIN, {"username": "alice", "password": "x"}) for _ in range(10)]
    assert wrong[-1].status_code == 429
    expiry.delete_sessions()
    expiry.delete_failures(0)
    expiry.delete_sign_ins(0)
    assert here.post(LOGIN, {"username": "alice", "password": PASSWORD}).status_code == 429
    assert get_user(there) == bob
    assert names(AccessLog) == {"bob"}
