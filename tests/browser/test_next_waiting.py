"""Once an agent is done with a conversation, the one that has waited longest opens."""

import pytest
from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    came,
    hand_on,
    is_stored,
    looks,
    open_conversation,
    press,
    row_of,
    sees,
    snooze,
    toast,
    view,
    write,
)


def wait(browse, code: str, *words: str) -> None:
    for text in words:
        visitor = came(browse, text, code)
        is_stored(visitor, text)


@looks
def test_the_next_opens_until_nobody_waits(browse, sign_in, enterprise, look):
    code = enterprise(f"next-{look.locale}")
    wait(browse, code, "the first", "the second", "the third", "bob has this")
    bob = at_desk(sign_in, f"{code}-bob", "bob has this")
    bob.click('[data-part="claim"] button')
    alice = at_desk(sign_in, f"{code}-alice", "the second", view="waiting", opens_next=True, **look)

    alice.click('[data-part="close"] button')
    sees(alice, "the first")
    expect(toast(alice)).to_be_visible()
    expect(alice.locator(".row a[aria-current] .row-last")).to_have_text("the first")
    expect(row_of(alice, "the second")).to_have_count(0)
    first = alice.url

    snooze(alice)
    sees(alice, "the third")
    alice.go_back()
    sees(alice, "the first")
    assert alice.url == first
    alice.go_forward()
    sees(alice, "the third")

    alice.click('[data-part="close"] button')
    expect(alice.locator(".nobody-waits")).to_be_attached()
    expect(alice.locator(".opened")).to_be_hidden()
    if look.size == "desktop":
        expect(row_of(alice, "bob has this")).to_have_count(1)
        expect(alice.locator(".nothing")).to_be_visible()
    write(bob, "an answer")
    expect(row_of(alice, "bob has this")).to_have_count(0)
    empty = alice.locator('.no-rows [data-view="waiting"]')
    expect(empty).to_be_visible()
    accessible(alice)
    empty.locator("a").click()
    alice.wait_for_url("**?view=all")
    expect(row_of(alice, "an answer")).to_be_visible()


def test_a_hand_on_gives_way_and_what_is_undone_comes_back(browse, sign_in, enterprise):
    code = enterprise("given-away")
    wait(browse, code, "for bob", "the next one", "the last one")
    alice = sign_in(f"{code}-alice", view="waiting", opens_next=True)
    sign_in(f"{code}-bob")
    open_conversation(alice, "for bob")
    hand_on(alice, "小博")
    sees(alice, "the next one")

    press(alice, "e")
    sees(alice, "the last one")
    expect(alice.locator(".opened .scroller")).to_be_focused()
    press(alice, "z")
    sees(alice, "the next one")
    expect(alice.locator(".thread-closed")).to_be_hidden()


@pytest.mark.parametrize("keys", [True, False])
def test_who_likes_to_stay_stays(browse, sign_in, enterprise, keys):
    code = enterprise(f"stays-{keys}")
    wait(browse, code, "one of two", "two of two")
    alice = sign_in(f"{code}-alice", view="waiting", opens_next=True)
    alice.goto("/agent/profile/")
    alice.uncheck("[name=opens_next]")
    alice.click("main button.primary")
    accessible(alice)
    alice.goto("/agent/?view=waiting")
    open_conversation(alice, "one of two")
    press(alice, "e") if keys else alice.click('[data-part="close"] button')
    expect(alice.locator(".thread-closed")).to_be_visible()
    sees(alice, "one of two")
    expect(row_of(alice, "one of two").locator("a")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_each_empty_view_is_a_picture_a_sentence_and_a_step(sign_in, enterprise, locale):
    alice = sign_in(f"{enterprise(f'empty-{locale}')}-alice", locale=locale)
    for name in ("waiting", "mine", "all", "mentioned", "unclaimed", "snoozed", "closed"):
        view(alice, name)
        empty = alice.locator(f'.no-rows [data-view="{name}"]')
        expect(empty).to_be_visible()
        expect(alice.locator(".no-rows .empty:not([hidden])")).to_have_count(1)
        expect(empty.locator("svg")).to_be_visible()
        step = empty.locator("a").get_attribute("href").partition("?")[2]
        assert step.startswith("view=") and step != f"view={name}"
    accessible(alice)
