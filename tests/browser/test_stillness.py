"""The list of conversations stays where it is while one works, and whatever is chosen above it."""

import pytest
from playwright.sync_api import expect

from .pages import (
    VIEWS,
    accessible,
    came,
    is_stored,
    looks,
    open_conversation,
    press,
    row_of,
    shot,
    snooze,
    toast,
    view,
    write,
)

NEW = {"en-GB": "{} new", "zh-CN": "{} 个新会话"}
DESKTOP = {"width": 1366, "height": 768}
WATCH_MOTION = """
  window.moves = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (frames, options) {
    if (this.matches(".row")) moves.push(options.duration);
    return animate.call(this, frames, options);
  };
"""


def top(locator) -> float:
    return locator.evaluate("element => element.getBoundingClientRect().top")


def visitor_of(browse, code: str, words: str):
    visitor = came(browse, words, code)
    is_stored(visitor, words)
    return visitor


@looks
def test_a_scrolled_list_stays_and_says_how_many_are_new(browse, sign_in, enterprise, look):
    code = enterprise(f"still-{look}", 60, 2)
    alice = sign_in(f"{code}-alice", **look)
    view(alice, "all")
    fresh, rows = alice.locator(".fresh"), alice.locator(".rows")
    expect(row_of(alice, "访客 59")).to_be_visible()
    rows.evaluate("list => list.scrollTop = 1000")
    some = row_of(alice, "访客 41")
    expect(some).to_be_in_viewport()
    before = top(some)
    expect(fresh).to_be_hidden()

    for number in (1, 2):
        visitor_of(browse, code, f"new {number}")
        expect(fresh).to_have_text(
            {"en-GB": "{} new", "zh-CN": "{} 个新会话"}[look.locale].format(number)
        )
    assert top(some) == before
    accessible(alice)

    press(alice, "g")
    expect(row_of(alice, "new 2")).to_be_in_viewport()
    expect(row_of(alice, "new 2").locator("a")).to_be_focused()
    expect(fresh).to_be_hidden()
    assert rows.evaluate("list => list.scrollTop") == 0

    rows.evaluate("list => list.scrollTop = 1000")
    visitor_of(browse, code, "new 3")
    fresh.click()
    expect(row_of(alice, "new 3")).to_be_in_viewport()


def test_the_row_that_one_answers_keeps_its_place_until_another_is_opened(
    browse, sign_in, enterprise
):
    code = enterprise("answered")
    alice = sign_in(f"{code}-alice", viewport=DESKTOP)
    for name in ("first", "second", "third"):
        visitor_of(browse, code, f"{name} in the queue")
    view(alice, "waiting")
    names = alice.locator(".row .row-last")
    expect(names).to_have_text([f"{name} in the queue" for name in ("first", "second", "third")])

    row = alice.locator(".row").nth(1)
    group = row.get_attribute("data-group")
    open_conversation(alice, "second in the queue")
    before = top(row)
    write(alice, "here I am")
    expect(row.locator(".row-time")).to_have_class("row-time")
    expect(row.locator(".row-last")).to_have_text("You: here I am")
    assert row.get_attribute("data-group") == group and top(row) == before
    expect(row.locator("a")).to_have_attribute("aria-current", "page")
    expect(alice.locator('.views [data-view="waiting"] .count')).to_have_text("2")

    open_conversation(alice, "third in the queue")
    expect(names).to_have_text(["first in the queue", "third in the queue"])
    view(alice, "all")
    expect(names).to_have_text(["You: here I am", "third in the queue", "first in the queue"])


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_choosing_a_view_moves_nothing(browse, sign_in, enterprise, locale):
    code = enterprise(f"unmoved-{locale}")
    visitor_of(browse, code, "stay calm")
    alice = sign_in(f"{code}-alice", locale=locale)
    places = """() => [...document.querySelectorAll(".view-tabs a, .view-menu > summary, .rows")]
      .map(one => one.getBoundingClientRect()).map(({ left, top, width }) => [left, top, width])"""
    for width in (320, 390, 720, 1100, 1366, 1920):
        alice.set_viewport_size({"width": width, "height": 800})
        alice.goto("/agent/?view=waiting")
        expect(row_of(alice, "stay calm")).to_be_visible()
        before = alice.evaluate(places)
        for name in ("mine", "all", "mentioned", "unclaimed", "snoozed", "closed", "waiting"):
            view(alice, name)
            link = alice.locator(f'.views [data-view="{name}"]')
            expect(link).to_have_attribute("aria-current", "true")
            assert alice.evaluate(places)[:-1] == before[:-1], (width, name)
            assert alice.evaluate(places)[-1][:2] == before[-1][:2], (width, name)
        heights = alice.locator(".view-tabs a").evaluate_all(
            "all => new Set(all.map(one => one.offsetTop)).size"
        )
        assert heights == 1, "one line"
        if width >= 390:
            whole = "tabs => tabs.scrollWidth <= tabs.clientWidth"
            assert alice.locator(".view-tabs").evaluate(whole), width


def test_the_other_views_are_in_a_menu_that_keys_open_and_close(sign_in, enterprise):
    alice = sign_in(f"{enterprise('more-views')}-alice", viewport=DESKTOP)
    summary, closed = alice.locator(".view-menu > summary"), alice.locator('[data-view="closed"]')
    summary.focus()
    press(alice, "Enter")
    expect(closed.first).to_be_visible()
    accessible(alice)
    press(alice, "Escape")
    expect(closed.first).to_be_hidden()
    expect(summary).to_be_focused()
    press(alice, "7")
    alice.wait_for_url("**?view=closed")
    summary.click()
    alice.click("h1")
    expect(closed.first).to_be_hidden()


@pytest.mark.parametrize("size", VIEWS)
def test_what_is_said_of_an_action_covers_no_row(browse, sign_in, enterprise, size):
    code = enterprise(f"uncovered-{size}", 20, 2)
    visitor_of(browse, code, "put me off")
    alice = sign_in(f"{code}-alice", viewport=VIEWS[size])
    view(alice, "all")
    open_conversation(alice, "put me off")
    snooze(alice)
    expect(toast(alice)).to_be_visible()
    if size == "phone" and alice.locator(".back").is_visible():
        alice.click(".back")
    expect(alice.locator(".rows")).to_be_visible()
    shot(alice)
    covered = """() => {
      const toast = document.querySelector(".toast").getBoundingClientRect();
      const list = document.querySelector(".rows").getBoundingClientRect();
      return toast.top < list.bottom && list.top < toast.bottom && toast.left < list.right;
    }"""
    assert not alice.evaluate(covered)
    rail = alice.locator(".rail").bounding_box()
    if size == "desktop":
        assert rail["y"] == 0 and rail["height"] == VIEWS[size]["height"]


@pytest.mark.parametrize(("motion", "lengths"), [("no-preference", {150}), ("reduce", set())])
def test_a_row_that_changes_its_place_moves_there_unless_motion_is_reduced(
    browse, sign_in, enterprise, motion, lengths
):
    code = enterprise(f"motion-{motion[:2]}")
    alice = sign_in(f"{code}-alice", viewport=DESKTOP, reduced_motion=motion)
    alice.add_init_script(WATCH_MOTION)
    view(alice, "all")
    visitors = [visitor_of(browse, code, f"{name} moves") for name in ("one", "two")]
    alice.reload()
    expect(row_of(alice, "two moves")).to_be_visible()
    write(visitors[0], "one moves again")
    expect(alice.locator(".row .row-last").first).to_have_text("one moves again")
    alice.wait_for_timeout(300)
    assert set(alice.evaluate("moves")) == lengths
