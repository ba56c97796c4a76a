"""Wrong passwords for one account from many places: strangers wait, its member goes on."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth import get_user
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode

from accounts.models import Member
from accounts.passwords import attempts
from tests.accounts.factors.apps import CONFIRM, Phone
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN, OWN = "/agent/login/", "/agent/password/"
JSON = {"Accept": "application/json"}


def sign_in(client, account="alice", password=PASSWORD, door=LOGIN, **more):
    return client.post(door, {"username": account, "password": password}, **more)


def places(count: int) -> list[str]:
    """Addresses in as many networks of one provider's customer."""
    return [f"2001:db8:0:{number:x}::1" for number in range(count)]


def guess(account="alice", count=None) -> set[int]:
    """The statuses of so many tries, each from another network."""
    found = (Client(REMOTE_ADDR=place) for place in places(count or attempts.MOST))
    return {sign_in(browser, account, "wrong").status_code for browser in found}


@pytest.fixture(autouse=True)
def twelve(monkeypatch):
    """Fewer tries than sixty, so that tests take less time."""
    assert attempts.MOST == 60
    monkeypatch.setattr(attempts, "MOST", 12)


def known(account="alice") -> Client:
    """A browser that was signed in as this member, and is not any more."""
    client = Client()
    assert sign_in(client, account).status_code == 302
    client.post("/agent/logout/")
    assert get_user(client).is_anonymous
    return client


def test_addresses_of_one_network_count_as_one(alice):
    tries = [
        sign_in(Client(REMOTE_ADDR=f"2001:db8::{number:x}"), password="wrong").status_code
        for number in range(10)
    ]
    assert tries == [200] * 9 + [429]
    assert AccessAttempt.objects.values_list("ip_address").distinct().get() == ("2001:db8::",)
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:1::1")).status_code == 302


@pytest.mark.parametrize("account", ["alice", "nobody"])
def test_after_so_many_wrong_ones_from_anywhere_strangers_wait(alice, account):
    assert guess(account) == {200}
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(minutes=20))
    for door in (LOGIN, "/admin/login/"):
        answer = sign_in(Client(), account, door=door)
        assert answer.status_code == 429 and 1800 < int(answer["Retry-After"]) <= 2400
        words = "Use a browser in which you have signed in to it before, or try again in"
        assert words in answer.content.decode()
        facts = sign_in(Client(), account, door=door, headers=JSON).json()
        assert (facts["error"], facts["retry_after"] > 1800) == ("rate_limited", True)
    assert AccessFailureLog.objects.count() == 12, "what is refused is no try"


def test_an_hour_later_strangers_may_try_again(alice):
    guess()
    AccessFailureLog.objects.filter(pk=AccessFailureLog.objects.earliest("pk").pk).update(
        attempt_time=timezone.now() - timedelta(minutes=61)
    )
    assert sign_in(Client()).status_code == 302


def test_no_count_is_forgotten_for_being_one_of_many(alice):
    rows = [AccessFailureLog(username="alice", path_info=LOGIN) for _ in range(1000)]
    AccessFailureLog.objects.bulk_create(rows)
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(hours=2))
    guess(count=11)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.9"), password="wrong").status_code == 200
    assert sign_in(Client()).status_code == 429


def test_a_browser_of_before_goes_on_and_has_ten_tries(alice, bob):
    browser, other = known(), known("bob")
    cookie = browser.cookies[attempts.COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"]
    assert "alice" not in cookie.value
    guess()
    assert sign_in(other).status_code == 429, "it knows bob"
    assert sign_in(browser).status_code == 302
    browser.post("/agent/logout/")
    tries = [sign_in(browser, password="wrong").status_code for _ in range(10)]
    assert tries == [200] * 9 + [429]
    assert sign_in(browser).status_code == 429


def test_a_shared_browser_knows_several(alice, bob):
    browser = known()
    sign_in(browser, "bob")
    browser.post("/agent/logout/")
    guess()
    guess("bob")
    for account in ("alice", "bob"):
        assert sign_in(browser, account).status_code == 302
        browser.post("/agent/logout/")


@pytest.mark.parametrize("value", ["", "x", "W10:x:y", "é"])
def test_another_password_or_a_forged_cookie_makes_a_stranger(alice, value):
    browser = known()
    guess()
    forged = Client()
    forged.cookies[attempts.COOKIE] = value
    assert sign_in(forged).status_code == 429
    alice.set_password(PASSWORD)
    alice.save()
    assert sign_in(browser).status_code == 429


def test_who_is_signed_in_or_sets_a_password_is_no_stranger(browser_of, alice, bob):
    inside, new = browser_of(alice), "quite another phrase"
    inside.cookies.pop(attempts.COOKIE, None)
    guess()
    assert inside.post(CONFIRM, {"password": PASSWORD}).status_code == 302
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert inside.post(OWN, fields).status_code == 302
    inside.post("/agent/logout/")
    assert sign_in(inside, password=new).status_code == 302


def test_who_sets_a_password_by_the_link_of_a_mail_is_no_stranger(alice):
    guess()
    key = urlsafe_base64_encode(str(alice.pk).encode())
    link = f"/agent/password/set/{key}/{default_token_generator.make_token(alice)}/"
    browser, new = Client(), "quite another phrase"
    form = browser.get(link).url
    assert browser.post(form, {"new_password1": new, "new_password2": new}).status_code == 302
    assert sign_in(browser, password=new).status_code == 302


def test_a_sign_in_in_two_steps_makes_a_browser_known(alice):
    phone, browser = Phone(alice), Client()
    sign_in(browser)
    assert attempts.COOKIE not in browser.cookies
    browser.post("/agent/login/second/", {"code": phone.codes[0]})
    browser.post("/agent/logout/")
    guess()
    assert "/second/" in sign_in(browser).url
    assert browser.post("/agent/login/second/", {"code": phone.codes[1]}).status_code == 302
    assert Member.objects.get(name="alice") == get_user(browser)
