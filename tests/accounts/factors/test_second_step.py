"""The second step of a sign-in: who gets in by it, and who does not."""

import time

import pytest
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import encryption, factors
from accounts.factors import fresh, pending
from accounts.models import AuditRow, AuthenticatorApp, Member, RecoveryCode
from tests.conftest import PASSWORD

from .apps import Phone

pytestmark = pytest.mark.django_db
LOGIN, SECOND = "/agent/login/", "/agent/login/second/"


@pytest.fixture
def phone(alice):
    return Phone(alice)


def first_step(client, account="alice", door=LOGIN, **more):
    return client.post(door, {"username": account, "password": PASSWORD}, **more)


def second_step(client, code, **more):
    return client.post(SECOND, {"code": code}, **more)


def who(client):
    return get_user(client)


def test_the_code_lets_in_and_leads_where_the_member_wanted_to_go(client, alice, phone):
    answer = client.post(
        f"{LOGIN}?next=/agent/profile/", {"username": "alice", "password": PASSWORD}
    )
    page = client.get(answer.url)
    assert page.status_code == 200 and b"one-time-code" in page.content
    answer = client.post(answer.url, {"code": phone.code()})
    assert (answer.status_code, answer.url) == (302, "/agent/profile/")
    assert who(client) == alice
    assert AuditRow.objects.get(action="signed_in").source == "second-step"


def test_a_code_may_be_typed_with_spaces(client, alice, phone):
    first_step(client)
    code = phone.code()
    assert second_step(client, f" {code[:3]} {code[3:]} ").status_code == 302
    assert who(client) == alice


@pytest.mark.parametrize("drift", [-3, 3, 100])
def test_a_code_of_another_time_does_not(client, phone, drift):
    first_step(client)
    assert second_step(client, phone.code(drift)).status_code == 200
    assert who(client).is_anonymous


@pytest.mark.parametrize(
    "code", ["", "   ", "abcdef", "12345", "１２３４５６", "x" * 45, "\x00", "é"]
)
def test_what_is_no_code_does_not(client, phone, code):
    first_step(client)
    assert second_step(client, code).status_code == 200
    assert who(client).is_anonymous


def test_a_code_that_was_seen_is_refused_a_second_time(client, alice, phone):
    code = phone.code()
    first_step(client)
    assert second_step(client, code).status_code == 302
    again = Client()
    first_step(again)
    answer = second_step(again, code)
    assert answer.status_code == 200 and "was used before" in answer.content.decode()
    assert who(again).is_anonymous


def test_of_two_processes_that_get_a_code_at_once_one_accepts_it(alice, phone, monkeypatch):
    real, other = factors.app.step_of, []

    def meanwhile(secret, code):
        """The other process accepts the code after this one has read what was used before."""
        if not other:
            other.append(None)
            other[0] = factors.use(alice, code)
        return real(secret, code)

    monkeypatch.setattr(factors.app, "step_of", meanwhile)
    assert not factors.use(alice, phone.code())
    assert other == [True]


def test_a_code_before_the_last_one_that_was_used_is_refused(alice, phone):
    now = phone.code()
    before = phone.code(-1)
    assert factors.use(alice, now)
    assert not factors.use(alice, before)


def test_a_recovery_code_lets_in_once(alice, phone):
    for expected in (302, 200):
        client = Client()
        first_step(client)
        assert second_step(client, phone.codes[0].upper()).status_code == expected
    assert factors.codes_left(alice) == 9
    row = AuditRow.objects.filter(kind="recoverycode", action="used").get()
    assert (row.object_name, row.details) == ("alice", '{"count": 9}')
    told = (row.actor, row.actor_name, row.source, row.address)
    assert told == (alice.uuid, "alice", "second-step", "127.0.0.1")


def test_a_recovery_code_is_noted_as_used_by_who_confirms_with_it(browser_of, alice, phone):
    browser_of(alice).post("/agent/confirm/", {"code": phone.codes[0]}, REMOTE_ADDR="192.0.2.7")
    row = AuditRow.objects.get(kind="recoverycode", action="used")
    assert (row.actor, row.source, row.address) == (alice.uuid, "confirm", "192.0.2.7")


def test_a_recovery_code_stays_used_if_the_page_fails_afterwards(client, alice, phone, monkeypatch):
    first_step(client)
    monkeypatch.setattr("accounts.pages.second_step.login", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        second_step(client, phone.codes[0])
    assert factors.codes_left(alice) == 9
    assert AuditRow.objects.get(kind="recoverycode", action="used").actor == alice.uuid


def test_nobody_gets_in_by_anothers_code(client, alice, bob, phone):
    other = Phone(bob)
    first_step(client)
    for code in (other.code(), other.codes[0]):
        assert second_step(client, code).status_code == 200
    assert who(client).is_anonymous


def test_without_a_password_there_is_no_second_step(client, phone):
    assert client.get(SECOND).url == LOGIN
    assert second_step(client, phone.code()).url == LOGIN
    assert who(client).is_anonymous


def test_the_second_step_has_ten_minutes(client, phone, monkeypatch):
    first_step(client)
    real = time.time
    code = phone.code(20)
    monkeypatch.setattr(pending.time, "time", lambda: real() + pending.WITHIN + 1)
    assert second_step(client, code).url == LOGIN
    assert who(client).is_anonymous


@pytest.mark.parametrize("change", ["password", "disabled"])
def test_the_second_step_ends_with_the_password_and_the_account(client, alice, phone, change):
    first_step(client)
    alice.refresh_from_db()
    if change == "password":
        alice.set_password("another good phrase")
    else:
        alice.status = Member.Status.CLOSED
    alice.save()
    assert second_step(client, phone.code()).url == LOGIN
    assert who(client).is_anonymous


def test_wrong_codes_lock_as_wrong_passwords_do(client, alice, phone, settings):
    settings.AXES_FAILURE_LIMIT = 3
    first_step(client)
    assert second_step(client, "000000").status_code == 200
    assert first_step(client).status_code == 302, "the password does not begin the count anew"
    assert [second_step(client, "000000").status_code for _try in range(2)] == [200, 429]
    assert second_step(client, phone.code()).status_code == 429, "nor does a right code help"
    assert first_step(Client()).status_code == 429
    assert who(client).is_anonymous


def test_guessing_from_many_addresses_ends(client, alice, phone, monkeypatch):
    monkeypatch.setattr(factors.app, "MOST_WRONG", 3)
    for number in (1, 2, 3):
        first_step(client, REMOTE_ADDR=f"198.51.100.{number}")
        second_step(client, "000000", REMOTE_ADDR=f"198.51.100.{number}")
    assert second_step(client, phone.code(), REMOTE_ADDR="198.51.100.4").status_code == 200
    assert second_step(client, phone.codes[0], REMOTE_ADDR="198.51.100.4").status_code == 302
    assert not factors.use(alice, phone.code()), "until it is set up anew"


def test_a_right_code_forgives_wrong_ones(alice, phone, monkeypatch):
    monkeypatch.setattr(factors.app, "MOST_WRONG", 3)
    for code in ("000000", "000000", phone.code(), "000000", "000000"):
        factors.use(alice, code)
    assert factors.use(alice, phone.code(1))


def test_the_code_stands_in_no_record(client, alice, phone):
    from axes.models import AccessAttempt

    first_step(client)
    second_step(client, "000111")
    assert "000111" not in "".join(AccessAttempt.objects.values_list("post_data", flat=True))


def test_the_workspace_signs_in_again_in_two_steps(client, alice, phone):
    json = {"HTTP_ACCEPT": "application/json"}
    assert first_step(client, **json).json() == {
        "ok": False,
        "second_step": SECOND,
        "passkey": None,
    }
    wrong = second_step(client, "000000", **json)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "bad_field")
    assert second_step(client, phone.code(), **json).json() == {"ok": True}
    assert who(client) == alice
    late = second_step(Client(), phone.code(), **json)
    assert (late.status_code, late.json()["again"]) == (400, True)


def test_the_administration_has_no_door_without_the_second_step(client, manager):
    phone = Phone(manager)
    answer = first_step(client, "mona", door="/admin/login/?next=/admin/live/")
    assert answer.url == f"{SECOND}?next=%2Fadmin%2Flive%2F"
    assert client.get("/admin/").status_code == 302
    assert client.post(answer.url, {"code": phone.code()}).url == "/admin/live/"
    assert client.get("/admin/").status_code == 200


def test_the_second_step_leads_to_a_relative_address(client, alice, phone):
    first_step(client)
    answer = client.post(SECOND, {"code": phone.code(), "next": "nowhere"})
    assert answer.url == "nowhere" and get_user(client) == alice


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_second_step_leads_to_no_other_site(client, alice, phone, place):
    first_step(client)
    answer = client.post(f"{SECOND}?next={place}", {"code": phone.code(), "next": place})
    assert answer.url == "/agent/"


def test_the_secret_is_stored_encrypted_and_survives_a_new_key(alice, phone, settings):
    stored = AuthenticatorApp.objects.get().sealed
    assert phone.secret not in stored and encryption.unseal(stored) == phone.secret
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key " * 5
    assert encryption.unseal(stored) is None
    assert not factors.use(alice, phone.code())
    settings.SECRET_KEY_FALLBACKS = [former]
    assert factors.use(alice, phone.code())


def test_recovery_codes_are_stored_as_hashes(alice, phone):
    stored = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(stored) == len(set(phone.codes)) == 10
    assert not stored & set(phone.codes)


def test_the_command_lets_in_who_has_lost_everything(client, alice, phone, capsys):
    call_command("reset_factors", "Alice")
    assert "password alone" in capsys.readouterr().out
    assert first_step(client).url == "/agent/"
    row = AuditRow.objects.filter(kind="authenticatorapp", action="deleted").get()
    assert (row.source, row.object_name) == ("manage.py reset_factors", "alice")
    assert phone.secret not in row.details and not RecoveryCode.objects.exists()
    call_command("reset_factors", "alice")
    assert "no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no member"):
        call_command("reset_factors", "nobody")


def test_a_sign_in_by_two_steps_is_a_fresh_proof(client, alice, phone):
    first_step(client)
    assert fresh.KEY not in client.session
    second_step(client, phone.code())
    assert time.time() - client.session[fresh.KEY] < 60
    assert client.session[fresh.PASSED] is True
