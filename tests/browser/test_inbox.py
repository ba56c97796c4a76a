"""The agents' inbox in real browsers: its views, and how it keeps up with what happens."""

import re

import pytest
from playwright.sync_api import expect

from .administration import write_more
from .pages import (
    accessible,
    at_desk,
    came,
    comes,
    is_stored,
    looks,
    open_conversation,
    panel,
    picker,
    row_of,
    shot,
    view,
    write,
)

WIDTHS = (320, 360, 390, 719, 720, 1099, 1100, 1280)
"""Of windows: at the least one that WCAG asks for, and on both sides of each change of layout."""


@looks
def test_views_follow_what_colleagues_do(enterprise, browse, sign_in, look):
    words = f"views {look}"
    code = enterprise(words.replace(" ", "-"))
    visitor = came(browse, words, code, **look)

    alice, bob = (sign_in(f"{code}-{name}", **look) for name in ("alice", "bob"))
    view(alice, "unclaimed")
    alice.wait_for_url("**/agent/?view=unclaimed")
    expect(row_of(alice, words)).to_be_visible()
    accessible(alice)

    view(bob, "mine")
    expect(row_of(bob, words)).to_have_count(0)
    expect(bob.locator('.no-rows [data-view="mine"]')).to_be_visible()
    accessible(bob)

    bob.goto("/agent/?view=waiting")
    open_conversation(bob, words)
    bob.click('[data-part="claim"] button')
    expect(row_of(alice, words)).to_have_count(0)

    bob.goto("/agent/?view=mine")
    expect(row_of(bob, words)).to_be_visible()
    expect(bob.locator('.views [data-view="mine"] .count')).to_have_text("1")
    open_conversation(bob, words)
    assert bob.url.endswith("?view=mine")

    bob.click('[data-part="close"] button')
    expect(row_of(bob, words)).to_have_attribute("data-closed", "")
    bob.goto("/agent/?view=mine")
    expect(row_of(bob, words)).to_have_count(0)
    expect(bob.locator('.views [data-view="mine"] .count')).to_have_text("")
    view(alice, "closed")
    expect(row_of(alice, words)).to_be_visible()

    alice.go_back()
    expect(alice.locator('.views [data-view="unclaimed"]')).to_have_attribute(
        "aria-current", "true"
    )
    expect(row_of(alice, words)).to_have_count(0)
    write(visitor, f"{words} again")
    expect(row_of(alice, words)).to_be_visible()


@looks
def test_tags_and_a_snooze_reach_all_pages(browse, sign_in, look):
    words = f"tags {look}"
    visitor = came(browse, words, **look)

    alice, bob = sign_in("alice", **look), sign_in("bob", **look)
    for page in (alice, bob):
        open_conversation(page, words)
        panel(page, look)

    tag = f"物流 {look}"[:30]
    alice.fill(".add-tag [name=tag]", tag)
    alice.press(".add-tag [name=tag]", "Enter")
    for page in (alice, bob):
        expect(page.locator(".tags .tag")).to_have_attribute("data-tag", tag)
    accessible(alice)

    if look.size == "phone":
        alice.keyboard.press("Escape")
    choices = picker(alice, "snooze").locator("[role=option]")
    assert choices.count() > 6, "lengths of time, and the next mornings"

    choices.nth(2).click()
    expect(alice.locator(".thread-snoozed")).to_be_visible()
    expect(bob.locator(".thread-snoozed")).to_be_attached()
    expect(row_of(bob, words).locator(".row-time")).not_to_have_class("row-time waiting")
    accessible(alice)

    for width in WIDTHS:
        alice.set_viewport_size({**look["viewport"], "width": width})
        assert alice.evaluate("document.documentElement.scrollWidth") <= width
    alice.set_viewport_size(look["viewport"])
    alice.goto(f"/agent/?tag={tag}")
    expect(alice.locator(".chosen-tag")).to_be_visible()
    expect(row_of(alice, words)).to_have_count(0)

    write(visitor, f"{words} again")
    expect(row_of(alice, words)).to_be_visible()
    accessible(alice)

    bob.locator(".tags .tag button").click()
    expect(row_of(alice, words)).to_have_count(0)
    alice.click(".chosen-tag a")
    expect(row_of(alice, words)).to_be_visible()


@looks
def test_a_word_leads_to_its_message(server, browse, sign_in, look):
    mark = str(look).replace("-", "")
    visitor = came(browse, f"我要退款 {mark}", **look)
    is_stored(visitor, f"我要退款 {mark}")

    write_more(server, f"我要退款 {mark}", [f"{mark} line {number}" for number in range(70)])
    alice = sign_in("alice", **look)
    alice.keyboard.press("/")
    alice.keyboard.type(f"退款 {mark}")
    result = alice.locator(".result")
    expect(result).to_have_count(1)
    expect(result.locator("mark")).to_have_text(["退款", mark])
    expect(alice.locator(".searched")).not_to_be_empty()
    expect(alice.locator(".rows")).to_be_hidden()
    accessible(alice)

    result.locator("a").click()
    message = alice.locator(".message", has_text=f"我要退款 {mark}")
    expect(message).to_be_in_viewport()
    expect(message).to_have_attribute("data-pointed", "")
    shot(alice)

    alice.reload()
    expect(alice.locator(".opened")).to_be_attached()
    expect(result.locator("mark")).to_have_text(["退款", mark])
    alice.go_back()
    expect(alice.locator(".search [name=q]")).to_have_value(f"退款 {mark}")
    expect(result).to_be_visible()

    alice.press(".search [name=q]", "Escape")
    expect(row_of(alice, mark)).to_be_visible()
    alice.wait_for_url("**/agent/?view=all")
    alice.go_forward()
    expect(result).to_have_count(1)

    group = alice.url.split("/c/")[1].split("/")[0]
    alice.goto(f"/agent/c/{group}/?at=2")
    expect(alice.locator(".message", has_text=f"我要退款 {mark}")).to_be_in_viewport()
    write(visitor, f"{mark} and more")
    expect(alice.locator(".jump")).to_contain_text("1")

    alice.goto(f"/agent/?q={mark}")
    expect(alice.locator(".result")).to_have_count(30)
    alice.click(".further")
    expect(alice.locator(".result")).to_have_count(60)
    expect(alice.locator(".result a").nth(29)).to_be_focused()
    alice.press(".search [name=q]", "Escape")
    expect(row_of(alice, mark)).to_be_visible()


def test_enter_keeps_the_conversation_and_tells_the_same_as_the_live_answer(browse, sign_in):
    visitor = came(browse, "ginger and lemon")
    write(visitor, "lemon alone", visitor)

    alice = at_desk(sign_in, "alice", "lemon alone")
    group = alice.url.split("/c/")[1].split("/")[0]
    field, results = alice.locator(".search [name=q]"), alice.locator(".results")
    held = []
    alice.route("**/search*.js", lambda route: held.append(route))
    field.fill("lemon")
    field.press("Enter")
    comes(alice, held)
    held.pop().continue_()
    expect(results.locator(".result")).to_have_count(2)
    expect(results.locator(".searched")).to_contain_text("2 results.")
    expect(alice.locator(".opened")).to_be_visible()
    assert f"/c/{group}/" in alice.url and alice.url.endswith("?view=all&q=lemon")

    live = results.inner_text()
    alice.unroute("**/search*.js")
    alice.reload()
    expect(alice.locator(".opened")).to_be_visible()
    expect(results.locator(".searched")).to_have_text("2 results. All messages were searched.")
    expect(results).to_have_text(live, use_inner_text=True)

    field.press("Enter")
    expect(alice.locator(".opened")).to_be_visible()
    assert results.inner_text() == live


@pytest.mark.parametrize("script", [pytest.param("there", marks=pytest.mark.release), "on its way"])
def test_letters_that_an_input_method_holds_are_not_looked_for(browse, sign_in, enterprise, script):
    code = enterprise(f"ime{len(script)}")
    came(browse, "要一壶茉莉花茶", code)
    alice = at_desk(sign_in, f"{code}-alice", "茉莉花茶")
    address, field = alice.url, alice.locator(".search [name=q]")
    asked = []
    alice.on("request", lambda request: "/agent/search/" in request.url and asked.append(request))
    held = []
    alice.route("**/static/js/agent/inbox/search.*js", lambda route: held.append(route))
    with alice.expect_request("**/static/js/agent/inbox/search.*js"):
        field.focus()
    comes(alice, held)

    def bring():
        with alice.expect_response("**/static/js/agent/inbox/search.*js"):
            held.pop().continue_()

    if script == "there":
        bring()
    ime = alice.context.new_cdp_session(alice)
    ime.send("Input.imeSetComposition", {"text": "moli", "selectionStart": 4, "selectionEnd": 4})
    expect(field).to_have_value("moli")
    taken = field.evaluate(
        """field => ["Enter", "Escape"].map(key => field.dispatchEvent(new KeyboardEvent("keydown",
        { key, isComposing: true, bubbles: true, cancelable: true })))"""
    )
    if held:
        bring()
    alice.wait_for_timeout(600)
    assert taken == [False, True] and asked == [] and alice.url == address
    expect(field).to_have_value("moli")
    ime.send("Input.insertText", {"text": "茉莉"})
    expect(alice.locator(".result")).to_have_count(1)
    assert len(asked) == 1
    expect(alice.locator(".opened")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("zh-CN", marks=pytest.mark.release)])
def test_a_row_tells_what_it_is_about_and_cuts_no_name(browse, sign_in, enterprise, locale):
    code = enterprise(f"rows{locale[:2]}")
    words = "你好，我的订单还没收到，可以帮我查一下吗？"
    came(browse, words, code)
    alice = sign_in(f"{code}-alice", locale=locale, viewport={"width": 1366, "height": 760})
    row = row_of(alice, "你好")
    name, tags, time = (row.locator(f".row-{part}") for part in ("name", "tags", "time"))
    expect(time).to_have_class(re.compile("waiting"))
    # The server's own words are wider, and give way once the socket has told the target.
    expect(time).not_to_have_text(re.compile("seconds?$"))
    whole = "element => element.scrollWidth <= element.clientWidth"
    assert name.evaluate(whole)
    expect(tags).to_be_hidden()
    right = "element => element.getBoundingClientRect().right"
    edges = [row.locator(part).evaluate(right) for part in (".row-time", ".row-unread")]
    assert edges[0] == edges[1], "all ends at one edge"
    views = alice.locator(".views")
    assert views.evaluate(whole) and views.evaluate("element => element.offsetHeight < 45")
    open_conversation(alice, "你好")
    alice.fill(".add-tag input[list]", "老客户")
    alice.press(".add-tag input[list]", "Enter")
    expect(tags).to_have_text("老客户")
    alice.reload()
    expect(tags).to_have_text("老客户")
    assert name.evaluate(whole)
