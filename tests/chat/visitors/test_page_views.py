"""Where a visitor is, came from, and with what: what is kept of it, who is told."""

import json

import pytest

from chat.models import Visitor
from chat.posting import batches
from chat.protocol import checks, forms
from chat.protocol.errors import Refused
from chat.sockets import hello
from chat.visitors import page_views
from chat.visitors.page_views import record_page
from tests.chat.helpers import JSON, Socket, database, new_guest, within

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example.com"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
    " like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def row_of(guest) -> Visitor:
    return Visitor.objects.get(uuid=guest.uuid)


def urls(guest) -> list[str]:
    return [step["url"] for step in row_of(guest).path]


def page(url: str, referrer="") -> forms.PageForm:
    return checks.check_page({"type": "page", "url": url, "referrer": referrer}, visitor=True)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"{SHOP}/orders/7?token=secret#top", f"{SHOP}/orders/7"),
        (SHOP, f"{SHOP}/"),
        ("HTTPS://user:password@Shop.Example.COM:8443/a", f"{SHOP}:8443/a"),
        ("http://[2001:db8::1]:80/x;y?z", "http://[2001:db8::1]:80/x;y"),
        ("https://商店.example/订单?x", "https://商店.example/订单"),
        (f"{SHOP}/{'a' * 900}", f"{SHOP}/{'a' * (299 - len(SHOP) - 1)}…"),
    ],
)
def test_an_address_is_kept_up_to_its_path(url, kept):
    assert page(url).url == kept and len(kept) <= 300


@pytest.mark.parametrize(
    "url",
    [
        *(None, 7, [], "", "/orders"),
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"),
        *("https://", "https:///x", "http://[", "http://a:99999/", "http://a:x/", f"{SHOP}/a\x00b"),
        *(f"{SHOP}/\u2028", f"{SHOP}/{'a' * 2000}", "android-app://com.example"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url):
    for frame in ({"url": url}, {"url": SHOP, "referrer": url}):
        if frame.get("referrer") == "":
            continue
        with pytest.raises(Refused) as caught:
            checks.check_page({"type": "page", **frame}, visitor=True)
        assert caught.value.code == "bad_field"


def test_the_path_grows_by_each_new_page_and_keeps_the_newest(guest, group):
    for number in range(page_views.MAX_PAGES + 3):
        record_page(guest.uuid, {}, page(f"{SHOP}/{number}"))
        record_page(guest.uuid, {}, page(f"{SHOP}/{number}?again"))
    assert urls(guest) == [f"{SHOP}/{number}" for number in range(3, page_views.MAX_PAGES + 3)]
    assert all(step["at"].endswith("Z") for step in row_of(guest).path)


def test_the_referrer_is_that_of_the_first_page(guest, team, group):
    record_page(guest.uuid, {}, page(f"{SHOP}/", "https://search.example/?q=secret"))
    record_page(guest.uuid, {}, page(f"{SHOP}/a", "https://other.example/"))
    assert row_of(guest).referrer == "https://search.example/"
    other = new_guest(team)
    batches.post(other.draft("x"))
    record_page(other.uuid, {}, page(f"{SHOP}/a", f"{SHOP}/"))
    record_page(other.uuid, {}, page(f"{SHOP}/b", "https://search.example/"))
    assert row_of(other).referrer == "", "another page of the same site is no origin"


@pytest.mark.parametrize(
    ("address", "short", "full"),
    [
        ("203.0.113.77", "203.0.113.0/24", "203.0.113.77"),
        ("::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2:3:4:5:6"),
        ("fe80::1%eth0", "fe80::/48", "fe80::1"),
        ("", "", ""),
        ("unix:", "", ""),
    ],
)
def test_of_an_address_as_much_is_kept_as_the_enterprise_chose(address, short, full):
    for chosen, kept in (("short", short), ("full", full), ("none", "")):
        assert page_views.connection_columns("", address, chosen)["address"] == kept


@pytest.mark.parametrize(
    ("chosen", "kept"), [("full", "203.0.113.77"), ("short", "203.0.113.0/24"), ("none", "")]
)
def test_the_choice_holds_by_form_and_by_socket(enterprise, team, alice, chosen, kept):
    assert enterprise.addresses == "short", "unless it chose otherwise"
    enterprise.addresses = chosen
    enterprise.save()
    browser = new_guest(team).browser()
    browser.post("/chat/acme/messages/", {"content": "x"}, REMOTE_ADDR="203.0.113.77")
    assert Visitor.objects.get().address == kept
    scope = Socket("/ws/visitor/acme/", new_guest(team).cookie).wire.scope | {
        "url_route": {"kwargs": {"ent_id": "acme"}},
        "origin_is_ours": True,
        "cookies": {"kefu_visitor_acme": new_guest(team).token},
        "client": ["203.0.113.77", 1],
    }
    assert hello.identify_visitors([scope])[0].connection["address"] == kept


def test_agents_see_it_on_the_page_and_as_json(agent, guest, group):
    seen = page_views.connection_columns(IPHONE, "203.0.113.77", "short")
    record_page(guest.uuid, seen, page(f"{SHOP}/<b>/orders", "https://search.example/"))
    answer = json.loads(agent.get(agent.page, **JSON).content)["conversation"]["visitor"]
    assert answer["path"][0]["url"] == f"{SHOP}/<b>/orders"
    assert answer["device"] == "iPhone · iOS 17.5"
    assert answer["referrer"] == "https://search.example/"
    text = agent.get(agent.page).content.decode()
    for shown in ("shop.example.com/&lt;b&gt;/orders", "203.0.113.0/24", "Safari 17.5"):
        assert shown in text


def test_nothing_is_stored_of_who_is_not_known(guest):
    record_page(guest.uuid, {"device": "x"}, page(SHOP))
    assert not Visitor.objects.exists()


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_the_first_message_brings_along_what_was_told_before(alice, team, guest, connect):
    headers = [(b"user-agent", IPHONE.encode())]
    socket = await connect(guest, headers=headers, address="203.0.113.77")
    await socket.send("page", url=f"{SHOP}/cart?id=1", referrer="https://search.example/?q=x")
    assert await socket.all() == []
    assert not await database(Visitor.objects.exists)(), "a look stores nothing"
    await socket.say("hello")
    row = await database(row_of)(guest)
    assert [step["url"] for step in row.path] == [f"{SHOP}/cart"]
    assert (row.referrer, row.device) == ("https://search.example/", "iPhone · iOS 17.5")
    assert (row.browser, row.address) == ("Safari 17.5", "203.0.113.0/24")


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_the_agents_of_the_visitor_are_told_and_nobody_else(
    alice, carol, outsider, guest, group, connect
):
    page, stranger, foreign = await connect(alice), await connect(carol), await connect(outsider)
    visitor = await connect(guest)
    await visitor.send("page", url=f"{SHOP}/cart")
    event = await page.until("visitor", visitor=guest.uuid)
    assert [step["url"] for step in event["path"]] == [f"{SHOP}/cart"]
    await visitor.send("page", url=f"{SHOP}/cart?again")
    for socket in (visitor, stranger, foreign, page):
        assert await socket.all() == []
