"""The workspace in a hand: a narrow window, and fingers instead of a mouse."""

import pytest
from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    bodies,
    came,
    is_stored,
    looks,
    open_conversation,
    row_of,
    sees,
    state_of,
    until,
    write,
)
from .uploads import chosen, png

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OPEN = "document.querySelector('{}').open"
SMALL = """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !one.closest("[inert], .messages, p, h2"))
  .map((one) => [one.className || one.textContent, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && (width < 39 || height < 39))
  .map(([name, { width, height }]) => `${name} ${width} x ${height}`)"""
"""What a finger would miss: links in a text and in a message are as large as its letters."""

KEYBOARD = """Object.defineProperty(window, "visualViewport", {
  value: Object.assign(new EventTarget(), { width: 390, height: 844, offsetTop: 0, scale: 1 })
})"""
STICKY = """[...document.styleSheets].flatMap(({ cssRules }) => [...cssRules])
  .map(({ selectorText }) => selectorText).filter((one) => /:hover( |$)/.test(one))"""
"""A finger leaves :hover behind until the next tap."""


def hold(page, text: str) -> None:
    """Presses a message long: then the browser asks for its menu."""
    is_stored(page, text)
    sheet = page.locator("dialog.message-sheet")
    # Its script comes after the page.
    expect(sheet).to_be_attached()
    bodies(page, text).dispatch_event("contextmenu")
    expect(sheet).to_be_visible()


def test_list_conversation_panel_and_sheet_are_left_by_the_way_back(browse, sign_in):
    visitor = came(browse, "from a hand to a hand")
    alice = at_desk(sign_in, "alice", "from a hand to a hand", **PHONE)
    alice.tap(".panel-open")
    expect(alice.locator(".panel")).to_be_visible()
    assert alice.locator(".panel").bounding_box()["width"] == 390
    assert alice.evaluate(STICKY) == []
    alice.go_back()
    expect(alice.locator(".panel")).to_be_hidden()
    hold(alice, "from a hand to a hand")
    alice.go_back()
    expect(alice.locator("dialog.message-sheet")).to_be_hidden()
    hold(alice, "from a hand to a hand")
    alice.get_by_role("button", name="Quote").tap()
    expect(alice.locator("#content")).to_be_focused()
    write(alice, "and back", visitor)
    alice.tap(".menu > summary")
    alice.touchscreen.tap(195, 200)
    until(alice, f"!{OPEN.format('.menu')}")
    write(visitor, "one more", alice)
    alice.tap(".back")
    alice.wait_for_url("**/agent/")
    alice.go_forward()
    sees(alice, "one more")
    alice.fill("#content", "not sent")
    alice.go_back()
    expect(row_of(alice, "one more")).to_contain_text("Unsent · ")


@pytest.mark.release
@looks
def test_each_page_of_a_phone_has_room_for_a_finger(browse, sign_in, look):
    words = f"fingers {look}"
    visitor = came(browse, words)
    alice = sign_in("alice", **{**look, **PHONE})
    for width in (390, 320):
        alice.set_viewport_size({"width": width, "height": 844})
        alice.goto("/agent/")

        def looked_at(name):
            accessible(alice)
            assert alice.evaluate(SMALL) == [], name

        looked_at("list")
        for sheet in (".view-menu", ".online"):
            alice.tap(f"{sheet} > summary")
            looked_at(sheet)
            alice.go_back()
            until(alice, f"!{OPEN.format(sheet)}")
        open_conversation(alice, words)
        looked_at("thread")
        alice.tap(".marks-open")
        looked_at("marks")
        for sheet in (".menu", ".closing"):
            alice.tap(f"{sheet} > summary")
            looked_at(sheet)
            alice.go_back()
            until(alice, f"!{OPEN.format(sheet)}")
        for picks in ("transfer", "snooze"):
            alice.tap(f'[data-picks="{picks}"]')
            expect(alice.locator(".picker [role=option]").first).to_be_visible()
            looked_at(picks)
            alice.go_back()
            expect(alice.locator(".picker")).to_have_count(0)
        hold(alice, words)
        looked_at("sheet")
        alice.keyboard.press("Escape")
        alice.tap(".panel-open")
        looked_at("panel")
    visitor.close()


def test_enlarged_four_times_list_and_thread_can_be_read(browse, sign_in):
    came(browse, "in large letters")
    alice = sign_in("alice", viewport={"width": 320, "height": 256})
    high = "one => one.clientHeight"
    assert alice.locator(".rows").evaluate(high) >= 96
    accessible(alice)
    open_conversation(alice, "in large letters")
    assert alice.locator(".scroller").evaluate(high) >= 96
    accessible(alice)


@pytest.mark.release
def test_a_keyboard_on_the_screen_covers_neither_field_nor_last_message(browse, sign_in):
    """A phone whose browser keeps the page as high as it was, as on iOS."""
    visitor = came(browse, "above the keyboard")
    for number in range(12):
        write(visitor, f"line {number}")
    sees(visitor, "line 11")
    alice = sign_in("alice", **PHONE)
    alice.add_init_script(KEYBOARD)
    alice.reload()
    open_conversation(alice, "line 11")
    alice.tap("#content")
    alice.evaluate(
        """Object.assign(visualViewport, { height: 470, offsetTop: 60 });
        visualViewport.dispatchEvent(new Event("resize"))"""
    )
    place = alice.locator(".composer").bounding_box()
    assert 60 < place["y"] < place["y"] + place["height"] <= 530
    last = bodies(alice, "line 11")
    until(alice, "document.querySelector('.jump').hidden")
    box = last.bounding_box()
    assert 60 < box["y"] < box["y"] + box["height"] <= place["y"]
    expect(alice.locator(".head-actions")).to_be_hidden()


@pytest.mark.release
def test_the_sheet_of_a_message_has_all_its_tools_and_a_text_can_be_selected(browse, sign_in):
    visitor = came(browse, "what a sheet can do")
    alice = at_desk(sign_in, "alice", "what a sheet can do", **PHONE)
    hold(alice, "what a sheet can do")
    alice.get_by_role("button", name="Select text").tap()
    assert alice.evaluate("getSelection().toString()") == "what a sheet can do"
    write(alice, "a slip")
    hold(alice, "a slip")
    alice.get_by_role("button", name="Edit").tap()
    alice.fill("#content", "no slip")
    alice.tap(".send")
    sees(visitor, "no slip")
    hold(alice, "no slip")
    alice.keyboard.press("ArrowUp")
    alice.keyboard.press("Enter")
    alice.get_by_role("button", name="Recall for everyone?").tap()
    sees(visitor, "no slip", times=0)
    expect(alice.locator("dialog.message-sheet")).to_be_hidden()
    alice.press("#content", "ArrowUp")
    expect(alice.get_by_role("button", name="Quote")).to_be_focused()
    alice.touchscreen.tap(195, 80)
    expect(alice.locator("dialog.message-sheet")).to_be_hidden()


@pytest.mark.release
def test_a_photo_is_sent_and_a_picture_that_few_can_see_is_named(browse, sign_in):
    visitor = came(browse, "a photo, please")
    alice = at_desk(sign_in, "alice", "a photo, please", **PHONE)
    photo = alice.locator(".photo input")
    expect(photo).to_have_attribute("capture", "environment")
    alice.tap("#content")
    photo.set_input_files(chosen("IMG_1.png", png()))
    expect(alice.locator(".tray li")).to_have_count(1)
    alice.tap(".send")
    expect(visitor.locator(".messages a.picture")).to_have_count(1)
    alice.set_input_files(".composer [name=file]", chosen("IMG_2.HEIC", b"heic", "image/heic"))
    expect(alice.locator(".tray-problem")).to_contain_text("IMG_2.HEIC is sent as a file")
    expect(alice.locator(".tray li")).to_have_count(1)
    alice.locator(".messages a.picture").tap()
    expect(alice.locator("dialog.viewer")).to_be_visible()
    alice.go_back()
    expect(alice.locator("dialog.viewer")).to_have_count(0)


@pytest.mark.release
def test_what_comes_behind_the_panel_is_read_once_the_panel_is_closed(browse, sign_in):
    visitor = came(browse, "before the panel")
    alice = sign_in("alice", **PHONE)
    sent = []
    alice.on("websocket", lambda one: one.on("framesent", lambda frame: sent.append(frame)))
    alice.reload()
    open_conversation(alice, "before the panel")
    expect(state_of(visitor, "before the panel")).to_have_text("Read")
    alice.tap(".panel-open")
    expect(alice.locator(".panel")).to_be_visible()
    del sent[:]
    write(visitor, "behind the panel", alice)
    assert not [frame for frame in sent if "message.read" in frame]
    alice.tap(".panel-close")
    expect(state_of(visitor, "behind the panel")).to_have_text("Read")
