"""The settings of an enterprise: a page for each section, with the visitor's first screen."""

import re

from playwright.sync_api import expect

from .administration import signed_in
from .pages import accessible, looks


@looks
def test_the_settings_are_pages_that_a_link_to_a_field_finds(browse, enterprise, look):
    code = enterprise(f"sections-{look}")
    # Axe tries styles on Django's pages; the corpus proves that these keep to the policy.
    page = signed_in(browse, bypass_csp=True, **look)
    page.goto(f"/admin/accounts/enterprise/?q={code}")
    page.click("#result_list tbody th a")
    accessible(page)
    page.locator(".settings-entries a").nth(1).click()
    expect(page).to_have_url(re.compile("section=look$"))
    expect(page.locator(".text-languages button:not(.empty)")).to_have_count(2)
    page.fill("[name=welcome]", "Come in")
    expect(page.locator(".text-languages .empty")).to_have_count(1)
    expect(page.locator(".first-screen .words")).to_have_text("Come in")
    page.locator(".text-languages button").nth(1).click()
    expect(page.locator("[name=welcome]")).to_be_hidden()
    page.locator("[name^=welcome_]").fill("欢迎")
    expect(page.locator(".first-screen .words")).to_have_text("欢迎")
    accessible(page)
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator("[name=welcome]")).to_have_value("Come in")
    page.locator(".settings-entries a[href$=greetings]").click()
    page.locator(".recipes a").first.click()
    accessible(page)
    page.click(".save-bar .primary")
    expect(page.locator(".row-card")).to_have_count(1)
    expect(page.locator(".recipes")).to_have_count(0)
    page.goto(f"{page.url.partition('?')[0]}#id_visits_told")
    expect(page).to_have_url(re.compile("section=chat#id_visits_told$"))
    expect(page.locator("#id_visits_told")).to_be_visible()
    page.click("#id_visits_told")
    page.click(".save-bar .primary")
    expect(page.locator(".messagelist .success")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("section=chat$"))
