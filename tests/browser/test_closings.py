"""Closing a conversation: at once, with a reason, and after a question where it is another's."""

from playwright.sync_api import expect

from .steps import looks, open_conversation, row_of, sees
from .test_group import menu, shot
from .test_hands import came, press
from .test_pages import VIEWS, accessible
from .test_undo import toast

SHEET = '[data-part="close-with"]'
ASK = "[data-asks] p.if-asked"


@looks("size")
def test_a_reason_and_a_summary_are_for_colleagues(browse, sign_in, locale, size, scheme):
    words = f"closing {locale} {size} {scheme}"
    look = {"locale": locale, "viewport": VIEWS[size], "color_scheme": scheme}
    visitor = came(browse, words, **look)
    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    for page in (alice, bob):
        open_conversation(page, words)
    shot(alice, f"close-head-{locale}-{size}-{scheme}")
    alice.click(f"{SHEET} > summary")
    expect(alice.locator("#close-reason")).to_be_focused()
    assert alice.locator(f"{SHEET} .if-asked >> visible=true").count() == 0
    offered = alice.locator("#close-reasons option")
    assert offered.first.get_attribute("value") == ("Solved" if locale == "en-GB" else "已解决")
    alice.fill("#close-reason", "tea pot")
    alice.fill("#close-summary", "a new one\nwas sent")
    shot(alice, f"close-sheet-{locale}-{size}-{scheme}")
    accessible(alice)
    alice.locator(f"{SHEET} button").click()
    expect(toast(alice)).to_be_visible()
    expect(bob.locator(".messages .message").last).to_contain_text("tea pot")
    expect(bob.locator(".messages .message").last).to_contain_text("a new one\nwas sent")
    expect(alice.locator(f"{SHEET}")).to_be_hidden()
    expect(visitor.locator(".rating")).to_be_visible()
    assert "tea pot" not in visitor.content() and "was sent" not in visitor.content()
    for page in (alice, bob):
        if size == "phone":
            page.click(".panel-open")
        expect(page.locator(".receptions .reason")).to_have_text("tea pot")
        expect(page.locator(".receptions .summary")).to_have_text("a new one\nwas sent")
    alice.locator(".receptions").scroll_into_view_if_needed()
    shot(alice, f"close-panel-{locale}-{size}-{scheme}")
    bob.reload()
    expect(bob.locator(".messages .message").last).to_contain_text("a new one\nwas sent")
    assert bob.locator(".receptions .reason").text_content() == "tea pot"


@looks("size")
def test_who_does_not_hold_it_is_asked_first(browse, sign_in, locale, size, scheme):
    words = f"asked {locale} {size} {scheme}"
    look = {"locale": locale, "viewport": VIEWS[size], "color_scheme": scheme}
    came(browse, words, **look)
    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    for page in (alice, bob):
        open_conversation(page, words)
    bob.click('[data-part="claim"] button')
    expect(alice.locator(".thread-claim")).to_contain_text("小博")
    alice.click('[data-part="close"] button')
    expect(alice.locator(ASK)).to_contain_text("小博")
    expect(alice.locator("#close-reason")).to_be_focused()
    shot(alice, f"close-asks-{locale}-{size}-{scheme}")
    accessible(alice)
    press(alice, "Escape")
    expect(alice.locator(ASK)).to_be_hidden()
    expect(alice.locator(f"{SHEET} > summary")).to_be_focused()
    assert alice.locator(".thread-closed").is_hidden()
    press(alice, "e")
    press(alice, "Enter")
    expect(bob.locator('[data-part="reopen"]')).to_be_visible()
    toast(alice).locator(".undo").click()
    expect(bob.locator('[data-part="close"]')).to_be_visible()
    bob.click('[data-part="close"] button')
    expect(alice.locator('[data-part="reopen"]')).to_be_visible()
    assert bob.locator(ASK).count() == 0


def test_the_keyboard_closes_at_once_or_with_a_reason(browse, sign_in):
    came(browse, "keys close")
    alice, bob = sign_in("alice"), sign_in("bob")
    for page in (alice, bob):
        open_conversation(page, "keys close")
    alice.focus(".opened .scroller")
    press(alice, "e")
    expect(bob.locator('[data-part="reopen"]')).to_be_visible()
    expect(toast(alice)).to_be_visible()
    alice.focus(".opened .scroller")
    press(alice, "z")
    expect(bob.locator('[data-part="close"]')).to_be_visible()
    alice.focus(".opened .scroller")
    press(alice, "d")
    alice.keyboard.type("Solved")
    press(alice, "Enter")
    expect(bob.locator(".messages .message").last).to_contain_text("Closed as: Solved")
    press(alice, "Control+k")
    expect(alice.locator("dialog.palette")).to_be_visible()
    assert "Close with a reason" not in alice.locator("#palette-list").text_content()


def test_what_could_not_be_done_leaves_the_words_where_they_are(browse, sign_in, watch):
    watch.expect("503")
    came(browse, "kept words")
    alice = sign_in("alice")
    open_conversation(alice, "kept words")
    alice.evaluate("WebSocket.prototype.send = function () { this.close(); }")
    alice.route("**/actions/", lambda route: route.fulfill(status=503, body="{}"))
    alice.click(f"{SHEET} > summary")
    alice.fill("#close-summary", "a long story")
    alice.locator(f"{SHEET} button").click()
    alice.click(f"{SHEET} > summary")
    expect(alice.locator("#close-summary")).to_have_value("a long story")
    row_of(alice, "kept words").first.locator("a").click()
    came(browse, "another visitor")
    open_conversation(alice, "another visitor")
    expect(alice.locator("#close-summary")).to_have_value("")


@looks("size")
def test_handing_on_to_who_is_offline_asks_first(browse, sign_in, locale, size, scheme):
    words = f"offline {locale} {size} {scheme}"
    look = {"locale": locale, "viewport": VIEWS[size], "color_scheme": scheme}
    came(browse, words, **look)
    alice = sign_in("alice", **look)
    open_conversation(alice, words)
    form = menu(alice, "transfer-member")
    asked = form.locator("p.if-asked")
    expect(asked).to_be_hidden()
    name = "manager"
    label = f"{name} (offline)" if locale == "en-GB" else f"{name}（离线）"
    form.locator("select").select_option(label=label)
    expect(asked).to_be_visible()
    shot(alice, f"hand-on-offline-{locale}-{size}-{scheme}")
    accessible(alice)
    form.locator("button .if-asked").click()
    expect(alice.locator(".thread-claim")).to_contain_text(name)


def test_without_scripts_both_are_asked_and_a_reason_is_given(browse, sign_in):
    plain = {"java_script_enabled": False, "viewport": VIEWS["phone"]}
    visitor = browse("/chat/demo/", **plain)
    visitor.fill("#content", "no scripts at the end")
    visitor.click(".send")
    agent = sign_in("carol", **plain)
    row_of(agent, "no scripts at the end").first.locator("a").click()
    form = menu(agent, "transfer-member")
    form.locator("select").select_option(label="manager (offline)")
    expect(form.locator("p.if-asked")).to_be_visible()
    shot(agent, "hand-on-offline-plain")
    form.locator("button").click()
    expect(agent.locator(".thread-claim")).to_contain_text("manager")
    expect(agent.locator('[data-part="close"]')).to_be_hidden()
    agent.click(f"{SHEET} > summary")
    expect(agent.locator(ASK)).to_contain_text("manager holds this conversation")
    agent.fill("#close-reason", "Spam")
    shot(agent, "close-asks-plain")
    agent.locator(f"{SHEET} button").click()
    expect(agent.locator(".closed-hint")).to_be_visible()
    sees(agent, "Closed as: Spam")
    visitor.goto("/chat/demo/")
    assert "Spam" not in visitor.content()
