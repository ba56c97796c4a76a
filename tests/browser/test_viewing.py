"""Two agents and a conversation: each sees that the other looks, calmly, and the visitor never."""

from playwright.sync_api import expect

from .pages import accessible, looks, open_conversation, sees, shot, write

BOXES = """[...document.querySelectorAll(
    ".thread-title h1, .thread-team, .seats.in-head, .head-actions, .conversation, .messages"
)].map((part) => JSON.stringify(part.getBoundingClientRect()))"""
HIDE = """(state) => {
    Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def looking(page, *names: str, within: int = 20_000) -> None:
    """These and no others are shown as looking; before what is told every 25 s is told again."""
    title = " · ".join(names)
    expect(page.locator(".looking")).to_have_attribute("title", title, timeout=within)
    expect(page.locator(".looking-faces .avatar")).to_have_count(len(names))
    expect(page.locator(".seats.in-head .seat[data-looking]")).to_have_count(len(names))


@looks
def test_agents_see_who_looks_with_them_and_nothing_moves(browse, sign_in, look):
    words = f"viewing {look}"
    visitor = browse("/chat/demo/", **look)
    frames = []

    def listen(socket):
        socket.on("framereceived", lambda frame: frames.append(frame))

    visitor.on("websocket", listen)
    visitor.reload()
    write(visitor, words, visitor)

    pages = {name: sign_in(name, **look) for name in ("alice", "bob", "carol")}
    alice, bob = pages["alice"], pages["bob"]
    open_conversation(alice, words)
    sees(alice, words)

    looking(alice)
    alice.wait_for_timeout(1_000)
    before = alice.evaluate(BOXES)
    open_conversation(bob, words)
    looking(alice, "小博")
    # Alice was there before, and is told to the newcomer.
    looking(bob, "小艾")
    text = "小博 正在看" if look.locale == "zh-CN" else "小博 is looking"
    expect(alice.locator(".looking-words")).to_have_text(text)
    expect(alice.locator(".looking-faces .avatar")).to_have_text("博")
    assert alice.evaluate(BOXES) == before
    shot(alice)

    open_conversation(pages["carol"], words)
    expect(alice.locator(".looking-faces .avatar")).to_have_count(2)
    assert alice.evaluate(BOXES) == before
    accessible(alice)

    bob.evaluate(HIDE, "hidden")
    looking(alice, "小卡")
    pages["carol"].close()
    looking(alice)
    bob.evaluate(HIDE, "visible")
    looking(alice, "小博")
    assert alice.evaluate(BOXES) == before

    write(alice, f"to {words}", visitor)
    assert any(f"to {words}" in frame for frame in frames)
    assert not any('"viewing"' in frame for frame in frames)
