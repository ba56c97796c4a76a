"""What must not go wrong when the line is slow, the site has no TLS, or somebody else signs in."""

import re

from playwright.sync_api import expect

from .conftest import LAN_NAME, PASSWORD
from .pages import UNSPOKEN, at_desk, comes, row_of, sees, state_of, write

GROUP_JSON = re.compile(r"/agent/c/[0-9a-f-]{36}/$")


def two_conversations(browse, name: str) -> tuple:
    """Two visitors who wrote `name` one and two."""
    pages = browse("/chat/demo/"), browse("/chat/demo/")
    for page, number in zip(pages, ("one", "two"), strict=True):
        write(page, f"{name} {number}")
        expect(state_of(page, f"{name} {number}")).to_have_text("Sent")
    return pages


def hold_back(page) -> list:
    """From now on conversations asked for as JSON wait in the list that is returned."""
    waiting = []
    page.route(GROUP_JSON, lambda route: waiting.append(route))
    return waiting


def test_messages_go_out_over_plain_http_on_a_local_network(browse, server, watch):
    watch.expect(rf"{LAN_NAME}|Cross-Origin-Opener-Policy")
    visitor = browse("/chat/demo/", base_url=f"http://{LAN_NAME}:{server.port}")
    assert visitor.evaluate("isSecureContext") is False
    write(visitor, "no TLS in this house", visitor)
    expect(state_of(visitor, "no TLS in this house")).to_have_text("Sent")
    expect(visitor.locator("#content")).to_have_value("")


def test_no_answer_goes_to_the_one_before_while_a_conversation_loads(browse, sign_in):
    first, second = two_conversations(browse, "slow line")
    alice = at_desk(sign_in, "alice", "slow line one")
    sees(alice, "slow line one")
    alice.type("#content", "for the first only")
    waiting = hold_back(alice)
    alice.evaluate(UNSPOKEN)
    row_of(alice, "slow line two").click()
    comes(alice, waiting)
    expect(alice.get_by_role("status").get_by_text("Loading…")).to_be_visible()
    assert not any(alice.evaluate("unspoken"))
    for part in (".conversation", ".writing-area"):
        expect(alice.locator(f".thread {part}")).to_have_attribute("inert", "")
    alice.keyboard.press("Enter")
    alice.evaluate("document.querySelector('.composer').requestSubmit()")
    expect(alice.locator("#content")).to_have_value("for the first only")
    for route in waiting:
        route.continue_()
    sees(alice, "slow line two")
    expect(alice.locator(".thread .loading")).to_be_hidden()
    expect(alice.locator("#content")).to_have_value("")
    write(alice, "for the second only", second)
    for answer in ("for the first only", "for the second only"):
        sees(first, answer, times=0)
    sees(second, "for the first only", times=0)


def test_what_cannot_be_loaded_leaves_everything_with_the_one_before(browse, sign_in, watch):
    watch.expect("ERR_FAILED")
    first, second = two_conversations(browse, "broken line")
    alice = at_desk(sign_in, "alice", "broken line one")
    sees(alice, "broken line one")
    address = alice.url
    waiting = hold_back(alice)
    row_of(alice, "broken line two").click()
    comes(alice, waiting)
    waiting[0].abort()
    expect(alice.locator(".connection")).to_have_text(re.compile("could not be loaded"))
    expect(alice).to_have_url(address)
    expect(row_of(alice, "broken line one").locator("a")).to_have_attribute("aria-current", "page")
    expect(row_of(alice, "broken line two").locator("[aria-current]")).to_have_count(0)
    write(alice, "still with you", first)
    sees(second, "still with you", times=0)


def test_signing_out_works_after_signing_in_in_place(browse, sign_in, watch):
    """The login changes the CSRF cookie; the page's forms were made before."""
    watch.expect("401|403|WebSocket")
    alice = sign_in("alice")
    before = token_of(alice)
    alice.context.clear_cookies(name="sessionid")
    alice.evaluate("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")
    dialog = alice.locator("dialog.login")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    assert token_of(alice) != before
    alice.click(".online > summary")
    alice.click("form[action='/agent/logout/'] button")
    alice.wait_for_url(lambda url: "/agent/" not in url or "/login/" in url)
    expect(alice.locator("h1")).not_to_contain_text("403")
    alice.goto("/agent/")
    expect(alice).to_have_url(re.compile("/agent/login/"))


def token_of(page) -> str:
    return next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
