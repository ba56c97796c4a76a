"""The widget on another site, in Firefox and in WebKit."""

BUTTON = "button[aria-expanded]"


def test_a_visitor_chats_on_another_site(window, sign_in, shop):
    page = window(shop.url)
    page.click(BUTTON)
    page.enter_widget()
    if page.browser.keeps_cookies_in_frames:
        chats_in_the_frame_of_one_site(page, sign_in)
    else:
        chats_in_a_window_of_its_own(page)


def chats_in_the_frame_of_one_site(page, sign_in) -> None:
    page.write("from the shop")
    page.is_sent("from the shop")
    alice = sign_in("alice")
    alice.open_conversation("from the shop")
    alice.write("to the shop")
    page.sees("to the shop")
    page.driver.switch_to.default_content()
    page.driver.refresh()
    page.enter_widget()
    page.sees("from the shop")
    page.sees("to the shop")
    page.go("/chat/demo/")
    page.can_write()
    assert page.texts() == [], "the cookie is kept for the chat on that site alone"


def chats_in_a_window_of_its_own(page) -> None:
    page.shown(".connection", "does not keep cookies")
    page.click(".own-window")
    page.until(lambda: len(page.driver.window_handles) == 2, "no window")
    page.driver.switch_to.window(page.driver.window_handles[1])
    page.write("in a window")
    page.is_sent("in a window")
