"""Signing in: who gets in, what the others are told, and when the door is locked."""

import hashlib

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from accounts import checklist
from accounts.backends import MemberBackend
from accounts.models import Enterprise, Member
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/agent/login/"


def sign_in(client, account, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": account, "password": password, **more})


def who(client):
    return get_user(client)


def test_an_agent_signs_in_and_lands_in_the_workspace(client, alice):
    response = sign_in(client, "alice")
    assert response.status_code == 302
    assert response.url == reverse("workspace")
    assert who(client) == alice


def test_a_manager_lands_on_the_home_until_the_enterprise_is_set_up(
    client, manager, supervisor, monkeypatch
):
    assert sign_in(client, "mona").url == reverse("admin:index")
    assert sign_in(Client(), "mona", next="/agent/profile/").url == "/agent/profile/"
    assert sign_in(Client(), "susan").url == reverse("workspace")
    monkeypatch.setattr(checklist, "is_done", lambda enterprise: True)
    assert sign_in(Client(), "mona").url == reverse("workspace")


@pytest.mark.parametrize("spelling", ["ALICE", " Alice ", "aLiCe"])
def test_upper_and_lower_case_are_the_same_account(client, alice, spelling):
    assert sign_in(client, spelling).status_code == 302


def test_a_superuser_without_enterprise_lands_in_the_admin(client, superuser):
    assert sign_in(client, "root").url == reverse("admin:index")


@pytest.mark.parametrize("status", Enterprise.Status)
def test_unknown_wrong_and_disabled_get_the_same_answer(client, alice, bob, status):
    Enterprise.objects.update(status=status)
    bob.status = Member.Status.CLOSED
    bob.save()
    answers = [
        sign_in(client, "nobody"),
        sign_in(client, "alice", "wrong"),
        sign_in(client, "bob"),
    ]
    texts = {
        tuple(str(error) for error in answer.context["form"].non_field_errors())
        for answer in answers
    }
    assert {answer.status_code for answer in answers} == {200}
    assert len(texts) == 1


def test_the_hasher_runs_for_everybody_who_is_refused(client, alice, monkeypatch):
    """Unknown accounts and those with an old md5 must not answer sooner."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    runs = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: runs.append(1) or real(*args))
    Member.objects.filter(pk=alice.pk).update(password=hashlib.md5(b"x").hexdigest())
    for account in ("nobody", "alice"):
        runs.clear()
        sign_in(client, account, "wrong")
        assert runs, account


@pytest.mark.parametrize("door", [LOGIN, "/admin/login/"])
def test_a_closed_enterprise_lets_nobody_in_and_tells_who_knows_the_password(
    client, alice, manager, superuser, door
):
    """Without a word for those who guess, and without counting it as a guess."""
    inside = Client()
    sign_in(inside, "mona")
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    for account in ["mona"] + ["alice"] * 12:
        answer = client.post(door, {"username": account, "password": PASSWORD})
        assert "Your enterprise is closed" in answer.content.decode()
        assert (answer.status_code, who(client).is_anonymous) == (200, True)
    wrong = client.post(door, {"username": "alice", "password": "wrong"})
    assert "Your enterprise is closed" not in wrong.content.decode()
    assert who(inside).is_anonymous, "the session of before is nobody's"
    assert sign_in(client, "root").status_code == 302
    assert who(client) == superuser


def test_a_session_of_a_closed_enterprise_is_nobodys_whoever_asks(alice):
    ask = async_to_sync(MemberBackend().aget_user)
    assert (ask(alice.pk), MemberBackend().get_user(alice.pk)) == (alice, alice)
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert (ask(alice.pk), MemberBackend().get_user(alice.pk)) == (None, None)


def test_an_md5_of_an_imported_table_counts_once_and_is_rehashed(client, alice):
    digest = hashlib.md5(PASSWORD.encode()).hexdigest()
    Member.objects.filter(pk=alice.pk).update(password=digest)
    assert sign_in(client, "alice", "wrong").status_code == 200
    assert sign_in(client, "alice").status_code == 302
    alice.refresh_from_db()
    assert alice.password != digest
    assert "$" in alice.password
    assert sign_in(Client(), "alice").status_code == 302
    assert sign_in(Client(), "alice", digest).status_code == 200


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/agent/profile/", "/agent/profile/"),
        ("https://evil.example/", "/agent/"),
        ("//evil.example", "/agent/"),
        ("/\\evil.example", "/agent/"),
        ("javascript:alert(1)", "/agent/"),
    ],
)
def test_next_leads_to_this_host_only(client, alice, asked, led):
    assert sign_in(client, "alice", next=asked).url == led


@pytest.mark.parametrize("page", [LOGIN, "/admin/login/"])
def test_a_sign_in_page_that_names_itself_as_next_leads_on(boss, page):
    for asked in (page, f"{page}?next={page}"):
        answer = boss.get(page, {"next": asked})
        assert answer.url == reverse("admin:index"), asked


def test_the_login_in_place_answers_json(client, alice):
    json = {"Accept": "application/json"}
    wrong = client.post(LOGIN, {"username": "alice", "password": "no"}, headers=json)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "bad_field")
    assert wrong.json()["detail"]
    for _again in range(2):
        right = client.post(LOGIN, {"username": "alice", "password": PASSWORD}, headers=json)
        assert (right.status_code, right.json()) == (200, {"ok": True})
    assert who(client) == alice


def test_a_form_without_fields_is_refused_by_name(client, alice):
    answer = client.post(LOGIN, {}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert client.post(LOGIN, {"username": "a\0b", "password": "x"}).status_code == 200
    for account in ("x" * 5000, "İ" * 100, "😀", "\u202e"):
        assert sign_in(client, account).status_code == 200
        door = client.post("/admin/login/", {"username": account, "password": "x"})
        assert door.status_code == 200


def test_csrf_protects_the_login(alice):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "alice").status_code == 403


def test_ten_wrong_passwords_lock_account_and_address(client, alice, bob):
    spellings = ["alice", "ALICE", "Alice", "aLICE"]
    for attempt in range(10):
        response = sign_in(client, spellings[attempt % 4], "wrong")
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) == 15 * 60
    assert sign_in(client, "alice").status_code == 429
    assert who(client).is_anonymous
    json = client.post(
        LOGIN,
        {"username": "alice", "password": PASSWORD},
        headers={"Accept": "application/json"},
    )
    assert (json.status_code, json.json()["error"]) == (429, "rate_limited")
    assert json.json()["retry_after"] == 15 * 60
    # Others at this address, and alice elsewhere, are not held up.
    assert sign_in(client, "bob").status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, "alice").status_code == 302


def test_the_admins_door_counts_the_same_tries(client, manager):
    for _attempt in range(5):
        sign_in(client, "mona", "wrong")
        response = client.post("/admin/login/", {"username": "MONA", "password": "wrong"})
    assert response.status_code == 429


def test_an_agent_does_not_get_into_the_admin(client, alice):
    response = client.post("/admin/login/", {"username": "alice", "password": PASSWORD})
    assert response.status_code == 200
    assert who(client).is_anonymous
