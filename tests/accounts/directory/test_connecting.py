"""The line to the directory: encrypted, verified, with an end to waiting; and what happens while
there is none."""

import socket
import socketserver
import time

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client

from accounts import directory as door
from accounts.directory import connections
from accounts.models import Member, Provider
from tests.conftest import PASSWORD
from tests.listening import Lines, Listening

from .door import sign_in, told
from .slapd import WANG_PASSWORD

pytestmark = pytest.mark.django_db
WANG = ("wang", WANG_PASSWORD)


def asked(provider: Provider, **columns):
    """What the directory says of Wang, with these columns of its row."""
    for name, value in columns.items():
        setattr(provider, name, value)
    cache.clear()
    return door.who(provider, *WANG)


@pytest.mark.ldap
def test_both_ways_of_encryption_reach_it(directory, people):
    assert asked(directory)["email"] == "Wang@example.com"
    assert asked(directory, issuer=people.plain_address)
    assert asked(directory, issuer=people.plain_address, is_plain=True)


@pytest.mark.ldap
@pytest.mark.parametrize("scheme", ["address", "plain_address"])
def test_a_certificate_of_an_unknown_authority_or_for_another_name_ends_it(
    directory, people, scheme
):
    address = getattr(people, scheme)
    with pytest.raises(door.Away):
        asked(directory, issuer=address, authorities=None)
    with pytest.raises(door.Away):
        # The certificate is for localhost.
        asked(
            directory,
            issuer=address.replace("localhost", "127.0.0.1"),
            authorities=people.authority,
        )
    assert asked(directory, issuer=address)


@pytest.mark.ldap
@pytest.mark.parametrize("columns", [{"sealed": ""}, {"client_id": "cn=nobody,dc=example,dc=com"}])
def test_an_account_that_may_not_search_lets_nobody_in(directory, columns):
    with pytest.raises(door.Away):
        asked(directory, **columns)
    assert not door.answers(directory)


@pytest.mark.ldap
def test_who_tries_the_settings_is_told_whether_they_work(directory):
    assert door.answers(directory)
    directory.base = "dc=other,dc=org"
    assert not door.answers(directory)


@pytest.mark.ldap
def test_a_referral_is_not_followed(directory, people, monkeypatch):
    opened = []
    real = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda line, to: opened.append(to[1]) or real(line, to)
    )
    directory.person_filter = "(uid={login})"
    assert door.who(directory, "strange", WANG_PASSWORD) is None
    assert set(opened) == {people.secure_port}


class Mute:
    """Something that takes connections and says nothing."""

    def __init__(self):
        self.line = socket.create_server(("127.0.0.1", 0))
        self.address = f"ldap://127.0.0.1:{self.line.getsockname()[1]}"

    def provider(self, enterprise, **columns) -> Provider:
        return Provider.objects.create(
            enterprise=enterprise,
            kind="ldap",
            name="Acme's directory",
            base="dc=example,dc=com",
            person_filter="(uid={login})",
            **{"issuer": self.address, "is_plain": True, **columns},
        )


@pytest.fixture
def mute(monkeypatch):
    monkeypatch.setattr(connections, "TIMEOUT", 1)
    found = Mute()
    yield found
    found.line.close()


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_directory_that_says_nothing_is_waited_for_once(mute, enterprise, is_plain):
    provider = mute.provider(enterprise, is_plain=is_plain)
    began = time.monotonic()
    for _try in range(10):
        with pytest.raises(door.Away):
            door.who(provider, *WANG)
    assert time.monotonic() - began < 8


def test_encryption_is_not_given_up_for_a_server_that_has_none(mute, enterprise):
    address = mute.address.replace("ldap:", "ldaps:")
    provider = mute.provider(enterprise, issuer=address, is_plain=False)
    with pytest.raises(door.Away):
        door.who(provider, *WANG)


@pytest.mark.parametrize("said", [b"0\x05\x02\x01\x01\x7f\x00", b"0\x03\x02\x01\x01"])
def test_what_says_no_ldap_counts_as_away(mute, enterprise, said):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(4096)
            self.request.sendall(said)

    with Listening() as other:
        other.open_port(Handler, kind=Lines)
        provider = mute.provider(enterprise, issuer=f"ldap://127.0.0.1:{other.port}")
        with pytest.raises(door.Away):
            door.who(provider, *WANG)
        with pytest.raises(door.Away):
            connections.accepts(provider, "cn=wang", WANG_PASSWORD)


@pytest.fixture
def away(enterprise):
    """A directory where nothing listens."""
    return Mute.provider(type("Nothing", (), {"address": "ldap://127.0.0.1:1"}), enterprise)


def test_while_it_is_away_local_accounts_get_in_and_others_are_told(client, away, alice):
    assert sign_in(client, "alice", PASSWORD).status_code == 302
    assert get_user(client) == alice
    for account in ("alice", "wang"):
        assert "does not answer" in told(sign_in(Client(), account, "wrong"))


def test_while_it_is_away_wrong_passwords_of_local_accounts_count(client, away, alice):
    statuses = [sign_in(client, "alice", "wrong").status_code for _n in range(10)]
    assert statuses == [200] * 9 + [429]
    assert sign_in(client, "alice", PASSWORD).status_code == 429


def test_the_workspace_is_told_too(client, away):
    json = {"Accept": "application/json"}
    answer = client.post("/agent/login/", {"username": "x", "password": "y"}, headers=json)
    assert answer.status_code == 400 and "does not answer" in answer.json()["detail"]
    assert not Member.objects.exists()
