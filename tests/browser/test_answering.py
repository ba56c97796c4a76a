"""What helps to answer: quoting, recalling, emoji; with a pointer and without."""

import re

import pytest
from playwright.sync_api import expect

from .steps import bodies, open_conversation, row_of, sees, state_of, write


def message(page, text: str):
    body = page.locator(".body").get_by_text(text, exact=True)
    return page.locator(".messages .message").filter(has=body)


def tool(page, text: str, name: str):
    """A button of the bar above a message."""
    bodies(page, text).hover()
    return page.locator(".message-tools").get_by_role("button", name=name)


def test_a_recalled_message_is_gone_on_every_page(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "before the slip")
    alice, bob = sign_in("alice"), sign_in("bob")
    open_conversation(alice, "before the slip")
    write(alice, "my password is swordfish")
    sees(visitor, "my password is swordfish")
    expect(row_of(bob, "swordfish").first).to_be_visible()
    tool(alice, "my password is swordfish", "Recall").click()
    sees(visitor, "my password is swordfish")
    alice.get_by_role("button", name="Recall for everyone?").click()
    for page in (visitor, alice):
        sees(page, "my password is swordfish", times=0)
        sees(page, "小艾 recalled a message")
    expect(row_of(bob, "swordfish")).to_have_count(0)
    expect(row_of(bob, "before the slip").first.locator(".row-unread")).to_contain_text("1")
    for page in (visitor, alice):
        page.reload()
        sees(page, "before the slip")
        sees(page, "my password is swordfish", times=0)
        sees(page, "小艾 recalled a message")
    tool(visitor, "before the slip", "Recall").click()
    visitor.get_by_role("button", name="Recall for everyone?").click()
    sees(alice, "before the slip", times=0)


def test_a_message_is_answered_with_a_quote_that_leads_back(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "is the blue one in stock?")
    for number in range(55):
        write(visitor, f"and another thing {number}")
    expect(state_of(visitor, "and another thing 54")).to_have_text("Sent")
    alice = sign_in("alice")
    open_conversation(alice, "and another thing 54")
    write(alice, "one after the other")
    tool(visitor, "one after the other", "Quote").click()
    expect(visitor.locator(".answered .quote")).to_contain_text("one after the other")
    visitor.reload()
    expect(visitor.locator(".answered")).to_be_hidden()
    tool(visitor, "one after the other", "Quote").click()
    visitor.type("#content", "sorry")
    visitor.reload()
    expect(visitor.locator(".answered .quote")).to_contain_text("one after the other")
    visitor.press("#content", "Enter")
    expect(visitor.locator(".answered")).to_be_hidden()
    for page in (visitor, alice):
        expect(message(page, "sorry").locator(".quote")).to_contain_text("one after the other")
    alice.locator(".thread .scroller").evaluate("element => element.scrollTo(0, 0)")
    sees(alice, "is the blue one in stock?")
    tool(alice, "is the blue one in stock?", "Quote").click()
    write(alice, "yes, it is")
    visitor.reload()
    sees(visitor, "is the blue one in stock?", times=0)
    message(visitor, "yes, it is").locator(".quote").click()
    expect(bodies(visitor, "is the blue one in stock?")).to_be_in_viewport()
    tool(alice, "yes, it is", "Quote").click()
    write(alice, "twelve of them")
    tool(alice, "yes, it is", "Recall").click()
    alice.get_by_role("button", name="Recall for everyone?").click()
    for page in (visitor, alice):
        expect(message(page, "twelve of them").locator(".quote")).to_contain_text("recalled")
    expect(message(visitor, "yes, it is")).to_have_count(0)


def test_quoting_and_recalling_work_by_keyboard(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "keys only, first")
    write(visitor, "keys only, second")
    expect(state_of(visitor, "keys only, second")).to_have_text("Sent")
    visitor.press("#content", "ArrowUp")
    bar = visitor.locator(".message-tools")
    expect(bar.get_by_role("button", name="Quote")).to_be_focused()
    visitor.keyboard.press("ArrowUp")
    visitor.keyboard.press("Enter")
    expect(visitor.locator(".answered .quote")).to_contain_text("keys only, first")
    expect(visitor.locator("#content")).to_be_focused()
    write(visitor, "about the first")
    expect(message(visitor, "about the first").locator(".quote")).to_contain_text("first")
    expect(state_of(visitor, "about the first")).to_have_text("Sent")
    visitor.press("#content", "ArrowUp")
    visitor.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Recall")).to_be_focused()
    visitor.keyboard.press("Enter")
    visitor.keyboard.press("Enter")
    sees(visitor, "about the first", times=0)
    visitor.press("#content", "ArrowUp")
    visitor.keyboard.press("Escape")
    expect(visitor.locator("#content")).to_be_focused()


def test_a_note_is_quoted_in_a_note_alone(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "a note about me?")
    alice = sign_in("alice")
    open_conversation(alice, "a note about me?")
    alice.check("[name=note][value='1']")
    write(alice, "a difficult one")
    sees(alice, "a difficult one")
    alice.check("[name=note][value='']")
    tool(alice, "a difficult one", "Quote").click()
    expect(alice.locator("[name=note][value='1']")).to_be_checked()
    alice.check("[name=note][value='']")
    expect(alice.locator(".answered")).to_be_hidden()
    tool(alice, "a difficult one", "Quote").click()
    write(alice, "indeed")
    expect(message(alice, "indeed").locator(".quote")).to_contain_text("a difficult one")
    visitor.reload()
    sees(visitor, "a note about me?")
    assert "difficult" not in visitor.content()


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


def keep_reply(page, title: str, text: str) -> None:
    page.goto("/agent/replies/")
    page.fill("[name=title]", title)
    page.fill("[name=content]", text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The reply is saved.")).to_be_visible()


def test_a_canned_reply_is_found_by_keyboard_with_the_names_filled_in(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "where is my parcel?")
    sees(visitor, "where is my parcel?")
    alice = sign_in("alice")
    keep_reply(alice, "Greeting", "Hello {visitor}, this is {agent} of {team}.")
    keep_reply(alice, "Parcel", "Your parcel is on its way. {unknown}")
    alice.goto("/agent/")
    open_conversation(alice, "where is my parcel?")
    name = alice.locator("#thread-name").inner_text()
    held = []
    alice.route("**/agent/replies/", lambda route: held.append(route))
    with alice.expect_request("**/agent/replies/"):
        alice.type("#content", "/parcel")
    alice.press("#content", "Enter")
    (route,) = held
    route.continue_()
    expect(alice.locator("#content")).to_have_value("Your parcel is on its way. {unknown}")
    sees(visitor, "/parcel", times=0)
    alice.fill("#content", "")
    alice.type("#content", "/")
    offers = alice.locator(".offers [role=option]")
    expect(offers).to_have_count(2)
    expect(offers.first).to_contain_text(f"Hello {name}, this is 小艾 of 在线客服.")
    alice.press("#content", "ArrowDown")
    expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    alice.type("#content", "gree")
    expect(offers).to_have_count(1)
    alice.press("#content", "Escape")
    expect(alice.locator(".offers")).to_be_hidden()
    expect(alice.locator("#content")).to_have_value("/gree")
    alice.type("#content", "t")
    expect(offers).to_have_count(1)
    alice.press("#content", "Enter")
    expect(alice.locator("#content")).to_have_value(f"Hello {name}, this is 小艾 of 在线客服.")
    alice.press("#content", "Enter")
    sees(visitor, f"Hello {name}, this is 小艾 of 在线客服.")
    alice.type("#content", "/parcel")
    offers.first.click()
    expect(alice.locator("#content")).to_have_value("Your parcel is on its way. {unknown}")
    alice.fill("#content", "/nothing like it")
    expect(alice.get_by_text("No matching canned reply.").first).to_be_visible()
    alice.press("#content", "Enter")
    sees(visitor, "/nothing like it")


def test_a_colleague_is_called_in_a_note(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "a case for a specialist")
    alice, bob = sign_in("alice"), sign_in("bob")
    open_conversation(alice, "a case for a specialist")
    alice.type("#content", "@")
    expect(alice.locator(".offers [role=option]")).to_have_count(0)
    alice.fill("#content", "")
    asked = alice.locator("#content").get_attribute("placeholder")
    alice.check("[name=note][value='1']")
    expect(alice.locator("#content")).to_have_attribute("placeholder", re.compile("colleagues"))
    alice.type("#content", "Look, @小博")
    expect(alice.locator(".offers [role=option]")).to_have_text(["小博"])
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
    write(bob, "as @小博 said")
    sees(alice, "as @小博 said")
    expect(message(alice, "as @小博 said").locator(".call")).to_have_count(0)
    expect(row.locator(".row-mentioned")).to_be_hidden()
    assert "specialist" in visitor.content() and "小博 " not in visitor.inner_text(".messages")


def test_enter_or_ctrl_enter_sends_as_one_has_chosen(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "two keys")
    sees(visitor, "two keys")
    alice = sign_in("alice")
    open_conversation(alice, "two keys")
    other = browse(alice.url, context=alice.context)
    choice = alice.get_by_label("Key that sends")
    expect(choice).to_have_value("enter")
    choice.select_option(label="Ctrl+Enter sends")
    expect(alice.locator("#content")).to_be_focused()
    expect(other.get_by_label("Key that sends")).to_have_value("ctrl")
    for page in (alice, other):
        page.type("#content", "first line")
        page.press("#content", "Enter")
        page.type("#content", "second line")
        expect(page.locator("#content")).to_have_value("first line\nsecond line")
        page.press("#content", "Control+Enter")
        expect(page.locator("#content")).to_have_value("")
        page.reload()
        expect(page.get_by_label("Key that sends")).to_have_value("ctrl")
    sees(visitor, "first line\nsecond line", times=2)
    bob = sign_in("bob")
    open_conversation(bob, "second line")
    expect(bob.get_by_label("Key that sends")).to_have_value("enter")
    alice.get_by_label("Key that sends").select_option(label="Enter sends")
    write(alice, "one key again")
    sees(visitor, "one key again")


def test_a_draft_stays_with_its_conversation(browse, sign_in):
    for words in ("draft one", "draft two"):
        visitor = browse("/chat/demo/")
        write(visitor, words)
        sees(visitor, words)
    alice = sign_in("alice")
    open_conversation(alice, "draft one")
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


def test_an_address_ends_where_chinese_text_goes_on(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "请看https://a.example/x?q=1。谢谢 javascript:alert(1)")
    alice = sign_in("alice")
    open_conversation(alice, "请看https://a.example/x")
    for _ in ("as it came", "as the server writes it"):
        link = alice.locator(".message .body a")
        expect(link).to_have_count(1)
        expect(link).to_have_text("https://a.example/x?q=1")
        expect(link).to_have_attribute("href", "https://a.example/x?q=1")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(link).to_have_attribute("target", "_blank")
        alice.reload()


def test_a_slash_that_is_typed_before_the_script_is_there_opens_the_replies(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "an early slash")
    alice = sign_in("alice")
    open_conversation(alice, "an early slash")
    held = []
    alice.route("**/static/js/answering.*js", lambda route: held.append(route))
    alice.reload()
    with alice.expect_request("**/static/js/answering.*js"):
        alice.focus("#content")
    alice.keyboard.type("/")
    held[0].continue_()
    expect(alice.locator("#offers")).to_be_visible()


OVER = """page => {
  const bar = document.querySelector(".message-tools").getBoundingClientRect();
  return [...document.querySelectorAll(".message .body")].filter(body => {
    const words = document.createRange();
    words.selectNodeContents(body);
    return [...words.getClientRects()].some(({ left, right, top, bottom }) =>
      left < bar.right && right > bar.left && top < bar.bottom && bottom > bar.top);
  }).map(body => body.textContent);
}"""


@pytest.mark.parametrize("width", [384, 900])
def test_the_tools_of_a_message_cover_no_words_and_stay_under_the_pointer(browse, width):
    """As wide as a site's widget, where a long message leaves the least room beside it."""
    visitor = browse("/chat/demo/", viewport={"width": width, "height": 640})
    long = "Is the tea of this spring there already, and what does it cost, please tell me? " * 2
    for text in (long.strip(), "short", "and " * 30 + "an end"):
        write(visitor, text)
        expect(state_of(visitor, text)).to_have_text("Sent")
    bar = visitor.locator(".message-tools")
    for body in visitor.locator(".message[data-mine] .body").all():
        body.hover()
        expect(bar.get_by_role("button", name="Recall")).to_be_visible()
        assert visitor.evaluate(OVER) == []
    box = bar.get_by_role("button", name="Recall").bounding_box()
    visitor.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sure = bar.get_by_role("button", name="Recall for everyone?")
    expect(sure).to_be_visible()
    assert sure.evaluate("element => element.matches(':hover')")
    visitor.mouse.down()
    visitor.mouse.up()
    sees(visitor, "and " * 30 + "an end", times=0)


def test_the_tools_wait_until_a_message_is_pointed_at(browse, sign_in):
    """On a telephone the row that was tapped gives way to a thread under the same spot."""
    visitor = browse("/chat/demo/")
    for number in range(12):
        write(visitor, f"under the pointer {number}")
    sees(visitor, "under the pointer 11")
    alice = sign_in("alice", viewport={"width": 390, "height": 780})
    open_conversation(alice, "under the pointer 11")
    sees(alice, "under the pointer 11")
    alice.keyboard.press("Shift")
    alice.wait_for_timeout(1_000)
    expect(alice.locator(".message-tools:not([hidden])")).to_have_count(0)
    bodies(alice, "under the pointer 11").hover()
    expect(alice.locator(".message-tools")).to_be_visible()


def test_a_text_that_a_colleague_forestalled_can_be_discarded(browse, sign_in):
    visitor = browse("/chat/demo/")
    write(visitor, "who is the quicker one?")
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
    expect(failed.locator(".state")).to_contain_text("a colleague has answered meanwhile")
    time, state = (failed.locator(name).bounding_box() for name in ("time", ".state"))
    end = {"x": state["x"] + state["width"], "y": time["x"] + time["width"]}
    assert abs(end["x"] - end["y"]) < 1 or state["y"] == time["y"], "no line begins with a dot"
    failed.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(0)
    expect(alice.locator("#content")).to_have_value("")
    alice.reload()
    sees(alice, "me, I think")
    sees(alice, "I am", times=0)
    sees(visitor, "I am", times=0)
