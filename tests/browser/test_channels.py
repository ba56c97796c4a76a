"""A conversation by Telegram in the workspace, with a bot whose other side is a fake."""

import pytest
from playwright.sync_api import expect

from tests.fakes.telegram import TOKEN, Telegram

from .pages import UNSPOKEN, accessible, write


@pytest.fixture
def telegram():
    with Telegram() as one:
        yield one


def add_bot(server, code: str, fake: Telegram) -> None:
    server.arrange(
        "from accounts.models import Enterprise, Team\n"
        "from chat.channels import setup\n"
        f"enterprise = Enterprise.objects.get(code={code!r})\n"
        f"given = {{'token': {TOKEN!r}, 'api': {fake.url!r}}}\n"
        "setup.add(enterprise, 'telegram', given, team=enterprise.teams.first())\n"
    )


def allow(server, code: str, left: int) -> None:
    """As other channels do, Telegram takes so many messages and no more."""
    server.arrange(
        "from datetime import timedelta\n"
        "from django.utils import timezone\n"
        "from chat.models import ChannelContact\n"
        f"rows = ChannelContact.objects.filter(ent_id={code!r})\n"
        f"rows.update(left={left}, until=timezone.now() + timedelta(hours=40, minutes=30))\n"
    )


def message(page, text: str):
    return page.locator(".messages .message", has=page.locator(f'.body:text-is("{text}")'))


def test_an_answer_says_what_became_of_it_and_what_may_still_be_sent(
    server, sign_in, enterprise, telegram
):
    code = enterprise("telegram")
    add_bot(server, code, telegram)
    page = sign_in(f"{code}-alice")
    telegram.writes(42, "Where is my order?")
    row = page.locator(".row", has_text="Where is my order?")
    expect(row.locator(".dot.by-telegram")).to_be_visible()
    row.click()
    line = page.locator(".way-line")
    expect(line).to_have_text("Telegram: no limit")
    write(page, "On its way")
    expect(message(page, "On its way").locator(".delivery")).to_have_text("Sent")
    telegram.blocked.add("42")
    write(page, "Did it arrive?")
    failed = message(page, "Did it arrive?")
    expect(failed.locator(".undelivered p").first).to_have_text(
        "Not delivered: they have blocked the bot"
    )
    expect(page.locator(".row-last")).to_have_text("Not delivered · You: Did it arrive?")
    expect(line).to_have_text("Telegram: the last message did not arrive")
    accessible(page)
    telegram.blocked.clear()
    failed.locator("[name=again]").click()
    expect(failed).to_have_count(2)
    expect(failed.locator("[name=again]")).to_have_count(0)
    expect(failed.last.locator(".delivery")).to_have_text("Sent")
    expect(line).to_have_text("Telegram: no limit")
    assert telegram.sent == [("42", "On its way"), ("42", "Did it arrive?")]

    allow(server, code, 1)
    page.clock.install()
    page.reload()
    expect(failed.first.locator(".undelivered")).to_be_visible()
    expect(line).to_have_text("Telegram: 1 message left · 40 h")
    page.focus(".reach a")
    page.clock.fast_forward("01:00")
    expect(page.locator(".reach a")).to_be_focused()
    write(page, "Good bye")
    asked = page.locator(".last-one")
    expect(asked.locator("button:focus")).to_have_text("Keep writing")
    assert len(telegram.sent) == 2
    page.evaluate(UNSPOKEN)
    asked.get_by_text("Send", exact=True).click()
    expect(message(page, "Good bye").locator(".delivery")).to_have_text("Sent")
    closed = page.get_by_role("status").locator(".window-closed")
    expect(closed).to_contain_text("No further message may be sent.")
    assert not any(page.evaluate("unspoken"))
    write(page, "And more")
    expect(closed.locator("button:focus")).to_have_text("Write a note")
    page.keyboard.press("Enter")
    expect(closed).to_be_hidden()
    page.keyboard.press("Enter")
    expect(message(page, "And more")).to_have_attribute("data-kind", "note")
    telegram.writes(42, "Thanks")
    expect(message(page, "Thanks")).to_be_visible()
    assert len(telegram.sent) == 3
