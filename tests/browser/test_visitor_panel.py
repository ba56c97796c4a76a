"""The panel about the visitor in browsers: known, named, blocked, erased, on all open pages."""

import re

from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    came,
    looks,
    open_conversation,
    panel,
    press,
    row_of,
    shot,
    write,
)


@looks
def test_what_is_known_of_a_visitor_is_edited_in_place(browse, sign_in, watch, look):
    watch.expect("400")
    words = f"panel {look}"
    visitor = browse("/chat/demo/?team=service&secret=1", **look)
    write(visitor, words, visitor)

    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    for page in (alice, bob):
        open_conversation(page, words)
        panel(page, look)

    step = alice.locator(".pages .step")
    expect(step).to_have_count(1)
    expect(step).to_contain_text("/chat/demo/")
    expect(step).not_to_contain_text("secret")
    expect(alice.locator('[data-fact="browser"]')).to_contain_text("Chrome")
    alice.reload()
    panel(alice, look)
    expect(alice.locator('[data-fact="language"]')).to_have_text(
        re.compile("^(English|英语|简体中文)$")
    )

    alice.click(".edit > summary")
    name = f"王建国 {look}"
    alice.fill("#visitor-name", name)
    alice.fill("#visitor-contact", "138 0013 8000")
    accessible(alice)

    alice.press("#visitor-contact", "Enter")
    for page in (alice, bob):
        expect(page.locator('[data-fact="name"]')).to_have_text(name)
        expect(page.locator('[data-fact="contact"]')).to_have_text("138 0013 8000")
        expect(page.locator("#thread-name")).to_have_text(name)
    expect(alice.locator(".edit > summary")).to_be_focused()

    bob.reload()
    panel(bob, look)
    bob.click(".edit > summary")
    expect(bob.locator("#visitor-name")).to_have_value(name)

    bob.fill("#visitor-name", " ")
    bob.press("#visitor-name", "Enter")
    expect(bob.locator(".edit .field-error")).to_be_visible()
    expect(bob.locator('[data-fact="contact"]')).to_have_text("138 0013 8000")


@looks
def test_a_change_is_cancelled_by_its_button_or_by_escape(browse, sign_in, enterprise, look):
    code = enterprise(f"cancel-{look}")
    came(browse, "who am I?", code, **look)
    alice = at_desk(sign_in, f"{code}-alice", "who am I?", **look)
    panel(alice, look)
    expect(alice.locator('.panel [data-fact="name"]')).not_to_be_empty()
    name = alice.locator("#thread-name").text_content()
    for leave in (lambda: alice.click(".edit .cancel"), lambda: press(alice, "Escape")):
        alice.click(".edit > summary")
        expect(alice.locator("#visitor-name")).to_be_focused()
        alice.fill("#visitor-name", "somebody else")
        accessible(alice)
        leave()
        expect(alice.locator("#visitor-name")).to_be_hidden()
        expect(alice.locator("#visitor-name")).to_have_value(name)
        expect(alice.locator(".edit > summary")).to_be_focused()
    expect(alice.locator(".panel")).to_be_visible()
    alice.click("details.block > summary")
    expect(
        alice.get_by_role("button", name=re.compile("Block the visitor|拉黑访客"))
    ).to_be_in_viewport()
    press(alice, "Escape")
    expect(alice.locator("#block-reason")).to_be_hidden()


def test_a_contact_is_copied_and_times_are_told_from_now(browse, sign_in):
    visitor = came(browse, "copy my number")
    alice = sign_in("alice")
    alice.clock.install()
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_conversation(alice, "copy my number")
    expect(alice.locator(".panel .copy")).to_be_hidden()
    alice.click(".edit > summary")
    alice.fill("#visitor-contact", "138 0013 8000")
    press(alice, "Enter")
    alice.click(".panel .copy")
    expect(alice.locator(".panel .copy")).to_have_text("Copied")
    assert alice.evaluate("navigator.clipboard.readText()") == "138 0013 8000"
    expect(alice.locator(".panel .copy")).to_have_text("Copy")
    first = alice.locator('[data-fact="created_at"]')
    expect(first).to_have_text(re.compile("^now$|minute"))
    expect(first).to_have_attribute("title", re.compile(r"20\d\d"))
    expect(alice.locator(".who .dot")).to_have_class("dot on")
    visitor.close()
    expect(alice.locator(".who .dot")).to_have_class("dot off")
    seen = alice.locator('[data-fact="last_seen_at"]')
    expect(seen).to_be_hidden()
    alice.clock.fast_forward("01:01")
    expect(seen).to_have_text(re.compile("minute"))


@looks
def test_a_visitor_is_blocked_and_let_in_again(browse, sign_in, watch, look):
    watch.expect("403|WebSocket")
    words = f"block {look}"
    visitor = came(browse, words, **look)

    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    for page in (alice, bob):
        open_conversation(page, words)
        panel(page, look)

    alice.click("details.block > summary")
    alice.fill("#block-reason", "spam <b>spam</b>")
    accessible(alice)

    alice.press("#block-reason", "Enter")
    for page in (alice, bob):
        expect(page.locator(".block-over")).to_contain_text("spam <b>spam</b>")
        expect(page.locator("details.block")).to_be_hidden()
    accessible(bob)
    expect(visitor.locator(".connection")).to_contain_text(re.compile("again from|之后继续"))

    for part in (".queue", ".questions", ".introduction", ".rating"):
        expect(visitor.locator(part)).to_be_hidden()
    shot(visitor)
    visitor.clock.install()
    visitor.reload()
    expect(visitor.locator("h1")).to_be_visible()
    assert "spam" not in visitor.content()
    expect(visitor.locator("[data-until]")).not_to_contain_text("UTC")
    assert visitor.locator("a.button").get_attribute("href") == "/chat/demo/"
    accessible(visitor)

    bob.click(".block-over button")
    for page in (alice, bob):
        expect(page.locator(".block-over")).to_be_hidden()
        expect(page.locator("details.block")).to_be_visible()

    # As their page thinks that the block ends, it opens the chat by itself.
    visitor.clock.fast_forward("48:00:00")
    write(visitor, f"{words} again", visitor)


@looks
def test_what_is_erased_goes_from_all_open_pages(browse, sign_in, watch, look):
    watch.expect("401|403|WebSocket")
    words = f"erase {look}"
    visitor = came(browse, words, **look)

    alice, manager = sign_in("alice", **look), sign_in("manager", **look)
    open_conversation(alice, words)
    write(alice, f"answer to {words}", visitor)

    manager.goto(alice.url)
    for page in (alice, manager):
        panel(page, look)
    expect(alice.locator("details.erase")).to_have_count(0)

    manager.click("details.erase > summary")
    accessible(manager)
    visitor.evaluate("document.body.dataset.former = ''")
    manager.check("details.erase [name=sure]")
    manager.click("details.erase button")
    for page in (alice, manager, visitor):
        for text in (words, f"answer to {words}"):
            expect(page.locator(".messages").get_by_text(text, exact=True)).to_have_count(0)

    # The visitor's page begins anew a second later, without the notice.
    for page in (alice, manager):
        expect(page.locator('.messages [data-kind="notice"]').last).to_be_visible()
        expect(page.locator(".panel")).to_have_attribute("data-erased", "")
        expect(page.locator(".composer")).to_be_hidden()
        expect(page.locator(".measures")).to_be_hidden()
        expect(row_of(page, words)).to_have_count(0)
    accessible(alice)
    shot(visitor)

    # It begins anew by itself.
    expect(visitor.locator("body:not([data-former])")).to_be_visible()
    expect(visitor.locator(".messages .message")).to_have_count(0)
    write(visitor, f"{words}, somebody new", visitor)
