"""Being told: of several windows one alerts, and what is chosen counts at once."""

import re

import pytest
from playwright.sync_api import expect

from .pages import (
    PATIENCE,
    UNSPOKEN,
    VIEWS,
    accessible,
    came,
    open_conversation,
    row_of,
    shot,
    until,
    write,
)
from .sounds import ALLOWED, EARS, UNTOUCHED, sounds

SUSPENDED = 'Object.defineProperty(AudioContext.prototype, "state", {get: () => "suspended"})'
"""Sound stays off, whatever is touched, as the settings of a browser may have it."""


@pytest.fixture
def windows(sign_in, browse):
    """A function: `count` windows of a member, touched once and left alone."""

    def open_windows(name: str, count: int = 1, **options) -> list:
        first = sign_in(name, **ALLOWED, **options)
        pages = [first, *(browse("/agent/", first.context) for _ in range(count - 1))]
        for page in pages:
            page.add_init_script(EARS)
            page.goto("/agent/")
            until(page, "window.told")
            page.keyboard.press("Shift")
        return pages

    return open_windows


def settle(pages) -> None:
    """As long as the slowest window takes to make up its mind, and as two sounds lie apart."""
    pages[0].wait_for_timeout(2500)


def comes_to_one(pages) -> None:
    """Waits until one of the windows tells something; a busy machine takes its time."""
    for _ in range(PATIENCE // 100):
        if any(page.evaluate("window.told.length") for page in pages):
            return
        pages[0].wait_for_timeout(100)
    raise AssertionError("no window tells anything")


def told(pages) -> list:
    """Notifications of all windows; and then they are forgotten."""
    return [each for page in pages for each in page.evaluate("window.told.splice(0)")]


def dotted(page) -> bool:
    return "icon-dot" in page.locator('link[rel="icon"]').get_attribute("href")


def test_of_two_windows_one_alerts_and_the_icon_of_both_has_a_dot(browse, windows):
    pages = windows("alice", 2)
    came(browse, "is anybody in?")
    for page in pages:
        expect(row_of(page, "is anybody in?")).to_be_visible()
    comes_to_one(pages)
    settle(pages)
    ((title, body),) = told(pages)
    assert re.fullmatch(r"Visitor \d+ is waiting", title) and body == "is anybody in?"
    assert sorted(sounds(pages)) == [0, 2]
    for page in pages:
        assert dotted(page)
        expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    pages[0].evaluate("away = false; window.dispatchEvent(new Event('focus'))")
    for page in pages:
        until(page, "!document.querySelector('link[rel=icon]').href.includes('dot')")


def test_a_choice_counts_at_once_in_the_open_workspace(browse, windows):
    (alice,) = windows("alice")
    page = browse("/agent/alerts/", alice.context)
    page.add_init_script(EARS)
    page.reload()
    expect(page.locator('[data-permission="granted"]')).to_be_visible()
    page.uncheck('[name="sound"][value="unclaimed"]')
    page.uncheck('[name="desktop"][value="unclaimed"]')
    page.click("main button.primary")
    expect(page.locator(".notice-bar.ok")).to_be_visible()
    visitor = came(browse, "silence, please")
    expect(row_of(alice, "silence, please")).to_be_visible()
    settle([alice])
    assert told([alice]) == [] and sounds([alice]) == [0]
    page.check('[name="sound"][value="unclaimed"]')
    page.check('[name="desktop"][value="unclaimed"]')
    page.click("main button.primary")
    expect(page.locator(".notice-bar.ok")).to_be_visible()
    page.click(".try")
    write(visitor, "noise, please")
    expect(row_of(alice, "noise, please")).to_be_visible()
    until(alice, "told.length")
    settle([alice])
    assert [body for _title, body in told([alice])] == ["noise, please"]


@pytest.mark.parametrize(("locale", "view"), [("en-GB", "desktop"), ("zh-CN", "phone")])
def test_a_sound_that_the_browser_keeps_back_is_told_and_a_touch_heals_it(
    browse, sign_in, locale, view
):
    cookies = sign_in("alice").context.cookies()
    page = browse("/health/live/", locale=locale, viewport=VIEWS[view])
    page.context.add_cookies(cookies)
    page.add_init_script(EARS + UNTOUCHED)
    page.goto("/agent/")
    until(page, "window.told")
    visitor = browse("/chat/demo/")
    words = f"unheard {locale} {view}"
    page.evaluate(UNSPOKEN)
    write(visitor, words)
    expect(row_of(page, words)).to_be_visible()
    expect(page.locator(".sound-hint")).not_to_be_empty()
    assert not any(page.evaluate("unspoken"))
    accessible(page)
    page.keyboard.press("Shift")
    expect(page.locator(".sound-hint")).to_have_count(0)
    settle([page])
    write(visitor, f"heard {words}")
    expect(row_of(page, f"heard {words}")).to_be_visible()
    until(page, "notes")
    settle([page])
    assert sounds([page]) == [2]
    page.goto("/agent/alerts/")
    shot(page)


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_what_tells_of_a_silent_browser_hides_no_way_back(browse, sign_in, enterprise, view):
    code = enterprise(f"silent{view}")
    visitor, other = browse(f"/chat/{code}/"), browse(f"/chat/{code}/")
    write(visitor, "who claims me?")
    alice = sign_in(f"{code}-alice", viewport=VIEWS[view])
    alice.add_init_script(SUSPENDED)
    alice.goto("/agent/")
    open_conversation(alice, "who claims me?")
    alice.click('[data-part="claim"] button')
    undo = alice.locator(".toast .undo")
    expect(undo).to_be_visible()
    undo.focus()  # While it has the focus, it stays.
    write(other, "a sound that is kept back")
    hint = alice.locator(".sound-hint")
    expect(hint).not_to_be_empty()
    shot(alice)
    upper, lower = sorted(
        (hint.bounding_box(), alice.locator(".toast").bounding_box()), key=lambda box: box["y"]
    )
    left, right = sorted((upper, lower), key=lambda box: box["x"])
    above = upper["y"] + upper["height"] <= lower["y"]
    assert above or left["x"] + left["width"] <= right["x"]
    undo.click()
    expect(hint).to_have_count(0)
    expect(alice.locator(".toast")).to_have_count(0)
