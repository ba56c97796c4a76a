"""Reading an Origin: one, whole, or nothing."""

import pytest

from kefu.origins import own_origins, parse_origin, single_header

pytestmark = pytest.mark.once

SOUND = {
    "http://example.com": ("http", "example.com", 80),
    "https://example.com": ("https", "example.com", 443),
    "https://example.com:443": ("https", "example.com", 443),
    "https://EXAMPLE.com:8443": ("https", "example.com", 8443),
    "http://127.0.0.1:8000": ("http", "127.0.0.1", 8000),
    "http://[::1]:8000": ("http", "::1", 8000),
}
WRONG = [
    *("", "null", "example.com", "//example.com", "http://", "http:///", "http://[", "http://[::1"),
    *("http://a:99999", "http://a:-1", "http://a:x", "ftp://a", "file:///", "javascript:alert(1)"),
    *(
        "http://a/",
        "http://a/b",
        "http://a?b",
        "http://a#b",
        "http://a?",
        "http://a#",
        "http://u@a",
        "http://u:p@a",
    ),
    *("http://a b", "http://a\t", " http://a", "http://a http://b", "\u2028http://a"),
]


@pytest.mark.parametrize("origin, parsed", SOUND.items())
def test_a_sound_origin_is_scheme_host_and_port(origin, parsed):
    assert parse_origin(origin) == parsed


@pytest.mark.parametrize("origin", WRONG, ids=repr)
def test_anything_else_is_none(origin):
    assert parse_origin(origin) is None


def test_two_headers_are_as_none():
    headers = [(b"origin", b"http://a"), (b"Origin", b"http://a")]
    assert single_header({"headers": headers}, b"origin") == ""
    assert single_header({"headers": headers[:1]}, b"origin") == "http://a"
    assert single_header({"headers": []}, b"origin") == ""


def scope(host: str, scheme="ws") -> dict:
    return {"headers": [(b"host", host.encode())], "scheme": scheme}


def test_the_address_that_was_called_is_ours_if_it_is_an_allowed_host(settings):
    settings.ALLOWED_HOSTS = ["chat.example.com", "[::1]"]
    assert own_origins(scope("chat.example.com")) == {("http", "chat.example.com", 80)}
    assert own_origins(scope("chat.example.com", "wss")) == {("https", "chat.example.com", 443)}
    assert own_origins(scope("chat.example.com:81")) == {("http", "chat.example.com", 81)}
    assert own_origins(scope("[::1]:8000")) == {("http", "::1", 8000)}
    for host in ("evil.example", "", "chat.example.com@evil.example", "chat.example.com:x", "a b"):
        assert own_origins(scope(host)) == set()


def test_the_public_address_is_ours_whatever_was_called(settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    assert ("https", "chat.example.com", 443) in own_origins(scope("10.0.0.7:8000"))
