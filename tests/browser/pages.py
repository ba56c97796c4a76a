"""What people do on the pages, in the words of a test."""

import os
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PATIENCE = 40_000
"""Milliseconds: the slow beat is 30 s."""

VIEWS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1360, "height": 820}}


class Look(dict):
    """A page's options for a language, size and scheme; its text names what is made with them."""

    def __init__(self, locale: str, size: str, scheme: str):
        super().__init__(locale=locale, viewport=VIEWS[size], color_scheme=scheme)
        self.locale, self.size, self.scheme = locale, size, scheme

    def __str__(self) -> str:
        return f"{self.locale}-{self.size}-{self.scheme}"


LOOKS = [
    Look("en-GB", "desktop", "light"),
    pytest.param(Look("zh-CN", "phone", "dark"), marks=pytest.mark.release),
]
"""Each language, size and scheme once, the second with --all; KEFU_LOOKS=all tries all eight."""
if os.environ.get("KEFU_LOOKS") == "all":
    every = product(("en-GB", "zh-CN"), ("phone", "desktop"), ("light", "dark"))
    LOOKS = [Look(*one) for one in every]
looks = pytest.mark.parametrize("look", LOOKS, ids=str)


UNSPOKEN = """
window.unspoken = [];
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes)
    for (const part of type === "childList" ? addedNodes : [target])
      for (const one of part.querySelectorAll ? [part, ...part.querySelectorAll("*")] : [])
        if (one.role === "status" && one.checkVisibility()) unspoken.push(one.textContent);
}).observe(document, { attributeFilter: ["hidden"], childList: true, subtree: true });
"""
"""A page's script: lists the words with which statuses come or are shown. Of those a screen reader
speaks none, only what comes later."""


def until(page, expression: str) -> None:
    """Waits until JavaScript is true, as Page.wait_for_function does where a policy allows eval."""
    for _ in range(PATIENCE // 50):
        if page.evaluate(f"Boolean({expression})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def comes(page, into: list) -> None:
    """Waits until something stands in a list that the page's requests or sockets fill."""
    for _ in range(PATIENCE // 50):
        if into:
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing came")


def write(page, text: str, *readers) -> None:
    """Types a message and sends it with Enter, once the page's scripts hear of that; then waits
    until the pages of these `readers` show it."""
    page.locator(".composer .emoji:not([hidden])").wait_for(state="attached")
    page.fill("#content", text)
    page.press("#content", "Enter")
    for reader in readers:
        sees(reader, text)


def sees(page, text: str, times: int = 1) -> None:
    """The thread shows exactly `times` messages with this text."""
    expect(bodies(page, text)).to_have_count(times)


def bodies(page, text: str):
    return page.locator(".messages .message .body").get_by_text(text, exact=True)


def is_stored(page, text: str) -> None:
    """The page shows that the server has accepted its message with this text."""
    stored = page.locator(":not([data-state])")
    expect(message(page, text).and_(stored)).to_have_count(1)


def state_of(page, text: str):
    message = page.locator(".messages .message").filter(has=page.get_by_text(text, exact=True))
    return message.locator(".state")


def row_of(page, name: str):
    """An inbox row by the visitor's name."""
    return page.locator(".inbox .row").filter(has_text=name)


def open_conversation(page, text: str) -> None:
    """Opens the conversation whose inbox row shows `text`; one that is open gives way to it."""
    row = row_of(page, text).first
    group = row.get_attribute("data-group")
    row.click()
    page.wait_for_url(f"**/agent/c/{group}/**")
    expect(page.locator(".opened .conversation:not([inert])")).to_be_visible()


def at_desk(sign_in, name: str, text: str, **options):
    """The workspace of a member, with the conversation open whose inbox row shows `text`."""
    page = sign_in(name, **options)
    open_conversation(page, text)
    return page


AXE = Axe()


SETTLED = """!document.getAnimations().some((one) =>
  one.playState === "running" && one.effect.getComputedTiming().endTime < 2000
    && one.transitionProperty !== "stroke-dashoffset")"""
"""Once what fades in is there: half of it has not the contrast that it comes to have. The ring of
an offer moves all the time."""


def accessible(page, covered: str = "") -> None:
    """Axe finds nothing in WCAG 2.2 AA but in what an open sheet has `covered`, a selector, and
    nothing is wider than the window. Takes a `shot`."""
    until(page, SETTLED)
    shot(page)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    looked_at = {"exclude": [[covered]]} if covered else None
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = AXE.run(page, context=looked_at, options=options)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def shot(page) -> None:
    """A picture for people to look at, where KEFU_SHOTS names a folder: numbered, with its test."""
    if folder := os.environ.get("KEFU_SHOTS"):
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].partition(" ")[0]
        page.screenshot(path=Path(folder) / f"{len(os.listdir(folder)):03}-{test}.png")


def view(page, name: str) -> None:
    """Chooses a view of the inbox, of those in the menu if it is there."""
    link = page.locator(f'.views a[data-view="{name}"]')
    if not link.is_visible():
        page.click(".view-menu > summary")
    link.click()


def panel(page, look: Look) -> None:
    """Shows the panel about the visitor, which is a page of its own on a phone."""
    if look.size == "phone":
        page.click(".panel-open")


def menu(page, part: str):
    """Opens one part of the menu in the conversation's head."""
    page.click(".menu > summary")
    page.click(f'[data-part="{part}"] > summary')
    return page.locator(f'[data-part="{part}"] form')


def picker(page, which: str):
    """Opens the list below a button of the conversation's head: transfer or snooze."""
    page.click(f'[data-picks="{which}"]')
    expect(page.locator(".picker [role=option]").first).to_be_visible()
    return page.locator(".picker")


def hand_on(page, name: str, note: str = "") -> None:
    """Transfers the conversation to a colleague or a team, wherever they are."""
    picker(page, "transfer").locator("[role=option]", has_text=name).click()
    page.fill(".picker textarea", note)
    page.click(".picker .primary")


def snooze(page) -> None:
    """Snoozes the conversation for two hours."""
    picker(page, "snooze").locator("[role=option]").nth(2).click()


def came(browse, words: str, code: str = "demo", **look):
    """A visitor's page of the enterprise `code`; the visitor wrote `words`."""
    visitor = browse(f"/chat/{code}/", **look)
    write(visitor, words, visitor)
    return visitor


def asked_to_rate(visitor) -> None:
    """Waits until the page shows a close, ten seconds after it; `clock.install()` before the close
    lets them pass at once."""
    rating = visitor.locator(".rating")
    for _ in range(40):
        visitor.clock.fast_forward(500)
        visitor.wait_for_timeout(100)
        if rating.is_visible():
            return
    expect(rating).to_be_visible()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def toast(page):
    return page.locator(".toasts[role=status] .toast")


def message(page, text: str):
    body = page.locator(".body").get_by_text(text, exact=True)
    return page.locator(".messages .message").filter(has=body)


def tool(page, text: str, name: str):
    """A button of the bar above a message."""
    is_stored(page, text)
    bodies(page, text).hover()
    return page.locator(".message-tools").get_by_role("button", name=name)


def keep_reply(page, title: str, text: str) -> None:
    page.goto("/agent/replies/")
    page.fill("[name=title]", title)
    page.fill("[name=content]", text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The reply is saved.")).to_be_visible()
