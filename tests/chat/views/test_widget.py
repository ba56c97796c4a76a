"""The widget on an enterprise's sites: what it asks for, and which sites are answered."""

import gzip
import json
import os
import re
from functools import cache

import pytest
from django.test import Client, override_settings

from chat.limits import Buckets, limits
from chat.models import ChatGroup, GroupMessage, Visitor
from chat.posting import batches
from chat.rates import Rate
from chat.views.visitors import widget
from tests.chat.helpers import JSON, PAGE, database, draft_of, new_guest, refused

SHOP = "https://shop.example"
EVIL = [
    "https://evil.example",
    "http://shop.example",
    f"{SHOP}:444",
    "null",
    f"{SHOP}.evil.example",
    f"{SHOP}/",
]
LOOK, UNREAD = "/chat/acme/widget/", "/chat/acme/unread/"
FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(enterprise):
    """The enterprise with one site."""
    enterprise.sites = SHOP
    enterprise.save()
    return enterprise


@pytest.mark.parametrize(
    ("path", "most"),
    [("/widget.js", 3_000), ("/inviting.js", 3_200), ("/beside.js", 500), ("/preview.js", 2_200)],
)
def test_the_scripts_are_small_the_same_for_all_and_asked_for_again_each_hour(path, most):
    response = Client().get(path, headers={"Accept-Encoding": "gzip"})
    assert len(response.content) <= most
    text = gzip.decompress(response.content).decode()
    imports = {"/widget.js": ["import(`${home}/${"], "/inviting.js": ["import.meta.url).o"]}
    imports["/preview.js"] = ["import.meta.url));"]
    assert re.findall(r"import\b.{12}", text) == imports.get(path, []), "only what is wanted"
    assert "innerHTML" not in text and "//" not in text.replace("://", "")
    assert set(re.findall(r"window\.([A-Z]\w*)", text)) <= {"Kefu"}, "one global"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Access-Control-Allow-Origin"] == "*"
    known = {"Accept-Encoding": "gzip", "If-None-Match": response["ETag"]}
    again = Client().get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")


def test_who_got_a_former_script_after_an_upgrade_began_is_given_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(widget, "SCRIPTS", tmp_path)
    minified = cache(widget.minified_script.__wrapped__)
    monkeypatch.setattr(widget, "minified_script", minified)
    script = tmp_path / "widget.js"
    for second, text in enumerate(("former", "new")):
        script.write_text(text)
        os.utime(script, (second, second))
        answer = Client().get("/widget.js")
        assert answer.content == b"former", "a process keeps what it has read"
    minified.cache_clear()
    names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    known = {asks: answer[name] for name, asks in names.items() if name in answer}
    again = Client().get("/widget.js", headers=known)
    assert (again.status_code, again.content) == (200, b"new")


def test_a_site_of_the_enterprise_may_read_the_look_and_is_named_whole(shop):
    shop.widget_side, shop.widget_label, shop.name = "left", "Ask us", "Acme <b>"
    shop.save()
    response = Client().get(LOOK, headers={"Origin": SHOP})
    assert response["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in response["Vary"]
    look = json.loads(response.content)
    assert (look["side"], look["label"], look["name"]) == ("left", "Ask us", "Acme <b>")
    assert look["ground"] == "#1f6feb" and look["ink"] == "#ffffff"
    assert set(look["texts"]) == {"open", "close", "news", "dismiss"}
    assert "inviting" not in look, "no second script where there is nothing for it to do"


def test_who_has_the_look_is_told_that_it_has_not_changed_until_it_has(shop):
    first = Client().get(LOOK, headers={"Origin": SHOP})
    known = {"Origin": SHOP, "If-None-Match": first["ETag"]}
    again = Client().get(LOOK, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    for response in (first, again):
        assert response["Cache-Control"] == "private, max-age=300"
        assert response["Access-Control-Allow-Origin"] == SHOP
        assert response["X-Content-Type-Options"] == "nosniff"
    shop.widget_label = "Ask us"
    shop.save()
    assert json.loads(Client().get(LOOK, headers=known).content)["label"] == "Ask us"
    assert Client().get(LOOK, headers=known | {"Origin": EVIL[0]}).status_code == 403


@pytest.mark.parametrize("origin", EVIL)
def test_other_sites_are_refused_and_can_read_nothing(shop, origin):
    for address in (LOOK, UNREAD):
        response = Client().get(address, headers={"Origin": origin})
        assert refused(response) == (403, "forbidden")
        assert "Access-Control-Allow-Origin" not in response
        assert "Origin" in response["Vary"], "no shared answer for a site that may"


def test_without_sites_only_our_own_pages_may(enterprise):
    assert Client().get(LOOK, headers={"Origin": SHOP}).status_code == 403
    for headers in ({}, {"Origin": "http://testserver"}):
        assert Client().get(LOOK, headers=headers).status_code == 200


def test_a_closed_enterprise_has_no_widget_and_one_that_is_not_there_is_not_found(
    shop, other_enterprise
):
    assert Client().get("/chat/nobody/widget/", **JSON).status_code == 404
    assert Client().get(f"{LOOK}?team=nobody", **JSON).status_code == 404
    shop.status = 1
    shop.save()
    for address in (LOOK, UNREAD):
        assert refused(Client().get(address, headers={"Origin": SHOP})) == (403, "forbidden")
    other = Client().get("/chat/umbrella/widget/", headers={"Origin": SHOP})
    assert other.status_code == 403, "another enterprise's site"


@pytest.mark.parametrize(
    ("wish", "ground"),
    [("#b00020", "#b00020"), ("red", "#1f6feb"), ("#12345", "#1f6feb"), ("", "#1f6feb")],
)
def test_a_site_may_wish_for_a_colour(shop, wish, ground):
    assert json.loads(Client().get(LOOK, {"colour": wish}).content)["ground"] == ground


def test_the_language_is_the_sites_then_the_enterprises_then_the_browsers(shop):
    def says(query="", path=LOOK):
        response = Client().get(f"{path}?{query}", headers={"Accept-Language": "en"})
        return "zh" if "关闭" in response.content.decode() else "en"

    page = "/chat/acme/"
    assert says("embed=1") == "en"
    assert says("embed=1&lang=zh-CN") == "zh" == says(f"embed=1&lang=zh-CN&host={SHOP}", page)
    for wish in ("xx", "", "x" * 2_000, "%00"):
        assert says(f"embed=1&lang={wish}") == "en"
    assert says("lang=zh-CN") == "en", "only in a widget"
    shop.widget_language = "zh-hans"
    shop.save()
    assert says("embed=1") == "zh" and says("embed=1&lang=en") == "en"
    assert says(f"embed=1&host={SHOP}", page) == "zh" and says() == "en"


def test_unread_is_told_to_the_visitor_by_the_cookie_alone(shop, guest, group, alice, visitor):
    def asked(browser, query=""):
        response = browser.get(UNREAD + query, headers={"Origin": SHOP})
        assert response["Access-Control-Allow-Credentials"] == "true"
        assert "no-store" in response["Cache-Control"]
        return json.loads(response.content)

    assert asked(visitor) == {"known": True, "unread": 0}
    batches.post(draft_of(alice, group, "hello"))
    batches.post(draft_of(alice, group, "between us", note=True))
    assert asked(visitor) == {"known": True, "unread": 1}
    nothing = {"known": False, "unread": 0}
    assert asked(Client()) == asked(new_guest(guest.team).browser()) == nothing
    forged = Client()
    forged.cookies["kefu_visitor_acme"] = guest.uuid
    assert asked(forged) == nothing
    Visitor.objects.update(blocked=True)
    assert asked(visitor) == nothing


def test_the_newest_unread_answer_is_told_to_the_visitor_alone(shop, guest, group, alice, visitor):
    def news(browser):
        response = browser.get("/chat/acme/news/", headers={"Origin": SHOP})
        assert response["Access-Control-Allow-Credentials"] == "true"
        assert "no-store" in response["Cache-Control"]
        return response.json()["news"]

    assert news(visitor) is None
    batches.post(draft_of(alice, group, "hello"))
    batches.post(draft_of(alice, group, "小  心\n" + "轻放" * 200))
    batches.post(draft_of(alice, group, "between us", note=True))
    told = news(visitor)
    assert (told["name"], told["avatar"]) == ("小艾", "")
    assert GroupMessage.objects.get(pk=told["id"]).seq == told["seq"]
    assert told["text"].startswith("小 心 轻放") and len(told["text"]) < 200, "on one line, short"
    visitor.post(visitor.place, {"content": "thanks"}, **JSON)
    assert news(visitor)["seq"] == told["seq"], "one's own message is no news"
    assert news(Client()) is None and news(new_guest(guest.team).browser()) is None
    seat = ChatGroup.objects.in_group(group).for_member(guest.uuid)
    seat.update(unread=0, read_seq=100)
    assert news(visitor) is None
    seat.update(unread=1, read_seq=0)
    Visitor.objects.update(blocked=True)
    assert news(visitor) is None
    refused_there = visitor.get("/chat/acme/news/", headers={"Origin": EVIL[0]})
    assert refused(refused_there) == (403, "forbidden")


@override_settings(RATE_LIMITS=True)
def test_the_scripts_of_a_site_can_read_that_there_were_too_many_requests(shop, stopped):
    limits.buckets["fetch"]["address"] = Buckets(Rate(1, 0.01))
    Client().get(UNREAD)
    browser = Client(headers={"Origin": SHOP})
    for place in ("unread", "news", "article/tea", "visit", "identity"):
        ask = browser.post if place in ("visit", "identity") else browser.get
        response = ask(f"/chat/acme/{place}/")
        assert refused(response) == (429, "rate_limited") and response["Retry-After"], place
        assert response["Access-Control-Allow-Origin"] == SHOP


def test_the_page_stands_in_frames_of_the_sites_and_of_our_own_preview(shop, other_enterprise):
    def policy(path):
        return Client().get(path)["Content-Security-Policy"]

    assert f"frame-ancestors 'self' {SHOP};" in policy("/chat/acme/?embed=1") + ";"
    assert "frame-ancestors 'self'" in policy("/chat/umbrella/?embed=1")
    assert SHOP not in policy("/chat/umbrella/?embed=1")
    assert "frame-ancestors 'none'" in policy("/chat/umbrella/")
    shop.status = 1
    shop.save()
    closed = Client().get("/chat/acme/?embed=1")
    assert closed.status_code == 403 and SHOP in closed["Content-Security-Policy"]
    assert "X-Frame-Options" not in closed, "the panel says why, and not the browser"


@pytest.mark.parametrize("host", [SHOP, "http://testserver"])
def test_the_page_speaks_to_the_site_that_holds_it(shop, host):
    page = Client().get("/chat/acme/", {"embed": 1, "host": host}).content.decode()
    assert f'data-host="{host}"' in page and 'class="leave' in page
    assert "languages" not in page


@pytest.mark.parametrize("host", [*EVIL, "", "*", f"{SHOP}/path", '"><script>'])
def test_the_page_speaks_to_nobody_else(shop, host):
    page = Client().get("/chat/acme/", {"embed": 1, "host": host}).content.decode()
    assert "data-host" not in page and 'class="leave' not in page
    assert "data-host" not in Client().get("/chat/acme/", {"host": SHOP}).content.decode()


def test_a_plain_form_in_a_frame_leads_back_to_the_frames_page(shop, visitor, alice):
    query = f"?embed=1&lang=zh-hans&host={SHOP}"
    response = visitor.post(visitor.place + query, {"content": "plain"}, **PAGE)
    assert response.status_code == 302
    back = visitor.get(response["Location"]).content.decode()
    assert f'data-host="{SHOP}"' in back and "plain" in back and 'lang="zh-hans"' in back
    assert Visitor.objects.get().language == "zh-hans"


def test_in_a_frame_of_another_site_all_cookies_are_partitioned(shop):
    response = Client().get("/chat/acme/?embed=1", headers=FRAMED)
    assert set(response.cookies) == {"kefu_visitor_acme", "csrftoken"}
    for cookie in response.cookies.values():
        line = cookie.output()
        assert line.endswith("; Partitioned") and "Secure" in line and "SameSite=None" in line
        assert f"{cookie.key}={cookie.coded_value};" in line and "Path=/" in line
    assert "HttpOnly" in response.cookies["kefu_visitor_acme"].output()


def test_pages_that_such_a_frame_goes_on_to_keep_them_so(shop):
    first = Client().get(f"/chat/acme/?embed=1&host={SHOP}", headers=FRAMED).content.decode()
    assert 'data-self="/chat/acme/?embed=1' in first and "apart=1" in first
    there = FRAMED | {"Sec-Fetch-Site": "same-origin"}
    fetched = there | {"Sec-Fetch-Dest": "empty"}
    for headers in (there, fetched):
        response = Client().get("/chat/acme/?embed=1&apart=1", headers=headers)
        for cookie in response.cookies.values():
            assert cookie.output().endswith("; Partitioned"), headers
    assert "apart" not in Client().get("/chat/acme/?embed=1", headers=there).content.decode()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/chat/acme/?embed=1&apart=1", FRAMED | {"Sec-Fetch-Dest": "document"}),
        ("/chat/acme/?embed=1", FRAMED | {"Sec-Fetch-Site": "same-site"}),
        ("/chat/acme/?embed=1", FRAMED | {"Sec-Fetch-Site": "same-origin"}),
        ("/chat/acme/?embed=1", FRAMED | {"Sec-Fetch-Dest": "document"}),
        ("/chat/acme/?embed=1", {}),
        ("/agent/login/", FRAMED),
    ],
)
def test_elsewhere_cookies_stay_as_they_are(shop, path, headers):
    response = Client().get(path, headers=headers)
    assert response.cookies
    for cookie in response.cookies.values():
        assert "Partitioned" not in cookie.output() and "SameSite=Lax" in cookie.output()


@pytest.mark.django_db(transaction=True)
async def test_a_socket_speaks_the_language_of_its_page(connect, guest, alice):
    for query, name in (
        ("?lang=zh-hans&embed=1", "访客"),
        ("?lang=xx", "Visitor"),
        ("", "Visitor"),
    ):
        socket = await connect(guest, query=query)
        assert socket.hello["me"]["name"].startswith(name)
    await socket.say("hello")
    assert (await database(Visitor.objects.get)()).language == "en"
