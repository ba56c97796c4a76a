"""Several conversations at once: selected, closed, transferred, and a closing that is undone."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, looks, press, row_of, shot, toast


@pytest.fixture
def led(server, enterprise, sign_in):
    """A function: an enterprise's conversations, as alice sees them, who leads their team."""

    def made(name: str, conversations: int, **look):
        code = enterprise(name, conversations, conversations)
        for table, column in (("team_member", "member_id"), ("chat_group", "member_id")):
            key = "id" if table == "team_member" else "uuid"
            server.sql(
                f"UPDATE {table} SET member_type = 1 WHERE {column} ="
                f" (SELECT {key} FROM member WHERE name = ?)",
                f"{code}-alice",
            )
        return code, sign_in(f"{code}-alice", **look)

    return made


def pick(page, number: int) -> None:
    """Selects a row by its box, which the pointer brings."""
    row = row_of(page, f"访客 {number}").first
    row.hover()
    row.locator(".row-pick input").check()


@looks
def test_a_leader_closes_several_and_undoes_it(led, sign_in, look):
    _code, alice = led(f"many-{look}", 6, has_touch=look.size == "phone", **look)
    expect(alice.locator(".inbox .row")).to_have_count(6)
    if look.size == "phone":
        alice.click(".pick-rows")
        for number in (1, 2, 3):
            row_of(alice, f"访客 {number}").click()
    else:
        expect(alice.locator(".pick-rows")).to_be_hidden()
        for number in (1, 2, 3):
            pick(alice, number)
    bar = alice.locator(".several")
    expect(bar.locator("[role=status]")).to_contain_text("3")
    expect(alice.locator(".views")).to_be_hidden()
    accessible(alice)
    bar.locator('[data-act="close"]').click()
    expect(bar.locator(".several-question")).to_contain_text("3")
    expect(bar.locator(".several-sure")).to_be_focused()
    accessible(alice)
    press(alice, "Enter")
    expect(alice.locator(".inbox .row")).to_have_count(3)
    expect(bar).to_be_hidden()
    expect(toast(alice)).to_contain_text("3")
    shot(alice)
    toast(alice).locator(".undo").click()
    expect(alice.locator(".inbox .row")).to_have_count(6)


def test_shift_selects_a_range_x_the_focused_row_and_escape_ends_it(led):
    _code, alice = led("range", 8)
    expect(alice.locator(".inbox .row")).to_have_count(8)
    pick(alice, 1)
    row_of(alice, "访客 4").click(modifiers=["Shift"])
    expect(alice.locator(".row-pick :checked")).to_have_count(4)
    expect(alice.locator(".opened")).to_be_hidden()
    row_of(alice, "访客 6").locator("a").focus()
    press(alice, "x")
    expect(alice.locator(".row-pick :checked")).to_have_count(5)
    press(alice, "x", "j", "x")
    expect(alice.locator(".row-pick :checked")).to_have_count(5)
    press(alice, "Escape")
    expect(alice.locator(".row-pick :checked")).to_have_count(0)
    expect(alice.locator(".several")).to_be_hidden()
    pick(alice, 2)
    alice.locator('.several [data-act="close"]').click()
    press(alice, "Escape")
    expect(alice.locator(".several-acts")).to_be_visible()
    row_of(alice, "访客 5").locator("a").click()
    expect(alice.locator(".opened")).to_be_visible()
    expect(alice.locator(".row-pick :checked")).to_have_count(1)


def test_several_are_handed_to_a_colleague_and_what_cannot_be_is_said(led, server, sign_in):
    code, alice = led("handing", 5)
    bob = sign_in(f"{code}-bob")
    expect(bob.locator(".row-pick")).to_have_count(0)
    expect(alice.locator(".inbox .row")).to_have_count(5)
    for number in (0, 1, 2):
        pick(alice, number)
    # Since this page has read it, it was closed, and the page has not heard of it.
    server.sql(
        "UPDATE conversation SET open = 0 WHERE ent_id = ? AND visitor_id ="
        " (SELECT uuid FROM visitor WHERE label = '访客 1' AND ent_id = ?)",
        *(code, code),
    )
    alice.click('.several [data-picks="member"]')
    alice.locator(".picker [role=option]", has_text="小博").click()
    expect(alice.locator(".several-question")).to_contain_text("Transfer 3 conversations to 小博?")
    shot(alice)
    alice.click(".several-sure")
    expect(alice.locator(".several-left li")).to_have_count(1)
    expect(alice.locator(".several-left")).to_contain_text("访客 1 not possible")
    expect(alice.locator(".row-pick :checked")).to_have_count(1)
    expect(toast(alice)).to_contain_text("2 conversations transferred to 小博")
    expect(toast(alice).locator(".undo")).to_have_count(0)
    expect(row_of(bob, "访客 0").locator(".row-claim")).to_have_text("you")
    expect(row_of(alice, "访客 2").locator(".row-claim")).to_have_text("小博")
    accessible(alice)
    alice.click(".several-end")
    expect(alice.locator(".several")).to_be_hidden()


def test_without_javascript_boxes_and_a_form_do_the_same(led):
    _code, alice = led("plain-several", 4, java_script_enabled=False)
    boxes = alice.locator(".row-pick input")
    expect(boxes).to_have_count(4)
    boxes.nth(0).check()
    boxes.nth(2).check()
    shot(alice)
    alice.click('#several [value="close"]')
    expect(alice.locator(".several-plain")).to_contain_text("Close 2 conversations?")
    shot(alice)
    alice.click(".several-plain .primary")
    expect(alice.locator(".toast")).to_contain_text("2 conversations closed")
    expect(alice.locator(".inbox .row")).to_have_count(2)
