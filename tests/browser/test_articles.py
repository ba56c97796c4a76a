"""An article is written, saved by itself, published, and read by somebody else who writes."""

import re

from playwright.sync_api import expect

from .pages import accessible, comes, looks


@looks
def test_an_article_is_written_and_published(sign_in, watch, look):
    page = sign_in("manager", **look)
    page.goto("/agent/articles/")
    page.click(".articles [href$='/new/']")
    page.fill("#title", f"Broken lid {look}")
    page.fill("#body", "We send you a new one.")
    page.wait_for_url("**/agent/articles/broken-lid-*/**")
    expect(page.locator("[data-lang=en]")).to_have_attribute(
        "href", re.compile("/broken-lid-.*/en/")
    )
    page.click("[data-pane=look]") if look.size == "phone" else None
    expect(page.locator("#previewed")).to_contain_text("We send you a new one.")
    page.click("[data-pane=write]") if look.size == "phone" else None
    page.fill("#body", "## Free\n\nWe send you a **new one**.\n\n- Photograph it\n- Send it to us")
    page.click("[name=action][value=publish]")
    expect(page.locator(".languages-of .published")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    accessible(page)

    page.press("#body", "End")
    other = sign_in("manager", **look)
    other.goto(page.url)
    page.press("#body", "x")
    page.keyboard.press("Control+s")
    expect(page.locator("[name=version]")).to_have_value("4")
    watch.expect("409")
    other.fill("#body", "Nothing is lost.")
    other.keyboard.press("Control+s")
    other.click("[data-do=compare]")
    expect(other.locator("#body")).to_have_value("Nothing is lost.")
    accessible(other)
    other.click("section .button[value=save]")
    other.goto(f"{page.url}history/")
    expect(other.locator(".differences ins").first).to_contain_text("Nothing is lost.")
    accessible(other)
    other.goto("/admin/articles/?q=broken")
    expect(other.locator(".article-rows .changed").first).to_be_visible()
    accessible(other)


def test_what_is_written_before_the_script_comes_is_saved(sign_in):
    page, held = sign_in("manager"), []
    page.route("**/static/js/articles/editor.*js", lambda route: held.append(route))
    page.goto("/agent/articles/new/", wait_until="commit")
    page.fill("#title", "Early lid")
    page.fill("#body", "We send one.")
    comes(page, held)
    held.pop().continue_()
    page.wait_for_url("**/agent/articles/early-lid/**")
    expect(page.locator("#previewed")).to_contain_text("We send one.")


def test_what_is_written_of_a_removed_article_becomes_a_new_one(sign_in, watch):
    page, other = sign_in("manager"), sign_in("manager")
    page.goto("/agent/articles/new/?title=Lost+lid")
    page.fill("#body", "We send one.")
    page.wait_for_url("**/agent/articles/lost-lid/**")
    other.goto("/agent/articles/?q=lost-lid")
    other.click(".article-rows .more summary")
    other.click(".article-rows [value=remove]")
    expect(other.locator(".notice-bar.ok")).to_be_visible()
    watch.expect("404")
    page.fill("#body", "We send two.")
    page.keyboard.press("Control+s")
    page.click("[data-do=renew]")
    expect(page.locator("[name=version]")).to_have_value("1")
    expect(page.locator("#body")).to_have_value("We send two.")


def test_what_is_restored_is_compared_with_what_a_colleague_has_saved(sign_in, watch):
    page, other = sign_in("manager"), sign_in("manager")
    page.goto("/agent/articles/new/")
    page.fill("#title", "Chipped lid")
    page.fill("#body", "We send one.")
    page.wait_for_url("**/agent/articles/chipped-lid/**")
    page.route("**/agent/articles/chipped-lid/**", lambda route: route.abort())
    watch.expect("ERR_FAILED")
    page.fill("#body", "Mine was not saved.")
    page.keyboard.press("Control+s")
    expect(page.locator("#notice")).to_be_visible()
    page.unroute_all()
    place = page.url
    page.goto("about:blank")
    other.goto(place)
    other.fill("#body", "Theirs was.")
    other.keyboard.press("Control+s")
    expect(other.locator("[name=version]")).to_have_value("2")
    watch.expect("409")
    page.goto(place)
    page.click("[data-do=restore]")
    expect(page.locator("#body")).to_have_value("Mine was not saved.")
    page.click("[data-do=compare]")
    expect(page.locator(".notices del").first).to_contain_text("Theirs was.")
    expect(page.locator("#body")).to_have_value("Mine was not saved.")
