"""Two-step sign-in as a member meets it: set up, asked at the next sign-in, and ended."""

import re
import time

import pyotp
from playwright.sync_api import expect

from .administration import log_in
from .conftest import PASSWORD
from .pages import accessible, looks, shot

SECOND = re.compile(r"/agent/login/second/")


def set_up(page) -> tuple[pyotp.TOTP, list[str]]:
    """The app that the page's key was typed into, and the recovery codes."""
    page.goto("/agent/security/app/")
    totp = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    page.fill("[name=code]", totp.now())
    page.click("main button.primary")
    expect(page.locator(".codes li")).to_have_count(10)
    return totp, page.locator(".codes code").all_inner_texts()


def unused(totp: pyotp.TOTP) -> str:
    """A code after the one that set the app up: phones may be half a minute ahead."""
    return totp.generate_otp(int(time.time()) // 30 + 1)


@looks
def test_a_member_sets_up_an_app_and_signs_in_with_it(enterprise, browse, watch, look):
    name = f"{enterprise(f'steps{look}')}-alice"
    page = browse("/agent/login/", **look)
    log_in(page, name)
    page.wait_for_url("**/agent/")
    for place in ("/agent/security/", "/agent/security/app/"):
        page.goto(place)
        accessible(page)
    page.goto("/agent/security/app/")
    page.fill("[name=code]", "000000")
    page.click("main button.primary")
    expect(page.locator(".field-error")).to_be_visible()
    accessible(page)
    totp, codes = set_up(page)
    accessible(page)
    page.click("main .button.primary")
    expect(page).to_have_url(re.compile(r"/agent/security/$"))
    accessible(page)
    other = browse("/agent/login/", **look)
    log_in(other, name)
    expect(other).to_have_url(SECOND)
    accessible(other)
    other.fill("[name=code]", "000000")
    other.press("[name=code]", "Enter")
    expect(other.locator(".field-error")).to_be_visible()
    accessible(other)
    other.fill("[name=code]", unused(totp))
    other.press("[name=code]", "Enter")
    other.wait_for_url("**/agent/")
    page.reload()
    expect(page.locator(".session")).to_have_count(2)
    shot(page)
    # The workspace of the other browser learns of it by itself.
    page.locator(".session button").click()
    expect(page.locator(".session")).to_have_count(1)
    watch.expect(r"400|401|403|WebSocket")
    dialog = other.locator("dialog.login")
    expect(dialog).to_be_visible()
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button.primary").click()
    expect(dialog.locator("[name=code]")).to_be_visible()
    expect(dialog.locator("[name=password]")).to_be_hidden()
    accessible(other)
    dialog.locator("[name=code]").fill("000000")
    dialog.locator("button.primary").click()
    expect(dialog.locator(".field-error")).to_be_visible()
    dialog.locator("[name=code]").fill(codes[0])
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    page.goto("/agent/security/off/")
    accessible(page)
    page.click("main .button.bad")
    expect(page.get_by_role("status")).to_be_visible()
