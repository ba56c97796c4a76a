"""Forms of an account from one address: costly to check, so only so many are."""

import pytest
from django.core import mail
from django.test import Client

from accounts import mails
from accounts.models import Provider
from chat.limits import Buckets, Rate, limits
from kefu.limits import ACCOUNT_FORMS
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
FORMS = {
    "/agent/login/": {"username": "alice", "password": PASSWORD},
    "/agent/sso/acme/": {"username": "alice", "password": PASSWORD},
    "/admin/login/": {"username": "mona", "password": PASSWORD},
    "/agent/password/forgotten/": {"email": "alice@example.com"},
    "/agent/password/set/MQ/set-password/": {"new_password1": PASSWORD, "new_password2": PASSWORD},
    "/agent/password/": {"old_password": PASSWORD},
    "/agent/profile/": {"nickname": "Ann"},
    "/agent/login/second/": {"code": "123456"},
    "/agent/login/passkey/": {},
    "/agent/confirm/": {"password": PASSWORD},
    "/agent/security/app/": {"code": "123456"},
    "/agent/security/passkeys/": {},
}


def allow(burst: int) -> None:
    limits.buckets["account"]["address"] = Buckets(Rate(burst, 0.1))


def test_each_form_is_listed_here():
    assert len(FORMS) == len(ACCOUNT_FORMS)


@pytest.mark.parametrize("place", FORMS)
def test_too_many_from_one_address_are_refused_unread(alice, manager, stopped, monkeypatch, place):
    common = {"kind": Provider.Kind.LDAP, "issuer": "ldaps://127.0.0.1:1"}
    Provider.objects.create(enterprise=alice.enterprise, **common)
    allow(1)
    client = Client()
    assert client.post(place, FORMS[place]).status_code in (200, 302)
    mails.background.submit(mail.outbox.clear).result()  # what the first one had sent
    monkeypatch.setattr("accounts.forms.members.authenticate", None)
    monkeypatch.setattr(mails, "send_reset_links", None)
    for headers in (JSON, {}):
        response = client.post(place, FORMS[place], headers=headers)
        assert response.status_code == 429 and response["Retry-After"] == "10"
    assert client.post(place, FORMS[place], headers=JSON).json()["error"] == "rate_limited"
    assert mail.outbox == []
    looks = (429,) if "/sso/" in place else (200, 302, 405)
    assert client.get(place).status_code in looks, "a look is no form"
    monkeypatch.undo()
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post(place, FORMS[place]).status_code in (200, 302)


def test_what_another_site_makes_a_browser_send_does_not_count(alice):
    allow(1)
    forged = Client(enforce_csrf_checks=True)
    for _ in range(3):
        assert forged.post("/agent/login/", FORMS["/agent/login/"]).status_code == 403
    assert Client().post("/agent/login/", FORMS["/agent/login/"]).status_code == 302


def test_an_office_signs_in_in_the_morning(alice):
    answers = {
        Client().post("/agent/login/", FORMS["/agent/login/"]).status_code for _ in range(100)
    }
    assert answers == {302}
