"""The chat in the oldest browsers of docs/browsers.md: Chromium without what came later."""

import re

from playwright.sync_api import expect

from .pages import VIEWS, open_conversation, sees, shot, state_of, write

CHROME_90 = """
const since = "at findLast findLastIndex toSorted toReversed toSpliced with";
for (const kind of [Array, String, Int8Array.prototype.__proto__.constructor])
  for (const name of since.split(" ")) delete kind.prototype[name];
delete Object.hasOwn;
delete Object.groupBy;
delete Map.groupBy;
delete Array.fromAsync;
delete Promise.withResolvers;
delete globalThis.structuredClone;
delete AbortSignal.timeout;
delete AbortSignal.any;
delete URL.canParse;
delete HTMLElement.prototype.inert;
"""
"""Takes away what scripts have had since Chrome 91 only."""

CHROME_107 = re.compile(r"color-mix\(in srgb|\ddvh\b|float: inline-start")
"""What styles have had since Chrome 108 only."""


def grow_old(page) -> None:
    """The page, from its next load on, in an old browser."""

    def aged(route):
        answer = route.fetch()
        text = CHROME_107.sub(lambda found: f"{found[0][0]}-unknown-", answer.text())
        route.fulfill(response=answer, body=text)

    page.add_init_script(CHROME_90)
    page.route("**/*.css", aged)


def opaque(locator) -> bool:
    colour = locator.evaluate("element => getComputedStyle(element).backgroundColor")
    return colour != "rgba(0, 0, 0, 0)"


def test_an_old_browser_shows_the_chat_and_the_workspace_as_they_are_meant(browse, sign_in):
    visitor = browse("/health/live/", viewport=VIEWS["phone"])
    grow_old(visitor)
    visitor.goto("/chat/demo/")
    write(visitor, "from an old telephone")
    expect(state_of(visitor, "from an old telephone")).to_have_text("Sent")
    assert visitor.locator("body").bounding_box()["height"] == VIEWS["phone"]["height"]

    visitor.hover(".composer .send")
    assert opaque(visitor.locator(".composer .send"))
    shot(visitor)
    alice = sign_in("alice")
    grow_old(alice)
    alice.goto("/agent/")
    assert opaque(alice.locator(".rail .to-inbox"))

    open_conversation(alice, "from an old telephone")
    write(alice, "as always", alice)
    shot(alice)

    alice.hover(".composer .send")
    assert opaque(alice.locator(".composer .send"))
    alice.focus(".opened .scroller")
    alice.keyboard.press("?")
    sheet = alice.locator("dialog.sheet[open]")
    expect(sheet).to_be_visible()

    room = sheet.evaluate("element => getComputedStyle(element).maxBlockSize")
    assert room == f"{alice.viewport_size['height'] - 48}px"
    sees(visitor, "as always")
