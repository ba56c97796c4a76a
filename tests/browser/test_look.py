"""How the workspace looks, and that what is chosen there stays."""

from playwright.sync_api import expect

from .pages import VIEWS, accessible, looks, press, shot

GROUND = "getComputedStyle(document.body).backgroundColor"
WHITE, LIGHT = "rgb(255, 255, 255)", "rgb(245, 247, 249)"


@looks("size")
def test_who_wants_it_dark_or_light_says_so_once(sign_in, locale, size, scheme):
    alice = sign_in("alice", locale=locale, color_scheme=scheme, viewport=VIEWS[size])
    alice.click(".online > summary")
    expect(alice.locator(".own-sheet")).to_be_visible()
    accessible(alice)
    shot(alice, f"own-menu-{size}-{scheme}")
    for theme, white in (("light", True), ("dark", False)):
        alice.click(f'.theme [value="{theme}"]')
        expect(alice.locator(f'.theme [value="{theme}"]')).to_have_attribute("aria-current", "true")
        assert (alice.evaluate(GROUND) == WHITE) == white
        accessible(alice)
        alice.reload()
        assert (alice.evaluate(GROUND) == WHITE) == white
        alice.click(".online > summary")
    alice.click('.theme [value="system"]')
    expect(alice.locator('.theme [value="system"]')).to_have_attribute("aria-current", "true")
    assert (alice.evaluate(GROUND) == WHITE) == (scheme == "light")
    press(alice, "Escape")
    expect(alice.locator(".own-sheet")).to_be_hidden()
    expect(alice.locator(".online > summary")).to_be_focused()


def test_without_scripts_the_colours_are_chosen_by_a_form(sign_in):
    alice = sign_in("alice", java_script_enabled=False)
    alice.goto("/agent/profile/")
    alice.click('.theme [value="dark"]')
    alice.wait_for_url("**/agent/profile/")
    expect(alice.locator('.theme [value="dark"]')).to_have_attribute("aria-current", "true")
    expect(alice.locator("body")).not_to_have_css("background-color", LIGHT)


def test_the_palette_reaches_what_stands_in_the_closed_menu(sign_in):
    alice = sign_in("alice")
    press(alice, "Control+k")
    alice.keyboard.type("Your profile")
    press(alice, "Enter")
    alice.wait_for_url("**/agent/profile/")
