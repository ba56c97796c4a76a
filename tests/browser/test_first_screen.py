"""What a visitor sees before they write: whom they write to, and when an answer comes."""

import re

from playwright.sync_api import expect

from .administration import another_topic, asking, edit_team, signed_in
from .pages import VIEWS, accessible, looks, sees, write
from .uploads import chosen, png

KEYBOARD = {"width": 390, "height": 420}
"""What a phone's keyboard leaves of its window."""


def usually(server, code: str, seconds: int) -> None:
    """Stores receptions that were answered within this time."""
    server.arrange(
        "from datetime import timedelta\nfrom django.utils import timezone\n"
        "from accounts.models import Team\n"
        "from chat.models import Conversation, Reception, Visitor\n"
        f"team = Team.objects.get(enterprise__code={code!r})\n"
        f"visitor = Visitor.objects.create(ent_id={code!r}, label='x', secret_hash='s')\n"
        "now = timezone.now()\n"
        f"held = Conversation.objects.create(ent_id={code!r}, visitor=visitor, team=team,"
        " last_activity=now, open=False)\n"
        f"reply = now + timedelta(seconds={seconds})\n"
        "for _ in range(5):\n"
        f"    one = Reception.objects.create(ent_id={code!r}, group_id=held.uuid, opened_at=now)\n"
        "    Reception.objects.filter(pk=one.pk).update(opened_at=now, first_reply_at=reply)\n",
    )


@looks
def test_the_team_welcomes_and_says_when_it_answers(server, browse, enterprise, sign_in, look):
    code = enterprise(f"first-{look}")
    usually(server, code, 50)
    sign_in(f"{code}-alice")
    page = browse(f"/chat/{code}/", **look)
    words = {
        "en-GB": ("Questions? Just ask.", "小艾, 小博, 小卡", "Usually answered within 1 minute"),
        "zh-CN": ("有问题，尽管问", "小艾、小博、小卡", "通常 1 分钟内回复"),
    }[look.locale]
    for place, text in zip((".welcome", ".names", ".usual"), words, strict=True):
        expect(page.locator(place)).to_have_text(text)
    expect(page.locator(".greeting .body")).to_be_visible()
    accessible(page)
    tall = page.locator(".head").evaluate("head => head.offsetHeight")

    write(page, "我来问问", page)
    expect(page.locator(".welcome")).to_be_hidden()
    expect(page.locator(".names")).to_be_hidden()
    low = page.locator(".head").evaluate("head => head.offsetHeight")
    assert low < 90 < tall, "the room is the conversation's"
    expect(page.locator(".usual")).to_be_visible()
    assert page.locator("#content").evaluate("field => field.offsetWidth") > 220
    page.reload()
    sees(page, "我来问问")
    expect(page.locator(".welcome")).to_be_hidden()


def test_an_open_keyboard_leaves_room_for_the_greeting(browse, enterprise, sign_in):
    code = enterprise("first-keyboard")
    sign_in(f"{code}-alice")
    page = browse(f"/chat/{code}/", viewport=KEYBOARD)
    expect(page.locator(".welcome")).to_be_hidden()
    expect(page.locator(".greeting .body")).to_be_in_viewport(ratio=1)
    assert page.locator(".head").evaluate("head => head.offsetHeight") < 90


def test_the_greeting_stands_above_the_topics_and_one_may_just_write(server, browse, enterprise):
    code = enterprise("first-topics")
    topics = {"topics-0-label": "退款与换货", "topics-0-position": "1"}
    edit_team(browse, code, greeting="Good morning.", **topics)
    another_topic(server, code)
    for script in (True, False):
        page = browse(f"/chat/{code}/", viewport=VIEWS["phone"], java_script_enabled=script)
        expect(page.locator(".greeting .body")).to_have_text("Good morning.")
        above, below = (page.locator(place).bounding_box() for place in (".greeting", ".offers"))
        assert above["y"] + above["height"] <= below["y"]
        page.fill(".first-words [name=content]", "I know what I want")
        page.press(".first-words [name=content]", "Enter")
        sees(page, "I know what I want")


def test_quick_questions_become_one_small_button(server, browse, enterprise):
    code = enterprise("first-quick")
    asking(server, code)
    page = browse(f"/chat/{code}/", viewport=VIEWS["phone"])
    questions, more = page.locator(".questions button"), page.locator(".questions > summary")
    expect(questions.first).to_be_visible()
    expect(more).to_be_hidden()
    write(page, "hello", page)
    expect(questions.first).to_be_hidden()
    accessible(page)
    # It comes with the styles of a conversation, once the message is stored.
    expect(more).to_be_visible()
    more.focus()
    page.keyboard.press("Enter")
    questions.nth(1).click()
    expect(page.locator(".messages .automatic")).to_have_count(1)
    expect(questions.first).to_be_hidden()
    expect(page.locator(".scroller")).to_be_focused()
    page.reload()
    expect(page.locator(".messages .automatic")).to_have_count(1)
    expect(questions.first).to_be_hidden()


def test_the_language_is_chosen_in_the_menu(browse, enterprise):
    code = enterprise("first-language")
    for script in (True, False):
        page = browse(f"/chat/{code}/", java_script_enabled=script)
        page.click(".chat-menu > summary")
        page.get_by_role("button", name="简体中文").click()
        expect(page.locator(".welcome")).to_have_text("有问题，尽管问")


def test_the_colours_are_the_enterprises_without_javascript(server, browse, enterprise):
    code = enterprise("first-colours")
    server.arrange(
        "from accounts.models import Enterprise\n"
        f"rows = Enterprise.objects.filter(code={code!r})\n"
        "rows.update(accent='#b00020', cover_colour='#0b4f6c')",
    )
    page = browse(f"/chat/{code}/", java_script_enabled=False, color_scheme="light")
    expect(page.locator(".send")).to_have_css("background-color", "rgb(176, 0, 32)")
    expect(page.locator(".head")).to_have_css("background-color", "rgb(11, 79, 108)")


@looks
def test_a_manager_sees_the_look_before_saving_it_and_the_visitor_after(browse, enterprise, look):
    code = enterprise(f"brand-{look}")
    page = signed_in(browse, viewport=VIEWS["desktop"], color_scheme=look.scheme)
    page.goto(f"/admin/accounts/enterprise/?q={code}")
    page.click("#result_list tbody th a")
    page.get_by_role("link", name="Look").click()
    preview = page.locator(".brand-preview")
    page.fill("[name=welcome]", "欢迎光临 👋")
    expect(preview.locator(".words")).to_have_text("欢迎光临 👋")
    page.locator("[name=accent] + input").fill("0f766e")
    expect(page.locator("[name=accent]")).to_have_value("#0f766e")
    expect(preview).to_have_css("background-image", re.compile(r"rgb\(15, 118, 110\)"))
    expect(page.locator("[name=cover_colour]")).to_have_value("#0f766e")
    expect(preview.locator(".logo")).to_be_hidden()
    page.set_input_files("[name=logo_file]", chosen("logo.png", png()))
    page.set_input_files("[name=cover_file]", chosen("cover.png", png()))
    expect(preview.locator(".logo")).to_have_attribute("src", re.compile("^data:image/png"))
    expect(preview).to_have_class(re.compile("pictured"))
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(preview.locator(".logo")).to_have_attribute("src", re.compile(r"^/agent/avatar/.*webp$"))

    visitor = browse(f"/chat/{code}/", **look)
    expect(visitor.locator(".welcome")).to_have_text("欢迎光临 👋")
    for picture in (".logo", "img.cover"):
        assert visitor.locator(picture).evaluate("picture => picture.naturalWidth > 0")
    accessible(visitor)

    page.check("[name=without_logo]")
    expect(preview.locator(".logo")).to_be_hidden()
    page.check("[name=without_cover]")
    page.click("[name=_continue]")
    expect(preview.locator(".logo")).to_be_hidden()
    visitor.reload()
    expect(visitor.locator("img")).to_have_count(0)
