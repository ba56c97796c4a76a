"""A visitor and the agents of a team talk, in real browsers against a served product."""

import re

import pytest
from playwright.sync_api import expect

from .pages import at_desk, bodies, came, open_conversation, row_of, sees, state_of, write


def test_a_visitor_and_two_agents_hold_a_conversation(browse, sign_in):
    alice, bob = sign_in("alice"), sign_in("bob")
    visitor = came(browse, "你好，我的订单 20931 还没到 👋")
    expect(state_of(visitor, "你好，我的订单 20931 还没到 👋")).to_have_text("Sent")

    for agent in (alice, bob):
        row = row_of(agent, "20931").first
        expect(row.locator(".row-unread")).to_contain_text("1")
        expect(agent).to_have_title(re.compile(r"^\(\d+\)"))
    open_conversation(alice, "20931")
    sees(alice, "你好，我的订单 20931 还没到 👋")
    expect(row_of(alice, "20931").first.locator(".row-unread")).to_be_hidden()
    expect(state_of(visitor, "你好，我的订单 20931 还没到 👋")).to_have_text("Read")
    expect(row_of(bob, "20931").first.locator(".row-unread")).to_contain_text("1")

    write(alice, "您好，我来查一下 🙏", visitor)
    open_conversation(bob, "您好，我来查一下")
    sees(bob, "您好，我来查一下 🙏")
    write(bob, "仓库今早已经出库", visitor, alice)

    bob.check("[name=note][value='1']")
    write(bob, "老客户，送一张券", alice)
    sees(visitor, "老客户，送一张券", times=0)
    visitor.reload()
    sees(visitor, "仓库今早已经出库")
    sees(visitor, "老客户，送一张券", times=0)


def test_older_messages_come_when_an_agent_scrolls_up_whom_newer_ones_do_not_move(
    enterprise, sign_in
):
    code = enterprise("story", 1, 60)
    alice, bob = (at_desk(sign_in, f"{code}-{name}", "访客 0") for name in ("alice", "bob"))
    messages, scroller = alice.locator(".messages .message"), alice.locator(".thread .scroller")
    expect(messages.last).to_be_in_viewport()
    expect(alice.locator("#m1")).to_have_count(0)
    scroller.evaluate("element => element.scrollTo(0, 0)")
    expect(alice.locator("#m1")).to_be_attached()
    scroller.evaluate("element => element.scrollTo(0, 100)")
    write(bob, "and the end")
    jump = alice.locator(".thread .jump")
    expect(jump).to_be_visible()
    assert scroller.evaluate("element => element.scrollTop") == 100
    jump.press("Enter")
    expect(bodies(alice, "and the end")).to_be_in_viewport()
    expect(scroller).to_be_focused()


@pytest.mark.release
def test_in_a_window_too_tall_to_be_scrolled_older_messages_come_too(enterprise, sign_in):
    code = enterprise("tall", 1, 120)
    alice = sign_in(f"{code}-alice", viewport={"width": 1360, "height": 6_000})
    alice.locator(".inbox .row a").click()
    expect(alice.locator(".messages .message").nth(60)).to_be_attached()


def test_an_ended_login_asks_in_place_and_keeps_the_text(browse, sign_in, watch):
    watch.expect("401|403|WebSocket")
    visitor = came(browse, "please stay")
    alice = at_desk(sign_in, "alice", "please stay")
    alice.type("#content", "a long answer")
    alice.context.clear_cookies(name="sessionid")
    alice.context.set_offline(True)
    alice.context.set_offline(False)
    dialog = alice.locator("dialog.login")
    expect(dialog).to_be_visible()
    for _ in range(3):
        alice.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill("three agents and a tea pot")
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    expect(alice.locator("#content")).to_have_value("a long answer")
    alice.press("#content", "Enter")
    sees(visitor, "a long answer")


def test_the_plain_forms_carry_a_conversation_without_javascript(browse, sign_in):
    visitor = browse("/chat/demo/", java_script_enabled=False)
    visitor.fill("#content", "no scripts here")
    visitor.click(".composer .send")
    sees(visitor, "no scripts here")
    alice = sign_in("alice", java_script_enabled=False)
    row_of(alice, "no scripts here").first.locator("a").click()
    alice.get_by_role("button", name="Mark as read").click()
    expect(alice.get_by_role("button", name="Mark as read")).to_have_count(0)
    alice.fill("#content", "none needed")
    alice.click(".composer .send")
    sees(alice, "none needed")
    visitor.get_by_role("link", name="Refresh to see new messages").click()
    sees(visitor, "none needed")
