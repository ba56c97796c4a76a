"""The group at work in real browsers: claim, hand on, close, rate, and what the others see."""

import pytest
from playwright.sync_api import expect

from .conftest import PASSWORD
from .pages import (
    accessible,
    asked_to_rate,
    at_desk,
    came,
    hand_on,
    looks,
    menu,
    open_conversation,
    picker,
    press,
    row_of,
    sees,
    shot,
    state_of,
    write,
)


@looks
def test_a_group_serves_one_visitor_from_claim_to_rating(browse, sign_in, look):
    words = f"group {look}"
    visitor = came(browse, words, **look)

    alice, bob = (at_desk(sign_in, name, words, **look) for name in ("alice", "bob"))
    alice.focus('[data-part="claim"] button')
    alice.keyboard.press("Enter")
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    expect(alice.locator(".menu > summary")).to_be_focused()
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    expect(bob.locator('[data-part="claim"]')).to_be_hidden()
    expect(bob.locator('[data-part="take_over"]')).to_be_hidden()
    expect(row_of(bob, words).locator(".row-claim")).to_have_text("小艾")

    picker(alice, "transfer")
    accessible(alice)
    press(alice, "Escape")
    hand_on(alice, "小博", f"note {words}")
    expect(alice.locator(".picker")).to_have_count(0)
    expect(bob.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    sees(bob, f"note {words}")
    expect(alice.locator(".thread-claim")).to_contain_text("小博")

    visitor.clock.install()
    bob.click('[data-part="close"] button')
    expect(alice.locator(".closed-hint")).to_be_visible()
    expect(alice.locator('[data-part="reopen"]')).to_be_visible()
    asked_to_rate(visitor)
    accessible(visitor)
    accessible(alice)

    visitor.focus(".stars input >> nth=0")
    for _ in range(3):
        visitor.keyboard.press("ArrowRight")
    visitor.fill("#comment", "很快,谢谢")
    shot(visitor)

    visitor.press("#comment", "Enter")
    expect(visitor.locator(".thanks")).not_to_be_empty()
    expect(alice.locator(".messages .message").last).to_contain_text("很快,谢谢")
    expect(alice.locator(".messages .message").last).to_contain_text("4")

    write(visitor, f"again {words}")
    expect(visitor.locator(".rating")).to_be_hidden()
    expect(alice.locator('[data-part="claim"]')).to_be_visible()
    expect(alice.locator(".closed-hint")).to_be_hidden()
    shot(alice)
    sees(alice, f"note {words}")
    assert f"note {words}" not in visitor.content()


@pytest.mark.release
def test_a_claim_that_comes_too_late_says_who_holds_it_and_leaving_asks_first(browse, sign_in):
    came(browse, "who takes it?")
    alice, bob = (at_desk(sign_in, name, "who takes it?") for name in ("alice", "bob"))
    alice.click('[data-part="claim"] button')
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    bob.evaluate("document.querySelector('[data-part=\"claim\"]').hidden = false")
    bob.click('[data-part="claim"] button')
    expect(bob.locator(".connection")).to_contain_text("小艾")
    bob.click(".menu > summary")
    form = bob.locator('[data-part="leave"] form')
    expect(form).to_be_hidden()
    bob.keyboard.press("Escape")
    expect(bob.locator(".menu-sheet")).to_be_hidden()
    menu(bob, "leave").locator("button").click()
    expect(row_of(bob, "who takes it?")).to_have_count(0)
    expect(alice.locator(".seats.in-panel .seat")).to_have_count(2)


@pytest.mark.release
def test_a_manager_looks_in_closes_and_removes_without_a_seat(browse, sign_in):
    came(browse, "is anybody watching?")
    alice, manager = sign_in("alice"), sign_in("manager")
    open_conversation(alice, "is anybody watching?")
    manager.goto(alice.url)
    expect(alice.locator(".looking")).to_have_attribute("title", "manager")
    expect(manager.locator(".looking")).to_have_attribute("title", "小艾")
    expect(manager.locator('[data-part="claim"]')).to_be_hidden()
    form = menu(manager, "remove")
    form.locator("select").select_option(label="小卡")
    form.locator("button").click()
    expect(alice.locator(".seats.in-panel .seat")).to_have_count(2)
    expect(manager.locator(".seats.in-panel .seat")).to_have_count(2)
    manager.click('[data-part="close"] button')
    expect(alice.locator(".thread-closed")).to_be_visible()
    expect(manager.locator('[data-part="reopen"]')).to_be_visible()


@pytest.mark.release
def test_only_who_sits_there_is_given_a_field_to_write_in(browse, sign_in):
    came(browse, "who may answer?")
    alice, manager = sign_in("alice"), sign_in("manager")
    open_conversation(alice, "who may answer?")
    expect(alice.locator(".not-seated")).to_be_hidden()
    expect(row_of(alice, "who may answer?").locator(".row-unread")).to_be_hidden()
    manager.goto(alice.url)
    expect(manager.locator(".not-seated")).to_be_visible()
    expect(manager.locator(".seated-only")).to_be_hidden()
    manager.click('[data-part="join"] button')
    expect(manager.locator(".not-seated")).to_be_hidden()
    expect(manager.locator('[data-part="join"]')).to_be_hidden()
    write(manager, "I do now", alice)
    manager.click(".to-inbox")
    open_conversation(manager, "I do now")
    expect(manager.locator(".seated-only")).to_be_visible()


@looks
def test_a_supervisor_reads_and_finds_nothing_to_press_until_they_are_invited(
    browse, sign_in, server, enterprise, look
):
    code = enterprise(f"watched-{look.locale.lower()}")
    who = (f"{code}-susan", "--role", "supervisor", "--password", PASSWORD)
    server.command("create_member", *who, "--enterprise", code)
    came(browse, "who reads this?", code)
    alice, susan = sign_in(f"{code}-alice", **look), sign_in(f"{code}-susan", **look)
    open_conversation(alice, "who reads this?")
    susan.goto(alice.url)
    expect(alice.locator(".looking")).to_have_attribute("title", f"{code}-susan")
    expect(susan.locator(".not-seated")).to_be_visible()
    seen = susan.locator(":is(.head-actions, .writing-area) :is(button, summary, a):visible")
    expect(seen).to_have_count(0)
    if look.size == "desktop":
        expect(susan.locator(".panel form:visible, .panel summary:visible")).to_have_count(0)
    for key in "edtisl":
        press(susan, key)
    expect(susan.locator(".picker, .menu[open], .closing[open]")).to_have_count(0)
    accessible(susan)
    alice.click(".menu > summary")
    alice.click('.menu [data-picks="invite"]')
    expect(alice.locator(".picker [role=option]").first).to_be_visible()
    accessible(alice)
    alice.fill(".picker input", "susan")
    alice.keyboard.press("Enter")
    expect(susan.locator('[data-part="claim"] button')).to_be_visible()
    expect(susan.locator("#content")).to_be_visible()


@pytest.mark.release
def test_an_old_closing_asks_for_no_rating_and_one_that_was_not_stored_gets_no_thanks(
    browse, sign_in, watch
):
    watch.expect("503")
    visitor = came(browse, "closed and opened")

    alice = at_desk(sign_in, "alice", "closed and opened")
    visitor.clock.install()
    alice.click('[data-part="close"] button')
    asked_to_rate(visitor)

    for number in range(55):
        write(alice, f"line {number}")
    sees(visitor, "line 54")
    write(visitor, "one more thing")
    expect(visitor.locator(".rating")).to_be_hidden()
    expect(state_of(visitor, "one more thing")).not_to_have_text("Sending…")

    visitor.reload()
    sees(visitor, "one more thing")
    sees(visitor, "closed and opened", times=0)
    visitor.locator(".scroller").evaluate("element => element.scrollTo(0, 0)")
    sees(visitor, "closed and opened")

    visitor.dispatch_event("body", "focus")
    visitor.clock.fast_forward(11_000)
    expect(visitor.locator(".rating")).to_be_hidden()
    alice.click('[data-part="close"] button')
    asked_to_rate(visitor)

    visitor.route("**/rating/", lambda route: route.fulfill(status=503, body="{}"))
    visitor.check(".stars input >> nth=4", force=True)
    visitor.click(".rating button")
    expect(visitor.locator(".thanks")).to_contain_text("Not saved")


@pytest.mark.release
def test_the_visitors_name_keeps_its_room_beside_the_buttons(browse, sign_in):
    came(browse, "how wide is a name?")
    alice = at_desk(sign_in, "alice", "how wide is a name?")
    alice.click('[data-part="claim"] button')
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    for width in (720, 1000, 1100, 1279, 1366):
        alice.set_viewport_size({"width": width, "height": 700})
        name = alice.locator("#thread-name").bounding_box()
        assert name["width"] > 100, width
        for other in (".thread-team", ".seats.in-head", ".head-actions"):
            box = alice.locator(other).bounding_box()
            beside = box["x"] >= name["x"] + name["width"] or box["y"] >= name["y"] + name["height"]
            assert beside, (width, other, name, box)


@pytest.mark.release
def test_six_colleagues_leave_the_head_of_a_conversation_one_row(
    browse, sign_in, server, enterprise
):
    code = enterprise("six")
    server.arrange(
        "from accounts import setup\nfrom accounts.models import Team\n"
        f"team = Team.objects.get(enterprise__code={code!r})\n"
        "for name in ('dora', 'emil', 'fred'):\n"
        f"    account = f'{code}-{{name}}'\n"
        "    member = setup.create_member(account, enterprise=team.enterprise, role=2)\n"
        "    setup.join_team(member, team)\n"
    )
    came(browse, "who are you all?", code)
    alice = at_desk(
        sign_in, f"{code}-alice", "who are you all?", viewport={"width": 1366, "height": 768}
    )
    alice.click('[data-part="claim"] button')
    expect(alice.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    expect(alice.locator(".seats.in-head .seat:visible")).to_have_count(3)
    assert (
        alice.evaluate(
            "getComputedStyle(document.querySelector('.seats.in-head'), '::after').content"
        )
        == '"+3"'
    )
    assert alice.locator(".head-actions").bounding_box()["height"] < 60
