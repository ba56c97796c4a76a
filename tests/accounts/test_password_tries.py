"""Wrong old passwords on the page that changes the password count as failed sign-ins."""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD, stored

pytestmark = pytest.mark.django_db
PAGE = "/agent/password/"
NEW = "quite another phrase"
JSON = {"Accept": "application/json"}


def change(client, old=PASSWORD, **more):
    fields = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return client.post(PAGE, fields | more)


def fail(client, times, **more):
    """The statuses of so many tries with wrong old passwords."""
    return [change(client, f"wrong {number}", **more).status_code for number in range(times)]


def test_the_tenth_wrong_password_locks(browser_of, alice, bob):
    client = browser_of(alice)
    assert fail(client, 9) == [200] * 9
    locked = change(client, "wrong")
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert change(client).status_code == 429, "the right one is not told from a wrong one now"
    answer = client.post(PAGE, {"old_password": PASSWORD}, headers=JSON)
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert stored(alice).check_password(PASSWORD)
    assert get_user(client) == alice, "the session goes on"
    assert client.get(PAGE).status_code == 200
    assert change(browser_of(bob)).url == reverse("profile"), "others here are not held up"


def test_the_right_password_after_nine_wrong_ones_changes_it_and_counts_anew(browser_of, alice):
    client = browser_of(alice)
    fail(client, 9)
    assert change(client).url == reverse("profile")
    fields = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert [client.post(PAGE, fields).status_code for _ in range(9)] == [200] * 9


def test_the_tries_are_counted_together_with_those_of_the_sign_in(browser_of, alice):
    client, door = browser_of(alice), Client()
    fail(client, 5)
    tries = [
        door.post("/agent/login/", {"username": "alice", "password": "wrong"}).status_code
        for _ in range(5)
    ]
    assert tries == [200] * 4 + [429]
    assert change(client).status_code == 429


def test_another_browser_or_name_in_the_form_counts_for_the_same_member(browser_of, alice, bob):
    client = browser_of(alice)
    for number in range(9):
        client.post(
            PAGE,
            {"old_password": "wrong", "username": f"somebody{number}"},
            headers={"User-Agent": f"browser {number}"},
        )
    assert change(client, "wrong", username="bob").status_code == 429
    assert not AccessAttempt.objects.exclude(username="alice").exists()


def test_no_password_is_kept_with_the_counted_try(browser_of, alice):
    change(browser_of(alice), "an old secret")
    [attempt] = AccessAttempt.objects.all()
    kept = f"{attempt.post_data} {attempt.get_data}"
    assert "an old secret" not in kept and NEW not in kept


def test_the_password_is_tried_once_where_the_new_one_is_refused(browser_of, alice):
    client = browser_of(alice)
    assert change(client, new_password2="something else").status_code == 200
    assert AccessAttempt.objects.count() == 0
    assert get_user(client) == alice


@pytest.mark.parametrize("old", ["", "a\0b", "x" * 5000])
def test_what_can_be_no_password_is_refused(browser_of, alice, old):
    assert change(browser_of(alice), old).status_code == 200


def test_the_admin_has_no_page_of_its_own_to_try_passwords(browser_of, manager):
    client = browser_of(manager)
    page = "/admin/password_change/"
    assert client.get(page).url == reverse("password-change")
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(page, fields).url == reverse("password-change")
    assert stored(manager).check_password(PASSWORD)
