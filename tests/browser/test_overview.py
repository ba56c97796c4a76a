"""The administrators' home: readable by everybody, and every number leads to its rows."""

from playwright.sync_api import expect

from .pages import VIEWS, accessible, came, looks, shot


@looks("view")
def test_the_home_tells_who_waits_and_leads_to_the_rows(browse, sign_in, locale, view, scheme):
    came(browse, f"home {locale} {view} {scheme}", locale=locale)
    page = sign_in("manager", locale=locale, viewport=VIEWS[view], color_scheme=scheme)
    page.goto("/admin/")
    expect(page.locator("#tasks [aria-current]")).to_be_visible()
    assert int(page.locator(".tiles dd").first.inner_text().split()[0]) > 0
    accessible(page)
    shot(page, f"home-{locale}-{view}-{scheme}")
    page.locator(".home summary").press("Enter")
    expect(page.locator(".home details table")).to_be_visible()
    accessible(page)
    page.locator(".tiles a").last.click()
    page.wait_for_url("**/reports/rows/?**")
    accessible(page)


def test_the_home_works_without_scripts(sign_in):
    page = sign_in("manager", java_script_enabled=False)
    page.goto("/admin/")
    expect(page.locator(".steps li").first).to_be_visible()
    page.locator("#tasks").get_by_role("link", name="Reports").click()
    expect(page.locator(".tiles")).to_be_visible()
