"""The page about a visitor in the administration: accessible in every look, and what is done there
is said there."""

from playwright.sync_api import expect

from .pages import VIEWS, accessible, looks, sees, shot, write


@looks("view")
def test_a_visitor_is_looked_at_blocked_and_let_in_again(browse, sign_in, locale, view, scheme):
    visitor = browse("/chat/demo/", locale=locale)
    write(visitor, f"an ibis {view} {scheme} {locale}")
    sees(visitor, f"an ibis {view} {scheme} {locale}")
    page = sign_in("manager", locale=locale, viewport=VIEWS[view], color_scheme=scheme)
    page.goto("/admin/chat/visitor/")
    page.locator("#result_list .titled a").first.click()
    expect(page.locator(".entry")).to_have_count(1)
    accessible(page)
    page.locator(".measures details summary").first.click()
    page.locator(".folding summary").click()
    page.locator(".erasure summary").click()
    accessible(page)
    shot(page, f"visitor-open-{locale}-{view}-{scheme}")
    page.fill("#block-reason", "spam")
    page.locator(".folding summary").click()
    page.locator(".measures .bad").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".measures p").first).to_contain_text("spam")
    accessible(page)
    shot(page, f"visitor-{locale}-{view}-{scheme}")
    page.locator(".measures form button").first.click()
    expect(page.locator(".measures summary")).to_have_count(2)
