"""Passkeys: added, used as second factor and alone, removed; what does not fit is refused."""

import json
import re
from html import unescape

import pytest
from django.contrib.auth import get_user
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import factors
from accounts.models import (
    AuditRow,
    Enterprise,
    Member,
    Passkey,
    Provider,
    ProviderAccount,
    RecoveryCode,
)
from tests.conftest import PASSWORD

from .apps import CONFIRM, OFF, PAGE, Phone, grow_old
from .devices import Device

pytestmark = pytest.mark.django_db
KEYS = "/agent/security/passkeys/"
LOGIN, SECOND, ALONE = "/agent/login/", "/agent/login/second/", "/agent/login/passkey/"


def add(browser, device: Device, name="my phone"):
    options = browser.post(KEYS).json()
    return browser.post(KEYS, {"name": name, "credential": device.make(options)})


def options_of(page) -> dict:
    return json.loads(unescape(re.search(r'data-options="([^"]+)"', page.content.decode())[1]))


def first_step(client, account="alice"):
    return client.post(LOGIN, {"username": account, "password": PASSWORD})


def second_step(client, device: Device):
    first_step(client)
    answer = device.sign(options_of(client.get(SECOND)))
    return client.post(SECOND, {"credential": answer})


def alone(client, device: Device, **more):
    answer = device.sign(client.post(ALONE).json())
    return client.post(ALONE, {"credential": answer, **more})


@pytest.fixture
def device(browser_of, alice):
    device = Device()
    assert add(browser_of(alice), device).status_code == 200
    return device


def test_the_first_passkey_brings_recovery_codes_and_is_listed(browser_of, alice):
    browser = browser_of(alice)
    page = add(browser, Device(), "  Alice's phone  ").content.decode()
    assert len(re.findall(r"<code>([a-z2-9-]+)</code>", page)) == 10
    assert add(browser, Device(), "").url == PAGE, "no codes a second time"
    text = unescape(browser.get(PAGE).content.decode())
    assert "Alice's phone" in text and text.count("not used yet") == 2
    row = AuditRow.objects.filter(kind="passkey", action="added").first()
    assert (row.object_name, row.source) == ("alice", "security-passkeys")
    assert Passkey.objects.first().data not in row.details


def test_a_passkey_is_a_second_factor(client, alice, device):
    assert first_step(client).url.startswith(SECOND)
    assert second_step(client, device).url == "/agent/"
    assert get_user(client) == alice
    assert Passkey.objects.get().used_at is not None


def test_a_passkey_that_asks_for_a_finger_signs_in_alone(client, alice, device):
    answer = alone(client, device, next="/agent/profile/")
    assert answer.url == "/agent/profile/" and get_user(client) == alice
    assert client.session[factors.fresh.PASSED] is True
    assert AuditRow.objects.filter(action="signed_in").latest("pk").source == "passkey-login"


def test_whom_a_provider_lets_in_does_not_come_in_by_a_passkey_alone(
    client, alice, device, enterprise
):
    """Who is dismissed there would keep the passkey."""
    provider = Provider.objects.create(
        enterprise=enterprise, kind="feishu", name="飞书", organisation="t", client_id="a"
    )
    ProviderAccount.objects.create(provider=provider, member=alice, subject="1", key="1" * 64)
    assert alone(client, device).url == "/agent/", "with a password of their own"
    client.logout()
    alice.set_unusable_password()
    alice.save()
    assert alone(client, device).url == LOGIN
    assert get_user(client).is_anonymous
    assert "organisation" in client.get(LOGIN).content.decode()
    provider.delete()
    assert alone(client, device).url == LOGIN, "nor once nobody is linked any more"


def test_a_passkey_leads_to_a_relative_address(client, device):
    assert alone(client, device, next="profile").url == "profile"
    assert alone(client, device, next="nowhere").url == "nowhere"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_a_passkey_leads_to_no_other_site(client, device, place):
    assert alone(client, device, next=place).url == "/agent/"


def test_one_that_asks_for_nothing_is_a_second_factor_only(browser_of, alice, client):
    key = Device(verifies=False)
    add(browser_of(alice), key)
    assert alone(client, key).url == LOGIN
    assert get_user(client).is_anonymous
    assert second_step(client, key).url == "/agent/"


def test_a_challenge_for_the_second_step_is_none_for_signing_in_alone(client, alice, device):
    first_step(client)
    answer = device.sign(options_of(client.get(SECOND)))
    assert client.post(ALONE, {"credential": answer}).url == LOGIN
    assert get_user(client).is_anonymous


@pytest.mark.parametrize(
    "site", ["https://evil.example", "http://testserver.evil.example", "https://testserver", ""]
)
def test_what_another_site_had_signed_is_refused(client, alice, device, site):
    device.site = site
    assert alone(client, device).url == LOGIN
    assert second_step(client, device).status_code == 200
    assert get_user(client).is_anonymous


def test_an_answer_counts_once(client, alice, device):
    first_step(client)
    answer = device.sign(options_of(client.get(SECOND)))
    assert client.post(SECOND, {"credential": answer}).status_code == 302
    other = Client()
    for _try in range(2):
        first_step(other)
        other.get(SECOND)
        assert other.post(SECOND, {"credential": answer}).status_code == 200
    assert get_user(other).is_anonymous


def test_a_copied_key_whose_count_falls_behind_is_refused(browser_of, alice, client):
    key = Device(counts=True)
    add(browser_of(alice), key)
    key.count = 7
    assert second_step(client, key).status_code == 302
    key.count = 3
    assert second_step(Client(), key).status_code == 200


def test_nobody_gets_in_by_anothers_passkey(browser_of, client, alice, bob, device):
    other = Device()
    add(browser_of(bob), other)
    assert second_step(client, other).status_code == 200
    assert get_user(client).is_anonymous
    forged = Device()
    forged.id = device.id
    assert second_step(client, forged).status_code == 200, "the key is another"


def test_who_may_not_sign_in_does_not_by_a_passkey_either(client, alice, device):
    Member.objects.filter(pk=alice.pk).update(status=Member.Status.CLOSED)
    assert alone(client, device).url == LOGIN
    Member.objects.filter(pk=alice.pk).update(status=Member.Status.NORMAL)
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert alone(client, device).url == LOGIN
    assert get_user(client).is_anonymous


def test_a_passkey_is_a_fresh_proof(browser_of, alice, device):
    browser = browser_of(alice)
    grow_old(browser)
    assert browser.post(KEYS, HTTP_ACCEPT="application/json").json()["confirm"] == CONFIRM
    answer = device.sign(options_of(browser.get(CONFIRM)))
    assert browser.post(CONFIRM, {"credential": answer}).status_code == 302
    assert browser.post(KEYS).status_code == 200


def test_the_workspace_signs_in_again_by_a_passkey(client, alice, device):
    json_only = {"HTTP_ACCEPT": "application/json"}
    words = {"username": "alice", "password": PASSWORD}
    options = client.post(LOGIN, words, **json_only).json()["passkey"]
    answer = {"credential": device.sign(options)}
    assert client.post(SECOND, answer, **json_only).json() == {"ok": True}
    assert get_user(client) == alice
    wrong = Client()
    wrong.post(LOGIN, words, **json_only)
    assert wrong.post(SECOND, answer, **json_only).status_code == 400


def test_a_passkey_belongs_to_one_member_once(browser_of, alice, bob, device):
    assert add(browser_of(bob), device).url == PAGE
    assert add(browser_of(alice), device).url == PAGE
    assert Passkey.objects.get().member == alice


def test_removing_the_last_one_ends_the_second_step(browser_of, alice, bob, client, device):
    row = Passkey.objects.get()
    assert browser_of(bob).post(KEYS, {"remove": row.pk}).status_code == 404
    assert browser_of(alice).post(KEYS, {"remove": row.pk}).url == PAGE
    assert not Passkey.objects.exists() and not RecoveryCode.objects.exists()
    assert AuditRow.objects.filter(kind="passkey", action="deleted").exists()
    assert first_step(client).url == "/agent/"
    assert alone(Client(), device).url == LOGIN


def test_the_app_and_its_codes_stay_when_a_passkey_goes(browser_of, alice, device):
    Phone(alice)
    browser_of(alice).post(KEYS, {"remove": Passkey.objects.get().pk})
    assert RecoveryCode.objects.count() == 10 and factors.has_any(alice)


def test_the_last_one_stays_where_two_steps_are_compulsory(browser_of, alice, device):
    Enterprise.objects.update(second_factor_roles=[Member.Role.AGENT])
    browser = browser_of(alice)
    session = browser.session
    session[factors.fresh.PASSED] = True
    session.save()
    browser.post(KEYS, {"remove": Passkey.objects.get().pk})
    assert "Your enterprise asks for" in browser.get(PAGE).content.decode()
    assert Passkey.objects.exists()
    browser.post(OFF)
    assert Passkey.objects.exists()


def test_who_must_have_a_second_factor_may_choose_a_passkey(client, alice):
    Enterprise.objects.update(second_factor_roles=[Member.Role.AGENT])
    first_step(client)
    assert client.get("/agent/").status_code == 302
    assert add(client, Device()).status_code == 200
    assert client.get("/agent/").status_code == 200


def test_a_member_has_twenty_at_most(browser_of, alice, monkeypatch):
    monkeypatch.setattr(factors.passkeys, "MOST", 2)
    browser = browser_of(alice)
    for _passkey in range(3):
        add(browser, Device())
    assert Passkey.objects.count() == 2


BROKEN = ["", "x", "null", "[]", "{}", '{"rawId": 1}', "[" * 100_000, "9" * 5000, "\ud800"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("id", "rawId", "type", "response", "clientDataJSON", "attestationObject"),
                    *("authenticatorData", "signature", "userHandle", "clientExtensionResults"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_answer_is_refused_and_nothing_breaks(client, browser_of, alice, device, text):
    text = text.encode("utf-8", "replace").decode()
    client.post(ALONE)
    assert client.post(ALONE, {"credential": text}).url == LOGIN
    browser = browser_of(alice)
    browser.post(KEYS)
    assert browser.post(KEYS, {"name": "x", "credential": text}).url == PAGE
    assert Passkey.objects.count() == 1


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES)
def test_no_answer_that_chance_makes_is_accepted(client, alice, device, value):
    client.post(ALONE)
    assert client.post(ALONE, {"credential": json.dumps(value)}).url == LOGIN
