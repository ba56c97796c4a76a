"""Attributes of customers in browsers: defined in the settings, shown and edited in the panel."""

from playwright.sync_api import expect

from .administration import signed_in
from .pages import VIEWS, accessible, came, looks, open_conversation, shot


@looks("size")
def test_attributes_are_defined_and_edited_in_place(
    browse, sign_in, enterprise, locale, size, scheme
):
    look = {"locale": locale, "viewport": VIEWS[size], "color_scheme": scheme}
    code = enterprise("attributes")
    page = signed_in(browse, bypass_csp=True, **look)
    page.goto(f"/admin/accounts/enterprise/?q={code}")
    page.click("#result_list tbody th a")
    page.locator(".settings-entries a[href$='section=attributes']").click()
    for number, (label, key, kind) in enumerate(
        [("Plan", "plan", "choice"), ("Shop", "shop", "link"), ("Since", "since", "date")]
    ):
        page.click(".row-add")
        page.fill(f"[name=attributes-{number}-label]", label)
        page.fill(f"[name=attributes-{number}-key]", key)
        page.select_option(f"[name=attributes-{number}-kind]", kind)
    page.fill("[name=attributes-0-choices]", "gold\nfree")
    accessible(page)
    shot(page, f"attributes-{locale}-{size}-{scheme}")
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()

    came(browse, "my order", code, **look)
    alice, bob = sign_in(f"{code}-alice", **look), sign_in(f"{code}-bob", **look)
    for member in (alice, bob):
        open_conversation(member, "my order")
        if size == "phone":
            member.click(".panel-open")
    alice.click(".edit > summary")
    alice.select_option("[name='attributes.plan']", "gold")
    alice.fill("[name='attributes.shop']", "https://shop.example/7")
    alice.fill("[name='attributes.since']", "2026-11-30")
    shot(alice, f"attributes-edit-{locale}-{size}-{scheme}")
    accessible(alice)
    alice.press("[name='attributes.shop']", "Enter")
    for member in (alice, bob):
        expect(member.locator("[data-attribute=plan]")).to_have_text("gold")
        link = member.locator("[data-attribute=shop]")
        expect(link).to_have_attribute("href", "https://shop.example/7")
    shot(bob, f"attributes-panel-{locale}-{size}-{scheme}")
    bob.click(".edit > summary")
    expect(bob.locator("[name='attributes.since']")).to_have_value("2026-11-30")
    bob.select_option("[name='attributes.plan']", "")
    bob.press("#visitor-name", "Enter")
    for member in (alice, bob):
        expect(member.locator("[data-attribute=plan]")).to_be_hidden()
        day = "30 November 2026" if locale == "en-GB" else "2026年11月30日"
        expect(member.locator("[data-attribute=since]")).to_have_text(day)
