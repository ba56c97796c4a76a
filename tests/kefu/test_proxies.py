"""X-Forwarded-* from a listed proxy, and from nobody else."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from kefu import proxies
from kefu.proxies import TrustProxies


async def seen(settings, trusted, client, forwarded=(), proto=(), kind="http"):
    """What the application behind gets: (address, scheme)."""
    settings.TRUSTED_PROXIES = trusted
    caught = []

    async def inner(scope, receive, send):
        caught.append(scope)

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    headers += [(b"X-Forwarded-Proto", value.encode()) for value in proto]
    scope = {"type": kind, "client": client and [client, 5], "headers": headers}
    scope["scheme"] = "http" if kind == "http" else "ws"
    await TrustProxies(inner)(scope, None, None)
    return (caught[0]["client"] or [""])[0], caught[0]["scheme"]


async def test_nobody_is_trusted_unless_listed(settings):
    told = await seen(settings, [], "10.0.0.1", ["1.2.3.4"], ["https"])
    assert told == ("10.0.0.1", "http")
    told = await seen(settings, ["10.0.0.2"], "10.0.0.1", ["1.2.3.4"], ["https"])
    assert told == ("10.0.0.1", "http")


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_nobody_says_below_which_path_the_server_is(settings, kind):
    settings.TRUSTED_PROXIES, caught = ["10.0.0.1"], []

    async def inner(scope, receive, send):
        caught.append(scope["root_path"])

    for client in ("1.2.3.4", "10.0.0.1", "::ffff:10.0.0.1"):
        scope = {"type": kind, "client": [client, 5], "headers": [], "root_path": ".evil.example"}
        await TrustProxies(inner)(scope, None, None)
    assert caught == ["", "", ""]


@pytest.mark.parametrize("trusted", [["10.0.0.1"], ["10.0.0.0/8"], ["::1", "10.0.0.1"]])
async def test_a_listed_proxy_tells_address_and_scheme(settings, trusted):
    told = await seen(settings, trusted, "10.0.0.1", ["1.2.3.4"], ["https"])
    assert told == ("1.2.3.4", "https")
    told = await seen(settings, trusted, "10.0.0.1", ["1.2.3.4"], ["https"], "websocket")
    assert told == ("1.2.3.4", "wss")


async def test_of_a_chain_the_last_that_is_no_proxy_counts(settings):
    chain = ["6.6.6.6, 1.2.3.4, 10.0.0.9"]
    assert (await seen(settings, ["10.0.0.0/8"], "10.0.0.1", chain))[0] == "1.2.3.4"
    lines = ["6.6.6.6", "1.2.3.4", "10.0.0.9"]
    assert (await seen(settings, ["10.0.0.0/8"], "10.0.0.1", lines))[0] == "1.2.3.4"
    only_proxies = ["10.0.0.8, 10.0.0.9"]
    assert (await seen(settings, ["10.0.0.0/8"], "10.0.0.1", only_proxies))[0] == "10.0.0.1"


@pytest.mark.parametrize("proto", ["", "ftp", "https, http", "javascript"])
async def test_a_scheme_that_is_none_changes_nothing(settings, proto):
    assert (await seen(settings, ["10.0.0.1"], "10.0.0.1", [], [proto]))[1] == "http"


async def test_a_caller_without_an_address_is_no_proxy(settings):
    assert await seen(settings, ["10.0.0.1"], None, ["1.2.3.4"]) == ("", "http")
    assert (await seen(settings, ["10.0.0.1"], "unix:", ["1.2.3.4"]))[0] == "unix:"


MAPPED = ["::ffff:10.0.0.1", "::FFFF:10.0.0.1", "::ffff:a00:1", "0:0:0:0:0:ffff:10.0.0.1"]


@pytest.mark.parametrize("proxy", MAPPED)
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_an_ipv4_proxy_is_known_on_a_socket_for_both_kinds(settings, proxy, kind):
    for trusted in (["10.0.0.1"], ["10.0.0.0/8"]):
        told = await seen(settings, trusted, proxy, ["1.2.3.4"], ["https"], kind)
        assert told == ("1.2.3.4", "https" if kind == "http" else "wss")
    assert (await seen(settings, ["10.0.0.2"], proxy, ["1.2.3.4"]))[0] == "10.0.0.1"
    assert (await seen(settings, [], proxy))[0] == "10.0.0.1"


@pytest.mark.parametrize("caller", ["2001:db8::1", "::1", "fe80::1%eth0", "::ffff:1.2.3", "::"])
async def test_any_other_address_stays_as_it_is(settings, caller):
    assert (await seen(settings, ["10.0.0.1"], caller, ["1.2.3.4"]))[0] == caller


def test_a_list_that_cannot_be_read_stops_the_start(settings):
    settings.TRUSTED_PROXIES = ["nginx"]
    with pytest.raises(ImproperlyConfigured):
        TrustProxies(None)


@pytest.mark.parametrize(
    "caller, headers, warned",
    [
        ("127.0.0.1", [(b"X-Forwarded-For", b"1.2.3.4")], 1),
        ("127.0.0.1", [], 0),
        ("8.8.8.8", [(b"x-forwarded-for", b"1.2.3.4")], 0),
    ],
    ids=["a proxy nearby", "a browser nearby", "a client far away that makes it up"],
)
async def test_a_proxy_nearby_that_is_not_listed_is_warned_of_once(
    settings, monkeypatch, caller, headers, warned
):
    settings.TRUSTED_PROXIES = []
    lines = []
    monkeypatch.setattr(proxies.log, "warning", lambda *words: lines.append(words))

    async def inner(scope, receive, send):
        pass

    door = TrustProxies(inner)
    for _ in range(3):
        await door({"type": "http", "client": [caller, 5], "headers": headers}, None, None)
    assert len(lines) == warned


@pytest.fixture
def told_to_the_doctor(settings, tmp_path, monkeypatch):
    """A function that returns what the doctor would read; the middleware writes below tmp_path."""
    settings.DATA_DIR = tmp_path
    record = tmp_path / "proxy_without_address"
    return lambda: record.read_text() if record.exists() else None


WITH_PORTS = {
    "1.2.3.4:5678": "1.2.3.4",
    " 1.2.3.4:0 ": "1.2.3.4",
    "[2001:db8::1]:443": "2001:db8::1",
    "[2001:db8::1]": "2001:db8::1",
    "[2001:DB8:0::1]:65535": "2001:db8::1",
    "[::ffff:1.2.3.4]:5678": "1.2.3.4",
    "2001:db8::1": "2001:db8::1",
    "fe80::1%eth0": "fe80::1",
    "::": "::",
    "2001:db8::1:443": "2001:db8::1:443",
    "[fe80::1%eth0]:5678": "fe80::1",
}
NO_ADDRESS = [
    *("", " ", ",", "unknown", "_hidden", "1.2.3.4, ", "1.2.3.4, unknown", "1.2.3.4.5", "1.2.3"),
    *("1.2.3.4:port", "1.2.3.4:", "1.2.3.4:-1", "1.2.3.4:٣", "[2001:db8::1", "2001:db8::1]:443"),
    *("[2001:db8::1]443", "[2001:db8::1]:", "[1.2.3.4]:443", "[]", "[]:443", "localhost:80", "%"),
    *("'; DROP", "x" * 9000, "\x00", "::ffff:1.2.3", "chat.example.com", "1.2.3.4;5.6.7.8"),
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("entry, address", WITH_PORTS.items())
async def test_a_port_is_no_part_of_an_address(settings, told_to_the_doctor, kind, entry, address):
    told = await seen(settings, ["10.0.0.1"], "10.0.0.1", [f"6.6.6.6, {entry}"], kind=kind)
    assert told[0] == address
    assert told_to_the_doctor() is None


async def test_a_proxy_in_a_chain_is_known_with_its_port(settings, told_to_the_doctor):
    chain = ["6.6.6.6, 1.2.3.4:5678, 10.0.0.9:80"]
    assert (await seen(settings, ["10.0.0.0/8"], "10.0.0.1", chain))[0] == "1.2.3.4"


@pytest.mark.parametrize("entry", NO_ADDRESS)
async def test_what_is_no_address_falls_back_to_the_proxys(settings, told_to_the_doctor, entry):
    assert (await seen(settings, ["10.0.0.1"], "10.0.0.1", [entry]))[0] == "10.0.0.1"
    assert told_to_the_doctor() == "10.0.0.1"
    behind = f"{entry}, 10.0.0.9"
    told = await seen(settings, ["10.0.0.0/8"], "10.0.0.1", [behind])
    assert told[0] == "10.0.0.9", "the proxy that sent it"


@pytest.mark.parametrize("entry", NO_ADDRESS)
async def test_who_is_no_trusted_proxy_is_not_heard(settings, told_to_the_doctor, entry):
    assert (await seen(settings, ["10.0.0.1"], "8.8.8.8", [entry]))[0] == "8.8.8.8"
    assert (await seen(settings, ["10.0.0.1"], "10.0.0.1", [f"{entry}, 8.8.8.8"]))[0] == "8.8.8.8"
    assert told_to_the_doctor() is None


async def test_a_request_of_the_proxy_itself_is_not_warned_of(settings, told_to_the_doctor):
    assert (await seen(settings, ["10.0.0.1"], "10.0.0.1"))[0] == "10.0.0.1"
    assert told_to_the_doctor() is None


async def test_a_proxy_that_tells_no_address_is_warned_of_now_and_then(
    settings, told_to_the_doctor, monkeypatch
):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    lines, clock = [], [1000.0]
    monkeypatch.setattr(proxies.log, "warning", lambda *words: lines.append(words))
    monkeypatch.setattr(proxies.time, "monotonic", lambda: clock[0])

    async def inner(scope, receive, send):
        assert "address_told" not in scope, "/metrics is for who is known"

    door = TrustProxies(inner)
    junk = {"type": "http", "client": ["10.0.0.1", 5], "headers": [(b"x-forwarded-for", b"x")]}
    for _ in range(3):
        await door(junk, None, None)
    clock[0] += 599
    await door(junk, None, None)
    assert len(lines) == 1 and "10.0.0.1" in lines[0]
    clock[0] += 1
    await door(junk, None, None)
    assert len(lines) == 2


async def test_a_folder_that_cannot_be_written_stops_no_request(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert (await seen(settings, ["10.0.0.1"], "10.0.0.1", ["x"]))[0] == "10.0.0.1"
