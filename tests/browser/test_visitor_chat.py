"""What a visitor finds in the chat beside writing: the line, an end."""

import re
import time

import pytest
from playwright.sync_api import expect

from .administration import asking
from .pages import (
    accessible,
    asked_to_rate,
    at_desk,
    bodies,
    came,
    is_stored,
    looks,
    shot,
    state_of,
    until,
    write,
)
from .sounds import EARS, UNTOUCHED, sounds


def opened_menu(page):
    page.click(".chat-menu > summary")
    return page.locator(".choices")


def test_a_visitor_ends_the_conversation_and_says_how_it_was(browse, sign_in, enterprise):
    code = enterprise("ending")
    visitor = browse(f"/chat/{code}/")
    opened_menu(visitor)
    expect(visitor.locator(".of-conversation")).to_be_hidden()
    visitor.click(".chat-menu > summary")
    write(visitor, "thanks, that was all")
    alice = at_desk(sign_in, f"{code}-alice", "thanks, that was all")
    choices = opened_menu(visitor)
    choices.get_by_text("Close conversation").click()
    choices.get_by_role("button", name="Close it").click()
    expect(choices).to_be_hidden()
    expect(visitor.locator(".chat-menu > summary")).to_be_focused()
    expect(bodies(visitor, "You closed the conversation")).to_have_count(1)
    expect(alice.locator(".messages")).to_contain_text("closed the conversation")

    visitor.get_by_label("5 of 5").check()
    visitor.get_by_role("button", name="Rate").click()
    stars = visitor.locator(".rating fieldset")
    given = visitor.locator(".thanks")
    expect(given).to_have_text("You rated it 5 of 5. Thank you.")
    expect(stars).to_be_hidden()
    expect(opened_menu(visitor).get_by_text("Close conversation")).to_be_hidden()
    visitor.keyboard.press("Escape")
    expect(visitor.locator(".choices")).to_be_hidden()
    expect(visitor.locator(".chat-menu > summary")).to_be_focused()
    visitor.reload()
    expect(bodies(visitor, "You closed the conversation")).to_have_count(1)
    expect(given).to_have_text("You rated it 5 of 5. Thank you.")
    expect(stars).to_be_hidden()
    shot(visitor)

    visitor.get_by_role("button", name="Change").click()
    expect(visitor.get_by_label("5 of 5")).to_be_focused()
    visitor.get_by_label("3 of 5").check()
    posts = []
    visitor.on("request", lambda request: posts.append(request.url) if request.post_data else None)
    visitor.get_by_role("button", name="Rate").click()
    expect(given).to_have_text("You rated it 3 of 5. Thank you.")
    assert len(posts) == 1, "once, however often the page looked whether it has ended"

    write(visitor, "one thing more")
    expect(visitor.locator(".rating")).to_be_hidden()
    visitor.clock.install()
    alice.click('[data-part="close"] button')
    asked_to_rate(visitor)
    expect(stars).to_be_visible()
    expect(given).to_be_empty()
    expect(visitor.locator("[name=score]:checked")).to_have_count(0)


@pytest.mark.release
def test_without_javascript_it_is_ended_in_two_steps_and_rated(browse, enterprise):
    code = enterprise("plainending")
    visitor = browse(f"/chat/{code}/", java_script_enabled=False)
    visitor.fill("#content", "hello")
    visitor.click(".send")
    visitor.click(".chat-menu > summary")
    visitor.click(".ending > summary")
    visitor.get_by_role("button", name="Close it").click()
    expect(bodies(visitor, "You closed the conversation")).to_have_count(1)
    visitor.check(".stars input >> nth=4", force=True)
    visitor.click(".rating button")
    expect(visitor.locator(".messages .message").last).to_contain_text("Rated 5 of 5")


def test_the_conversation_is_saved_and_mailed(browse, sign_in, enterprise, watch):
    watch.expect("409|429")
    code = enterprise("keeping")
    visitor = came(browse, "请保存", code, locale="zh-CN", timezone_id="Asia/Shanghai")
    is_stored(visitor, "请保存")
    choices = opened_menu(visitor)
    # Until the menu's script is there, the link gives times of UTC.
    expect(visitor.locator(".transcript")).to_have_attribute("href", re.compile("zone=Asia"))
    with visitor.expect_download() as saved:
        choices.get_by_text("下载会话记录").press("Enter")
    expect(visitor.locator(".chat-menu > summary")).to_be_focused()
    text = saved.value.path().read_text()
    assert "我：请保存" in text and "Asia/Shanghai" in text
    assert saved.value.suggested_filename.startswith(f"{code}-2")
    choices = opened_menu(visitor)
    choices.get_by_text("发送到邮箱").click()
    choices.locator("[type=email]").fill("wang@example.com")
    choices.get_by_role("button", name="发送").press("Enter")
    expect(choices.locator(".by-mail .outcome")).to_have_text("还没有人回复，暂无内容可发送。")
    expect(choices.get_by_role("button", name="发送")).to_be_focused()
    alice = at_desk(sign_in, f"{code}-alice", "请保存")
    write(alice, "好的", visitor)
    held = []
    visitor.route("**/transcript/**", lambda route: held.append(route))
    choices.get_by_role("button", name="发送").click()
    expect(choices.locator(".by-mail .outcome")).to_have_text("发送中…")
    held[0].continue_()
    expect(choices.locator(".by-mail .outcome")).to_have_text("正在发往 wang@example.com。")
    visitor.locator(".chat-menu > summary").click()
    expect(choices.locator(".by-mail .outcome")).to_be_empty()


def test_drafts_are_read_along_unless_the_enterprise_does_not_want_it(
    server, browse, sign_in, enterprise
):
    code = enterprise("drafts")
    visitor = came(browse, "hello", code)
    alice = at_desk(sign_in, f"{code}-alice", "hello")
    visitor.locator("#content").press_sequentially("I want my money")
    draft = alice.get_by_role("paragraph").and_(alice.locator(".typing"))
    expect(draft).to_contain_text("I want my money")

    server.arrange(
        "from accounts.models import Enterprise\n"
        f"Enterprise.objects.filter(code={code!r}).update(draft_preview=False)",
    )
    for reloaded in (False, True):
        if reloaded:
            visitor.reload()
            write(visitor, "once more", alice)
        visitor.locator("#content").press_sequentially(" back now")
        expect(alice.locator(".typing")).to_contain_text("is typing")
        expect(alice.locator(".typing")).not_to_contain_text("back")
        visitor.fill("#content", "")
        expect(alice.locator(".typing")).to_be_empty()

    # The line would end by itself, but with this clock standing still.
    alice.clock.install()
    alice.clock.pause_at(time.time() + 3_600)
    visitor.locator("#content").press_sequentially("and then")
    expect(alice.locator(".typing")).to_contain_text("is typing")
    visitor.close()
    expect(alice.locator(".typing")).to_be_empty()


@looks
def test_the_visitors_menu_is_accessible(browse, enterprise, look):
    code = enterprise(f"menu{look}")
    visitor = came(browse, "hello", code, **look)
    expect(visitor.locator(".chat-menu")).to_be_visible()
    choices = opened_menu(visitor)
    for summary in choices.locator("summary").all():
        summary.click()
    expect(choices.locator("[type=email]")).to_be_visible()
    choices.locator(".by-mail .primary").hover()
    accessible(visitor)


def listening(browse, path: str, **options):
    """A visitor's page of which it is known what it sounds, and at which nobody is."""
    page = browse("/health/live/", **options)
    page.add_init_script(EARS)
    page.goto(path)
    until(page, "window.told")
    return page


@pytest.mark.release
def test_an_answer_sounds_and_stands_in_the_title_while_the_visitor_looks_elsewhere(
    browse, sign_in, enterprise
):
    code = enterprise("sounding")
    visitor = listening(browse, f"/chat/{code}/")
    write(visitor, "hello?")
    alice = at_desk(sign_in, f"{code}-alice", "hello?")
    write(alice, "here I am")
    until(visitor, "notes")
    assert sounds([visitor]) == [1]
    expect(visitor).to_have_title("(1) sounding")
    browse(f"/chat/{code}/", visitor.context)
    expect(visitor).to_have_title("sounding")
    mute = opened_menu(visitor).get_by_role("button", name="Mute sounds")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    visitor.reload()
    expect(opened_menu(visitor).get_by_role("button", name="Mute sounds")).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.release
def test_a_page_that_nobody_touched_keeps_still(browse, sign_in, enterprise):
    code = enterprise("untouched")
    visitor = listening(browse, f"/chat/{code}/")
    write(visitor, "hello?")
    expect(state_of(visitor, "hello?")).to_have_text("Sent")
    visitor.add_init_script(UNTOUCHED)
    # What the first page still fetched is not meant.
    visitor.goto("/health/live/")
    fetched = []
    visitor.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    visitor.goto(f"/chat/{code}/")
    alice = at_desk(sign_in, f"{code}-alice", "hello?")
    write(alice, "here I am", visitor)
    expect(visitor).to_have_title("(1) untouched")
    assert sounds([visitor]) == [0]
    assert [name for name in fetched if name.startswith("visitor.")]
    assert not [name for name in fetched if name.startswith(("reply_sound.", "chime."))]


def test_nothing_moves_for_who_wants_no_motion(server, browse, enterprise):
    code = enterprise("still")
    asking(server, code)
    visitor = came(browse, "hello", code, reduced_motion="reduce")
    opened_menu(visitor)
    visitor.click(".emoji")
    moving = """
      () => [...document.querySelectorAll("*")].filter((one) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(one);
        const moved = animationName !== "none" || parseFloat(transitionDuration);
        return moved || scrollBehavior === "smooth";
      }).length + document.getAnimations().length
    """
    assert visitor.evaluate(moving) == 0
    visitor.evaluate("document.body.animate([{ opacity: 0 }, { opacity: 1 }], 60000)")
    assert visitor.evaluate(moving) > 0, "the measure itself"
