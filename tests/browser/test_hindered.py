"""What pages say when they cannot go on, and that what they say can be read."""

import pytest
from playwright.sync_api import expect

from .pages import VIEWS, came, open_conversation, row_of, sees, shot

ON_TOP = """(element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""
WHOLE = "(element) => element.scrollWidth <= element.clientWidth"


def says(page, words: str) -> None:
    """The bar is there, in sight, and nothing lies on it."""
    bar = page.locator(".connection")
    expect(bar).to_contain_text(words)
    expect(bar).to_be_in_viewport(ratio=1)
    assert bar.evaluate(ON_TOP)


@pytest.mark.parametrize(
    ("size", "locale", "scheme", "offline", "not_loaded"),
    [
        ("phone", "en-GB", "light", "This device is offline", "could not be loaded"),
        ("phone", "zh-CN", "dark", "设备已离线", "加载失败"),
        ("desktop", "en-GB", "dark", "This device is offline", "could not be loaded"),
    ],
)
def test_an_inbox_without_network_says_so_and_why_a_row_does_not_open(
    browse, sign_in, watch, size, locale, scheme, offline, not_loaded
):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket connection")
    words = f"tunnel {size} {locale}"
    came(browse, words)
    alice = sign_in("alice", viewport=VIEWS[size], locale=locale, color_scheme=scheme)
    expect(row_of(alice, words)).to_be_visible()
    # A screen reader speaks what comes into a status that is there.
    status = alice.get_by_role("status").and_(alice.locator(".connection"))
    expect(status).to_have_count(1)
    alice.context.set_offline(True)
    says(alice, offline)
    shot(alice)
    row_of(alice, words).locator("a").click()
    says(alice, not_loaded)
    expect(alice.locator(".inbox")).to_be_visible()
    expect(alice.locator(".connection")).to_contain_text(offline)
    alice.context.set_offline(False)
    expect(alice.locator(".connection")).to_be_hidden()
    open_conversation(alice, words)
    sees(alice, words)


def test_a_row_far_down_is_right_after_a_break(enterprise, server, sign_in, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket connection")
    code = enterprise("deep", 60, 1)
    alice = sign_in(f"{code}-alice")
    query = "SELECT uuid FROM conversation WHERE ent_id = ? ORDER BY last_activity"
    oldest = server.sql(query, code)[0][0]
    row = alice.locator(f'.row[data-group="{oldest}"]')
    for _ in range(40):
        alice.locator(".rows").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        if row.count():
            break
        alice.wait_for_timeout(250)
    row.scroll_into_view_if_needed()
    expect(row.locator(".row-unread")).to_be_hidden()
    alice.context.set_offline(True)
    expect(alice.locator(".connection")).to_be_visible()
    server.sql("UPDATE chat_group SET unread = 3 WHERE uuid = ?", oldest)
    alice.context.set_offline(False)
    expect(row.locator(".row-unread")).to_contain_text("3")
    expect(row).to_be_in_viewport()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_who_holds_a_conversation_can_be_read_at_every_width(browse, sign_in, locale):
    words = f"held {locale}"
    came(browse, words)
    alice = sign_in("alice", locale=locale)
    bob = sign_in("bob", locale=locale, viewport={"width": 1280, "height": 800})
    open_conversation(alice, words)
    open_conversation(bob, words)
    head = bob.locator(".thread-head")
    before = head.bounding_box()["height"]
    alice.click('[data-part="claim"] button')
    expect(bob.locator(".thread-claim")).to_contain_text("小艾")
    assert head.bounding_box()["height"] == before, "nothing jumps"
    expect(bob.locator(".looking-words")).not_to_be_empty()
    for width in (1280, 1100, 900, 720, 390):
        bob.set_viewport_size({"width": width, "height": 800})
        shot(bob)
        assert bob.locator(".thread-team").evaluate(WHOLE), width
