"""Access tokens in the administration: made and shown once, used, replaced, ended."""

from playwright.sync_api import expect

from .pages import accessible, looks, shot

LIST = "/admin/accounts/accesstoken/"


def asked(page, token: str) -> int:
    """The status that a program with this token gets."""
    headers = {"Authorization": f"Bearer {token}"}
    return page.request.get("/api/v1/conversations/?limit=1", headers=headers).status


@looks
def test_a_manager_makes_a_token_replaces_it_and_ends_it(sign_in, look):
    # Axe tries styles on Django's pages; the corpus proves that these keep to the policy.
    page = sign_in("manager", bypass_csp=True, **look)
    page.goto(f"{LIST}add/")
    page.check("[name=kind][value=bot]")
    page.fill("[name=name]", f"crm-{look}")
    page.click("[name=_save]")
    expect(page.locator(".errorlist").first).to_be_visible()
    shot(page)
    # The bar at the foot would lie over half of a box.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    accessible(page)
    page.check("[name=kind][value=service]")
    page.click("[name=_save]")
    expect(page.locator("#token")).to_contain_text("kefu_")
    expect(page.locator("[data-copies=token]")).to_be_visible()
    accessible(page)
    first = page.locator("#token").inner_text()
    assert asked(page, first) == 200
    page.locator("#content a.button").click()
    page.locator(".object-tools a[href$='/replace/']").click()
    accessible(page)
    page.check("[name=former][value='0']")
    page.click("#content .primary")
    expect(page.locator("#token")).to_contain_text("kefu_")
    second = page.locator("#token").inner_text()
    assert (asked(page, first), asked(page, second)) == (401, 200)
    page.locator("#content a.button").click()
    page.locator(".dangers a[href$='/end/']").click()
    accessible(page)
    page.locator("#content form.ask button").click()
    expect(page.locator(".messagelist")).to_be_visible()
    accessible(page)
    assert asked(page, second) == 401
