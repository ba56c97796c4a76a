"""The audit in the administration: who changed what is found, read and saved."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, looks

LIST = "/admin/accounts/auditrow/"


@pytest.fixture
def hours(server):
    """The teams' hours are after the test what they were before, for those that follow."""
    before = server.sql("SELECT hours, id FROM team")
    yield
    for row in before:
        server.sql("UPDATE team SET hours = ? WHERE id = ?", *row)


@looks
def test_a_manager_finds_out_who_changed_the_hours(sign_in, hours, look):
    # Axe tries styles on Django's pages; the corpus proves that these keep to the policy.
    page = sign_in("manager", bypass_csp=True, **look)
    page.goto("/admin/accounts/team/")
    page.locator("#result_list tbody th a").first.click()
    page.goto(f"{page.url.partition('#')[0]}#id_time_zone")
    day = page.locator(".week-day").first
    if day.locator(".week-closed input").is_checked():
        day.locator(".week-closed input").uncheck()
    day.locator("input[type=time]").nth(1).fill(f"1{len(str(look)) % 10}:30")
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    page.goto(LIST)
    accessible(page)
    row = page.locator("#result_list tbody tr").first
    expect(row).to_contain_text("manager")
    expect(row).to_contain_text("客服组：表单" if look.locale == "zh-CN" else "team: form")
    row.locator("th a").click()
    changes = page.locator(".changes")
    expect(changes).to_contain_text("9:00")
    accessible(page)
    page.goto(f"{LIST}?kind=team")
    with page.expect_download() as download:
        page.locator("a.export").click()
    assert download.value.suggested_filename.startswith("audit-")
