"""After a change of SECRET_KEY all that the former key signed goes on while SECRET_KEY_FALLBACKS
lists it, and is signed with the present key where it is given out again."""

import time

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chat.models import Conversation, Visitor
from chat.visitors import challenges, cookies, identities, links
from tests.chat.helpers import (
    JSON,
    PAGE,
    Socket,
    database,
    new_guest,
    refused,
    session_cookie,
    within,
)
from tests.chat.signed_visitors import session_guest

MESSAGES = "/chat/acme/messages/"
FORMER = "a former key that nobody can guess, of more than fifty characters"
PRESENT = "the present key that nobody can guess, of more than fifty letters"
OTHER = "a key that was never of this house, which somebody has made up...."
WITHOUT = [[], [OTHER], [FORMER[:-1]], [FORMER.upper()]]
"""Lists of former keys that lack the one that counts."""


@pytest.fixture(autouse=True)
def before_the_change(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = FORMER, []


@pytest.fixture
def change(settings):
    """A function: from now on the key is PRESENT, with these former keys beside it."""

    def to(former: list[str]) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = PRESENT, former

    return to


def goes_on(browser) -> bool:
    return browser.get(MESSAGES, **JSON).status_code == 200


@pytest.fixture
def second(guest, group):
    """A browser in which the visitor has followed the link of a mail."""
    Visitor.objects.update(contact="li@example.com", contact_by="visitor")
    browser = Client()
    conversation = Conversation.objects.get(uuid=group)
    token = links.token(links.OPENED, conversation, guest.enterprise)
    browser.cookies[links.cookie_name(guest.enterprise)] = token
    return browser


@pytest.mark.django_db
class TestVisitors:
    @pytest.mark.parametrize("which", ["first", "second"])
    def test_a_cookie_goes_on_with_the_former_key_and_not_without_it(
        self, guest, group, second, change, which
    ):
        browser = {"first": guest.browser(), "second": second}[which]
        assert goes_on(browser)
        for former in ([FORMER], [OTHER, FORMER], [FORMER, OTHER]):
            change(former)
            assert goes_on(browser)
        for former in WITHOUT:
            change(former)
            assert refused(browser.get(MESSAGES, **JSON)) == (401, "forbidden")

    @pytest.mark.parametrize("which", ["first", "second"])
    def test_the_page_signs_the_cookie_with_the_present_key(
        self, guest, group, second, change, which
    ):
        browser = {"first": guest.browser(), "second": second}[which]
        (name,) = browser.cookies
        before = browser.cookies[name].value
        change([FORMER])
        assert browser.get("/chat/acme/", **PAGE).status_code == 200
        after = browser.cookies[name].value
        assert after != before
        change([])
        assert goes_on(browser)
        if which == "first":
            again = browser.get("/chat/acme/", **PAGE).cookies[name].value
            assert again == after and after.startswith(guest.uuid), "it is kept now"

    def test_one_who_has_not_written_stays_the_same(self, team, change):
        guest = new_guest(team)
        change([FORMER])
        browser = guest.browser()
        browser.get("/chat/acme/", **PAGE)
        change([])
        assert browser.post(MESSAGES, {"content": "hello"}, **JSON).status_code == 200
        assert Visitor.objects.get().uuid == guest.uuid

    def test_the_page_gives_nothing_to_a_cookie_of_another_key(self, guest, group, change):
        change([OTHER])
        token = Signer(key=FORMER, salt="visitor:acme").sign(f"{guest.uuid}.made-up")
        for value in (token, guest.token):
            browser = Client()
            browser.cookies[cookies.cookie_name(guest.enterprise)] = value
            assert guest.uuid not in browser.get("/chat/acme/", **PAGE).content.decode()
            assert guest.uuid not in browser.cookies[cookies.cookie_name(guest.enterprise)].value

    def test_a_good_signature_without_the_secret_opens_nothing(self, guest, group, change):
        change([FORMER])
        for key in (FORMER, PRESENT):
            browser = Client()
            token = Signer(key=key, salt="visitor:acme").sign(f"{guest.uuid}.made-up")
            browser.cookies[cookies.cookie_name(guest.enterprise)] = token
            assert refused(browser.get(MESSAGES, **JSON)) == (401, "forbidden")

    def test_a_session_of_the_enterprises_site_goes_on(self, enterprise, team, alice, change):
        person = session_guest(enterprise, team, "7")
        who = person.uuid
        change([FORMER])
        assert person.uuid == who
        again = identities.pack(person.known().sign_in, enterprise)
        for former in WITHOUT:
            change(former)
            assert person.known() is None
            assert identities.unpack(again, enterprise, timezone.now()).uuid == who

    @pytest.mark.parametrize("what", ["back", "stop"])
    def test_the_link_of_a_mail_goes_on(self, guest, group, change, what):
        Visitor.objects.update(contact="li@example.com", contact_by="visitor")
        conversation = Conversation.objects.get(uuid=group)
        path = links.address(what, conversation, guest.enterprise)
        change([FORMER])
        browser = Client()
        assert browser.post(path).status_code in (200, 302)
        if what == "back":
            change([])
            assert goes_on(browser), "what it gave is signed with the present key"
        for former in WITHOUT:
            change(former)
            assert Client().get(path).status_code == 404

    def test_a_challenge_that_was_asked_before_is_solved_after(self, guest, change, monkeypatch):
        monkeypatch.setattr(challenges, "BITS", 0)
        keys = {"visitor": guest.uuid, "address": "127.0.0.1", "enterprise": "acme"}
        salt = challenges.salts(int(time.time()) + 60, keys)[0]
        change([FORMER])
        assert challenges.is_solution(f"{salt}.1", keys)
        assert not challenges.is_solution(f"{salt}.1", keys | {"visitor": "another"})
        for former in WITHOUT:
            change(former)
            assert not challenges.is_solution(f"{salt}.1", keys)


@pytest.mark.django_db
class TestMembers:
    def test_a_session_goes_on_in_every_tab_under_the_same_number(
        self, browser_of, alice, bob, change
    ):
        here = browser_of(alice)
        number = here.cookies["sessionid"].value
        there = Client()
        there.cookies["sessionid"] = number
        change([FORMER])
        for tab in (here, there, here):
            assert tab.get("/agent/profile/").status_code == 200
        assert Session.objects.get().session_key == number
        change([])
        assert get_user(there) == alice, "it is signed with the present key"

    def test_a_session_ends_without_the_former_key(self, browser_of, alice, change):
        browsers = [browser_of(alice) for _ in WITHOUT]
        for here, former in zip(browsers, WITHOUT, strict=True):
            change(former)
            assert here.get("/agent/profile/").url.startswith("/agent/login/"), former

    def test_a_session_of_before_a_password_change_ends_all_the_same(
        self, browser_of, alice, change
    ):
        here = browser_of(alice)
        alice.set_password("another pass phrase")
        alice.save()
        change([FORMER])
        assert here.get("/agent/profile/").url.startswith("/agent/login/")

    def test_a_password_link_goes_on(self, alice, change):
        number = urlsafe_base64_encode(force_bytes(alice.pk))
        path = reverse("password-set", args=[number, default_token_generator.make_token(alice)])
        change([FORMER])
        assert Client().get(path, follow=True).context["validlink"]
        for former in WITHOUT:
            change(former)
            assert not Client().get(path, follow=True).context["validlink"]


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_members_socket_that_comes_back_first_stays_signed_in(alice, group, change, house):
    cookie = await database(session_cookie)(alice)
    change([FORMER])
    socket = await Socket("/ws/agent/", cookie=cookie).open()
    tab = Client(headers={"Cookie": cookie})
    page = await database(tab.get)("/agent/profile/")
    assert page.status_code == 200, "the handshake did not end the session"
    await socket.send("sync", groups={group: 0})
    await socket.until("synced")
    await socket.leave()
    again = await Socket("/ws/agent/", cookie=cookie).open()
    await again.leave()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_members_socket_without_the_former_key_is_closed(alice, change, house):
    cookie = await database(session_cookie)(alice)
    change([OTHER])
    socket = Socket("/ws/agent/", cookie=cookie)
    await socket.accepted()
    assert await socket.closed() == 4401


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_visitors_socket_comes_back(guest, group, alice, change, house):
    change([FORMER])
    socket = await Socket("/ws/visitor/acme/", cookie=guest.cookie).open()
    assert (await socket.say("hello"))["type"] == "message.accepted"
    await socket.leave()
    change([OTHER])
    closed = Socket("/ws/visitor/acme/", cookie=guest.cookie)
    await closed.accepted()
    assert await closed.closed() == 4401
