"""What helps to answer: emoji, canned replies, calls, drafts; with a pointer and without."""

import re

from playwright.sync_api import expect

from .pages import (
    at_desk,
    came,
    keep_reply,
    message,
    open_conversation,
    row_of,
    sees,
    state_of,
    write,
)


def test_emoji_are_chosen_by_pointer_and_by_keyboard(browse):
    visitor = browse("/chat/demo/")
    visitor.fill("#content", "ab")
    visitor.press("#content", "ArrowLeft")
    visitor.get_by_role("button", name="Emoji").click()
    visitor.locator(".emoji-box").get_by_text("👍").click()
    expect(visitor.locator("#content")).to_have_value("a👍b")
    expect(visitor.locator("#content")).to_be_focused()
    visitor.get_by_role("button", name="Emoji").press("Enter")
    expect(visitor.locator(".emoji-box button").first).to_have_text("👍")
    visitor.keyboard.press("ArrowRight")
    visitor.keyboard.press("Enter")
    expect(visitor.locator("#content")).to_have_value("a👍😀b")
    visitor.get_by_role("button", name="Emoji").press("Enter")
    expect(visitor.locator(".emoji-box button").first).to_be_focused()
    visitor.keyboard.press("Escape")
    expect(visitor.locator(".emoji-box")).to_be_hidden()
    expect(visitor.locator("#content")).to_be_focused()


def test_a_canned_reply_is_found_by_keyboard_with_the_names_filled_in(browse, sign_in):
    visitor = came(browse, "where is my parcel?")
    alice = sign_in("alice")
    keep_reply(alice, "Greeting", "Hello {visitor}, this is {agent} of {team}.")
    keep_reply(alice, "Parcel", "Your parcel is on its way.")
    alice.goto("/agent/")
    open_conversation(alice, "where is my parcel?")
    held = []
    alice.route("**/agent/replies/", lambda route: held.append(route))
    with alice.expect_request("**/agent/replies/"):
        alice.type("#content", "/parcel")

    alice.press("#content", "Enter")
    (route,) = held
    route.continue_()
    expect(alice.locator("#content")).to_have_value("Your parcel is on its way.")
    sees(visitor, "/parcel", times=0)

    alice.fill("#content", "")
    alice.type("#content", "/")
    offers = alice.locator(".suggestions [role=option]")
    expect(offers).to_have_count(2)
    # What she has used most stands first.
    expect(offers.nth(1)).to_contain_text("Hello, this is 小艾 of Customer service.")

    alice.press("#content", "ArrowDown")
    expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    alice.type("#content", "gree")
    expect(offers).to_have_count(1)

    alice.press("#content", "Escape")
    expect(alice.locator(".suggestions")).to_be_hidden()
    expect(alice.locator("#content")).to_have_value("/gree")
    alice.type("#content", "t")
    expect(offers).to_have_count(1)

    alice.press("#content", "Enter")
    expect(alice.locator("#content")).to_have_value("Hello, this is 小艾 of Customer service.")
    alice.press("#content", "Enter")
    sees(visitor, "Hello, this is 小艾 of Customer service.")

    alice.type("#content", "/parcel")
    offers.first.click()
    expect(alice.locator("#content")).to_have_value("Your parcel is on its way.")
    alice.fill("#content", "/nothing like it")
    expect(alice.get_by_text("No matching canned reply.").first).to_be_visible()
    alice.press("#content", "Enter")
    sees(visitor, "/nothing like it")


def test_a_slash_alone_is_not_sent_where_no_reply_is_kept(browse, sign_in, enterprise):
    code = enterprise("noreplies")
    visitor = came(browse, "any ready answers?", code)
    alice = at_desk(sign_in, f"{code}-alice", "any ready answers?")
    alice.type("#content", "/")
    none = alice.locator("#suggestions").get_by_text("No matching canned reply.")
    expect(none).to_be_visible()
    alice.press("#content", "Enter")
    expect(none).to_be_visible()
    expect(alice.locator("#content")).to_have_value("/")
    alice.press("#content", "Escape")
    expect(none).to_be_hidden()
    alice.press("#content", "Enter")
    sees(visitor, "/")


def test_a_colleague_is_called_in_a_note(browse, sign_in):
    visitor = came(browse, "a case for a specialist")
    alice, bob = sign_in("alice"), sign_in("bob")
    open_conversation(alice, "a case for a specialist")
    alice.type("#content", "@")
    expect(alice.locator(".suggestions [role=option]")).to_have_count(0)
    alice.fill("#content", "")
    asked = alice.locator("#content").get_attribute("placeholder")
    alice.check("[name=note][value='1']")
    expect(alice.locator("#content")).to_have_attribute("placeholder", re.compile("colleagues"))

    alice.click('[data-mark="call"]')
    option = alice.locator(".suggestions [role=option]", has_text="小博")
    expect(option.locator(".avatar")).to_be_visible()
    expect(option.locator(".dot")).to_have_class("dot on")
    expect(option).to_contain_text("Online")
    option.click()
    expect(alice.locator("#content")).to_have_value("@小博 ")
    alice.fill("#content", "")

    alice.type("#content", "Look, @小博")
    expect(alice.locator(".suggestions [role=option] b")).to_have_text(["小博"])
    alice.press("#content", "Enter")
    expect(alice.locator("#content")).to_have_value("Look, @小博 ")

    alice.reload()
    expect(alice.locator("#content")).to_have_value("Look, @小博 ")
    alice.press("#content", "Enter")
    sees(alice, "Look, @小博 ")
    expect(message(alice, "Look, @小博 ").locator(".call")).to_have_text("@小博")

    alice.check("[name=note][value='']")
    expect(alice.locator("#content")).to_have_attribute("placeholder", asked)
    row = row_of(bob, "Look, @小博").first
    expect(row.locator(".row-mentioned")).to_be_visible()
    expect(row_of(alice, "Look, @小博").first.locator(".row-mentioned")).to_be_hidden()

    open_conversation(bob, "Look, @小博")
    expect(message(bob, "Look, @小博 ")).to_have_attribute("data-calls-me", "")
    expect(message(bob, "Look, @小博 ").locator(".call")).to_have_text("@小博")
    bob.reload()
    expect(message(bob, "Look, @小博 ").locator(".call")).to_have_text("@小博")

    # Words that look the same and call nobody.
    bob.check("[name=note][value='1']")
    write(bob, "as @小博 said", alice)
    expect(message(alice, "as @小博 said").locator(".call")).to_have_count(0)
    expect(row.locator(".row-mentioned")).to_be_hidden()
    assert "specialist" in visitor.content() and "小博 " not in visitor.inner_text(".messages")


def test_enter_or_ctrl_enter_sends_as_one_has_chosen(browse, sign_in):
    visitor = came(browse, "two keys")
    alice = at_desk(sign_in, "alice", "two keys")
    other = browse(alice.url, context=alice.context)
    choice = alice.get_by_label("Send key")
    expect(choice).to_have_value("enter")

    choice.select_option(label="Ctrl+Enter sends")
    expect(alice.locator("#content")).to_be_focused()
    expect(other.get_by_label("Send key")).to_have_value("ctrl")
    for page in (alice, other):
        page.type("#content", "first line")
        page.press("#content", "Enter")
        page.type("#content", "second line")
        expect(page.locator("#content")).to_have_value("first line\nsecond line")
        page.press("#content", "Control+Enter")
        expect(page.locator("#content")).to_have_value("")
        page.reload()
        expect(page.get_by_label("Send key")).to_have_value("ctrl")
    sees(visitor, "first line\nsecond line", times=2)

    bob = at_desk(sign_in, "bob", "second line")
    expect(bob.get_by_label("Send key")).to_have_value("enter")
    alice.get_by_label("Send key").select_option(label="Enter sends")
    write(alice, "one key again", visitor)


def test_a_draft_stays_with_its_conversation(browse, sign_in):
    for words in ("draft one", "draft two"):
        came(browse, words)
    alice = at_desk(sign_in, "alice", "draft one")
    alice.type("#content", "for the first")
    open_conversation(alice, "draft two")
    sees(alice, "draft two")
    expect(alice.locator("#content")).to_have_value("")
    alice.check("[name=note][value='1']")
    alice.type("#content", "a note for the second")
    open_conversation(alice, "draft one")
    sees(alice, "draft one")
    expect(alice.locator("#content")).to_have_value("for the first")
    expect(alice.locator("[name=note][value='']")).to_be_checked()
    alice.goto("/agent/")
    open_conversation(alice, "draft two")
    expect(alice.locator("#content")).to_have_value("a note for the second")
    expect(alice.locator("[name=note][value='1']")).to_be_checked()
    alice.press("#content", "Enter")
    expect(message(alice, "a note for the second")).to_have_attribute("data-kind", "note")
    alice.reload()
    expect(alice.locator("#content")).to_have_value("")


def test_a_slash_that_is_typed_before_the_script_is_there_opens_the_replies(browse, sign_in):
    came(browse, "an early slash")
    alice = at_desk(sign_in, "alice", "an early slash")
    held = []
    alice.route("**/static/js/composer/writing_aids.*js", lambda route: held.append(route))
    alice.reload()
    with alice.expect_request("**/static/js/composer/writing_aids.*js"):
        alice.focus("#content")
    alice.keyboard.type("/")
    held[0].continue_()
    expect(alice.locator("#suggestions")).to_be_visible()


def test_a_text_that_a_colleague_forestalled_can_be_discarded(browse, sign_in, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED")
    visitor = came(browse, "who is the quicker one?")
    alice = sign_in("alice", viewport={"width": 390, "height": 780})
    bob = sign_in("bob")
    for agent in (alice, bob):
        open_conversation(agent, "who is the quicker one?")
    # One of the two is late, and has not heard of the other's.
    alice.context.set_offline(True)
    alice.fill("#content", "I am")
    write(bob, "me, I think")
    expect(state_of(bob, "me, I think")).not_to_have_text("")
    alice.press("#content", "Enter")
    alice.context.set_offline(False)
    failed = alice.locator(".message[data-state=failed]")
    expect(failed.locator(".state")).to_contain_text("a colleague has replied in the meantime")
    time, state = (failed.locator(name).bounding_box() for name in ("time", ".state"))
    end = {"x": state["x"] + state["width"], "y": time["x"] + time["width"]}
    assert abs(end["x"] - end["y"]) < 1 or state["y"] == time["y"], "no line begins with a dot"
    failed.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(0)
    expect(alice.locator(".opened .scroller")).to_be_focused()
    expect(alice.locator("#content")).to_have_value("")
    alice.reload()
    sees(alice, "me, I think")
    sees(alice, "I am", times=0)
    sees(visitor, "I am", times=0)
