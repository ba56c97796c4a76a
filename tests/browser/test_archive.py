"""The archive as a manager uses it: a conversation is found, read in place, and its neighbour; a
view is saved, and an export fetched."""

import zipfile

import pytest
from playwright.sync_api import expect

from .pages import accessible, came, looks, sees

ARCHIVE = "/admin/archive/"


def ask(browse, text: str, locale: str = "en-GB") -> None:
    """A visitor writes this."""
    came(browse, text, locale=locale)


@looks
def test_a_conversation_is_found_by_its_text_and_read_in_place(browse, sign_in, look):
    words = [f"{word} {look}" for word in ("zebra one", "zebra two")]
    for text in words:
        ask(browse, text, look.locale)
    page = sign_in("manager", **look)
    page.goto(ARCHIVE)
    accessible(page)
    page.fill("[name=q]", f"zebra {look}")
    page.press("[name=q]", "Enter")
    expect(page.locator(".conversations tbody tr")).to_have_count(2)
    expect(page.locator(".words mark").first).to_have_text("zebra")
    accessible(page)
    page.locator(".conversations a.name").first.click()
    page.wait_for_url("**/admin/archive/*-*/**")
    expect(page.locator(".message:target .body")).to_have_text(words[1])
    accessible(page)
    page.locator("[rel=next]").click()
    sees(page, words[0])
    expect(page.locator("[rel=prev]")).to_be_visible()


@pytest.mark.release
def test_filters_are_saved_and_what_they_find_is_exported(browse, sign_in):
    for text in ("okapi one", "okapi two"):
        ask(browse, text)
    page = sign_in("manager")
    page.goto(f"{ARCHIVE}?q=okapi")
    page.click(".save-view summary")
    page.fill(".save-view [name=name]", "Okapis")
    accessible(page)
    page.press(".save-view [name=name]", "Enter")
    expect(page.locator(".views [aria-current]")).to_have_text("Okapis")
    page.locator(".conversations tbody input").first.check()
    expect(page.locator("#export .help")).to_have_text("Ticked: 1")
    page.select_option("[name=kind]", "zip")
    page.locator("#export button").click()
    page.wait_for_url("**/exports/")
    accessible(page)
    link = page.locator(".export").get_by_role("link", name="Download")
    expect(link).to_be_visible()
    accessible(page)
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert set(archive.namelist()) == {"conversations.csv", "conversations.json"}
    page.locator(".export button").first.click()
    expect(page.locator("#exports .nothing")).to_be_visible()
    page.goto(ARCHIVE)
    page.locator(".views summary").first.click()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.locator(".views")).to_have_count(0)


@pytest.mark.release
def test_what_is_not_there_is_said_and_a_wrong_filter_too(sign_in, watch):
    page = sign_in("manager")
    page.goto(f"{ARCHIVE}?q=certainly+nowhere")
    expect(page.locator(".nothing h2")).to_have_text("No conversation fits")
    accessible(page)
    watch.expect("400")
    page.goto(f"{ARCHIVE}?from=2026-02-02&to=2026-02-01")
    expect(page.get_by_role("alert")).to_contain_text("no day")
    accessible(page)


@pytest.mark.release
def test_a_search_that_takes_long_goes_on_by_itself(browse, sign_in):
    for text in ("the newer yak", "the older gnu"):
        ask(browse, text)
    page = sign_in("manager")

    def stopped_early(route):
        answer = route.fetch()
        rest = f'<a class="button go-on" href="{ARCHIVE}?q=gnu">Search older conversations</a>'
        route.fulfill(response=answer, body=answer.text().replace("That is all.", rest))

    page.route("**/*q=yak", stopped_early)
    page.goto(f"{ARCHIVE}?q=yak")
    expect(page.locator(".conversations tbody tr")).to_have_count(2)
    expect(page.locator(".words mark")).to_have_text(["yak", "gnu"])
    expect(page.locator(".going-on")).to_have_text("That is all.")
