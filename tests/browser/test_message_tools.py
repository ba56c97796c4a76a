"""What is done with a message: quoting, recalling; with a pointer and without."""

import pytest
from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    bodies,
    came,
    message,
    open_conversation,
    press,
    row_of,
    sees,
    state_of,
    tool,
    until,
    write,
)

OVER = """page => {
  const bar = document.querySelector(".message-tools").getBoundingClientRect();
  return [...document.querySelectorAll(".message .body")].filter(body => {
    const words = document.createRange();
    words.selectNodeContents(body);
    return [...words.getClientRects()].some(({ left, right, top, bottom }) =>
      left < bar.right && right > bar.left && top < bar.bottom && bottom > bar.top);
  }).map(body => body.textContent);
}"""


def test_a_recalled_message_is_gone_on_every_page(browse, sign_in):
    visitor = came(browse, "before the slip")
    alice, bob = sign_in("alice"), sign_in("bob")
    open_conversation(alice, "before the slip")
    write(alice, "my password is swordfish", visitor)
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
    visitor = came(browse, "is the blue one in stock?")
    for number in range(55):
        write(visitor, f"and another thing {number}")
    expect(state_of(visitor, "and another thing 54")).to_have_text("Sent")

    alice = at_desk(sign_in, "alice", "and another thing 54")
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
    tool(visitor, "yes, it is", "Quote").click()
    tool(alice, "yes, it is", "Recall").click()
    alice.get_by_role("button", name="Recall for everyone?").click()
    for page in (visitor, alice):
        expect(message(page, "twelve of them").locator(".quote")).to_contain_text("recalled")
    expect(message(visitor, "yes, it is")).to_have_count(0)
    expect(visitor.locator(".answered .quote")).to_contain_text("recalled")
    write(visitor, "are you sure?", alice)
    for page in (visitor, alice):
        expect(message(page, "are you sure?").locator(".quote")).to_contain_text("recalled")


def test_quoting_and_recalling_work_by_keyboard(browse, sign_in):
    visitor = came(browse, "keys only, first")
    write(visitor, "keys only, second")
    expect(state_of(visitor, "keys only, second")).to_have_text("Sent")
    visitor.press("#content", "ArrowUp")
    bar = visitor.locator(".message-tools")
    expect(bar.get_by_role("button", name="Quote")).to_be_focused()
    visitor.keyboard.press("ArrowUp")
    said = visitor.locator(".thread-body > [role=status]")
    expect(said).to_contain_text(": keys only, first")
    visitor.keyboard.press("Enter")
    expect(visitor.locator(".answered .quote")).to_contain_text("keys only, first")
    expect(visitor.locator("#content")).to_be_focused()
    write(visitor, "about the first")
    expect(message(visitor, "about the first").locator(".quote")).to_contain_text("first")
    expect(state_of(visitor, "about the first")).to_have_text("Sent")
    message(visitor, "about the first").locator(".quote").press("Enter")
    expect(message(visitor, "keys only, first")).to_be_focused()
    visitor.press("#content", "ArrowUp")
    visitor.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Recall")).to_be_focused()
    visitor.keyboard.press("Enter")
    visitor.keyboard.press("Enter")
    sees(visitor, "about the first", times=0)
    visitor.press("#content", "ArrowUp")
    visitor.keyboard.press("Escape")
    expect(visitor.locator("#content")).to_be_focused()


def test_a_note_is_quoted_in_a_note_alone(browse, sign_in):
    visitor = came(browse, "a note about me?")
    alice = at_desk(sign_in, "alice", "a note about me?")
    alice.check("[name=note][value='1']")
    write(alice, "a difficult one", alice)
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


@pytest.mark.parametrize("width", [384, 900])
def test_the_tools_of_a_message_cover_no_words_and_stay_under_the_pointer(
    browse, enterprise, width
):
    """As wide as a site's widget, where a long message leaves the least room beside it. Nobody
    comes or goes in this enterprise: the page would say so and move what is pointed at."""
    code = enterprise(f"tools{width}")
    visitor = browse(f"/chat/{code}/", viewport={"width": width, "height": 640})
    long = "Is the tea of this spring there already, and what does it cost, please tell me? " * 2
    for text in (long.strip(), "short", "and " * 30 + "an end"):
        write(visitor, text)
        expect(state_of(visitor, text)).to_have_text("Sent")
    bar = visitor.locator(".message-tools")
    for body in visitor.locator(".message[data-mine] .body").all():
        body.hover()
        expect(bar.get_by_role("button", name="Recall")).to_be_visible()
        assert visitor.evaluate(OVER) == []
    bar.get_by_role("button", name="Recall").click()
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
    alice = at_desk(
        sign_in, "alice", "under the pointer 11", viewport={"width": 390, "height": 780}
    )
    sees(alice, "under the pointer 11")
    alice.keyboard.press("Shift")
    alice.wait_for_timeout(1_000)
    expect(alice.locator(".message-tools:not([hidden])")).to_have_count(0)
    bodies(alice, "under the pointer 11").hover()
    expect(alice.locator(".message-tools")).to_be_visible()


def test_the_tools_of_a_message_stay_in_a_window_that_becomes_narrower(browse):
    visitor = came(browse, "about to move", viewport={"width": 900, "height": 640})
    expect(state_of(visitor, "about to move")).to_have_text("Sent")
    visitor.press("#content", "ArrowUp")
    bar = visitor.locator(".message-tools")
    expect(bar.get_by_role("button", name="Quote")).to_be_focused()
    visitor.set_viewport_size({"width": 390, "height": 640})
    until(
        visitor,
        "document.querySelector('.message-tools').getBoundingClientRect().right <= innerWidth",
    )
    assert visitor.evaluate(OVER) == []
    until(visitor, "document.querySelector('.scroller').scrollWidth <= innerWidth")


def test_an_edit_reaches_every_page_and_is_marked(browse, sign_in):
    visitor = came(browse, "when do you open?")
    alice, bob = (at_desk(sign_in, name, "when do you open?") for name in ("alice", "bob"))
    write(alice, "at mine")
    tool(visitor, "at mine", "Quote").click()
    write(visitor, "at yours?")
    tool(alice, "at mine", "Edit").click()
    expect(alice.locator(".answered .quote")).to_contain_text("Editing")
    expect(alice.locator("#content")).to_have_value("at mine")
    alice.fill("#content", "at nine")
    expect(alice.get_by_role("button", name="Save")).to_be_visible()
    alice.press("#content", "Enter")
    for page in (visitor, alice, bob):
        sees(page, "at nine")
        sees(page, "at mine", times=0)
        expect(message(page, "at nine").locator(".edited")).to_have_text("edited")
        expect(message(page, "at yours?").locator(".quote")).to_contain_text("at nine")
    expect(alice.locator("#content")).to_have_value("")
    expect(alice.locator(".answered")).to_be_hidden()
    for page in (visitor, bob):
        page.reload()
        sees(page, "at nine")
        expect(message(page, "at nine").locator(".edited")).to_be_visible()
        sees(page, "小艾 edited a message", times=0)
    expect(tool(visitor, "at yours?", "Recall")).to_be_visible()
    expect(visitor.locator(".message-tools").get_by_role("button", name="Edit")).to_have_count(0)
    accessible(alice)


def test_the_last_message_is_edited_by_keyboard(browse, sign_in):
    visitor = came(browse, "keys for editing")
    alice = at_desk(sign_in, "alice", "keys for editing")
    write(alice, "a slip of the pen", visitor)
    alice.fill("#content", "half an answer")
    tool(alice, "a slip of the pen", "Edit").click()
    alice.keyboard.type(", sorry")
    alice.reload()
    expect(alice.locator("#content")).to_have_value("a slip of the pen, sorry")
    expect(alice.locator(".answered .quote")).to_contain_text("Editing")
    alice.press("#content", "Escape")
    expect(alice.locator("#content")).to_have_value("half an answer")
    sees(alice, "a slip of the pen")
    alice.fill("#content", "")
    alice.press("#content", "ArrowUp")
    expect(alice.locator("#content")).to_have_value("a slip of the pen")
    alice.press("#content", "Home")
    alice.press("#content", "ArrowUp")
    bar = alice.locator(".message-tools")
    expect(bar.get_by_role("button", name="Quote")).to_be_focused()
    press(alice, "ArrowRight", "ArrowRight")
    expect(bar.get_by_role("button", name="Edit")).to_be_focused()
    press(alice, "Enter")
    alice.fill("#content", "as it was meant")
    alice.press("#content", "Enter")
    sees(visitor, "as it was meant")
