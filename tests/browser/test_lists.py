"""The administration's lists: searched while one types, ticked, and accessible."""

import re

import pytest
from playwright.sync_api import expect

from .pages import LOOKS, accessible

LISTS = ("accounts/member", "accounts/team", "accounts/accesstoken", "accounts/auditrow")
LISTS += ("chat/visitor", "chat/conversation", "chat/cannedreply", "chat/quickquestion")
LISTS += ("chat/webhook", "chat/webhookdelivery", "chat/legalhold")


@pytest.mark.parametrize("look", LOOKS[1:], ids=str)  # The first is tried by test_pages.py.
def test_every_list_is_accessible(sign_in, look):
    page = sign_in("manager", bypass_csp=True, **look)
    for name in LISTS:
        page.goto(f"/admin/{name}/")
        accessible(page)


def test_a_list_is_searched_while_one_types(sign_in):
    page = sign_in("manager")
    page.goto("/admin/accounts/member/?status__exact=0")
    page.keyboard.press("/")
    page.keyboard.type("alice")
    page.wait_for_url(re.compile(r"\?status__exact=0&q=alice$"))
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1")
    page.locator("[name=q]").fill("nobody is called so")
    expect(page.locator(".nothing")).to_be_visible()


def test_a_search_is_left_where_there_is_nothing(sign_in):
    page = sign_in("manager")
    page.goto("/admin/chat/legalhold/?q=nobody")
    page.locator("[name=q]").fill("")
    page.wait_for_url(re.compile(r"/legalhold/\?$"))
    expect(page.locator(".narrowing")).not_to_contain_text("null")
    page.locator("[name=q]").fill("again")
    page.wait_for_url(re.compile(r"\?q=again$"))
    expect(page.locator(".nothing")).to_contain_text("Nothing matches.")


def test_ticked_rows_have_a_bar_until_escape(sign_in):
    page = sign_in("manager")
    page.goto("/admin/accounts/member/")
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()
    page.check("#action-toggle")
    expect(bar.locator("b")).to_have_text(re.compile(r"^\d+ ticked$"))
    page.locator(".action-select").first.uncheck()
    assert page.evaluate("document.querySelector('#action-toggle').indeterminate")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.locator(".action-select").first.check()
    bar.locator(".destroys").click()
    expect(page.locator("form.ask li")).to_have_count(1)


def test_a_long_name_of_a_team_stays_in_its_row(sign_in):
    page = sign_in("manager", viewport={"width": 390, "height": 844})
    page.goto("/admin/accounts/member/")
    chip = page.locator("#result_list .field-team_names .badge").first
    chip.evaluate("chip => (chip.textContent = 'Guarantees, complaints '.repeat(4))")
    sides = "chip => [chip, chip.closest('tr')].map((one) => one.getBoundingClientRect().right)"
    name, row = chip.evaluate(sides)
    assert name < row
