"""What is kept, and from whom, in browsers: legal holds, contact data hidden from agents."""

import re

import pytest
from playwright.sync_api import expect

from .pages import accessible, came, looks, open_conversation, panel, shot

# The whole number: four digits alone are in some uuid of a page with hundreds of rows.
CONTACT = re.compile(r"zhangsan|0013\W*8012")


@looks
def test_what_is_held_is_not_erased_until_the_hold_is_lifted(browse, sign_in, watch, look):
    watch.expect("401|403|409|WebSocket")
    words = f"hold {look}"
    visitor = came(browse, words, **look)
    alice, manager = sign_in("alice", **look), sign_in("manager", **look)
    open_conversation(alice, words)
    manager.goto(alice.url)
    for page in (alice, manager):
        panel(page, look)
    expect(alice.locator("details.hold")).to_have_count(0)

    manager.click("details.hold > summary")
    manager.select_option("#hold-scope", "visitor")
    manager.fill("#hold-reason", "case <b>7</b>")
    accessible(manager)
    manager.press("#hold-reason", "Enter")
    for page in (alice, manager):
        expect(page.locator(".holds li")).to_contain_text("case <b>7</b>")
    expect(alice.locator(".holds form")).to_have_count(0)
    accessible(alice)

    manager.click("details.erase > summary")
    manager.check("details.erase [name=sure]")
    manager.click("details.erase button")
    expect(manager.locator("details.erase .field-error")).to_contain_text("case <b>7</b>")
    shot(manager)
    visitor.goto("/chat/demo/privacy/")
    visitor.check("[name=sure]")
    visitor.click("button.bad")
    expect(visitor.locator(".notice-bar.bad")).to_be_visible()
    assert "case" not in visitor.content()
    accessible(visitor)

    manager.reload()
    panel(manager, look)
    manager.click(".holds form button")
    for page in (alice, manager):
        expect(page.locator(".holds")).to_be_hidden()
    visitor.goto("/chat/demo/privacy/")
    visitor.check("[name=sure]")
    visitor.click("button.bad")
    expect(visitor.locator(".notice-bar.ok")).to_have_text(re.compile("erased|清除"))


@pytest.fixture
def hiding(server):
    """The demo hides contact data from agents, for one test."""

    def store(hides: bool) -> None:
        server.sql("UPDATE enterprise SET hide_contacts = ? WHERE code = 'demo'", hides)

    store(True)
    yield
    store(False)


@looks
def test_an_agent_sees_a_contact_when_asking_for_it(browse, sign_in, hiding, look):
    words = f"contacts {look}"
    came(browse, words, **look)
    alice, manager = sign_in("alice", **look), sign_in("manager", **look)
    open_conversation(alice, words)
    manager.goto(alice.url)
    for page in (alice, manager):
        panel(page, look)
    manager.click(".edit > summary")
    manager.fill("#visitor-contact", "zhangsan@example.com 138 0013 8012")
    manager.press("#visitor-contact", "Enter")
    expect(alice.locator('[data-fact="contact"]')).to_have_text("z…@… 138…12")
    expect(manager.locator('[data-fact="contact"]')).to_contain_text("zhangsan@example.com")
    expect(manager.locator(".hidden-contacts")).to_be_hidden()
    expect(alice.locator(".panel .copy")).to_be_hidden()
    alice.reload()
    panel(alice, look)
    assert not CONTACT.search(alice.content())
    accessible(alice)

    alice.click(".show-contacts button")
    expect(alice.locator('[data-fact="contact"]')).to_contain_text("zhangsan@example.com")
    expect(alice.locator(".hidden-contacts")).to_be_hidden()
    accessible(alice)
    alice.reload()
    panel(alice, look)
    expect(alice.locator('[data-fact="contact"]')).to_have_text("z…@… 138…12")
    assert not CONTACT.search(alice.content())
