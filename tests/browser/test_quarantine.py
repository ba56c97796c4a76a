"""What looks like spam waits apart, and an agent says what it is."""

import pytest
from playwright.sync_api import expect

from .pages import (
    accessible,
    looks,
    open_conversation,
    press,
    row_of,
    sees,
    shot,
    toast,
    view,
    write,
)

LINKS = "https://a.example https://b.example https://c.example"


@pytest.fixture(scope="module", autouse=True)
def careful(server):
    """The demo holds links, too."""
    hold = "from accounts.models import Enterprise\nEnterprise.objects.update(hold={!r})"
    server.arrange(hold.format("both"))
    yield
    server.arrange(hold.format("same"))


@looks
def test_an_agent_says_what_is_spam_and_takes_it_back(browse, sign_in, watch, look):
    # The open page of who is blocked asks until when.
    watch.expect("status of 403")
    words = f"quarantined {look}"
    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    visitor = browse(**look)
    visitor.goto("/chat/demo/")
    write(visitor, f"{words} {LINKS}")
    for page in (alice, bob):
        expect(page.locator('.views [data-view="quarantined"]:not([hidden])')).to_have_count(1)
        assert row_of(page, words).count() == 0
        view(page, "quarantined")
        expect(row_of(page, words)).to_have_count(1)
    shot(alice)

    row_of(alice, words).click()
    sees(alice, f"{words} {LINKS}")
    expect(alice.locator(".quarantine-bar")).to_be_visible()
    expect(alice.locator('[data-part="claim"]')).to_be_hidden()
    accessible(alice)

    alice.click('[data-part="spam"] button')
    expect(toast(alice)).to_be_visible()
    expect(alice.locator(".quarantine-bar")).to_be_hidden()
    expect(alice.locator(".menu > summary")).to_be_focused()
    expect(row_of(bob, words)).to_have_count(0)

    toast(alice).locator(".undo").click()
    view(bob, "all")
    expect(row_of(bob, words)).to_have_count(1)
    expect(row_of(bob, words).locator(".row-unread")).to_be_visible()
    expect(row_of(bob, words).locator(".row-time")).to_have_class("row-time waiting")
    expect(alice.locator('[data-part="claim"]')).to_be_visible()


def test_no_spam_by_a_key_comes_to_all_and_is_heard(browse, sign_in):
    alice, bob = sign_in("alice"), sign_in("bob")
    visitor = browse()
    visitor.goto("/chat/demo/")
    write(visitor, f"no spam at all {LINKS}")
    view(alice, "quarantined")
    row_of(alice, "no spam at all").click()
    sees(alice, f"no spam at all {LINKS}")
    alice.focus(".opened .scroller")
    press(alice, "h")
    expect(alice.locator(".quarantine-bar")).to_be_hidden()
    expect(row_of(bob, "no spam at all")).to_have_count(1)
    open_conversation(bob, "no spam at all")
    write(visitor, "thank you", bob, alice)
