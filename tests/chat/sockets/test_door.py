"""Who gets a socket at all, from which page, and when it is taken away again."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.factors import fresh
from accounts.models import Enterprise, Member, MemberSession, TeamMember
from accounts.sign_ins import sessions
from chat import rates
from chat.background import upkeep
from chat.models import Visitor
from chat.posting import batches
from tests.chat.conftest import unopened
from tests.chat.helpers import (
    ORIGIN,
    Socket,
    database,
    draft_of,
    new_guest,
    new_id,
    rows_of,
    session_cookie,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("house"),
    pytest.mark.once,
]

BAD_ORIGINS = {
    "missing": None,
    "null": "null",
    "empty": "",
    "foreign": "http://evil.example",
    "another scheme": "https://testserver",
    "another port": "http://testserver:8080",
    "a name that ends alike": "http://eviltestserver",
    "a name that begins alike": "http://testserver.evil.example",
    "an open bracket": "http://[",
    "a port too high": "http://testserver:99999",
    "a port of letters": "http://testserver:x",
    "a user before the name": "http://testserver@evil.example",
    "our name as a user": "http://evil.example@testserver",
    "a path": "http://testserver/page",
    "a file": "file://testserver",
    "a space": "http://testserver http://evil.example",
    "two in one": "http://testserver,http://evil.example",
}


async def test_a_page_of_another_origin_is_refused_at_the_handshake(guest, alice):
    for name, origin in BAD_ORIGINS.items():
        for who in (guest, alice):
            assert not await (await unopened(who, origin=origin)).accepted(), name


@pytest.mark.parametrize("second", [ORIGIN, "http://evil.example"])
async def test_two_origins_are_refused_whatever_they_say(guest, alice, second):
    for who in (guest, alice):
        headers = [(b"origin", second.encode())]
        assert not await (await unopened(who, headers=headers)).accepted()


async def test_an_allowed_site_opens_a_visitors_socket_and_no_agents(
    connect, enterprise, guest, alice, other_guest
):
    enterprise.sites = "https://shop.example\nhttp://b.example:8080"
    await database(enterprise.save)()
    for origin in ("https://shop.example", "https://SHOP.example", "http://b.example:8080"):
        assert (await connect(guest, origin=origin)).hello["type"] == "hello"
        assert not await (await unopened(alice, origin=origin)).accepted()
        assert not await (await unopened(other_guest, origin=origin)).accepted()
    for origin in ("http://shop.example", "https://shop.example:444", "https://b.example:8080"):
        assert not await (await unopened(guest, origin=origin)).accepted()


async def test_the_public_address_is_an_origin_of_ours(connect, guest, alice, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    for who in (guest, alice):
        assert (await connect(who, origin="https://chat.example.com")).hello
        assert (await connect(who)).hello


async def test_a_host_that_is_not_ours_makes_no_origin_ours(guest):
    socket = Socket("/ws/visitor/acme/", guest.cookie, origin="http://evil.example")
    socket.wire.scope["headers"][0] = (b"host", b"evil.example")
    assert not await socket.accepted()


async def test_an_unknown_socket_address_is_refused(guest):
    for path in ("/ws/", "/ws/agent/more/", "/ws/visitor/", "/elsewhere/"):
        assert not await Socket(path, guest.cookie).accepted()


async def code_of(socket: Socket) -> int:
    """The code that a socket is accepted and closed with."""
    assert await socket.accepted(), "a browser sees the code of an accepted socket only"
    return await socket.closed()


async def test_an_agents_socket_without_a_login_is_closed_with_4401(alice):
    for cookie in ("", "sessionid=made-up", "sessionid="):
        assert await code_of(await unopened(alice, cookie=cookie)) == 4401


async def test_members_who_may_not_enter_are_closed_with_4403_or_4401(
    alice, bob, manager, superuser, enterprise
):
    def change():
        cookies = [session_cookie(member) for member in (alice, bob, superuser)]
        Member.objects.filter(pk=alice.pk).update(must_change_password=True)
        Member.objects.filter(pk=bob.pk).update(status=Member.Status.CLOSED)
        return cookies

    forced, disabled, without_enterprise = await database(change)()
    assert await code_of(await unopened(alice, cookie=forced)) == 4403
    assert await code_of(await unopened(bob, cookie=disabled)) in (4401, 4403)
    assert await code_of(await unopened(superuser, cookie=without_enterprise)) == 4403


async def test_a_database_that_hangs_at_the_handshake_is_told_with_4503(alice, monkeypatch):
    monkeypatch.setattr("chat.database.LONGEST", 0.2)
    monkeypatch.setattr("kefu.asgi.renew_hash", lambda _session: time.sleep(1))
    assert await code_of(await unopened(alice)) == 4503


async def test_a_visitors_socket_without_a_sound_cookie_is_closed_with_4401(guest, other_guest):
    name = guest.cookie.partition("=")[0]
    _who, _, secret = guest.token.partition(".")
    cookies = [
        "",
        f"{name}=",
        f"{name}={guest.uuid}",
        f"{name}={new_id()}.{secret}",
        f"{name}={guest.token[:-1]}",
        f"{name}={other_guest.token}",
        other_guest.cookie,
    ]
    for cookie in cookies:
        assert await code_of(await unopened(guest, cookie=cookie)) == 4401, cookie


async def test_the_uuid_of_a_visitor_who_wrote_opens_nothing_without_the_secret(guest, group):
    """A token signed by us, for the same uuid with another secret, as after a leak of ids."""
    from chat.visitors import cookies as visitors

    forged = visitors.signer(guest.enterprise).sign(f"{guest.uuid}.{'x' * 43}")
    cookie = f"{guest.cookie.partition('=')[0]}={forged}"
    assert await code_of(await unopened(guest, cookie=cookie)) == 4401


async def test_no_such_enterprise_or_team_is_closed_with_4404(guest):
    assert await code_of(Socket("/ws/visitor/nobody/", guest.cookie)) == 4404
    assert await code_of(Socket("/ws/visitor/acme/?team=nobody", guest.cookie)) == 4404


async def test_a_closed_enterprise_and_a_blocked_visitor_are_closed_with_4403(
    guest, group, other_guest, other_enterprise
):
    await database(Visitor.objects.filter(uuid=guest.uuid).update)(blocked=True)
    assert await code_of(await unopened(guest)) == 4403
    other_enterprise.status = Enterprise.Status.CLOSED
    await database(other_enterprise.save)()
    assert await code_of(await unopened(other_guest)) == 4403


async def test_one_person_has_only_so_many_sockets(connect, guest, alice, monkeypatch):
    for scope in ("visitor", "member"):
        monkeypatch.setitem(rates.MAX_SOCKETS, scope, 2)
    for who in (guest, alice):
        first, _second = await connect(who), await connect(who)
        assert await code_of(await unopened(who)) == 4429
        await first.leave()
        assert (await connect(who)).hello


async def test_who_owes_a_second_factor_gets_no_socket(enterprise, alice):
    enterprise.second_factor_roles = [Member.Role.AGENT]
    await database(enterprise.save)()
    assert await code_of(await unopened(alice)) == 4403


async def test_an_open_socket_tells_that_its_session_is_used(connect, alice):
    await connect(alice)
    long_ago = timezone.now() - timedelta(hours=1)
    await database(MemberSession.objects.update)(seen_at=long_ago)
    await upkeep.current().note_sessions()
    row = await database(MemberSession.objects.get)(member=alice)
    assert row.seen_at > long_ago + timedelta(minutes=59)


def disable(member):
    member.status = Member.Status.CLOSED
    member.save()


def disable_elsewhere(member):
    """As another process does: nothing here is told."""
    Member.objects.filter(pk=member.pk).update(status=Member.Status.CLOSED)


def set_password(member):
    member.set_password("another one")
    member.save()


def log_out(member):
    Session.objects.filter(session_key=member.cookie.partition("=")[2]).delete()


def end_from_the_list(member):
    assert sessions.end(MemberSession.objects.filter(member=member)) == 1


def log_out_by_page(member):
    client = Client()
    client.cookies["sessionid"] = member.cookie.partition("=")[2]
    assert client.post("/agent/logout/").status_code == 302


def close_enterprise(member):
    Enterprise.objects.filter(pk=member.enterprise_id).update(status=Enterprise.Status.CLOSED)


def ask_for_a_factor(member):
    Enterprise.objects.filter(pk=member.enterprise_id).update(second_factor_roles=[member.role])


def delete(member):
    TeamMember.objects.filter(member=member).delete()
    Member.objects.filter(pk=member.pk).delete()


def move_out(member):
    member = Member.objects.get(pk=member.pk)
    member.enterprise = None
    member.save()


ENDINGS = {
    disable: 4403,
    disable_elsewhere: 4403,
    set_password: 4401,
    log_out: 4401,
    end_from_the_list: 4401,
    log_out_by_page: 4401,
    close_enterprise: 4403,
    ask_for_a_factor: 4403,
    delete: 4403,
    move_out: 4403,
}


@pytest.mark.parametrize("ending, code", ENDINGS.items(), ids=[way.__name__ for way in ENDINGS])
async def test_access_that_ends_closes_the_socket(connect, alice, bob, outsider, ending, code):
    alice.cookie = await database(session_cookie)(alice)
    socket = await connect(alice, cookie=alice.cookie)
    outside = await connect(outsider)
    await database(ending)(alice)
    upkeep.current().wake.set()
    assert await socket.closed() == code
    assert await outside.all() == [], "nobody else is touched"


@pytest.mark.parametrize("who", ["guest", "agent"])
async def test_nothing_reaches_a_socket_that_was_closed(connect, guest, alice, bob, group, who):
    """Its own late frames are not stored either."""
    end = close_enterprise if who == "agent" else block
    socket = await connect(alice if who == "agent" else guest)
    await database(end)(alice if who == "agent" else guest)
    upkeep.current().wake.set()
    await socket.closed()
    sent = {"client_id": new_id(), "content": "late", "group": group}
    await socket.send("message.send", **sent)
    await database(batches.post)(draft_of(bob, group, "after"))
    assert await socket.wire.receive_nothing(0.1)
    assert [row.message_content for row in await database(rows_of)(group)][1:] == ["first", "after"]


def block(guest):
    Visitor.objects.filter(uuid=guest.uuid).update(blocked=True)


async def test_a_visitor_of_a_closed_enterprise_and_a_blocked_one_are_closed(
    connect, guest, group, team
):
    blocked, other = await connect(guest), await connect(new_guest(team))
    await database(block)(guest)
    upkeep.current().wake.set()
    assert await blocked.closed() == 4403
    await database(Enterprise.objects.update)(status=Enterprise.Status.CLOSED)
    upkeep.current().wake.set()
    assert await other.closed() == 4403


def test_the_slow_beat_is_quick_enough_for_the_promise_of_5_seconds():
    assert upkeep.TICK <= 4


def pass_second_factor(cookie):
    session = SessionStore(cookie.partition("=")[2])
    session[fresh.PASSED] = True
    session.save()


async def test_who_has_given_a_second_factor_stays_when_it_is_asked_for(connect, alice, bob):
    cookie = await database(session_cookie)(alice)
    await database(pass_second_factor)(cookie)
    passed, other = await connect(alice, cookie=cookie), await connect(bob)
    await database(ask_for_a_factor)(alice)
    upkeep.current().wake.set()
    assert await other.closed() == 4403
    assert await passed.say("still here")
