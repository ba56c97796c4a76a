"""Passkeys with chromium's own virtual authenticator: added, used alone, as second factor and in
the workspace's dialog, removed."""

import re

from playwright.sync_api import expect

from .administration import log_in
from .conftest import PASSWORD
from .pages import accessible, looks

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@looks
def test_a_passkey_is_made_and_signs_in(enterprise, browse, server, watch, look):
    # A passkey belongs to a name, and 127.0.0.1 is none.
    site = f"localhost:{server.port}"
    watch.expect(rf"foreign host: \w+://{site}/")
    name = f"{enterprise(f'keys{look}')}-alice"
    page = browse("/agent/login/", base_url=f"http://{site}", **look)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    expect(page.locator("form[data-passkey]")).to_be_visible()
    accessible(page)
    log_in(page, name)
    page.wait_for_url("**/agent/")
    page.goto("/agent/security/")
    page.fill("#passkey-name", "小艾 <b>phone</b>")
    page.click("form[data-passkey=make] button")
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/agent/security/")
    expect(page.get_by_text("小艾 <b>phone</b>", exact=True)).to_be_visible()
    accessible(page)

    page.goto("about:blank")
    page.context.clear_cookies(name="sessionid")
    page.goto("/agent/login/?next=/agent/profile/")
    page.click("form[data-passkey=sign] button")
    page.wait_for_url(lambda url: "/login/" not in url)
    expect(page).to_have_url(re.compile("/agent/profile/$"))

    page.goto("about:blank")
    page.context.clear_cookies(name="sessionid")
    page.goto("/agent/login/")
    log_in(page, name)
    expect(page).to_have_url(re.compile("/agent/login/second/"))
    accessible(page)
    devices.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": device["authenticatorId"], "isUserVerified": False},
    )
    page.click("form[data-passkey=sign] button")
    expect(page.locator("form[data-passkey] .field-error")).to_be_visible()
    devices.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": device["authenticatorId"], "isUserVerified": True},
    )
    page.reload()
    page.click("form[data-passkey=sign] button")
    page.wait_for_url("**/agent/")

    # The session ends elsewhere, and the workspace asks in its dialog.
    watch.expect(r"400|401|403|WebSocket")
    other = browse("/agent/", page.context)
    other.goto("/agent/security/")
    other.evaluate("document.querySelector('form[action$=\"/agent/logout/\"]').submit()")
    dialog = page.locator("dialog.login")
    expect(dialog).to_be_visible()
    other.close()
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button.primary").click()
    dialog.locator("[data-passkey]").click()
    expect(dialog).to_be_hidden()
    page.goto("/agent/security/")
    page.locator(".session button[name=remove]").click()
    expect(page.get_by_text("小艾 <b>phone</b>", exact=True)).to_have_count(0)
