"""A row of the inbox has one signal, and tells what has no room by its number."""

import re
from datetime import datetime, timedelta, timezone

from playwright.sync_api import expect

from .pages import accessible, at_desk, came, looks, open_conversation, picker, row_of

TARGET = 120
"""Seconds: a new team's."""


def wait(server, code: str, *seconds: int) -> None:
    """Lets the newest conversations of an enterprise wait for so long."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    query = "SELECT uuid FROM conversation WHERE ent_id = ? ORDER BY last_activity DESC"
    for some, (group,) in zip(seconds, server.sql(query, code), strict=False):
        times = (str(now + timedelta(seconds=at)) for at in (-some, TARGET - some))
        change = "UPDATE conversation SET waiting_since = ?, due_at = ? WHERE uuid = ?"
        server.sql(change, *times, group)


@looks
def test_few_rows_are_red_however_many_are_late(enterprise, server, sign_in, look):
    code = enterprise(f"calm-{look}", 8, 1)
    wait(server, code, 5, 65, *(range(200, 700, 100)))
    alice = sign_in(f"{code}-alice", **look)
    times = alice.locator(".row-time.waiting")
    levels = "all => all.map(one => one.dataset.level).sort()"
    expect(times).to_have_count(7)
    alice.wait_for_timeout(1_500)
    assert times.evaluate_all(levels) == ["late"] * 2 + ["ok", "soon"] + ["worst"] * 3
    left = alice.locator('[data-level="soon"]')
    expect(left).to_have_text(re.compile(r"^(Reply in 1 min|回复还剩 1 分钟)$"))
    late = alice.locator('[data-level="worst"]').first
    expect(late).to_have_text(re.compile(r"^(Overdue|超时) \d+ ?(m|分钟)$"))
    weights = "all => new Set(all.map(one => getComputedStyle(one).fontWeight)).size"
    assert alice.locator(".row-last").evaluate_all(weights) == 1, "no line is bold"
    accessible(alice)


def test_a_snoozed_row_says_when_it_comes_back(browse, sign_in, enterprise):
    code = enterprise("back")
    came(browse, "not before tomorrow", code)
    alice = at_desk(sign_in, f"{code}-alice", "not before")
    morning = re.compile("^Tomorrow")
    picker(alice, "snooze").locator("[role=option]").filter(has_text=morning).click()
    expect(alice.locator(".thread-snoozed")).to_be_visible()
    alice.goto("/agent/?view=snoozed")
    time = row_of(alice, "not before").locator(".row-time")
    expect(time).to_have_text("tomorrow 9:00")
    expect(time).not_to_have_class(re.compile("waiting"))


def test_tags_without_room_are_counted(browse, sign_in, enterprise):
    code = enterprise("counted")
    came(browse, "I have many names", code)
    alice = sign_in(f"{code}-alice", viewport={"width": 1366, "height": 760})
    row = row_of(alice, "many names")
    open_conversation(alice, "many names")
    height = row.bounding_box()["height"]
    tags = ["VIP", "保修内", "shipping damage", "refund asked for", "售后"]
    for number, tag in enumerate(tags, 1):
        alice.fill(".add-tag input[list]", tag)
        alice.press(".add-tag input[list]", "Enter")
        expect(row.locator(".chip")).to_have_count(number)
    assert row.bounding_box()["height"] > height
    inside = """(chips) => chips.filter(chip => {
      const [one, room] = [chip, chip.parentElement].map(each => each.getBoundingClientRect());
      return one.bottom <= room.bottom + 1 && one.right <= room.right + 1;
    }).length"""
    seen = row.locator(".chip").evaluate_all(inside)
    assert 0 < seen < len(tags)
    expect(row.locator(".row-rest")).to_have_text(f"+{len(tags) - seen}")
    for tag in tags[1:]:
        alice.locator(f'.tags [data-tag="{tag}"] button').click()
    expect(row.locator(".chip")).to_have_text(["VIP"])
    expect(row.locator(".row-rest")).to_be_empty()
