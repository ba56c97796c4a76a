"""The page on which members set up what they sign in with, and end sessions."""

import re

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditRow, AuthenticatorApp, Member, MemberSession, RecoveryCode
from accounts.sign_ins import sessions
from tests.conftest import PASSWORD

from .apps import APP, CODES, CONFIRM, OFF, PAGE, SESSIONS, Phone, grow_old, read_secret

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def set_up(browser) -> tuple[pyotp.TOTP, list[str]]:
    """The app, and the recovery codes that the page shows."""
    totp = pyotp.TOTP(read_secret(browser.get(APP)))
    page = browser.post(APP, {"code": totp.now()})
    assert page.status_code == 200
    return totp, re.findall(r"<code>([a-z2-9-]+)</code>", page.content.decode())


@pytest.mark.parametrize("name", ["alice", "supervisor", "analyst", "manager", "superuser"])
def test_whoever_signs_in_can_set_an_app_up(browser_of, request, name):
    member = request.getfixturevalue(name)
    browser = browser_of(member)
    totp, codes = set_up(browser)
    assert len(codes) == RecoveryCode.objects.filter(member=member).count() == 10
    page = browser.get(PAGE).content.decode()
    assert "10 recovery codes" in page and totp.secret not in page
    row = AuditRow.objects.filter(kind="authenticatorapp", action="added").get()
    assert (row.object_name, row.source) == (member.name, "security-app")
    assert AuditRow.objects.filter(kind="recoverycode", action="added").count() == 1


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_secret(browser_of, alice):
    browser = browser_of(alice)
    secret = read_secret(browser.get(APP))
    answer = browser.post(APP, {"code": "000000"})
    assert "This code is wrong" in answer.content.decode() and read_secret(answer) == secret
    assert not AuthenticatorApp.objects.exists() and not RecoveryCode.objects.exists()
    assert secret not in str(dict(browser.session))


def test_a_second_app_cannot_be_slipped_in(browser_of, alice):
    Phone(alice)
    assert browser_of(alice).post(APP, {"code": "000000"}).url == PAGE


def test_the_first_code_of_an_app_is_not_good_for_a_sign_in(browser_of, alice, client):
    totp, _codes = set_up(browser_of(alice))
    client.post("/agent/login/", {"username": "alice", "password": PASSWORD})
    assert client.post("/agent/login/second/", {"code": totp.now()}).status_code == 200


def test_an_open_session_alone_sets_nothing_up(browser_of, alice):
    browser = browser_of(alice)
    grow_old(browser)
    assert browser.get(APP).url == f"{CONFIRM}?next=%2Fagent%2Fsecurity%2Fapp%2F"
    assert browser.post(CONFIRM, {"password": "wrong"}).status_code == 200
    assert browser.get(APP).status_code == 302
    answer = browser.post(f"{CONFIRM}?next={APP}", {"password": PASSWORD})
    assert answer.url == APP and browser.get(APP).status_code == 200


def test_who_has_an_app_confirms_with_it_and_not_with_the_password(browser_of, alice):
    browser, phone = browser_of(alice), Phone(alice)
    grow_old(browser)
    assert browser.post(CODES).url == CONFIRM
    assert RecoveryCode.objects.count() == 10
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 200
    assert browser.post(CONFIRM, {"code": phone.code()}).status_code == 302
    page = browser.post(CODES).content.decode()
    assert not any(code in page for code in phone.codes)
    assert RecoveryCode.objects.count() == 10


def test_wrong_proofs_lock_the_account(browser_of, alice, settings):
    settings.AXES_FAILURE_LIMIT = 2
    browser = browser_of(alice)
    answers = [browser.post(CONFIRM, {"password": "wrong"}).status_code for _try in range(2)]
    assert answers == [200, 429]
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 429


def test_a_confirmation_leads_to_no_other_site(browser_of, alice):
    words = {"password": PASSWORD, "next": "https://evil.example/"}
    assert browser_of(alice).post(CONFIRM, words).url == "/agent/"


def test_switching_off_needs_a_fresh_code(browser_of, alice):
    browser, phone = browser_of(alice), Phone(alice)
    grow_old(browser)
    assert browser.get(OFF).url.startswith(CONFIRM) and browser.post(OFF).url == CONFIRM
    browser.post(CONFIRM, {"password": PASSWORD})
    browser.post(OFF)
    assert AuthenticatorApp.objects.exists()
    assert browser.post(CONFIRM, {"code": phone.code()}).status_code == 302
    assert browser.get(OFF).status_code == 200
    assert browser.post(OFF).url == PAGE
    assert not AuthenticatorApp.objects.exists() and not RecoveryCode.objects.exists()
    row = AuditRow.objects.filter(kind="authenticatorapp", action="deleted").get()
    assert (row.actor, row.source) == (alice.uuid, "security-off")
    assert browser.get(OFF).url == PAGE
    assert browser.post(CODES).status_code == 404


def signed_in(address="203.0.113.7") -> Client:
    browser = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR=address)
    browser.post("/agent/login/", {"username": "alice", "password": PASSWORD})
    return browser


def test_a_sign_in_is_listed_with_browser_and_address(alice):
    here, there = signed_in(), signed_in("198.51.100.9")
    page = here.get(PAGE).content.decode()
    assert page.count("<b>Firefox 140 · Windows</b>") == 2 and "198.51.100.9" in page
    assert page.count("this browser") == 1
    assert re.search(r"last seen \d+ seconds? ago", page)
    assert there.session.session_key not in page


def test_one_session_is_ended_and_its_row_is_kept_in_the_audit(alice):
    here, there = signed_in(), signed_in()
    other = MemberSession.objects.get(key=there.session.session_key)
    assert here.post(SESSIONS, {"session": other.pk}).url == PAGE
    assert there.get("/agent/").status_code == 302 and here.get(PAGE).status_code == 200
    row = AuditRow.objects.filter(kind="membersession").get()
    assert (row.action, row.object_name, row.source) == ("deleted", "alice", "security-sessions")


def test_all_others_are_ended_at_once(alice, bob, browser_of):
    here, others = signed_in(), [signed_in(), signed_in()]
    stranger = browser_of(bob)
    assert here.post(SESSIONS, {"session": "others"}).status_code == 302
    assert [one.get("/agent/").status_code for one in others] == [302, 302]
    assert here.get(PAGE).status_code == stranger.get(PAGE).status_code == 200
    assert len(sessions.of_member(alice)) == 1


@pytest.mark.parametrize("session", ["", "x", "-1", "9" * 30, "0", "1e3"])
def test_what_is_no_session_of_theirs_is_not_found(alice, session):
    assert signed_in().post(SESSIONS, {"session": session}).status_code == 404


def test_nobody_ends_anothers_session(alice, bob, browser_of):
    there = signed_in()
    other = MemberSession.objects.get(key=there.session.session_key)
    assert browser_of(bob).post(SESSIONS, {"session": other.pk}).status_code == 404
    assert there.get(PAGE).status_code == 200


def test_a_sign_out_and_a_new_password_leave_no_row(alice):
    here, there = signed_in(), signed_in()
    there.post("/agent/logout/")
    assert MemberSession.objects.count() == 1
    there = signed_in()
    words = {
        "old_password": PASSWORD,
        **dict.fromkeys(("new_password1", "new_password2"), "six big horses"),
    }
    assert here.post("/agent/password/", words).status_code == 302
    assert there.get("/agent/").status_code == 302
    assert here.get(PAGE).content.decode().count("this browser") == 1
    assert MemberSession.objects.count() == 1


def test_a_session_of_a_member_who_was_disabled_stays_over_when_they_are_enabled(alice):
    browser = signed_in()
    for status in (Member.Status.CLOSED, Member.Status.NORMAL):
        alice.status = status
        alice.save(update_fields=["status"])
    assert browser.get("/agent/").status_code == 302
    assert not MemberSession.objects.exists(), "devices with pushes go with it"


def test_a_session_from_before_there_were_rows_gets_one_when_it_is_used(alice):
    browser = signed_in()
    MemberSession.objects.all().delete()
    sessions.noted.clear()
    assert "this browser" in browser.get(PAGE).content.decode()
    assert MemberSession.objects.count() == 1


def test_a_page_view_notes_the_session_once_in_ten_minutes(alice, django_assert_num_queries):
    browser = signed_in()
    page = "/agent/password/"
    with CaptureQueriesContext(connection) as usual:
        browser.get(page)
    sessions.noted.clear()
    for expected in (len(usual) + 1, len(usual)):
        with django_assert_num_queries(expected):
            browser.get(page)


def test_an_expired_session_leaves_the_list(alice):
    from datetime import timedelta

    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from accounts.sign_ins import expiry

    signed_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    assert sessions.of_member(alice) == []
    expiry.delete_sessions()
    assert not MemberSession.objects.exists()
