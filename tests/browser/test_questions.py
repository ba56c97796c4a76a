"""Quick questions: a tap asks, and is answered at once."""

from playwright.sync_api import expect

from .administration import QUESTIONS, asking
from .pages import (
    accessible,
    came,
    looks,
    open_conversation,
    row_of,
    sees,
    shot,
    state_of,
    write,
)


def test_a_tap_asks_and_is_answered_at_once(server, browse, sign_in, enterprise):
    code = enterprise("quick")
    asking(server, code)
    visitor = browse(f"/chat/{code}/")
    visitor.get_by_role("button", name="几天能到货？").dblclick()
    sees(visitor, "几天能到货？")
    sees(visitor, QUESTIONS["几天能到货？"])
    answered = visitor.locator(".message", has_text="节假日顺延。")
    expect(answered.locator(".automatic")).to_have_text("Automatic")
    visitor.reload()
    sees(visitor, "几天能到货？")
    expect(answered.locator(".automatic")).to_have_count(1)
    alice = sign_in(f"{code}-alice")
    row = row_of(alice, "节假日顺延")
    expect(row.locator(".row-unread")).to_contain_text("2")
    expect(row.locator(".waiting")).to_have_count(0)
    open_conversation(alice, "节假日顺延")
    expect(alice.locator(".messages .automatic")).to_have_count(1)
    visitor.click(".questions > summary")
    visitor.get_by_role("button", name="Can I send it back?").click()
    sees(alice, "Can I send it back?")
    expect(alice.locator(".messages .automatic")).to_have_count(2)
    expect(alice.locator(".messages .automatic").last).to_be_visible()
    write(visitor, "And by whom?", alice)
    expect(row_of(alice, "And by whom?").locator(".waiting")).to_be_visible()


def test_a_tap_that_was_offline_goes_out_once(server, browse, enterprise, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket connection")
    code = enterprise("tunnelquick")
    asking(server, code)
    visitor = came(browse, "hello", code)
    expect(state_of(visitor, "hello")).to_have_text("Sent")
    expect(visitor.locator(".questions > summary")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.click(".questions > summary")
    visitor.get_by_role("button", name="几天能到货？").click()
    sees(visitor, "几天能到货？")
    visitor.context.set_offline(False)
    visitor.reload()
    sees(visitor, QUESTIONS["几天能到货？"])
    sees(visitor, "几天能到货？")


@looks
def test_quick_questions_are_accessible(server, browse, enterprise, look):
    code = enterprise(f"look{look}")
    asking(server, code, {f"{question} {n}": "answer" for n in (1, 2) for question in QUESTIONS})
    visitor = browse(f"/chat/{code}/", **look)
    shot(visitor)
    visitor.get_by_role("button", name="几天能到货？ 1").press("Enter")
    sees(visitor, "answer")
    expect(visitor.locator(".scroller")).to_be_focused()
    accessible(visitor)
