"""A bot, the example of docs/, on the pages of visitors and agents."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from .conftest import ROOT
from .pages import (
    accessible,
    at_desk,
    came,
    looks,
    open_conversation,
    row_of,
    sees,
    shot,
    until,
    write,
)

ANSWER = "We are open from 9 to 18, Monday to Friday."
PERSON = "A person will reply to you from here on"


ASKING = """
import asyncio
from bot import Bot

class Asking(Bot):
    async def send(self, kind, **fields):
        more = {"buttons": ["Track my parcel", "退货 <b>"]} if kind == "message.send" else {}
        await super().send(kind, **fields, **more)

async def answer(group, talk):
    return f"How can I help with: {talk[-1]['content']}"

asyncio.run(Asking(answer).run())
"""


@pytest.fixture
def robot(server, enterprise):
    """A function: the code of an enterprise whose team has a bot that is connected, the example or
    the one whose text is given."""
    processes = []

    def started(name: str, text: str = "") -> str:
        code = enterprise(name)
        printed = server.command("create_token", "helper", "--bot", "--enterprise", code)
        variables = {
            "KEFU_URL": f"ws://127.0.0.1:{server.port}/ws/agent/",
            "KEFU_TOKEN": printed.splitlines()[-1],
        }
        examples = ROOT / "docs" / "examples"
        program = [sys.executable, *(["-c", text] if text else [examples / "bot.py"])]
        environment = {**os.environ, **variables, "PYTHONPATH": str(examples)}
        processes.append(subprocess.Popen(program, env=environment))
        server.arrange(
            "import time\nfrom chat.models import Presence\nfrom accounts.models import Member\n"
            f"bot = Member.objects.get(name='helper@{code}')\n"
            "while not Presence.objects.filter(who=bot.uuid): time.sleep(0.05)\n",
        )
        return code

    yield started
    for process in processes:
        process.kill()
        process.wait()


def button(page):
    return page.locator(".handover button")


def test_a_bot_answers_until_the_visitor_wants_a_person(robot, browse, sign_in):
    code = robot("answered-by-bot")
    visitor = browse(f"/chat/{code}/")
    expect(button(visitor)).to_be_hidden()
    write(visitor, "When are you open?")
    sees(visitor, ANSWER)
    said = visitor.locator(".message", has_text=ANSWER)
    expect(said.locator(".bot")).to_have_text("Bot")
    expect(visitor.locator(".message .bot")).to_have_count(1)
    expect(button(visitor)).to_be_visible()
    alice = sign_in(f"{code}-alice")
    row = row_of(alice, "helper (bot): We are open")
    expect(row.locator(".row-claim")).to_have_text("Bot helper")
    expect(row.locator(".waiting")).to_have_count(0)
    visitor.reload()
    expect(said.locator(".bot")).to_have_count(1)
    button(visitor).press("Enter")
    sees(visitor, PERSON)
    expect(button(visitor)).to_be_hidden()
    expect(visitor.locator(".scroller")).to_be_focused()
    expect(row.locator(".waiting")).to_be_visible()
    expect(row.locator(".row-claim")).to_be_hidden()
    open_conversation(alice, "helper (bot): We are open")
    sees(alice, "The visitor asked for a person")
    visitor.reload()
    expect(button(visitor)).to_be_hidden()


def test_an_agent_takes_over_with_one_press(robot, browse, sign_in):
    code = robot("taken")
    visitor = came(browse, "Your hours?", code)
    sees(visitor, ANSWER)
    alice = at_desk(sign_in, f"{code}-alice", "helper (bot)")
    expect(alice.locator(".thread-claim")).to_have_text("· bot helper is replying")
    helper = alice.locator(".seats.in-panel .seat", has_text="helper")
    expect(helper.locator(".seat-presence")).to_have_text("Replying")
    expect(alice.locator(".seats.in-panel .seat-bot:visible")).to_have_count(1)
    expect(alice.locator(".messages .bot")).to_have_count(1)
    alice.get_by_role("button", name="Take over", exact=True).click()
    expect(alice.locator(".thread-claim")).to_have_text("· claimed by you")
    expect(helper.locator(".seat-presence")).to_have_text("Not replying")
    expect(button(visitor)).to_be_hidden()
    write(visitor, "Your hours, once more?", alice)
    visitor.wait_for_timeout(500)
    sees(visitor, ANSWER)


@looks
def test_a_bots_conversation_looks_well(robot, browse, sign_in, look):
    code = robot(f"botlook{look}")
    visitor = came(browse, "When are you open? 你们几点开门？", code, **look)
    expect(visitor.locator(".message .bot")).to_be_visible()
    expect(button(visitor)).to_be_visible()
    accessible(visitor)
    alice = sign_in(f"{code}-alice", **look)
    shot(alice)
    open_conversation(alice, "helper")
    accessible(alice)
    button(visitor).click()
    expect(button(visitor)).to_be_hidden()
    until(alice, "document.querySelector('.thread-claim').hidden")
    shot(visitor)
    shot(alice)


def test_while_only_a_bot_answers_the_page_does_not_say_that_nobody_is_there(robot, browse):
    visitor = browse(f"/chat/{robot('only-a-bot')}/")
    status = visitor.locator(".status-text")
    machine = visitor.locator(".head .machine")
    expect(machine).to_have_text("A bot answers first")
    expect(status).to_have_text("")
    write(visitor, "When are you open?")
    sees(visitor, ANSWER)
    for _twice in range(2):
        expect(machine).to_have_text("A bot answers first")
        expect(visitor.locator(".head .handover button")).to_be_in_viewport()
        expect(status).to_have_text("")
        visitor.reload()
    button(visitor).click()
    sees(visitor, PERSON)
    expect(status).to_contain_text("Nobody is online")


def test_a_visitor_presses_a_button_of_the_bots_last_message(robot, browse, sign_in, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED")
    code = robot("offered-answers", ASKING)
    visitor = came(browse, "Hello", code)
    offered = visitor.get_by_role("group", name="How can I help with")
    expect(offered.get_by_role("button")).to_have_text(["Track my parcel", "退货 <b>"])
    accessible(visitor)
    plain = browse(f"/chat/{code}/", context=visitor.context)
    expect(plain.locator(".offered button:enabled")).to_have_count(2)
    alice = at_desk(sign_in, f"{code}-alice", "How can I help")
    expect(alice.locator(".offered span")).to_have_text(["Track my parcel", "退货 <b>"])
    expect(alice.locator(".offered button")).to_have_count(0)

    visitor.locator(".message").last.hover()
    expect(visitor.locator(".message-tools")).to_be_visible()
    visitor.context.set_offline(True)
    offered.get_by_role("button", name="退货").press("Enter")
    own = visitor.locator(".message[data-mine]").last
    expect(own.locator(".body")).to_have_text("退货 <b>")
    expect(visitor.locator(".offered button:disabled")).to_have_count(2)
    visitor.context.set_offline(False)
    expect(own.locator(".quote")).to_contain_text("How can I help with: Hello")
    sees(visitor, "How can I help with: 退货 <b>")
    expect(visitor.locator(".offered button:disabled")).to_have_count(2)
    expect(offered.last.get_by_role("button", disabled=False)).to_have_count(2)
    expect(plain.locator(".offered button:enabled")).to_have_count(2)
    write(visitor, "Never mind")
    sees(visitor, "How can I help with: Never mind")
    visitor.reload()
    expect(visitor.locator(".offered button")).to_have_count(2)
    expect(visitor.locator(".offered span")).to_have_count(4)
