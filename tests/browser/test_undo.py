"""What an agent has done can be taken back for a while, and what waits says so."""

import re
import time

from playwright.sync_api import expect

from .pages import (
    accessible,
    asked_to_rate,
    at_desk,
    came,
    looks,
    press,
    row_of,
    sees,
    shot,
    snooze,
    state_of,
    toast,
    write,
)

WATCH = """() => {
  globalThis.shown = [];
  const form = document.querySelector(".rating");
  const asked = () => form.hidden || shown.push("rating");
  new MutationObserver(asked).observe(form, { attributes: true });
  const look = ([{ addedNodes }]) => {
    for (const { dataset } of addedNodes) if (dataset?.kind === "notice") shown.push(dataset.seq);
  };
  new MutationObserver(look).observe(document.querySelector(".messages"), { childList: true });
}"""
"""Notes what a visitor's page shows, even for a moment: notices, and the form for a rating."""


@looks
def test_a_claim_a_closing_and_a_snooze_are_undone(browse, sign_in, look):
    words = f"undo {look}"
    came(browse, words, **look)
    alice, bob = (at_desk(sign_in, name, words, **look) for name in ("alice", "bob"))

    alice.click('[data-part="claim"] button')
    expect(toast(alice)).to_be_visible()
    toast(alice).locator(".undo").focus()
    accessible(alice)
    assert toast(bob).count() == 0

    alice.focus(".opened .scroller")
    press(alice, "z")
    expect(bob.locator(".thread-claim")).to_be_hidden()
    expect(toast(alice)).to_have_count(0)

    press(alice, "c")
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    alice.click('[data-part="close"] button')
    toast(alice).locator(".undo").focus()
    expect(bob.locator(".thread-closed")).to_be_attached()

    press(alice, "Enter")
    expect(bob.locator(".thread-closed")).to_be_hidden()
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    expect(alice.locator(".opened .scroller")).to_be_focused()

    snooze(alice)
    toast(alice).locator(".undo").focus()
    expect(bob.locator(".thread-snoozed:not([hidden])")).to_have_count(1)
    toast(alice).locator(".undo").click()
    expect(bob.locator(".thread-snoozed:not([hidden])")).to_have_count(0)


def test_a_visitor_sees_nothing_of_a_close_that_is_undone_and_a_real_one_ten_seconds_later(
    browse, sign_in
):
    visitor = came(browse, "closed by mistake")
    alice = at_desk(sign_in, "alice", "closed by mistake")
    write(alice, "an answer", visitor)
    visitor.clock.install()
    visitor.evaluate(WATCH)
    before = visitor.locator(".messages .message").count()

    alice.focus(".opened .scroller")
    press(alice, "e")
    expect(toast(alice)).to_be_visible()
    alice.focus(".opened .scroller")
    press(alice, "z")
    expect(alice.locator('[data-part="close"]')).to_be_visible()
    write(alice, "still here", visitor)
    visitor.clock.fast_forward(11_000)
    shot(visitor)
    assert visitor.locator(".messages .message").count() == before + 1
    assert visitor.evaluate("shown") == []
    visitor.reload()
    sees(visitor, "still here")
    assert visitor.locator(".messages .message").count() == before + 1

    visitor.evaluate(WATCH)
    # On a slow machine the ten seconds may be over before the visitor's page is looked at.
    late = time.monotonic() + 9
    alice.click('[data-part="close"] button')
    expect(alice.locator(".closed-hint")).to_be_visible()
    expect(alice.locator(".messages .message").last).to_contain_text("closed the conversation")
    write(alice, "goodbye", visitor)
    said = visitor.locator(".messages .message")
    assert said.count() == before + 2 or time.monotonic() > late
    assert visitor.locator(".rating").is_hidden() or time.monotonic() > late
    visitor.reload()
    sees(visitor, "goodbye")
    assert said.count() == before + 2 or time.monotonic() > late
    asked_to_rate(visitor)
    expect(said).to_have_count(before + 3)
    expect(said.nth(before + 1)).to_contain_text("closed the conversation")
    expect(said.last).to_contain_text("goodbye")
    shot(visitor)


def test_a_tag_comes_back_and_an_undo_reaches_the_conversation_it_was_offered_for(browse, sign_in):
    came(browse, "another one")
    came(browse, "tagged wrongly")
    alice, bob = (at_desk(sign_in, name, "tagged wrongly") for name in ("alice", "bob"))
    alice.fill(".add-tag [name=tag]", "vip {tag}")
    press(alice, "Enter")
    alice.locator(".tags .tag button").click()
    expect(bob.locator(".tags .tag")).to_have_count(0)
    expect(toast(alice)).to_contain_text("vip {tag}")
    row_of(alice, "another one").click()
    sees(alice, "another one")
    toast(alice).locator(".undo").click()
    expect(bob.locator(".tags .tag")).to_have_count(1)
    expect(alice.locator(".tags .tag")).to_have_count(0)


def test_the_offer_goes_by_itself_but_not_from_under_the_focus(browse, sign_in):
    came(browse, "eight seconds")
    alice = at_desk(sign_in, "alice", "eight seconds")
    alice.clock.install()
    alice.click('[data-part="claim"] button')
    toast(alice).locator(".undo").focus()
    alice.clock.fast_forward(20_000)
    expect(toast(alice)).to_be_visible()
    alice.focus("#content")
    alice.clock.fast_forward(7_000)
    expect(toast(alice)).to_be_visible()
    alice.clock.fast_forward(1_500)
    expect(toast(alice)).to_have_count(0)


def test_a_slow_line_says_what_has_not_been_answered_yet(browse, sign_in, line, monkeypatch):
    came(browse, "patience")
    alice = at_desk(sign_in, "alice", "patience", base_url=line.url)
    expect(alice.locator(".connection")).to_be_hidden()
    alice.click('[data-part="claim"] button')
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    # Each frame for all of that time, longer than the page waits until it says so.
    monkeypatch.setattr(line.proxy.chance, "uniform", max)
    line.mischief.delay, line.mischief.longest = 1, 4
    write(alice, "a moment please")
    expect(state_of(alice, "a moment please")).to_have_text("Sending…")
    alice.click(".menu > summary")
    alice.click('[data-part="release"] button')
    expect(alice.locator(".connection")).to_contain_text("Sending:")
    line.mischief.delay = 0
    expect(alice.locator('[data-part="claim"]')).to_be_visible()
    expect(alice.locator(".connection")).to_be_hidden()
    expect(state_of(alice, "a moment please")).to_have_text(re.compile("Sent|Read"))
