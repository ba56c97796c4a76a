"""Customers from a CSV file as a manager imports them, and takes the import back."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, looks

PLACE = "/admin/customers/import/"


@looks
def test_a_file_is_looked_at_imported_and_undone(sign_in, tmp_path, look):
    who = f"{look}"
    file = tmp_path / "customers.csv"
    rows = [f"{who}-{n},Customer {n} {who},zh-CN,x" for n in range(60)]
    file.write_text("\n".join(["identity,name,language,shoe size", *rows, ",nobody,,"]))
    page = sign_in("manager", **look)
    page.goto(PLACE)
    accessible(page)
    page.set_input_files("#file", file)
    page.locator(".import-form button").click()
    run = page.locator("button[value=run]")
    expect(run).to_be_visible()
    expect(page.locator(".import-lines tbody tr")).to_have_count(51)
    accessible(page)
    page.check("[name=ignore]")
    run.click()
    undo = page.locator("button[value=undo]")
    expect(undo).to_be_visible()
    expect(page.locator("[data-kind=created] b")).to_have_text("60")
    accessible(page)
    undo.click()
    accessible(page)
    page.locator(".ask button").click()
    expect(page.locator("[data-kind=undone] b")).to_have_text("60")
    accessible(page)


@pytest.mark.release
def test_it_works_without_scripts(sign_in, tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text("identity\nscriptless\n")
    page = sign_in("manager", java_script_enabled=False)
    page.goto(PLACE)
    page.set_input_files("#file", file)
    page.locator(".import-form button").click()
    # The page asks again by itself.
    page.locator("button[value=run]").click()
    expect(page.locator("[data-kind=created] b")).to_have_text("1")


BEING_CHECKED = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Enterprise
from chat.models import CustomerImport
row = CustomerImport.objects.create(
    enterprise=Enterprise.objects.get(code="demo"), state="checking", key="of nobody",
    taken_at=timezone.now() + timedelta(hours=1), shape={"columns": ["identity"], "unknown": []},
)
print(row.pk)
"""


def test_what_is_read_aloud_is_said_by_an_element_that_stays(sign_in, server):
    pk = server.arrange(BEING_CHECKED).strip()
    page = sign_in("manager")
    page.goto(f"{PLACE}{pk}/")
    page.evaluate("document.querySelector('#import [role=status]').stays = true")
    server.arrange(
        "from chat.models import CustomerImport\n"
        f"CustomerImport.objects.filter(pk={pk}).update(state='ready', taken_at=None)"
    )
    expect(page.locator("[data-state=ready] button[value=discard]")).to_be_visible()
    said = page.locator("#import:not([data-busy]) [role=status]")
    expect(said).to_have_text("Checked; nothing is imported yet")
    assert said.evaluate("(element) => element.stays")
