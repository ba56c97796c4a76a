"""Reports: readable by everybody, every number leads to its rows, and a file can be saved."""

from playwright.sync_api import expect

from .pages import accessible, came, looks

REPORTS = "/admin/reports/"


@looks
def test_a_reports_number_opens_its_rows_and_they_can_be_saved(browse, sign_in, look):
    came(browse, f"counted {look}", locale=look.locale)
    page = sign_in("manager", **look)
    page.goto(REPORTS)
    accessible(page)
    number = page.locator(".tiles a").first
    shown = int(number.inner_text())
    number.press("Enter")
    page.wait_for_url("**/rows/?**")
    accessible(page)
    expect(page.locator(".rows tbody tr")).to_have_count(min(shown, 100))
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename.startswith("receptions-")
    page.goto(f"{REPORTS}?by=page")
    expect(page.locator("#split ~ .scrolls table").first).to_be_visible()
    accessible(page)
    page.goto(f"{REPORTS}definitions/")
    accessible(page)
