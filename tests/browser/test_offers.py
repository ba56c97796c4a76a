"""A conversation that is offered to one agent: loud for them, quiet for the others."""

import re

import pytest
from playwright.sync_api import expect

from .pages import accessible, came, looks, sees, write
from .sounds import ALLOWED, EARS

HEARD = """() => new Promise((done) => {
  const heard = [];
  new MutationObserver((changes) => {
    for (const { target } of changes)
      if (target.closest("[aria-live], [role=timer]").ariaLive === "assertive")
        heard.push(target.className);
  }).observe(document.querySelector(".offers"), { childList: true, subtree: true });
  setTimeout(done, 3000, heard);
})"""


@pytest.fixture
def desk(server, enterprise):
    """A function: an enterprise whose team offers its conversations, for so many seconds each."""

    def made(name: str, seconds: int = 60, routing: str = "offer") -> str:
        code = enterprise(name)
        options = ("--routing", routing, "--offer-seconds", str(seconds))
        server.command("team", "service", "--enterprise", code, *options)
        return code

    return made


def listening(sign_in, name: str, **look):
    """An agent's page in which sounds are counted."""
    page = sign_in(name, **ALLOWED, **look)
    page.add_init_script(EARS)
    page.goto("/agent/")
    page.keyboard.press("Shift")
    return page


@looks
def test_an_offer_rings_for_one_and_is_accepted_by_a_key(browse, sign_in, desk, look):
    code = desk(f"offer-{look}")
    alice = listening(sign_in, f"{code}-alice", **look)
    came(browse, "Do you ship to Munich?", code, **look)
    card = alice.locator(".offer")
    expect(card).to_be_visible()
    expect(card.locator(".offer-words")).to_have_text("Do you ship to Munich?")
    expect(card.locator(".offer-seconds")).to_have_text(re.compile(r"^[1-5]\d$|^60$"))
    accessible(alice)
    alice.keyboard.press("y")
    expect(card).to_have_count(0)
    expect(alice.locator('[data-part="release"] button')).to_be_attached()
    sees(alice, "Do you ship to Munich?")


def test_a_screen_reader_speaks_an_offer_once(browse, sign_in, desk):
    code = desk("offer-spoken")
    alice = listening(sign_in, f"{code}-alice")
    for words in ("the first", "the second"):
        came(browse, words, code)
    for part in ("words", "wait", "more"):
        expect(alice.locator(f".offer-{part}")).not_to_be_empty()
    assert alice.evaluate(HEARD) == []


def test_who_missed_three_offers_reads_so_after_a_reload_and_is_back_with_the_mouse(
    browse, sign_in, desk, server
):
    code = desk("offer-missed", seconds=5)
    alice = listening(sign_in, f"{code}-alice")
    visitor = browse(f"/chat/{code}/")
    server.sql("UPDATE member SET missed_offers = 3 WHERE name = ?", f"{code}-alice")
    alice.reload()
    expect(alice.locator(".online-text")).to_have_text("Away")
    expect(alice.locator(".put-away")).to_contain_text("three offers have expired")
    accessible(alice)
    write(visitor, "anybody?", visitor)
    alice.wait_for_timeout(2_000)
    expect(alice.locator(".offer")).to_have_count(0)
    alice.mouse.move(300, 300)
    alice.mouse.move(310, 310)
    expect(alice.locator(".offer")).to_be_visible()
    expect(alice.locator(".online-text")).to_have_text("Online")
    expect(alice.locator(".put-away")).to_be_hidden()


def test_while_one_writes_the_keys_need_alt(browse, sign_in, desk):
    code = desk("offer-writing")
    alice = listening(sign_in, f"{code}-alice")
    visitor, second = browse(f"/chat/{code}/"), browse(f"/chat/{code}/")
    write(visitor, "the first")
    expect(alice.locator(".offer")).to_be_visible()
    alice.click(".offer .accept")
    sees(alice, "the first")
    alice.focus("#content")
    write(second, "the second")
    expect(alice.locator(".offer-words")).to_have_text("the second")
    alice.keyboard.type("py")
    expect(alice.locator("#content")).to_have_value("py")
    expect(alice.locator("#content")).to_be_focused()
    alice.keyboard.press("Alt+p")
    expect(alice.locator(".offer")).to_have_count(0)
    expect(alice.locator("#content")).to_have_value("py")
