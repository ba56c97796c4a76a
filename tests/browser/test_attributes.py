"""Attributes of customers in browsers: defined in the settings, shown and edited in the panel."""

from playwright.sync_api import expect

from .administration import signed_in
from .pages import accessible, came, looks, open_conversation, panel, shot


@looks
def test_attributes_are_defined_and_edited_in_place(browse, sign_in, enterprise, look):
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
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()

    came(browse, "my order", code, **look)
    alice, bob = sign_in(f"{code}-alice", **look), sign_in(f"{code}-bob", **look)
    for member in (alice, bob):
        open_conversation(member, "my order")
        panel(member, look)
    alice.click(".edit > summary")
    alice.select_option("[name='attributes.plan']", "gold")
    alice.fill("[name='attributes.shop']", "https://shop.example/7")
    alice.fill("[name='attributes.since']", "2026-11-30")
    accessible(alice)
    alice.press("[name='attributes.shop']", "Enter")
    for member in (alice, bob):
        expect(member.locator("[data-attribute=plan]")).to_have_text("gold")
        link = member.locator("[data-attribute=shop]")
        expect(link).to_have_attribute("href", "https://shop.example/7")
    shot(bob)
    bob.click(".edit > summary")
    expect(bob.locator("[name='attributes.since']")).to_have_value("2026-11-30")
    bob.select_option("[name='attributes.plan']", "")
    bob.press("#visitor-name", "Enter")
    for member in (alice, bob):
        expect(member.locator("[data-attribute=plan]")).to_be_hidden()
        day = "30 November 2026" if look.locale == "en-GB" else "2026年11月30日"
        expect(member.locator("[data-attribute=since]")).to_have_text(day)
