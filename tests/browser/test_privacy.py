"""The visitor's page about what is kept of them, by itself and in the widget."""

import json

import pytest
from playwright.sync_api import expect

from .pages import accessible, at_desk, came, comes, looks, sees, write
from .widget import chat, opened, signed_in


def to_privacy(page) -> None:
    page.locator(".chat-menu > summary").click()
    page.locator(".chat-menu a[href*='/privacy/']").click()
    expect(page.locator("h1")).to_contain_text("Demo")


@looks
def test_the_page_is_accessible_and_fits(browse, look):
    page = came(browse, "what do you know of me", **look)
    page.locator(".chat-menu > summary").click()
    page.locator(".chat-menu a[href*='/privacy/']").click()
    expect(page.locator(".held")).to_be_visible()
    accessible(page)


def test_a_visitor_takes_all_along_and_then_erases_it(browse, sign_in):
    page = came(browse, "take me along")
    agent = at_desk(sign_in, "alice", "take me along")
    agent.fill(".search [name=q]", "take me along")
    expect(agent.locator(".result").first).to_be_visible()
    other = browse("/chat/demo/", context=page.context)
    sees(other, "take me along")
    to_privacy(page)
    with page.expect_download() as download:
        page.locator("a[href*='/export/']").click()
    held = json.loads(download.value.path().read_text())
    assert "take me along" in [m["content"] for m in held["conversations"][0]["messages"]]
    page.locator(".sure input").check()
    page.locator("button.bad").click()
    expect(page.locator(".notice-bar.ok")).to_be_visible()
    expect(page.locator(".held")).to_have_count(0)
    sees(agent, "take me along", 0)
    expect(agent.locator(".messages")).to_contain_text("The visitor erased the messages here")
    expect(agent.locator(".result")).to_have_count(0)
    expect(agent.locator(".searched")).to_contain_text("Nothing found.")
    sees(other, "take me along", 0)
    write(other, "somebody new", other)


def hold_end(socket, ends: list) -> None:
    """Lets a page's socket be, until what comes into `ends` is called, when the server ends it."""
    server = socket.connect_to_server()
    server.on_close(lambda code, reason: ends.append(lambda: socket.close(code=code)))


@pytest.mark.parametrize("by", ["visitor", "manager", "manager, of one who is signed in"])
def test_in_the_widget_the_chat_goes_on_as_somebody_new(browse, sign_in, server, shop, token, by):
    named = "signed in" in by
    page = browse(signed_in(shop, token("erased", name="Fay Erased")) if named else shop.url)
    frame = opened(page)
    write(frame, f"in the shop, {by}", frame)

    if by == "visitor":
        to_privacy(frame)
        frame.locator(".sure input").check()
        frame.locator("button.bad").click()
        expect(frame.locator(".notice-bar.ok")).to_be_visible()
        frame.locator("main a").first.click()
    else:
        ends = []
        page.route_web_socket("**/ws/visitor/**", lambda socket: hold_end(socket, ends))
        page.reload()
        frame = chat(page)
        group = frame.locator("body").get_attribute("data-group")
        manager = sign_in("manager")
        manager.goto(f"{server.url}/agent/c/{group}/")
        manager.locator(".measures details").last.locator("summary").click()
        manager.locator(".measures [name=sure]").check()
        manager.locator(".measures button.bad").last.click()
        comes(page, ends)
        write(frame, "sent between")
        frame.locator("#content").fill("begun between")
        ends.pop()()
        expect(frame.locator(f"body:not([data-group='{group}'])")).to_be_visible()
        sees(frame, "sent between")
        expect(frame.locator("#content")).to_have_value("begun between")
    frame = chat(page)
    sees(frame, f"in the shop, {by}", 0)

    write(frame, f"new in the shop, {by}", frame)
    page.reload()
    sees(chat(page), f"new in the shop, {by}")
