"""Two agents at one question: who was second is asked before the answer goes out."""

from playwright.sync_api import expect

from .pages import accessible, at_desk, came, message, row_of, sees, state_of, write


def test_an_answer_that_was_begun_before_a_colleagues_asks_first(browse, sign_in):
    visitor = came(browse, "is the shop open on Sunday?")
    alice, bob = (
        at_desk(sign_in, name, "is the shop open on Sunday?") for name in ("alice", "bob")
    )
    alice.fill("#content", "No, it is not")
    write(bob, "Yes, from nine to five", alice)
    alice.press("#content", "Enter")
    asked = alice.get_by_role("alertdialog")
    expect(asked).to_contain_text("小博 has replied since you began")
    expect(asked).to_contain_text("Yes, from nine to five")
    accessible(alice)
    keep = asked.get_by_role("button", name="Keep writing")
    expect(keep).to_be_focused()
    alice.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    expect(alice.locator("#content")).to_be_focused()
    expect(alice.locator("#content")).to_have_value("No, it is not")
    sees(visitor, "No, it is not", times=0)

    write(bob, "and in summer until six", alice)
    alice.reload()
    expect(alice.locator("#content")).to_have_value("No, it is not")
    alice.press("#content", "Enter")
    expect(asked).to_contain_text("and in summer until six")
    expect(asked).not_to_contain_text("Yes, from nine to five")
    alice.keyboard.press("Escape")
    expect(alice.locator("#content")).to_be_focused()
    write(bob, "that is all", alice)
    alice.press("#content", "Enter")
    asked.get_by_role("button", name="Send anyway").click()
    sees(visitor, "No, it is not")
    expect(alice.locator("#content")).to_have_value("")
    expect(state_of(alice, "No, it is not")).not_to_have_text("")


def test_what_the_page_has_not_heard_of_is_asked_by_the_server(browse, sign_in, watch):
    watch.expect("409")
    visitor = came(browse, "without a connection")
    cookies = sign_in("alice").context.cookies()
    bob = at_desk(sign_in, "bob", "without a connection")
    plain = browse("/agent/", cookies=cookies, java_script_enabled=False)
    row_of(plain, "without a connection").first.click()
    write(bob, "the quick answer")
    expect(state_of(bob, "the quick answer")).not_to_have_text("")
    plain.fill("#content", "the slow answer")
    plain.click(".composer .send")
    asked = plain.locator(".collision")
    expect(asked).to_contain_text("小博 has replied since you began")
    expect(asked).to_contain_text("the quick answer")
    expect(asked.locator("button").first).to_be_hidden()
    expect(plain.locator("#content")).to_have_value("the slow answer")
    sees(visitor, "the slow answer", times=0)
    plain.click(".composer .send")
    expect(message(plain, "the slow answer")).to_have_count(1)
    sees(visitor, "the slow answer")
