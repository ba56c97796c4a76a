"""Pages of an agent's own beside the workspace: figures, and the questions of a team."""

from playwright.sync_api import expect

from .pages import accessible, looks


@looks
def test_an_agent_opens_their_own_figures_from_their_menu(sign_in, look):
    page = sign_in("alice", **look)
    page.click(".online summary")
    page.click('.own-links a[href="/agent/figures/"]')
    expect(page.locator(".periods section")).to_have_count(3)
    accessible(page)


@looks
def test_a_question_is_added_in_two_languages_and_taken_away(browse, sign_in, look):
    page = sign_in("manager", **look)
    page.goto("/agent/replies/")
    page.click('a[href="/agent/questions/"]')
    words = f"{look}?"
    page.fill("[name=question]", words)
    page.fill("[name=answer]", "一般两天。")
    page.locator(".text-languages button").nth(1).click()
    expect(page.locator("[name=question]")).to_be_hidden()
    page.fill("[name^=question_]", "How long?")
    accessible(page)
    page.click("form.card .primary")
    row = page.locator("article", has_text=words)
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    page.click("form.card summary")
    accessible(page)
    page.click("[name=delete]")
    expect(row).to_have_count(0)
