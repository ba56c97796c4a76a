"""Before the first message: what the enterprise asks, filled in, corrected, and seen by agents."""

from playwright.sync_api import expect

from .administration import asking, signed_in
from .pages import VIEWS, accessible, at_desk, looks, sees, write
from .uploads import chosen, png

ENTERPRISES = "/admin/accounts/enterprise/"


def set_up(browse, code: str, **choices):
    """Chooses as a superuser what the enterprise asks."""
    page = signed_in(browse, java_script_enabled=False)
    page.goto(f"{ENTERPRISES}?q={code}")
    page.click("#result_list tbody th a")
    page.click(".settings-entries a[href$='section=before']")
    for name, value in choices.items():
        field = page.locator(f"[name={name}]")
        if name.startswith("ask_"):
            field.select_option(value)
        elif value is True:
            field.check()
        else:
            field.fill(value)
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()


def then(page, view: str) -> None:
    """Goes on to the next field where there is one at a time."""
    if view == "phone":
        page.click(".steps .next")


@looks
def test_a_visitor_says_what_is_asked_and_an_agent_reads_it(
    server, browse, enterprise, sign_in, look
):
    code = enterprise(f"asks-{look}")
    consent = "我同意为答复我而保存我的信息"
    set_up(browse, code, ask_name="2", ask_email="1", ask_phone="1", consent=consent)
    asking(server, code)
    page = browse(f"/chat/{code}/", **look)
    accessible(page)

    page.locator(".questions button").first.click()
    expect(page.locator("#said-name")).to_be_focused()
    expect(page.locator(".introduction .wrong")).to_be_visible()
    accessible(page)

    write(page, "你好")
    expect(page.locator("#content")).to_have_value("你好")
    expect(page.locator(".messages .message")).to_have_count(0)
    page.fill("#said-name", "李雷")
    then(page, look.size)
    page.fill("#said-email", "li@example.c")
    then(page, look.size)
    page.fill("#said-phone", "13800000000")
    then(page, look.size)
    page.check("[name=consent]")
    page.press("#content", "Enter")
    expect(page.locator("#said-email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#said-email")).to_be_focused()

    words = {"en-GB": "Please enter a valid e-mail address.", "zh-CN": "请填写有效的邮箱地址。"}
    expect(page.locator(".introduction .wrong")).to_have_text(words[look.locale])
    expect(page.locator("#content")).to_have_value("你好")
    page.fill("#said-email", "li@example.com")
    page.press("#content", "Enter")
    sees(page, "你好")
    expect(page.locator(".introduction")).to_be_hidden()

    page.reload()
    sees(page, "你好")
    expect(page.locator(".introduction")).to_have_count(0)
    agent = at_desk(sign_in, f"{code}-alice", "李雷", locale=look.locale)
    expect(agent.locator("[data-fact=contact]")).to_have_text("li@example.com, 13800000000")
    expect(agent.locator("[data-fact=consented_at]")).not_to_be_empty()


def test_on_a_phone_one_field_is_asked_for_at_a_time(browse, enterprise):
    code = enterprise("asks-steps")
    set_up(browse, code, ask_name="2", ask_email="1", ask_phone="1", consent="I agree.")
    page = browse(f"/chat/{code}/", viewport=VIEWS["phone"])
    place, fields = page.locator(".steps .place"), page.locator(".introduction input:visible")
    expect(place).to_have_text("1 of 4")
    expect(fields).to_have_count(1)
    assert page.locator(".writing-area").evaluate("area => area.offsetHeight") < 844 * 0.3
    page.click(".steps .next")
    expect(page.locator("#said-name")).to_be_focused()
    expect(page.locator(".introduction .wrong")).to_have_text("Please fill this in first.")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    expect(page.locator(".introduction .wrong")).to_have_text("Please enter a valid name.")
    page.keyboard.type("Li Lei")
    page.keyboard.press("Enter")
    expect(page.locator("#said-email")).to_be_focused()
    expect(page.locator(".steps")).to_contain_text("2 of 4")
    page.keyboard.press("Enter")
    expect(page.locator("#said-phone")).to_be_focused()
    page.keyboard.type("later")
    page.keyboard.press("Enter")
    expect(page.locator(".introduction .wrong")).to_have_text("Please enter a valid phone number.")
    page.fill("#said-phone", "")
    page.click(".steps .before")
    expect(page.locator("#said-email")).to_be_focused()
    write(page, "hello")
    expect(page.locator("[name=consent]")).to_be_focused()
    expect(place).to_have_text("4 of 4")
    accessible(page)
    page.check("[name=consent]")
    page.click(".steps .next")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Enter")
    sees(page, "hello")
    expect(page.locator(".introduction .once")).to_have_count(0)


def test_an_open_keyboard_hides_what_is_asked_until_it_is_missing(browse, enterprise):
    code = enterprise("asks-keyboard")
    set_up(browse, code, ask_name="2", ask_phone="1")
    page = browse(f"/chat/{code}/", viewport={"width": 390, "height": 420})
    page.focus("#content")
    expect(page.locator(".introduction")).to_be_hidden()
    expect(page.locator(".greeting .body")).to_be_in_viewport(ratio=1)
    write(page, "hello")
    expect(page.locator("#said-name")).to_be_focused()
    expect(page.locator(".introduction .wrong")).to_be_visible()
    expect(page.locator(".greeting .body")).to_be_in_viewport(ratio=1)
    page.fill("#said-name", "Li Lei")
    page.press("#content", "Enter")
    sees(page, "hello")


def test_an_address_is_asked_for_while_nobody_is_there_and_no_longer(browse, enterprise, sign_in):
    code = enterprise("asks-away")
    page = browse(f"/chat/{code}/")
    expect(page.locator("#said-email")).to_be_visible()
    agent = sign_in(f"{code}-alice")
    expect(page.locator("#said-email")).to_be_hidden()
    write(page, "somebody is there", page)
    agent.context.close()
    field, line = page.locator(".address [name=email]"), page.locator(".address summary")
    field.fill("li@")
    field.press("Enter")
    expect(page.locator(".address .wrong")).to_have_text("Please enter a valid e-mail address.")
    field.fill("li@example.com")
    field.press("Enter")
    expect(line).to_have_text("We will reply to li@example.com")
    expect(page.locator("#content")).to_be_focused()
    accessible(page)
    page.reload()
    expect(line).to_have_text("We will reply to li@example.com")
    line.click()
    field.fill("lei@example.org")
    page.focus("#content")
    expect(line).to_have_text("We will reply to lei@example.org")
    again = at_desk(sign_in, f"{code}-bob", "somebody is there")
    expect(again.locator("[data-fact=contact]")).to_have_text("lei@example.org")


def test_a_file_waits_for_what_is_asked_and_brings_it_along(browse, enterprise, sign_in):
    code = enterprise("asks-file")
    set_up(browse, code, ask_name="2")
    page = browse(f"/chat/{code}/")
    page.hover(".attach")
    page.set_input_files("[name=file]", chosen("parcel.png", png()))
    expect(page.locator(".tray li")).to_have_count(1)
    page.click(".send")
    expect(page.locator(".tray li")).to_have_count(1)
    page.fill("#said-name", "李雷")
    page.click(".send")
    expect(page.locator(".messages .picture img")).to_be_visible()
    expect(page.locator("#said-name")).to_have_count(0)
    at_desk(sign_in, f"{code}-alice", "李雷")
