"""Requests as no browser sends them, to every address: refused by name, never by a crash.

The short form draws some hundred; KEFU_ABUSE=big draws 3,000.
"""

from collections import defaultdict

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kefu.charsets import utf8_only
from tests.chat.addresses import ADDRESSES
from tests.chat.helpers import check_ledger

from .fuzz import GROUP, SPECIAL, one_of, thorough
from .servers import BIG

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FIELDS = [
    *("content", "client_id", "note", "seen", "seq", "me", "online", "file", "group", "member"),
    *("username", "password", "nickname", "language", "next", "email", "avator", "new_password1"),
    *("name", "code", "slug", "team", "action", "_selected_action", "members-TOTAL_FORMS"),
    *("csrfmiddlewaretoken", "", "\x00", "content\x00", "a" * 300),
]
TEXTS = st.one_of(
    one_of([value if isinstance(value, str) else str(value)[:200] for value in SPECIAL]),
    st.text(max_size=20),
    one_of([GROUP, "1", "0", "-1", "9" * 400, "１２", "1e3", "٣", "\ud800", "on", "x" * 20_000]),
)
PAIRS = st.lists(st.tuples(st.sampled_from(FIELDS), TEXTS), max_size=6)


def octets(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def escaped(text: str) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in octets(text))


def urlencoded(pairs) -> bytes:
    return b"&".join(escaped(key) + b"=" + escaped(value) for key, value in pairs)


def multipart(pairs, filename: str, header: bytes, end: bytes) -> bytes:
    """Parts with the boundary XX; `header` stands in each of them."""
    parts = [
        b"--XX\r\nContent-Disposition: form-data; name=\"%b\"%b\r\n%b\r\n%b\r\n"
        % (octets(key), b'; filename="%b"' % octets(filename) if filename else b"", header,
           octets(value))
        for key, value in pairs
    ]  # fmt: skip
    return b"".join(parts) + end


HEADERS = [
    *(b"", b"\r\n", b"Content-Type: text/plain; charset=utf-7\r\n", b"X: \xff\x00\r\n"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: image/png\r\n", b": \r\n"),
    *(b"Content-Disposition: form-data; name=\r\n", b"A" * 5_000 + b": b\r\n"),
]
NAMES = ["", "a.png", "../../etc/passwd", "a\x00.png", "\u202egnp.exe", "x" * 300, '"', "\r\nX: y"]
ENDS = [b"--XX--\r\n", b"", b"--XX", b"--XX--", b"--XX\r\n\r\n", b"\x00" * 100]
KINDS = [
    *("application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data", "text/plain", ""),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=\x00", "application/json"),
    *("multipart/form-data; boundary=" + "y" * 300, "application/x-www-form-urlencoded; charset=é"),
    *("application/x-www-form-urlencoded; charset=undefined", "multipart/mixed; boundary=XX"),
]
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=XX"
BODIES = st.one_of(
    st.tuples(st.just(FORM), PAIRS.map(urlencoded)),
    st.tuples(
        st.just(PARTS),
        st.builds(multipart, PAIRS, one_of(NAMES), one_of(HEADERS), one_of(ENDS)),
    ),
    st.tuples(one_of(KINDS), PAIRS.map(urlencoded) | st.binary(max_size=100)),
    st.tuples(one_of([FORM, PARTS]), st.binary(max_size=200)),
    one_of(
        [
            (FORM, b"a=b&" * 2_000),
            (FORM, b"content=" + b"x" * 2_600_000),
            (FORM, b"content=" + b"x" * 3_500_000),
            (PARTS, b"--XX\r\n\r\n" * 2_000),
            (PARTS, multipart([("file", "x")] * 150, "a.png", b"", b"--XX--\r\n")),
        ]
    ),
)
QUERIES = one_of(
    [
        *("", "", "", "team=service", "team=%00", "team=%ff", "after=-1", "after=9" + "9" * 400),
        *("limit=x", "limit=0", "before=1&after=1", "before=%F0%9F%91%8B", "next=//evil.example"),
        *("page=1e9", "q=%00", "q=%ff", "o=x", "e=1", "&&=;%", "a=b&" * 1_500, "id__gt=x", "p=-1"),
    ]
)
EXTRA = one_of(
    [
        *({}, {}, {"HTTP_ACCEPT": "application/json"}, {"HTTP_ACCEPT": "\xff"}),
        *({"HTTP_ACCEPT_LANGUAGE": "zh-" + "x" * 5_000}, {"HTTP_ACCEPT_LANGUAGE": "%s\x00;q=x"}),
        *({"HTTP_REFERER": "http://["}, {"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "["}),
        *({"HTTP_COOKIE": "sessionid=\x00\xff; kefu_visitor_acme=\xff"}, {"CONTENT_LENGTH": "-1"}),
        *({"HTTP_COOKIE": "sessionid=" + "x" * 5_000}, {"CONTENT_LENGTH": "x"}),
        *({"HTTP_COOKIE": "kefu_visitor_acme=a.b:c"}, {"HTTP_X_FORWARDED_FOR": "\x00,;"}),
        *({"HTTP_IF_MODIFIED_SINCE": "x"}, {"HTTP_ORIGIN": "null"}, {"REMOTE_ADDR": ""}),
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ]
)


def test_no_request_breaks_an_address(guest, alice, superuser, group, browser_of, settings):
    settings.RATE_LIMITS = False
    settings.AXES_ENABLED = False
    browsers = [guest.browser(), browser_of(alice), browser_of(superuser), Client()]
    cookies = [browser.cookies for browser in browsers]
    rows = {"group": group, "member": alice.pk, "enterprise": alice.enterprise_id}
    rows = defaultdict(lambda: 1, rows | {"team": guest.team.pk})
    places = [address.format_map(rows) for address in ADDRESSES.values()]
    # The doors of the chat and the login, which strangers have, are tried as often as all others.
    doors = ["/chat/acme/messages/", "/agent/login/", f"/agent/c/{group}/messages/", "/chat/acme/"]
    tally = {}

    @thorough(3_000 if BIG else 200)
    @given(
        one_of(doors) | one_of(places),
        st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD", "X"]),
        one_of(cookies),
        BODIES,
        QUERIES,
        EXTRA,
    )
    def fuzz(place, method, jar, body, query, extra):
        browser = Client()
        browser.cookies.update(jar)
        kind, data = body
        kind = utf8_only(kind.encode()).decode()  # as kefu/asgi.py does
        with transaction.atomic():
            answer = browser.generic(method, f"{place}?{query}", data, kind, **extra)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (answer.status_code, place)
        tally[answer.status_code] = tally.get(answer.status_code, 0) + 1

    fuzz()
    print(f"\n{sum(tally.values()):,} requests: {dict(sorted(tally.items()))}")
    # What a few hundred draws need not meet is asked of thousands only.
    assert {200, 302, 400} | ({403} if BIG else set()) <= set(tally)
    assert check_ledger() == 2
