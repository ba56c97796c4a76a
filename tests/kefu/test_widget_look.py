"""The look of the widget's button is answered again without Django, to sites alone, for seconds."""

import asyncio

import pytest

from kefu import widget_look
from kefu.widget_look import KeepLook

PATH = "/chat/acme/widget/"
SITE = {"host": "chat.example", "origin": "https://shop.example", "accept-language": "en"}


class Django:
    """Stands in for Django: says how often it was asked, and by what."""

    def __init__(self, status=200, headers=(), parts=1):
        self.asked = []
        self.start = {"type": "http.response.start", "status": status}
        self.headers, self.parts = list(headers), parts

    async def __call__(self, scope, receive, send):
        self.asked.append(dict(scope["headers"]))
        tag = [(b"ETag", b'"%d"' % len(self.asked)), (b"Content-Length", b"1")]
        await send({**self.start, "headers": [*tag, *self.headers]})
        for part in range(1, self.parts + 1):
            body = str(len(self.asked)).encode()
            more = part < self.parts
            await send({"type": "http.response.body", "body": body, "more_body": more})


def ask(look, path=PATH, query="embed=1", method="GET", **headers):
    """The status, headers and body that a site with these headers beside SITE's gets."""
    sent = {**SITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
    scope = {"type": "http", "method": method, "path": path, "scheme": "https", "headers": pairs}
    scope["query_string"] = query.encode()
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(look(scope, None, send))
    start, *bodies = messages
    body = b"".join(message["body"] for message in bodies)
    return start["status"], dict(start["headers"]), body.decode()


def test_a_second_page_view_is_answered_without_django_for_one_second(monkeypatch):
    django, now = Django(), [100.0]
    monkeypatch.setattr(widget_look.time, "monotonic", lambda: now[0])
    look = KeepLook(django)
    first = ask(look)
    assert (first, ask(look)) == ((200, {b"etag": b'"1"', b"content-length": b"1"}, "1"), first)
    now[0] += 1.1
    assert ask(look)[2] == "2" and len(django.asked) == 2


def test_who_has_it_already_gets_no_body_and_what_is_kept_is_whole():
    django = Django()
    look = KeepLook(django)
    for _ in range(2):
        assert ask(look, if_none_match='"1"') == (304, {b"etag": b'"1"'}, "")
    assert ask(look, if_none_match='"0"')[2] == ask(look)[2] == "1"
    assert [b"if-none-match" in headers for headers in django.asked] == [False]


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "https://evil.example"},
        {"host": "other.example"},
        {"accept_language": "zh-CN"},
        {"accept_encoding": "gzip"},
        {"query": "embed=1&team=sales"},
        {"path": "/chat/umbrella/widget/"},
    ],
)
def test_other_sites_languages_and_addresses_get_their_own(other):
    look = KeepLook(Django())
    assert [ask(look)[2], ask(look, **other)[2], ask(look)[2]] == ["1", "2", "1"]


@pytest.mark.parametrize(
    "other",
    [
        {"cookie": "sessionid=x"},
        {"content_length": "3"},
        {"cache_control": "no-cache"},
        {"method": "HEAD"},
        {"method": "POST"},
        {"path": "/chat/acme/unread/"},
        {"path": "/chat/acme/widget/x"},
    ],
)
def test_every_other_request_goes_to_django_and_leaves_nothing(other):
    look = KeepLook(Django())
    assert [ask(look, **other)[2], ask(look, **other)[2]] == ["1", "2"]
    assert look.kept == {}


@pytest.mark.parametrize(
    "django",
    [
        Django(status=403),
        Django(status=404),
        Django(headers=[(b"Set-Cookie", b"x=1")]),
        Django(parts=2),
    ],
)
def test_refusals_cookies_and_parts_are_passed_on_and_not_kept(django):
    look = KeepLook(django)
    answers = [ask(look), ask(look)]
    assert [body for _status, _headers, body in answers] == ["1" * django.parts, "2" * django.parts]
    assert answers[0][0] == django.start["status"] and look.kept == {}


def test_no_more_is_kept_than_fits(monkeypatch):
    monkeypatch.setattr(widget_look, "MOST", 3)
    look = KeepLook(Django())
    for number in range(5):
        ask(look, query=f"colour={number}")
    assert len(look.kept) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_here_counts_at_once(enterprise):
    look = KeepLook(Django())
    for saved in (enterprise, enterprise.teams.create(slug="sales", name="Sales")):
        before = ask(look)[2]
        saved.save()
        assert ask(look)[2] != before


def test_what_was_being_made_while_somebody_saved_is_not_kept():
    look = KeepLook(Django())
    inner = look.inner

    async def saved_meanwhile(scope, receive, send):
        look.begin_anew()
        await inner(scope, receive, send)

    look.inner = saved_meanwhile
    assert ask(look)[2] == "1"
    look.inner = inner
    assert ask(look)[2] == "2"


def test_a_query_that_is_longer_than_the_widgets_is_not_kept():
    look = KeepLook(Django())
    query = "embed=1&x=" + "y" * widget_look.LONGEST
    assert [ask(look, query=query)[2] for _ in range(2)] == ["1", "2"] and not look.kept
