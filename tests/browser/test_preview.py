"""An agent's answer above the closed button of the widget: read, opened, dismissed."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, is_stored, looks, open_conversation, sees, until, write
from .widget import answer, badge, button, chat, opened

SAID = "可以的，我帮您预约周六 9:00–12:00。"


def card(page):
    return page.locator("kefu-news section")


def closed_after(page, words: str):
    """The visitor has written, and closed the chat."""
    frame = opened(page)
    write(frame, words, frame)
    frame.locator(".leave").click()
    expect(page.locator("kefu-chat div.open")).to_have_count(0)
    return frame


@looks
def test_an_answer_stands_above_the_button_and_opens_the_chat(browse, sign_in, shop, look):
    words = f"预约 {look}"
    page = browse(shop.url, **look)
    closed_after(page, words)
    agent = sign_in("alice")
    answer(agent, words, f"{SAID}\n{'上门前师傅会电话联系。' * 9}")
    expect(card(page).locator(".name")).to_contain_text("小艾")
    expect(card(page).locator(".said")).to_contain_text(SAID)
    height = card(page).locator(".said").evaluate("said => said.offsetHeight")
    assert height <= 2 * 21, "two lines"
    expect(card(page)).to_have_attribute("aria-live", "polite")
    expect(card(page)).to_have_attribute("lang", "zh-hans" if look.locale == "zh-CN" else "en")
    expect(badge(page)).to_have_text("1")
    focused = "host => host.shadowRoot.activeElement.ariaExpanded"
    assert page.locator("kefu-chat").evaluate(focused) == "false", "the button keeps the focus"
    above, below = (part.bounding_box() for part in (card(page), button(page)))
    assert above["y"] + above["height"] <= below["y"]
    accessible(page)
    card(page).locator(".open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("kefu-chat div.open")).to_have_count(1)
    expect(card(page)).to_have_count(0)
    expect(badge(page)).to_have_text("")


@pytest.mark.parametrize("way", ["click", "Escape"])
def test_one_that_was_dismissed_does_not_come_back_and_the_next_one_does(
    browse, sign_in, shop, way
):
    page = browse(shop.url)
    closed_after(page, f"dismissed by {way}")
    agent = sign_in("bob")
    answer(agent, f"dismissed by {way}", "first")
    expect(card(page).locator(".said")).to_have_text("first")
    if way == "click":
        card(page).get_by_role("button", name="Close").click()
    else:
        card(page).locator(".open").focus()
        page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    until(page, "document.activeElement.localName === 'kefu-chat'")
    with page.expect_response("**/chat/demo/news/**"):
        page.reload()
    expect(badge(page)).to_have_text("1")
    page.wait_for_timeout(500)
    expect(card(page)).to_have_count(0)
    assert page.locator("kefu-chat iframe").count() == 0
    # Another page of the site is told of the next one, too.
    write(agent, "second")
    is_stored(agent, "second")
    page.reload()
    expect(card(page).locator(".said")).to_have_text("second")
    button(page).first.click()
    sees(chat(page), "second")
    page.reload()
    chat(page)
    expect(card(page)).to_have_count(0)


def test_a_face_is_painted_where_the_site_allows_no_pictures(browse, sign_in, shop):
    page = browse(shop.url)
    closed_after(page, "a face")
    agent = sign_in("carol")
    agent.goto("/agent/profile/")
    if agent.locator("[name=without_picture]").count() == 0:
        from .uploads import chosen, png

        agent.set_input_files("[name=picture]", chosen("face.png", png()))
        agent.click("main form button.primary")
    agent.goto("/agent/")
    open_conversation(agent, "a face")
    write(agent, "it is me")
    expect(card(page).locator(".said")).to_have_text("it is me")
    expect(card(page).locator(".face canvas")).to_be_visible()
