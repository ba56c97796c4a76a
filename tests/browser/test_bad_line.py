"""Guarantees 5 and 7 in a real browser, behind a line that cuts, doubles and reorders frames."""

from playwright.sync_api import expect

from .pages import at_desk, sees, state_of, write

MESSAGES = 12


def shown(page) -> list[str]:
    return page.locator(".messages .message:not([data-seq='']) .body").all_inner_texts()


def test_each_message_stands_once_and_in_order_on_both_pages(browse, sign_in, line):
    visitor = browse("/chat/demo/", base_url=line.url)
    write(visitor, "is the line good?")
    expect(state_of(visitor, "is the line good?")).to_have_text("Sent")
    alice = at_desk(sign_in, "alice", "is the line good?", base_url=line.url)
    mischief = line.mischief
    mischief.cut, mischief.delay, mischief.duplicate, mischief.reorder = 0.08, 0.2, 0.3, 0.4
    for number in range(MESSAGES):
        write(visitor, f"question {number}")
        write(alice, f"answer {number}")
    wanted = {f"{word} {number}" for word in ("question", "answer") for number in range(MESSAGES)}
    for text in sorted(wanted):
        for page in (visitor, alice):
            message = page.locator(".messages .message:not([data-seq='']) .body")
            expect(message.get_by_text(text, exact=True)).to_have_count(1)
    mischief.cut = mischief.delay = mischief.duplicate = mischief.reorder = 0
    history = visitor.request.get("/chat/demo/messages/?limit=200").json()["messages"]
    stored = [message["content"] for message in history if message["kind"] == "message"]
    assert len(stored) == len(set(stored)) == 1 + 2 * MESSAGES
    for page in (visitor, alice):
        assert [text for text in shown(page) if text in stored] == stored
        expect(page.locator(".messages .message[data-seq='']")).to_have_count(0)
    assert all(mischief.done[name] for name in ("cut", "delay", "duplicate", "reorder"))


def test_what_cannot_be_sent_survives_a_reload_and_goes_out_once(browse, sign_in, line, watch):
    watch.expect("Failed to load resource")
    visitor = browse("/chat/demo/", base_url=line.url)
    write(visitor, "before the wall")
    expect(state_of(visitor, "before the wall")).to_have_text("Sent")
    line.mischief.sockets = False
    visitor.route("**/messages/**", lambda route: route.abort())
    visitor.reload()
    write(visitor, "behind the wall", visitor)
    visitor.wait_for_timeout(6_000)  # The fallback by HTTP has tried, too.
    visitor.reload()
    sees(visitor, "behind the wall")
    expect(state_of(visitor, "behind the wall")).not_to_have_text("Sent")
    line.mischief.sockets = True
    visitor.unroute("**/messages/**")
    expect(state_of(visitor, "behind the wall")).to_have_text("Sent")
    visitor.reload()
    sees(visitor, "behind the wall")
    history = visitor.request.get("/chat/demo/messages/").json()["messages"]
    assert [message["content"] for message in history].count("behind the wall") == 1
