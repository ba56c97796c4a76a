"""How the workspace looks, and that what is chosen there stays."""

import re

from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    came,
    keep_reply,
    looks,
    open_conversation,
    picker,
    press,
    sees,
    toast,
    write,
)

GROUND = "getComputedStyle(document.body).backgroundColor"
WHITE = "rgb(255, 255, 255)"


@looks
def test_who_wants_it_dark_or_light_says_so_once(sign_in, look):
    alice = sign_in("alice", **look)
    alice.click(".online > summary")
    expect(alice.locator(".own-sheet")).to_be_visible()
    accessible(alice, covered=".row")
    for theme, white in (("light", True), ("dark", False)):
        alice.click(f'.theme [value="{theme}"]')
        expect(alice.locator(f'.theme [value="{theme}"]')).to_have_attribute("aria-current", "true")
        assert (alice.evaluate(GROUND) == WHITE) == white
        accessible(alice, covered=".row")
        alice.reload()
        assert (alice.evaluate(GROUND) == WHITE) == white
        alice.click(".online > summary")
    alice.click('.theme [value="system"]')
    expect(alice.locator('.theme [value="system"]')).to_have_attribute("aria-current", "true")
    assert (alice.evaluate(GROUND) == WHITE) == (look.scheme == "light")
    press(alice, "Escape")
    expect(alice.locator(".own-sheet")).to_be_hidden()
    expect(alice.locator(".online > summary")).to_be_focused()


@looks
def test_a_conversation_is_handed_on_by_a_few_letters(browse, sign_in, enterprise, look):
    code = enterprise(f"pick-{look}")
    visitor = browse(f"/chat/{code}/", **look)
    visitor.fill("#content", "for whom?")
    visitor.press("#content", "Enter")
    sees(visitor, "for whom?")
    alice, bob = sign_in(f"{code}-alice", **look), sign_in(f"{code}-bob", **look)
    open_conversation(alice, "for whom?")
    assert alice.locator('[data-part="claim"] .primary').is_visible(), "the one primary act"
    box = picker(alice, "transfer")
    expect(box.locator("input")).to_be_focused()
    people = box.locator("[role=option]")
    expect(people.first).to_contain_text("小博")
    expect(people.first.locator(".dot")).to_have_class("dot on")
    expect(people.first.locator(".help")).to_contain_text("0")
    offline = box.locator("[role=group]").last.locator("[role=option] .dot:not(.on)")
    assert offline.count() > 0, "who is offline comes last"
    accessible(alice)

    alice.keyboard.type("nobody of this name")
    expect(box.locator("[role=option]")).to_have_count(0)
    expect(box.locator("[role=status]")).not_to_be_empty()
    alice.fill(".picker input", "")
    press(alice, "ArrowDown")
    expect(people.nth(1)).to_have_attribute("aria-selected", "true")
    press(alice, "ArrowUp", "Enter")
    expect(box.locator(".whom")).to_contain_text("小博")
    accessible(alice)
    alice.keyboard.type("he asked for you")
    press(alice, "Enter")
    bob.goto(alice.url)
    sees(bob, "he asked for you")
    expect(alice.locator(".thread-claim")).to_contain_text("小博")
    expect(alice.locator('[data-picks="transfer"]')).to_be_hidden()


def test_a_snooze_is_chosen_from_sensible_times_or_an_own_one(browse, sign_in):
    came(browse, "not today")
    alice = at_desk(sign_in, "alice", "not today")
    alice.focus(".opened .scroller")
    press(alice, "s")
    box = alice.locator(".picker")
    expect(box.locator("[role=listbox]")).to_be_focused()
    accessible(alice)
    alice.fill("#own-time", "2020-01-01T09:00")
    box.get_by_role("button", name="Snooze").click()
    expect(box.locator(".field-error")).to_be_visible()
    expect(alice.locator("#own-time")).to_have_attribute("aria-invalid", "true")
    accessible(alice)
    alice.click("#thread-name")
    expect(box).to_have_count(0)
    press(alice, "s")
    press(alice, "ArrowDown", "Enter")
    expect(alice.locator(".thread-snoozed")).to_be_visible()
    expect(alice.locator('[data-picks="snooze"]')).to_be_hidden()
    toast(alice).locator(".undo").click()
    expect(alice.locator('[data-picks="snooze"]')).to_be_visible()


@looks
def test_a_canned_reply_is_found_and_put_where_the_cursor_is(browse, sign_in, enterprise, look):
    code = enterprise(f"canned-{look}")
    visitor = browse(f"/chat/{code}/")
    visitor.fill("#content", "how long?")
    visitor.press("#content", "Enter")
    sees(visitor, "how long?")
    alice = sign_in(f"{code}-alice")
    keep_reply(alice, "Delivery", "I am {agent}: three days.")
    keep_reply(alice, "Opening hours", "From nine to six.")
    alice = at_desk(sign_in, f"{code}-alice", "how long?", **look)
    alice.fill("#content", "Hello!  Bye.")
    alice.evaluate("document.querySelector('#content').setSelectionRange(7, 7)")
    alice.click(".composer .canned")
    box = alice.locator(".composer .picker")
    expect(box.locator("[role=option]")).to_have_count(2)
    expect(box.locator("input")).to_be_focused()
    accessible(alice)
    alice.keyboard.type("three")
    expect(box.locator("[role=option]")).to_have_count(1)
    press(alice, "Enter")
    expect(box).to_have_count(0)
    expect(alice.locator("#content")).to_have_value("Hello! I am 小艾: three days. Bye.")
    expect(alice.locator("#content")).to_be_focused()
    alice.click(".composer .canned")
    alice.fill(".picker input", "opening")
    box.locator("[role=option]").click()
    expect(alice.locator("#content")).to_have_value(re.compile("From nine to six"))
    alice.click(".composer .canned")
    expect(box).to_be_visible()
    press(alice, "Escape")
    expect(box).to_have_count(0)
    expect(alice.locator(".composer .canned")).to_be_focused()


def test_buttons_and_keys_write_marks_around_what_is_selected(browse, sign_in):
    came(browse, "please format")
    alice = at_desk(sign_in, "alice", "please format")
    field = alice.locator("#content")
    # The keys are among the aids for writing, which come with the first touch.
    field.fill("/")
    expect(alice.get_by_role("listbox", name="Canned replies")).to_be_visible()
    field.fill("it is free now")
    alice.evaluate("document.querySelector('#content').setSelectionRange(6, 10)")
    alice.click('[data-mark="bold"]')
    expect(field).to_have_value("it is **free** now")
    expect(field).to_be_focused()
    press(alice, "Control+b")
    expect(field).to_have_value("it is free now")
    press(alice, "Control+i")
    expect(field).to_have_value("it is *free* now")
    press(alice, "Control+z")
    expect(field).to_have_value("it is free now")
    alice.click('[data-mark="list"]')
    expect(field).to_have_value("- it is free now")
    expect(alice.locator('[data-mark="call"]')).to_be_hidden()


def test_each_group_of_messages_has_one_face(browse, sign_in):
    visitor = came(browse, "first of two")
    write(visitor, "second of two", visitor)
    alice, bob = (at_desk(sign_in, name, "second of two") for name in ("alice", "bob"))
    write(bob, "from a colleague", alice)
    write(alice, "from me", bob)
    seen = None
    for page in (alice, bob):
        for _ in range(2):
            faces = page.locator(".messages .message .face:visible")
            expect(faces).to_have_count(3)
            hues = [face.get_attribute("class") for face in faces.locator(".avatar").all()]
            assert hues[1] != hues[2], "colleagues differ; a visitor's colour comes from the uuid"
            seen = seen or hues
            assert hues == seen, "and each keeps theirs, on every page"
            page.reload()
            expect(page.locator(".messages .message")).not_to_have_count(0)
    right = alice.locator(".message", has_text="from a colleague").locator(".face").bounding_box()
    left = alice.locator(".message", has_text="first of two").locator(".face").bounding_box()
    assert right["x"] > left["x"] + 300
    assert visitor.locator(".message .face").count() == 2, "of those who answer"
    alice.set_viewport_size({"width": 1920, "height": 1000})
    width = alice.locator(".thread-body").bounding_box()["width"]
    assert width <= 960, "lines that can be read"
