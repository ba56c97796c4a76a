"""Where webhooks may go, and where not whatever is tried."""

import socket

import pytest

from chat.protocol.errors import Refused
from chat.webhooks import addresses, sender

from .receivers import Receiver

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "224.0.0.1", "255.255.255.255"),
    *("192.0.2.1", "198.18.0.1", "240.0.0.1", "168.63.129.16", "::1", "::", "fe80::1"),
    *("fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1"),
    *("2001::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "::ffff:169.254.169.254"),
    *("192.0.0.8", "192.0.0.9", "192.0.0.192", "192.88.99.1", "198.51.100.1", "203.0.113.1"),
    *("2002:808:808::1", "64:ff9b::808:808", "100::1", "3fff::1", "5f00::1", "2001:20::1"),
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
CROOKED = [
    *("", "x", "ftp://a.example/", "https://", "https:///x", "//a.example/", "javascript:alert(1)"),
    *("https://user@a.example/", "https://a:b@a.example/", "https://a.example/#x"),
    *("https://a.example:0/", "https://a.example:99999/", "https://a.example:x/"),
    *("https://a .example/", "https://a.example/\r\nHost: b", "https://a.example\\@b.example/"),
    *("https://a..example/", "https://-a.example/", "https://[::1", "https://[::1%25eth0]/"),
    *("https://localhost/", "https://a.localhost./", "file:///etc/passwd", "https://" + "a" * 600),
    *("http://93.184.215.14/", "http://a.example/", "https://\u2488.example/", "https://a\x00/"),
    *(None, 1, ["https://a.example/"]),
]


@pytest.fixture(autouse=True)
def here(settings):
    settings.WEBHOOK_ALLOW = []


def resolve(url: str, allowed=()) -> list[str]:
    return addresses.resolve(addresses.parse(url), allowed)


def means(monkeypatch, *answers: list[str]):
    """Has every name mean these addresses, one list for each time it is asked for."""
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("url", CROOKED)
def test_a_crooked_url_is_refused(url):
    with pytest.raises(Refused) as refused:
        addresses.check(url, [])
    assert refused.value.code == "bad_field"


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address, monkeypatch):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        addresses.check(f"https://{host}/", [])
    means(monkeypatch, [address])
    with pytest.raises(addresses.Forbidden):
        resolve("https://innocent.example/")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed_by_https(address, monkeypatch):
    means(monkeypatch, [address])
    target = addresses.parse("https://a.example/path?q=1")
    assert addresses.resolve(target, []) == [address]
    assert (target.host, target.port, target.path) == ("a.example", 443, "/path?q=1")


def test_one_private_address_among_others_is_enough_to_refuse(monkeypatch):
    means(monkeypatch, [PUBLIC[0], "10.0.0.1"])
    with pytest.raises(addresses.Forbidden):
        resolve("https://a.example/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_other_ways_to_write_an_address_lead_nowhere_either(host):
    with pytest.raises(addresses.Forbidden):
        resolve(f"https://{host}/")


def test_an_allowed_network_may_be_reached_by_http(monkeypatch):
    means(monkeypatch, ["10.1.2.3"])
    assert resolve("http://crm.internal/", ["10.1.0.0/16"]) == ["10.1.2.3"]
    means(monkeypatch, ["10.2.2.3"])
    with pytest.raises(addresses.Forbidden):
        resolve("http://crm.internal/", ["10.1.0.0/16"])
    means(monkeypatch, [PUBLIC[0]])
    with pytest.raises(addresses.Forbidden):
        resolve("http://crm.internal/", ["10.1.0.0/16"])


def test_a_name_that_means_something_else_a_moment_later_is_asked_for_once(monkeypatch):
    """The lying DNS: public when it is checked, this machine when it is connected to."""
    secret = Receiver()
    tried = []

    def create_connection(address, timeout):
        tried.append(address)
        raise ConnectionRefusedError

    try:
        asked = means(monkeypatch, [PUBLIC[0]], ["127.0.0.1"])
        monkeypatch.setattr(socket, "create_connection", create_connection)
        url = f"https://liar.example:{secret.port}/"
        assert sender.post(url, {}, b"{}").error.startswith("no connection")
        assert asked == ["liar.example"]
        assert tried == [(PUBLIC[0], secret.port)]
        outcome = sender.post(url, {}, b"{}")
        assert outcome.error == "refused: its address is not public"
        assert len(tried) == 1 and secret.got == []
    finally:
        secret.close()


def test_the_host_of_an_international_name_is_its_ascii_form():
    target = addresses.parse("https://bücher.example:8443/ä?ö=1")
    assert target.authority == "xn--bcher-kva.example:8443"
    assert target.path == "/%C3%A4?%C3%B6=1"
