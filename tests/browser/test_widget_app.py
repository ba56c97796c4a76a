"""The widget in a small single-page application on another origin, under a strict policy."""

from playwright.sync_api import expect

from .conftest import CHROMIUM, browser_program
from .pages import row_of, sees, write
from .widget import PHONE, answer, button, chat, opened


def turns(page, name: str) -> None:
    """The application shows another view, which is another body."""
    expect(page.locator("h1")).to_have_text(name)


def test_the_open_chat_stays_through_an_applications_history(browse, sign_in, shop):
    page = browse(f"{shop.url}/app")
    frame = opened(page)
    write(frame, "from view one", frame)
    frame.fill("#content", "half a thou")
    frame.evaluate("window.stays = true")
    page.get_by_role("button", name="on", exact=True).click()
    turns(page, "two")
    answer(sign_in("alice"), "from view one", "to view two")
    sees(frame, "to view two")
    page.go_back()
    turns(page, "one")
    expect(page.locator("kefu-chat div.open")).to_be_attached()
    assert frame.evaluate("window.stays"), "the frame was not loaded again"
    expect(frame.locator("#content")).to_have_value("half a thou")
    page.evaluate("document.documentElement.removeChild(document.querySelector('kefu-chat'))")
    expect(button(page)).to_be_visible()
    assert page.locator("kefu-chat").count() == 1


def test_one_signs_in_and_out_in_an_application_on_a_phone_without_third_party_cookies(
    server, sign_in, shop, watch, chromium, token
):
    shop.token = token("app", name="Fay App")
    blocking = chromium.browser_type.launch(
        executable_path=browser_program(), args=[*CHROMIUM, "--test-third-party-cookie-phaseout"]
    )
    try:
        page = blocking.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
        watch.page(page)
        page.goto(f"{shop.url}/app")
        write(opened(page), "before signing in", chat(page))
        chat(page).locator(".leave").click()
        page.get_by_text("Sign in").click()
        expect(page.get_by_text("Sign out")).to_be_visible()
        page.get_by_role("button", name="on", exact=True).click()
        turns(page, "two")
        button(page).click()
        expect(row_of(sign_in("alice"), "Fay App")).to_be_visible()
        sees(chat(page), "before signing in")
        write(chat(page), "on view two", chat(page))
        page.reload()
        turns(page, "two")
        assert page.locator("kefu-chat iframe").bounding_box()["width"] == PHONE["width"]
        sees(chat(page), "on view two")
        chat(page).locator(".leave").click()
        page.get_by_text("Sign out").click()
        expect(page.get_by_text("Sign in")).to_be_visible()
        button(page).click()
        expect(chat(page).locator(".messages .message")).to_have_count(0)
    finally:
        blocking.close()


def test_an_application_is_there_while_the_widgets_script_is_still_to_come(browse, shop):
    page = browse("about:blank")
    held = []
    page.route("**/widget.js", lambda route: held.append(route))
    page.goto(f"{shop.url}/app", wait_until="domcontentloaded")
    turns(page, "one")
    page.get_by_role("button", name="on", exact=True).click()
    turns(page, "two")
    held[0].continue_()
    write(opened(page), "came late", chat(page))
