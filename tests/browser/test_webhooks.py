"""Webhooks in the administration: made, tested, and what came of the test."""

from playwright.sync_api import expect

from .pages import accessible, looks

NOWHERE = "https://receiver.invalid/hook"
"""A name that means nothing anywhere."""


@looks
def test_a_manager_makes_a_webhook_tests_it_and_reads_what_came_of_it(sign_in, look):
    page = sign_in("manager", bypass_csp=True, **look)
    page.goto("/admin/chat/webhook/add/")
    page.fill("[name=url]", "https://10.0.0.1/hook")
    page.click("[name=_save]")
    expect(page.locator(".errorlist")).to_be_visible()
    accessible(page)
    page.fill("[name=url]", NOWHERE)
    page.click("[name=_save]")
    expect(page.locator("#secret")).to_contain_text("whsec_")
    accessible(page)
    page.locator("#content a.button").click()
    expect(page.locator("[name=url]")).to_have_value(NOWHERE)
    page.locator(".object-tools a[href$='/test/']").click()
    page.locator("#content form.ask button").click()
    shown = page.locator("#attempts-group")
    for _ in range(60):
        page.wait_for_timeout(500)
        page.reload()
        if shown.get_by_text("its host is not known").count():
            break
    expect(shown).to_contain_text("its host is not known")
    accessible(page)
    page.locator(".object-tools button").click()
    expect(page.locator(".messagelist")).to_be_visible()
    page.goto("/admin/chat/webhook/")
    page.locator("#result_list th a", has_text=NOWHERE).first.click()
    page.locator(".dangers a").click()
    page.locator("#content form.ask button").click()
    expect(page.locator("#result_list", has_text=NOWHERE)).to_have_count(0)
