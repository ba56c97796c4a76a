"""Closing a conversation: at once, with a reason, and after a question where it is another's."""

import re

import pytest
from playwright.sync_api import expect

from .pages import (
    LOOKS,
    VIEWS,
    accessible,
    asked_to_rate,
    at_desk,
    came,
    looks,
    menu,
    open_conversation,
    panel,
    picker,
    press,
    row_of,
    sees,
    shot,
    toast,
    write,
)

SHEET = '[data-part="close-with"]'
ASK = "[data-asks] p.if-asked"


@looks
def test_a_reason_and_a_summary_are_for_colleagues(browse, sign_in, look):
    words = f"closing {look}"
    visitor = came(browse, words, **look)
    alice, bob = (at_desk(sign_in, name, words, **look) for name in ("alice", "bob"))
    shot(alice)

    visitor.clock.install()
    alice.click(f"{SHEET} > summary")
    expect(alice.locator("#close-reason")).to_be_focused()
    assert alice.locator(f"{SHEET} .if-asked >> visible=true").count() == 0
    common = "Solved" if look.locale == "en-GB" else "已解决"
    expect(alice.locator(f'#close-reasons option[value="{common}"]')).to_have_count(1)

    alice.fill("#close-reason", "tea pot")
    alice.fill("#close-summary", "a new one\nby parcel")
    accessible(alice)

    alice.locator(f"{SHEET} button").click()
    expect(toast(alice)).to_be_visible()
    expect(bob.locator(".messages .message").last).to_contain_text("tea pot")
    expect(bob.locator(".messages .message").last).to_contain_text("a new one\nby parcel")
    expect(alice.locator(f"{SHEET}")).to_be_hidden()
    asked_to_rate(visitor)
    assert "tea pot" not in visitor.content() and "by parcel" not in visitor.content()

    for page in (alice, bob):
        panel(page, look)
        expect(page.locator(".receptions .reason")).to_have_text("tea pot")
        expect(page.locator(".receptions .summary")).to_have_text("a new one\nby parcel")

    alice.locator(".receptions").scroll_into_view_if_needed()
    shot(alice)
    bob.reload()
    expect(bob.locator(".messages .message").last).to_contain_text("a new one\nby parcel")
    assert bob.locator(".receptions .reason").text_content() == "tea pot"


@looks
def test_who_does_not_hold_it_is_asked_first(browse, sign_in, look):
    words = f"asked {look}"
    came(browse, words, **look)
    alice, bob = (at_desk(sign_in, name, words, **look) for name in ("alice", "bob"))
    bob.click('[data-part="claim"] button')
    expect(alice.locator(".thread-claim")).to_contain_text("小博")
    alice.click('[data-part="close"] button')
    expect(alice.locator(ASK)).to_contain_text("小博")
    expect(alice.locator("#close-reason")).to_be_focused()
    accessible(alice)
    press(alice, "Escape")
    expect(alice.locator(ASK)).to_be_hidden()
    expect(alice.locator(f"{SHEET} > summary")).to_be_focused()
    assert alice.locator(".thread-closed").is_hidden()
    press(alice, "e")
    press(alice, "Enter")
    expect(bob.locator('[data-part="reopen"]')).to_be_visible()
    toast(alice).locator(".undo").click()
    expect(bob.locator('[data-part="close"]')).to_be_visible()
    bob.click('[data-part="close"] button')
    expect(alice.locator('[data-part="reopen"]')).to_be_visible()
    assert bob.locator(ASK).count() == 0


def test_a_key_closes_with_a_reason(browse, sign_in):
    came(browse, "keys close")
    alice, bob = (at_desk(sign_in, name, "keys close") for name in ("alice", "bob"))
    alice.focus(".opened .scroller")
    press(alice, "d")
    alice.keyboard.type("Out of stock")
    press(alice, "Enter")
    expect(bob.locator(".messages .message").last).to_contain_text("Closed as: Out of stock")

    bob.click('[data-part="reopen"] button')
    bob.click(f"{SHEET} > summary")
    expect(bob.locator('#close-reasons option[value="Out of stock"]')).to_have_count(1)
    expect(bob.locator('#close-reasons option[value="Solved"]')).to_have_count(1)

    press(bob, "Escape")
    bob.click('[data-part="close"] button')
    expect(alice.locator('[data-part="reopen"]')).to_be_visible()
    press(alice, "Control+k")
    expect(alice.locator("dialog.palette")).to_be_visible()
    assert "Close with a reason" not in alice.locator("#palette-list").text_content()


def test_what_could_not_be_done_leaves_the_words_where_they_are(browse, sign_in, watch):
    watch.expect("503")
    came(browse, "kept words")
    alice = at_desk(sign_in, "alice", "kept words")
    alice.evaluate("WebSocket.prototype.send = function () { this.close(); }")
    alice.route("**/actions/", lambda route: route.fulfill(status=503, body="{}"))
    alice.click(f"{SHEET} > summary")
    alice.fill("#close-summary", "a long story")
    alice.locator(f"{SHEET} button").click()
    alice.click(f"{SHEET} > summary")
    expect(alice.locator("#close-summary")).to_have_value("a long story")
    row_of(alice, "kept words").first.locator("a").click()
    came(browse, "another visitor")
    open_conversation(alice, "another visitor")
    expect(alice.locator("#close-summary")).to_have_value("")


@looks
def test_handing_on_to_who_is_offline_asks_first(browse, sign_in, enterprise, look):
    code, words = enterprise(f"offline-{look}"), "who is there?"
    came(browse, words, code, **look)
    alice = at_desk(sign_in, f"{code}-alice", words, **look)
    name = "小卡"
    box = picker(alice, "transfer")
    box.locator("[role=option]", has_text=name).click()
    expect(box.locator(".warning[data-kind=member]")).to_be_visible()
    expect(box.locator("textarea")).to_have_accessible_description(re.compile("offline|离线"))
    accessible(alice)
    box.locator(".primary .if-away").click()
    expect(alice.locator(".thread-claim")).to_contain_text(name)


def test_without_scripts_both_are_asked_and_a_reason_is_given(browse, sign_in, enterprise):
    code = enterprise("plain-end")
    plain = {"java_script_enabled": False, "viewport": VIEWS["phone"]}
    visitor = browse(f"/chat/{code}/", **plain)
    visitor.fill("#content", "no scripts at the end")
    visitor.click(".send")
    agent = sign_in(f"{code}-carol", **plain)
    row_of(agent, "no scripts at the end").first.locator("a").click()
    agent.click('[data-part="claim"] button')
    expect(agent.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
    form = menu(agent, "transfer-member")
    form.locator("select").select_option(label="小艾 (offline)")
    expect(form.locator("p.if-asked")).to_be_visible()
    shot(agent)
    form.locator("button").click()
    expect(agent.locator(".thread-claim")).to_contain_text("小艾")
    expect(agent.locator('[data-part="close"]')).to_be_hidden()
    agent.click(f"{SHEET} > summary")
    expect(agent.locator(ASK)).to_contain_text("小艾 has claimed this conversation")
    agent.fill("#close-reason", "Spam")
    shot(agent)
    agent.locator(f"{SHEET} button").click()
    expect(agent.locator(".closed-hint")).to_be_visible()
    sees(agent, "Closed as: Spam")
    visitor.goto(f"/chat/{code}/")
    assert "Spam" not in visitor.content()


IDLE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Team
from chat.conversations import idle
from chat.models import Conversation
Team.objects.filter(enterprise__code={code!r}).update(idle_hours=2)
found = Conversation.objects.filter(ent_id={code!r})
for hours in (2, 3):
    idle.look(timezone.now() + timedelta(hours=hours))
assert not found.filter(open=True).exists()
"""


# The slow beat is waited for, so once is enough.
@pytest.mark.parametrize("look", LOOKS[-1:], ids=str)
def test_who_does_not_answer_reads_a_warning_and_a_farewell(
    browse, sign_in, enterprise, server, look
):
    code = enterprise(f"idle-{look}")
    visitor = came(browse, "is it in stock?", code, **look)

    alice = at_desk(sign_in, f"{code}-alice", "is it in stock?", **look)
    write(alice, "it is", visitor)

    server.arrange(IDLE.format(code=code))
    # Told by another process, so they come with the slow beat's sync.
    told = "30 min" if look.locale == "en-GB" else "30 分钟"
    expect(visitor.locator(".messages")).to_contain_text(told)
    expect(visitor.locator(".rating")).to_be_visible()
    accessible(visitor)

    farewell = visitor.locator(".messages .message").last.locator(".body").text_content()
    expect(alice.locator('[data-part="reopen"]')).to_be_visible()
    shot(alice)
    words = alice.locator(".messages .message").last.locator(".body").text_content()
    visitor.reload()
    alice.reload()
    assert visitor.locator(".messages .message").last.locator(".body").text_content() == farewell
    assert alice.locator(".messages .message").last.locator(".body").text_content() == words
    assert words != farewell

    reason = "No reply; closed automatically" if look.locale == "en-GB" else "访客未回复，自动结束"
    expect(alice.locator(".receptions .reason")).to_have_text(reason)
    write(visitor, "yes, sorry")
    expect(alice.locator('[data-part="close"]')).to_be_visible()
