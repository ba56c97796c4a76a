"""What the assistant does for agents: drafts above the field, summaries, translations."""

import re

import pytest
from playwright.sync_api import expect

from tests.fake_model import Model

from .pages import UNSPOKEN, accessible, at_desk, looks, shot, write

pytestmark = pytest.mark.release

ASKED = {
    "en-GB": "Hello, my lid is broken. Is it replaced?",
    "zh-CN": "你好，我的盖子碎了，可以补发吗？",
}
LIDS = {
    "en-GB": ("Broken lids", "A broken lid is replaced free of charge. Send a photo first."),
    "zh-CN": ("盖子碎了怎么办", "盖子碎了可以免费补发。请先发一张照片。"),
}
LANGUAGE = {"en-GB": "en", "zh-CN": "zh-hans"}


@pytest.fixture
def model():
    with Model() as found:
        yield found


def whispering(server, code: str, model: Model, locale: str = "en-GB") -> None:
    title, body = LIDS[locale]
    server.arrange(
        "from accounts.models import Enterprise\n"
        "from chat.assistant import assistants\n"
        "from chat.knowledge import articles\n"
        f"enterprise = Enterprise.objects.get(code={code!r})\n"
        f"text = articles.Text({title!r}, {body!r})\n"
        f"articles.put(enterprise, 'lid', {LANGUAGE[locale]!r}, text)\n"
        "assistant = assistants.make(enterprise)\n"
        f"assistants.change(assistant, url={model.url!r}, model='small', mode='whisper')\n"
    )


def asking(server, visitor, locale: str):
    """Chromium's sockets do not name the locale of a test."""
    language = {"name": "django_language", "value": LANGUAGE[locale], "url": server.url}
    visitor.context.add_cookies([language])
    visitor.reload()
    write(visitor, ASKED[locale])
    return visitor


@looks
def test_a_draft_is_used_edited_or_put_away_by_a_key_each(
    server, browse, sign_in, enterprise, model, look
):
    code = enterprise(f"draft{look}")
    whispering(server, code, model, look.locale)
    sentence = LIDS[look.locale][1]
    visitor = asking(server, browse(f"/chat/{code}/", locale=look.locale), look.locale)
    alice = at_desk(sign_in, f"{code}-alice", ASKED[look.locale][:8], **look)
    card, field = alice.locator(".ai-card[data-kind=draft]"), alice.locator("#content")
    expect(card.locator(".ai-text")).to_contain_text(sentence[:10])
    expect(card.locator(".ai-sources a")).to_contain_text(LIDS[look.locale][0])
    expect(card.locator(":focus")).to_have_count(0)
    accessible(alice)
    field.press("Escape")
    expect(card).to_be_hidden()
    alice.reload()
    expect(card).to_be_visible()
    field.press("Tab")
    expect(card).to_be_hidden()
    expect(field).to_have_value(sentence[:60].strip())
    expect(field).to_be_focused()
    field.press("ControlOrMeta+a")
    field.press("Backspace")
    alice.evaluate(UNSPOKEN)
    alice.click(".ai-draft")
    expect(card.locator(".ai-words")).to_have_text(re.compile("A draft is there|草稿"))
    assert not any(alice.evaluate("unspoken"))
    card.locator("[name=edit]").click()
    expect(card.locator("[name=edit]")).to_be_hidden()
    expect(field).to_have_value(sentence[:60].strip())
    card.locator("[name=helpful][value='1']").click()
    thanks = card.locator(".ai-thanks")
    expect(thanks).to_be_visible()
    expect(card.get_by_role("status")).to_have_text(thanks.inner_text())
    assert not any(alice.evaluate("unspoken"))
    expect(card.locator("[name=dismiss]")).to_be_focused()
    accessible(alice)
    field.fill("Yes, we replace it.")
    field.press("Enter")
    expect(card).to_be_hidden()
    expect(visitor.locator(".message", has_text="Yes, we replace it.")).to_be_visible()
    kept = (
        "import time\nfrom chat.models import AssistantTask\n"
        f"tasks = AssistantTask.objects.filter(ent_id={code!r})\n"
        "while not tasks.exclude(message_seq=None): time.sleep(0.05)\n"
        "print(tasks.get().edited, tasks.get().helpful)"
    )
    assert server.arrange(kept).strip() == "Yes, we replace it. True"
    alice.click(".ai-draft")
    expect(card).to_be_visible()
    alice.click(".composer .emoji")
    expect(alice.locator(".emoji-box")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.locator(".emoji-box")).to_be_hidden()
    expect(card).to_be_visible()
    field.press("ArrowUp")
    expect(field).to_have_value("Yes, we replace it.")
    expect(card).to_be_hidden()
    field.press("Escape")
    expect(card).to_be_visible()


@looks
def test_a_summary_and_translations_are_marked_as_made_by_a_machine(
    server, browse, sign_in, enterprise, model, look
):
    code = enterprise(f"summary{look}")
    whispering(server, code, model, look.locale)
    model.answer = lambda asked: (
        {"sentences": []}
        if asked["task"] == "answer"
        else {"text": f"By the model: {asked['task']}"}
    )
    asking(server, browse(f"/chat/{code}/", locale=look.locale), look.locale)
    alice = at_desk(sign_in, f"{code}-alice", ASKED[look.locale][:8], **look)
    card, field = alice.locator(".ai-card[data-kind=draft]"), alice.locator("#content")
    alice.click(".ai-draft")
    expect(card.locator("[name=dismiss]")).to_be_visible()
    expect(card.locator("[name=use]")).to_be_hidden()
    expect(card).not_to_have_attribute("data-busy", "")
    shot(alice)
    card.locator("[name=dismiss]").click()
    alice.focus(".opened .scroller")
    alice.keyboard.press("?")
    caps = alice.locator("dialog.sheet kbd")
    expect(caps.filter(has_text=re.compile("^[FM]$"))).to_have_count(2)
    alice.keyboard.press("Escape")
    alice.keyboard.press("f")
    expect(card.locator("[name=dismiss]")).to_be_visible()
    alice.keyboard.press("m")
    summary = alice.locator(".ai-card[data-kind=summary]")
    expect(summary.locator(".ai-text")).to_have_text("By the model: summary")
    message = alice.locator(".message[data-role=visitor] .body")
    message.click()
    alice.locator(".message-tools button:visible").nth(2).click()
    expect(alice.locator(".translation")).to_contain_text("By the model: translate")
    accessible(alice)
    field.fill("我们补发。")
    alice.click(".ai-translate")
    expect(field).to_have_value("By the model: translate")
    shot(alice)
    alice.locator(".toast .undo").click()
    expect(field).to_have_value("我们补发。")
    server.arrange(
        "from accounts.models import Assistant\n"
        f"Assistant.objects.filter(enterprise__code={code!r}).update(mode='off')"
    )
    alice.reload()
    expect(alice.locator(".opened .message").first).to_be_visible()
    assert alice.locator("[class*='ai-'], #assistant-card").count() == 0
