"""The customers in the administration: their list and the page about each are accessible in every
look, and what is done there is said there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from .pages import accessible, came, looks

BLOCK = ".folding:has([value=block])"


@looks
def test_a_visitor_is_looked_at_blocked_and_let_in_again(browse, sign_in, watch, look):
    # The open page of who is blocked asks until when.
    watch.expect("status of 403")
    came(browse, f"an ibis {look}", locale=look.locale)
    page = sign_in("manager", **look)
    page.goto("/admin/chat/visitor/")
    page.locator("#result_list .titled a").first.click()
    expect(page.locator(".entry")).to_have_count(1)
    accessible(page)
    page.locator(".measures details summary").first.click()
    page.locator(".folding summary").first.click()
    accessible(page)
    page.locator(".erasure summary").click()
    accessible(page)
    page.locator(f"{BLOCK} summary").click()
    page.fill("#block-reason", "spam")
    page.locator(f"{BLOCK} .button.bad").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".measures p").first).to_contain_text("spam")
    accessible(page)
    page.locator(".measures form button").first.click()
    expect(page.locator(BLOCK)).to_have_count(1)


@looks
def test_two_visitors_are_found_linked_and_parted(browse, sign_in, look):
    page = sign_in("manager", **look)
    for number in range(2):
        came(browse, f"an otter {number}", locale=look.locale)
    page.goto("/admin/chat/visitor/?talks=yes")
    accessible(page)
    names = page.locator("#result_list .titled a").all_inner_texts()
    page.locator("#result_list .titled a").first.click()
    page.locator('.visitor-head a[href="?link="]').click()
    page.fill("[name=link]", names[1])
    page.press("[name=link]", "Enter")
    accessible(page)
    page.locator(".offered .button").first.click()
    expect(page.locator(".sides .card")).to_have_count(2)
    accessible(page)
    page.locator("[value=link]").click()
    expect(page.locator(".entry:not(.event)")).to_have_count(2)
    accessible(page)
    page.locator("[value=part]").click()
    expect(page.locator(".entry")).to_have_count(1)


def test_times_are_on_the_readers_clocks(browse, sign_in):
    came(browse, "an early otter")
    page = sign_in("manager", timezone_id="Asia/Kathmandu")
    page.goto("/admin/chat/visitor/")
    page.locator("#result_list .titled a").first.click()
    time = page.locator(".entry time")
    at = datetime.fromisoformat(time.get_attribute("datetime"))
    expect(time).to_contain_text(f":{at.astimezone(ZoneInfo('Asia/Kathmandu')):%M}")
