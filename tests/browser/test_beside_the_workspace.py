"""An agent on the pages beside the workspace is there all the same."""

import re

from playwright.sync_api import expect

from .pages import accessible, came, looks, open_conversation, sees

GONE = 8_000
"""Milliseconds after which somebody without a socket is told to be gone: 2 s of grace, a tick of
3 s, and a busy machine."""


def test_who_reads_the_canned_replies_stays_online(browse, sign_in, enterprise):
    code = enterprise("beside")
    came(browse, "is anybody there?", code)
    alice, bob = sign_in(f"{code}-alice"), sign_in(f"{code}-bob")
    open_conversation(bob, "is anybody there?")
    seat = bob.locator(".seats.in-panel .seat").filter(has_text="小艾")
    expect(seat.locator(".seat-presence")).to_have_text("Online")
    alice.goto("/agent/replies/")
    bob.wait_for_timeout(GONE)
    expect(seat.locator(".seat-presence")).to_have_text("Online")
    alice.goto("about:blank")
    expect(seat.locator(".seat-presence")).to_have_text("Offline")


def test_who_comes_from_the_administration_to_their_profile_stays_offline(sign_in):
    page, sockets = sign_in("manager"), []
    page.goto("/admin/")
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.locator(".me summary").click()
    expect(page.locator(".own-sheet")).to_have_css("box-shadow", re.compile("32px"))
    page.click(".me a[href='/agent/profile/']")
    page.wait_for_url("**/agent/profile/")  # Its script saw where they came from.
    page.locator("main button.primary").click()
    expect(page.locator(".messages, .notice-bar").first).to_be_visible()
    page.goto("/agent/security/")
    assert not sockets
    page.goto("/agent/")
    with page.expect_websocket():
        page.goto("/agent/profile/")


@looks
def test_what_is_offered_there_is_a_line_that_leads_to_it(
    browse, sign_in, server, enterprise, look
):
    code = enterprise(f"elsewhere-{look}")
    server.command("team", "service", "--enterprise", code, "--routing", "offer")
    alice = sign_in(f"{code}-alice", **look)
    alice.goto("/agent/replies/")
    came(browse, "for whom is this?", code)
    line = alice.locator(".offered-elsewhere")
    expect(line).to_be_visible()
    accessible(alice)
    line.get_by_role("link").click()
    sees(alice, "for whom is this?")
    expect(alice.locator(".offer")).to_be_visible()
