"""How long the session of a stranger lives, and what a browser learns of one that has ended."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Enterprise, Provider
from accounts.sign_ins import sessions
from chat.limits import Buckets, Rate, limits
from tests.accounts.factors.apps import Phone
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(browser_of, alice):
    """A browser whose session has ended elsewhere."""
    browser = browser_of(alice)
    Session.objects.all().delete()
    return browser


def test_a_late_answer_to_a_script_takes_no_cookie_of_a_sign_in_that_has_begun(ended):
    answer = ended.get("/agent/alerts/", headers={"accept": "application/json"})
    assert answer.status_code == 401 and settings.SESSION_COOKIE_NAME not in answer.cookies


def test_a_page_that_leads_to_the_sign_in_takes_the_cookie(ended):
    answer = ended.get("/agent/alerts/")
    assert answer.status_code == 302 and answer.cookies[settings.SESSION_COOKIE_NAME].value == ""


LOGIN, SECOND = "/agent/login/", "/agent/login/second/"
SSO = {"/agent/sso/acme/", "/agent/sso/acme/feishu/"}


def lives() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


@pytest.fixture
def feishu(enterprise):
    common = {"kind": Provider.Kind.FEISHU, "client_id": "cli_a", "name": "Feishu"}
    return Provider.objects.create(enterprise=enterprise, **common)


@pytest.mark.parametrize("place", [*sorted(SSO), "/agent/login/passkey/"])
def test_what_a_stranger_stores_is_kept_for_ten_minutes(client, feishu, place):
    answer = client.get(place) if place in SSO else client.post(place)
    assert answer.status_code in (200, 302)
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 600
    assert lives() <= timedelta(minutes=10)


def test_a_sign_in_makes_it_two_weeks(client, alice):
    phone = Phone(alice)
    client.post(LOGIN, {"username": "alice", "password": PASSWORD})
    assert lives() <= timedelta(minutes=10)
    answer = client.post(SECOND, {"code": phone.codes[0]})
    assert 13 < answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] / (24 * 3600) <= 14
    assert lives() > timedelta(days=13)


@pytest.mark.parametrize(
    ("by_provider", "days", "then"), [(False, 30, 30), (True, 30, 20), (True, 1, 1)]
)
def test_it_lasts_as_the_enterprise_says_and_is_renewed_by_use(
    client, alice, by_provider, days, then
):
    Enterprise.objects.update(sign_in_days=days)
    client.post(LOGIN, {"username": "alice", "password": PASSWORD})
    assert abs(lives() - timedelta(days=days)) < timedelta(minutes=1)
    kept = client.session
    kept.set_expiry(timezone.now() + timedelta(days=20))
    if by_provider:
        kept[sessions.SINGLE_SIGN_ON] = {"provider": 0, "sid": "", "kind": "oidc", "name": "x"}
    kept.save()
    sessions.noted.clear()
    answer = client.get("/agent/alerts/")
    assert abs(lives() - timedelta(days=then)) < timedelta(minutes=1)
    assert (settings.SESSION_COOKIE_NAME in answer.cookies) == (then != 20)


def test_two_weeks_are_renewed_by_use_as_well(client, alice, monkeypatch):
    client.post(LOGIN, {"username": "alice", "password": PASSWORD})
    later = timezone.now() + timedelta(days=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    sessions.noted.clear()
    assert client.get("/agent/alerts/").cookies[settings.SESSION_COOKIE_NAME].value
    assert abs(lives() - timedelta(days=14)) < timedelta(minutes=1)


@pytest.mark.parametrize("name", ["alice", "superuser"])
def test_what_use_does_not_renew_ends_two_weeks_after_the_last_sign_in(
    client, feishu, request, monkeypatch, name
):
    """A provider may let somebody in again in the same browser: that keeps the session."""
    member = request.getfixturevalue(name)
    client.force_login(member)
    if name == "alice":
        kept = client.session
        provided = {"provider": feishu.pk, "sid": "", "kind": "oidc", "name": "x"}
        kept[sessions.SINGLE_SIGN_ON] = provided
        kept.save()
        client.force_login(member)
    later = timezone.now() + timedelta(days=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    sessions.noted.clear()
    client.get("/agent/sso/acme/")
    assert abs(lives() - timedelta(days=4)) < timedelta(minutes=1)


@pytest.mark.parametrize("place", sorted(SSO))
def test_an_address_gets_so_many_sessions_without_a_sign_in(client, feishu, stopped, place):
    limits.buckets["account"]["address"] = Buckets(Rate(2, 0.1))
    assert [client.get(place).status_code for _ in range(3)] == [302, 302, 429]
    assert client.get(LOGIN).status_code == 200
