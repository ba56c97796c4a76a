"""Formatted messages, on both sides of the conversation."""

from playwright.sync_api import expect

from .pages import (
    accessible,
    at_desk,
    came,
    looks,
    message,
    open_conversation,
    row_of,
    sees,
    tool,
    write,
)

TEXT = "**Three steps** for you:\n1. open the *settings*\n2. type `reset`\n3. read [our page](https://help.example/x)"
HTML = (
    "<p><strong>Three steps</strong> for you:</p>"
    '<ol start="1"><li>open the <em>settings</em></li><li>type <code>reset</code></li><li>read '
    '<a href="https://help.example/x" title="https://help.example/x"'
    ' rel="noopener noreferrer nofollow" target="_blank">our page</a></li></ol>'
)


def body(page):
    return page.locator(".messages .body.formatted")


@looks
def test_both_sides_see_an_agents_text_formatted(browse, sign_in, look):
    visitor = browse("/chat/demo/", **look)
    asked = f"how do I reset it? {look}"
    write(visitor, asked, visitor)
    alice, bob = sign_in("alice", **look), sign_in("bob")
    open_conversation(alice, asked)
    write(alice, TEXT)
    for page in (visitor, alice):
        expect(body(page)).to_have_count(1)
        for _ in ("as it came", "as the server writes it"):
            assert body(page).evaluate("element => element.innerHTML") == HTML
            page.reload()
        accessible(page)
    expect(row_of(bob, "Three steps for you: open the settings").first).to_be_visible()
    plain = browse("/chat/demo/", cookies=visitor.context.cookies(), java_script_enabled=False)
    assert body(plain).evaluate("element => element.innerHTML") == HTML


def test_a_formatted_text_is_edited_copied_and_quoted_as_it_was_written(browse, sign_in):
    visitor = came(browse, "formatted, then edited")
    alice = sign_in("alice")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_conversation(alice, "formatted, then edited")
    write(alice, "it is **open**")
    expect(body(alice)).to_have_text("it is open")
    alice.reload()
    tool_of = alice.locator(".message-tools")
    body(alice).hover()
    tool_of.get_by_role("button", name="Copy").click()
    expect(tool_of.get_by_role("button", name="Copied")).to_be_visible()
    assert alice.evaluate("navigator.clipboard.readText()") == "it is **open**"
    body(visitor).hover()
    visitor.locator(".message-tools").get_by_role("button", name="Quote").click()
    expect(visitor.locator(".answered .quote")).to_contain_text("it is open")
    tool_of.get_by_role("button", name="Edit").click()
    expect(alice.locator("#content")).to_have_value("it is **open**")
    alice.fill("#content", "it is closed")
    alice.press("#content", "Enter")
    for page in (visitor, alice):
        sees(page, "it is closed")
        expect(body(page)).to_have_count(0)
    tool(alice, "it is closed", "Edit").click()
    alice.fill("#content", "- a\n- b")
    alice.press("#content", "Enter")
    for page in (visitor, alice):
        expect(body(page).locator("li")).to_have_text(["a", "b"])


def test_a_visitors_marks_and_anybodys_html_stay_text(browse, sign_in):
    visitor = came(browse, "**mine** <b>too</b>")
    alice = at_desk(sign_in, "alice", "**mine**")
    sees(alice, "**mine** <b>too</b>")
    write(alice, "**bold** <img src=x onerror=alert(1)> [x](javascript:alert(1))")
    for page in (visitor, alice):
        expect(body(page)).to_have_text(
            "bold <img src=x onerror=alert(1)> [x](javascript:alert(1))"
        )
        expect(body(page).locator("img, a")).to_have_count(0)
        expect(message(page, "**mine** <b>too</b>").locator(".body *")).to_have_count(0)
