"""The widget on another origin, under a strict policy."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from .conftest import CHROMIUM, browser_program
from .pages import accessible, at_desk, sees, state_of, until, write
from .widget import PHONE, answer, badge, button, chat, opened


def test_a_visitor_chats_on_a_site_and_goes_on_after_a_reload(browse, sign_in, shop):
    page = browse(shop.url)
    frame = opened(page)
    write(frame, "from the shop", frame)
    agent = sign_in("alice")
    answer(agent, "from the shop", "to the shop")
    sees(frame, "to the shop")
    page.reload()
    frame = chat(page)
    sees(frame, "from the shop")
    sees(frame, "to the shop")
    write(frame, "still me", agent)
    page.goto(f"{shop.url}/next")
    sees(chat(page), "still me")


def test_agents_see_which_page_of_the_site_it_is(browse, sign_in, shop):
    page = browse(shop.url)
    frame = opened(page)
    write(frame, "which page", frame)
    agent = at_desk(sign_in, "alice", "which page")
    panel = agent.locator("aside.panel")
    page.goto(f"{shop.url}/next?secret=1")
    chat(page)
    expect(panel).to_contain_text(f"{shop.url.removeprefix('http://')}/next")
    page.evaluate("history.pushState(null, '', '/cart')")
    expect(panel).to_contain_text("/cart")
    assert "secret" not in panel.text_content()


def test_a_cookie_of_the_frame_is_partitioned_and_the_chat_page_itself_has_another(browse, shop):
    page = browse(shop.url)
    write(opened(page), "partitioned")
    found = {cookie["name"]: cookie for cookie in page.context.cookies()}
    for name in ("kefu_visitor_demo", "csrftoken"):
        assert found[name]["secure"] and found[name]["sameSite"] == "None"
        assert "localhost" in found[name]["partitionKey"]
    direct = browse("/chat/demo/", context=page.context)
    expect(direct.locator(".composer")).to_be_visible()
    assert direct.locator(".messages .message").count() == 0
    names = [cookie["name"] for cookie in page.context.cookies()]
    assert names.count("kefu_visitor_demo") == 2


def test_nothing_is_loaded_before_the_first_opening(browse, server, shop):
    page = browse("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(shop.url)
    expect(button(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    ours = [url.removeprefix(server.url) for url in asked if url.startswith(server.url)]
    assert ours == ["/widget.js", "/chat/demo/widget/?embed=1"]
    opened(page)
    assert any("embed=1&host=" in url for url in asked)


def test_unread_messages_are_counted_on_the_button_and_in_the_title(browse, sign_in, shop):
    page = browse(shop.url)
    frame = opened(page)
    write(frame, "count on me", frame)

    agent = sign_in("alice")
    answer(agent, "count on me", "one")
    sees(frame, "one")
    frame.locator(".leave").click()
    expect(page.locator("kefu-chat div.open")).not_to_be_attached()
    expect(badge(page)).to_have_text("")

    write(agent, "two")
    expect(badge(page)).to_have_text("1")
    expect(button(page)).to_have_attribute("aria-label", "Chat with us (New messages: 1)")
    look_away(page, True)
    expect(page).to_have_title("(1) Shop")

    look_away(page, False)
    expect(page).to_have_title("Shop")
    page.goto(f"{shop.url}/next")
    expect(badge(page)).to_have_text("1")
    assert page.locator("kefu-chat iframe").count() == 0, "one number was asked for, no page"

    frame = opened(page)
    sees(frame, "two")
    expect(state_of(agent, "two")).to_have_text("Read")
    expect(badge(page)).to_have_text("")
    button(page).click()
    expect(badge(page)).to_have_text("")

    page.reload()
    expect(button(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(badge(page)).to_have_text("")


def look_away(page, away: bool) -> None:
    page.evaluate(
        """(away) => {
          Object.defineProperty(document, "hidden", { value: away, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


@pytest.mark.release
def test_with_third_party_cookies_blocked_the_thread_stays(server, shop, watch, chromium):
    blocking = chromium.browser_type.launch(
        executable_path=browser_program(), args=[*CHROMIUM, "--test-third-party-cookie-phaseout"]
    )
    page = blocking.new_page()
    watch.page(page)
    try:
        page.goto(shop.url)
        write(opened(page), "blocked", chat(page))
        page.reload()
        frame = chat(page)
        sees(frame, "blocked")
        frame.locator(".composer .emoji:not([hidden])").wait_for(state="attached")
        frame.locator("#content").fill("half a question")
        page.goto(f"{shop.url}/next")
        expect(chat(page).locator("#content")).to_have_value("half a question")
        post = """() => fetch(location.pathname + "messages/", {method: "POST", headers: {
          Accept: "application/json", "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1]},
          body: new URLSearchParams({content: "by form"})}).then((answer) => answer.status)"""
        assert chat(page).evaluate(post) == 200, "the token against forged requests came along"
    finally:
        blocking.close()


@pytest.mark.release
def test_where_no_cookie_is_kept_the_chat_opens_in_a_window_of_its_own(browse, watch, shop):
    def without_cookies(route):
        answer = route.fetch()
        headers = {
            name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"
        }
        route.fulfill(response=answer, headers=headers)

    page = browse("about:blank")
    page.route("**/chat/demo/?embed=1*", without_cookies)
    page.goto(shop.url)
    frame = opened(page)
    expect(frame.locator(".connection")).to_contain_text("does not keep cookies")
    link = frame.locator(".own-window")
    with page.expect_popup() as window:
        link.click()
    watch.page(window.value)
    window.value.wait_for_load_state()
    write(window.value, "in a window")
    sees(window.value, "in a window")


def test_on_a_phone_the_chat_takes_the_whole_screen(browse, shop):
    page = browse(shop.url, viewport=PHONE, has_touch=True, is_mobile=True)
    frame = opened(page)
    expect(page.locator("kefu-chat div")).to_have_css("opacity", "1")
    box = page.locator("kefu-chat iframe").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    expect(button(page)).to_be_hidden()
    frame.locator(".leave").click()
    expect(button(page)).to_be_visible()
    expect(page.locator("kefu-chat iframe")).to_be_hidden()


@pytest.mark.release
def test_the_script_twice_is_one_button_and_one_global(browse, shop):
    bare = browse(f"{shop.url}/bare")
    before = set(bare.evaluate("Object.getOwnPropertyNames(window)"))
    page = browse(f"{shop.url}/twice")
    expect(button(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.locator("kefu-chat").count() == 1
    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before == {"Kefu"}
    names = "article,close,hide,identify,on,open,show"
    assert page.evaluate("Object.keys(Kefu).sort().join()") == names


def test_a_site_that_is_not_listed_gets_no_button_and_no_frame(browse, watch, shops):
    other = shops[1]
    watch.expect(rf"foreign host: {other.url}/|favicon.ico|policy: frame-ancestors")
    watch.expect(r"CORS|ERR_FAILED|403|Refused to frame|violates|chrome-error")
    page = browse("about:blank")
    asks = f"Is {other.url} among its sites"
    with page.expect_console_message(lambda message: asks in message.text):
        page.goto(other.url)
    assert page.locator("kefu-chat").count() == 0
    assert page.evaluate("Kefu.open()") is None
    page.evaluate(
        """(address) => new Promise((done) => {
          const frame = document.createElement("iframe");
          Object.assign(frame, { src: address, onload: done });
          document.body.append(frame);
        })""",
        f"{other.product}/chat/demo/?embed=1&host={other.url}",
    )
    assert not any("/chat/demo/" in frame.url for frame in page.frames)


def test_only_the_right_window_of_the_right_origin_is_heard(browse, shop):
    page = browse(shop.url)
    frame = opened(page)
    expect(page.locator("kefu-chat div.open")).to_be_attached()
    page.evaluate(
        """() => {
          window.postMessage({ kefu: "close" }, "*");
          window.postMessage({ kefu: "state", unread: 7, known: true }, "*");
        }"""
    )
    frame.evaluate("window.postMessage({ kefu: 'open' }, '*')")
    page.locator("h1").click()
    for window in (page, frame):  # What was sent has been heard.
        window.evaluate("new Promise((done) => setTimeout(done))")
    expect(page.locator("kefu-chat div.open")).to_be_attached()
    assert page.evaluate("localStorage.getItem('kefu:demo')") is None
    assert not frame.evaluate("document.hasFocus()"), "its own message moved no focus"
    frame.evaluate("parent.postMessage({ kefu: 'close' }, '*')")
    expect(page.locator("kefu-chat div.open")).not_to_be_attached()


def test_the_sites_own_scripts_open_close_and_listen(browse, watch, sign_in, shop):
    page = browse(shop.url)
    page.evaluate(
        """() => {
          window.heard = [];
          const end = Kefu.on("open", () => heard.push("open"));
          Kefu.on("close", () => heard.push("close"));
          Kefu.on("unread", (count) => heard.push(count));
          Kefu.on("open", () => { throw new Error("the site's own fault"); });
          Kefu.open();
          end();
        }"""
    )
    watch.expect("the site's own fault")
    frame = chat(page)
    write(frame, "by script")
    page.evaluate("Kefu.close(), Kefu.close(), Kefu.identify(null)")
    answer(sign_in("bob"), "by script", "heard")
    until(page, "heard.length === 3")
    assert page.evaluate("heard") == ["open", "close", 1]
    page.evaluate("Kefu.open()")
    until(page, "heard.at(-1) === 0")
    assert page.evaluate("heard") == ["open", "close", 1, 0]


def test_the_sites_own_scripts_hide_the_button_and_prefill_the_field(browse, sign_in, shop):
    page = browse(shop.url)
    page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["ready", "message", "rated"])
            Kefu.on(name, (detail) => heard.push([name, detail]));
          Kefu.hide();
        }"""
    )
    until(page, "heard[0]?.[0] === 'ready'")
    expect(page.locator("kefu-chat button")).to_be_hidden()
    page.focus("a")
    page.evaluate("Kefu.open({ text: 'About order 7\\n' })")
    frame = chat(page)
    field = frame.locator("#content")
    expect(field).to_have_value("About order 7\n")
    page.evaluate("Kefu.hide()")
    expect(page.locator("kefu-chat div.open")).not_to_be_attached()
    expect(page.locator("a")).to_be_focused()
    page.evaluate("Kefu.open({ text: 'a'.repeat(10_001) })")
    expect(field).to_have_value("a" * 10_000)
    field.fill("my own words")
    page.evaluate("Kefu.open({ text: 'About order 8' }), Kefu.open({ text: 7 }), Kefu.show()")
    expect(button(page)).to_be_visible()
    expect(field).to_have_value("my own words")
    field.press("Enter")
    sees(frame, "my own words")
    answer(sign_in("alice"), "my own words", "between us")
    sees(frame, "between us")
    frame.locator(".chat-menu > summary").click()
    # Once their scripts are there, the forms load no page anew.
    expect(frame.locator(".transcript")).to_have_attribute("href", re.compile("zone="))
    frame.get_by_text("Close conversation").click()
    frame.get_by_role("button", name="Close it").click()
    expect(frame.locator(".rating[data-ready='true']")).to_be_visible()
    frame.locator(".stars label").nth(3).click()
    frame.get_by_role("button", name="Rate").click()
    until(page, "heard.length === 3")
    (_ready, (_message, said), rated) = page.evaluate("heard")
    assert set(said) == {"seq", "at"} and rated == ["rated", 4]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.release)])
def test_the_button_looks_as_the_site_wishes_and_is_accessible(browse, shop, scheme):
    wishes = 'data-side="left" data-colour="#ffd400" data-label="问我们" data-lang="zh-CN"'
    page = browse(f"{shop.url}/?{quote(wishes)}", color_scheme=scheme)
    expect(button(page)).to_have_css("background-color", "rgb(255, 212, 0)")
    expect(button(page)).to_have_css("color", "rgb(6, 10, 18)")
    expect(button(page).locator("span")).to_have_text("问我们")
    assert button(page).bounding_box()["x"] == 20
    accessible(page)
    frame = opened(page)
    assert frame.evaluate("document.documentElement.lang") == "zh-hans"
    expect(button(page)).to_have_attribute("aria-label", "关闭聊天窗口")
    accessible(page)


@pytest.mark.release
def test_the_button_has_the_colour_of_the_chat(browse, shop):
    page = browse(shop.url, color_scheme="light")
    frame = opened(page)
    header = frame.locator(".head").evaluate("(head) => getComputedStyle(head).backgroundColor")
    expect(button(page)).to_have_css("background-color", header)


def test_focus_goes_into_the_chat_and_back_by_keyboard(browse, shop):
    page = browse(shop.url)
    expect(button(page)).to_be_visible()
    button(page).focus()
    page.keyboard.press("Enter")
    frame = chat(page)
    expect(frame.locator("#content")).to_be_focused()
    frame.locator(".leave").focus()
    page.keyboard.press("Enter")
    expect(button(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(frame.locator("#content")).to_be_focused()
    page.reload()
    chat(page)
    assert page.evaluate("document.activeElement === document.body"), "not taken from the page"
