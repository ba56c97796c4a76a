"""Much of everything, and the page stays quick: figures for docs/performance.md, by `pytest -s`."""

import json
from statistics import median, quantiles

import pytest
from playwright.sync_api import expect

from .pages import at_desk

pytestmark = pytest.mark.release

SCROLL = """async () => {
  const list = document.querySelector(".rows");
  const found = { tasks: [], frames: [], rows: 0, blank: 0 };
  const watch = new PerformanceObserver((seen) => {
    found.tasks.push(...seen.getEntries().map(({ duration }) => duration));
  });
  watch.observe({ type: "longtask" });
  // A hand scrolls between two frames, so this goes on after one, never within it.
  const frame = () =>
    new Promise((done) => requestAnimationFrame((now) => setTimeout(done, 0, now)));
  const { left, top, width, height } = list.getBoundingClientRect();
  const middle = () => document.elementFromPoint(left + width / 2, top + height / 2);
  const oldest = () => list.lastElementChild.querySelector(".row-name").textContent === "访客 0";
  let before = await frame();
  const began = before;
  while (before - began < 180_000) {
    if (oldest() && list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break;
    if (!middle()?.closest(".row")) found.blank += 1;
    list.scrollTop += 800;
    found.rows = Math.max(found.rows, list.children.length);
    const now = await frame();
    found.frames.push(now - before);
    before = now;
  }
  watch.disconnect();
  return { ...found, seconds: (before - began) / 1000, height: list.scrollHeight };
}"""
KEYS = """() => {
  const times = (window.keyTimes = []);
  let began = 0;
  addEventListener("keydown", () => (began = performance.now()), true);
  // The last to hear of it, so all handlers are done; asking for a size makes style and layout now.
  addEventListener("input", () => {
    document.body.offsetHeight;
    times.push(performance.now() - began);
  });
}"""
WORDS = "Let me look at order 20931 for you, one moment please. "


def test_of_ten_thousand_conversations_only_those_in_sight_are_drawn(enterprise, sign_in):
    code = enterprise("ten-thousand", conversations=10_000, messages=1)
    alice = sign_in(f"{code}-alice")
    expect(alice.locator(".rows .row-name").first).to_have_text("访客 9999")
    found = alice.evaluate(SCROLL)
    frames, tasks = found["frames"], found["tasks"]
    print(
        f"\n10,000 rows scrolled in {found['seconds']:.1f} s, {len(frames)} frames: p50"
        f" {median(frames):.0f} ms, p99 {quantiles(frames, n=100)[98]:.0f}, longest"
        f" {max(frames):.0f}; {len(tasks)} tasks over 50 ms, {sum(tasks):.0f} ms in all;"
        f" at most {found['rows']} rows in the document"
    )
    assert found["height"] == 10_000 * 64
    assert found["rows"] <= 100
    assert found["blank"] == 0
    alice.evaluate("document.querySelector('.rows').scrollTo(0, 0)")
    expect(alice.locator(".rows .row-name").first).to_have_text("访客 9999")
    middle = "document.querySelector('.rows').scrollTo(0, 5000 * 64)"
    alice.evaluate(middle)
    expect(alice.locator(".rows .row-name").get_by_text("访客 4999", exact=True)).to_be_visible()


def test_a_key_has_no_thread_of_500_messages_laid_out_anew(enterprise, sign_in, chromium):
    code = enterprise("keys", conversations=1, messages=500)
    alice = at_desk(sign_in, f"{code}-alice", "访客 0")
    alice.evaluate(KEYS)
    few = times_of_keys(alice)
    messages = alice.locator(".thread .message")
    for shown in range(100, 501, 50):
        alice.evaluate("document.querySelector('.thread .scroller').scrollTo(0, 0)")
        expect(messages).to_have_count(shown)
    alice.click(".thread .jump")
    many = times_of_keys(alice)
    for name, times in (("50", few), ("500", many)):
        print(
            f"\n{name} messages, {len(times)} keys: p50 {median(times):.1f} ms,"
            f" p99 {quantiles(times, n=100)[98]:.1f}, longest {max(times):.1f}"
        )
    laid = layouts_while_typing(chromium, alice)
    assert laid, "the trace tells of layouts"
    assert max(dirty for dirty, _all in laid) < 100, "the thread is not laid out for a key"
    assert min(total for _dirty, total in laid) > 2_000


def times_of_keys(page) -> list[float]:
    """Milliseconds that 500 keys take, from the press until their handlers, style and layout are
    done; ten lines are written, so that the field grows, too."""
    page.evaluate("keyTimes.length = 0")
    page.focus("#content")
    for _ in range(10):
        page.keyboard.type(WORDS[:49], delay=4)
        page.keyboard.press("Shift+Enter")
    page.fill("#content", "")
    times = page.evaluate("keyTimes")
    assert len(times) == 501, "each key and the emptying"
    return times[:-1]


def layouts_while_typing(chromium, page) -> list[tuple[int, int]]:
    """Of each layout while one writes: how many boxes were to be laid out, of how many."""
    page.focus("#content")
    chromium.start_tracing(page=page, categories=["devtools.timeline"])
    page.keyboard.type(WORDS, delay=30)
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    data = [event["args"].get("beginData") for event in events if event["name"] == "Layout"]
    return [(one["dirtyObjects"], one["totalObjects"]) for one in data if one]
