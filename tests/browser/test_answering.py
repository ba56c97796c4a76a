"""What helps to answer: quoting, recalling, emoji; with a pointer and without."""

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
    visitor.press("#content", "ArrowUp")
    visitor.keyboard.press("ArrowRight")
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
