"""A second factor that an enterprise wants of a role: who has none sets one up and sees nothing
else."""

import pyotp
import pytest
from django.test import Client

from accounts.models import Enterprise, Member
from tests.accounts.admin.page import submit_each
from tests.accounts.audit.doors import edit, submit
from tests.accounts.audit.rows import newest
from tests.conftest import PASSWORD, stored

from .apps import APP, CONFIRM, OFF, PAGE, Phone, grow_old, read_secret

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(enterprise):
    Enterprise.objects.filter(pk=enterprise.pk).update(
        second_factor_roles=[Member.Role.MANAGER, Member.Role.SUPERVISOR]
    )


def test_who_has_none_is_led_to_set_one_up_at_the_sign_in(client, manager):
    client.post("/agent/login/", {"username": "mona", "password": PASSWORD})
    for page in ("/agent/", "/admin/", PAGE, "/agent/profile/", "/admin/reports/"):
        assert client.get(page).url.startswith(APP), page
    page = client.get(APP)
    text = page.content.decode()
    assert "Your enterprise asks for two-step sign-in" in text and "data-socket" not in text
    code = pyotp.TOTP(read_secret(page)).now()
    done = client.post(APP, {"code": code}).content.decode()
    assert 'class="button primary" href="/admin/"' in done
    assert client.get("/agent/").status_code == client.get("/admin/").status_code == 200


def test_meanwhile_they_may_sign_out_choose_a_language_and_confirm(browser_of, manager):
    browser = browser_of(manager)
    grow_old(browser)
    assert browser.get(APP).url.startswith(CONFIRM)
    assert browser.get(CONFIRM).status_code == 200
    assert browser.post("/language/", {"language": "zh-hans"}).url != APP
    assert browser.post("/agent/logout/").url == "/agent/login/"


def test_scripts_and_sockets_are_refused_meanwhile(browser_of, manager):
    answer = browser_of(manager).get("/agent/inbox/", HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


def test_other_roles_and_other_enterprises_notice_nothing(
    browser_of, alice, other_manager, superuser
):
    assert browser_of(alice).get("/agent/").status_code == 200
    assert browser_of(other_manager).get("/agent/").status_code == 200
    assert browser_of(superuser).get("/admin/").status_code == 200


def test_a_session_from_before_gives_a_code_and_goes_on(browser_of, manager):
    browser, phone = browser_of(manager), Phone(manager)
    assert browser.get("/agent/").url.startswith(APP)
    assert browser.get(APP).url.startswith(CONFIRM)
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 200
    assert browser.get("/agent/").status_code == 302
    assert browser.post(CONFIRM, {"code": phone.code()}).status_code == 302
    assert browser.get("/agent/").status_code == 200


def test_nobody_of_that_role_switches_it_off(client, manager):
    phone = Phone(manager)
    client.post("/agent/login/", {"username": "mona", "password": PASSWORD})
    client.post("/agent/login/second/", {"code": phone.codes[0]})
    assert client.post(OFF).url == PAGE
    page = client.get(PAGE).content.decode()
    assert "Your enterprise asks for" in page and OFF not in page
    again = Client()
    assert again.post("/agent/login/", {"username": "mona", "password": PASSWORD}).url != "/agent/"


def test_an_own_password_comes_first(client, manager):
    Member.objects.filter(pk=manager.pk).update(must_change_password=True)
    client.post("/agent/login/", {"username": "mona", "password": PASSWORD})
    assert client.get("/admin/").url == "/agent/password/"
    assert client.get(APP).url.startswith("/agent/password/")


def test_a_manager_chooses_the_roles_and_the_audit_names_them(browser_of, root, enterprise):
    answer = submit(root, edit(enterprise, "sign-in"), second_factor_roles=["1", "2"])
    assert answer.status_code == 302
    assert stored(enterprise).second_factor_roles == [1, 2]
    row = newest(kind="enterprise", action="changed")
    page = root.get(f"/admin/accounts/auditrow/{row.pk}/change/").content.decode()
    assert "manager, agent" in page and "manager, supervisor" in page


def test_what_is_no_role_is_refused(root, enterprise):
    changes = [{"second_factor_roles": roles} for roles in (["3"], ["6"], ["x"], ["1", "99"])]
    answers = submit_each(root, edit(enterprise, "sign-in"), *changes)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert stored(enterprise).second_factor_roles == [1, 4]
