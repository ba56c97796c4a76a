"""Requests for events that wait until there are some."""

import asyncio
import json
import threading

import pytest
from channels.testing import ApplicationCommunicator

from accounts import setup
from chat.api.waiting import Line
from chat.posting import batches
from chat.stream import sequencer, waits
from kefu import asgi
from tests.chat.helpers import WITHIN, database, draft_of, within

from .program import Program, bot_of, program_of

pytestmark = pytest.mark.django_db(transaction=True)


class Call:
    """A program's request for events, on a line that stays open."""

    def __init__(self, program: Program, **query):
        fields = "&".join(f"{name}={value}" for name, value in query.items())
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/events/",
            "query_string": fields.encode(),
            "headers": [
                (b"host", b"testserver"),
                (b"authorization", f"Bearer {program.text}".encode()),
            ],
            "client": ["127.0.0.1", 1],
        }
        self.line = ApplicationCommunicator(asgi.pages, scope)

    async def begin(self) -> "Call":
        await self.line.send_input({"type": "http.request", "body": b"", "more_body": False})
        return self

    async def answer(self) -> tuple[int, dict]:
        start, body = await self.line.receive_output(WITHIN), b""
        while True:
            part = await self.line.receive_output(WITHIN)
            body += part["body"]
            if not part.get("more_body"):
                return start["status"], json.loads(body)


async def newest(program: Program) -> str:
    """The cursor behind all that there is."""
    return (await database(program.get)("events/")).json()["cursor"]


async def wait(program: Program) -> Call:
    """A request behind all that there is, once it waits."""
    call, before = Call(program, after=await newest(program), wait=25), len(began)
    await call.begin()
    while len(began) == before:
        await asyncio.sleep(0.01)
    return call


began: list[Line] = []
"""The lines of those who began to wait."""


@pytest.fixture(autouse=True)
def watched(monkeypatch):
    async def noted(line, *args):
        began.append(line)
        await plain(line, *args)

    plain = Line.wait
    monkeypatch.setattr(Line, "wait", noted)


def happens(agent, group: str, text: str) -> None:
    """Something is stored, and the looks of any process come by."""
    batches.post(draft_of(agent, group, text))
    sequencer.look()
    waits.look()


happen = database(happens)


@pytest.fixture(autouse=True)
def nobody_waits_afterwards(group):
    sequencer.look()
    yield
    waits.ending.clear()
    assert waits.waiting == set()


@within(60)
async def test_a_wait_ends_with_what_comes(enterprise, group, alice):
    program = await database(program_of)(enterprise)
    call = await wait(program)
    await happen(alice, group, "at last")
    status, told = await call.answer()
    assert status == 200
    assert [each["data"]["message"]["content"] for each in told["events"]] == ["at last"]
    assert (await database(program.get)("events/", after=told["cursor"])).json()["events"] == []


@within(60)
async def test_nobody_who_waits_holds_a_thread(enterprise, group, alice):
    """Two of five tokens each, of more than the threads that are kept."""
    calls = []
    for number in range(5):
        program = await database(program_of)(enterprise, name=f"crm-{number}")
        calls += [await wait(program), await wait(program)]
    names = [each.name for each in threading.enumerate()]
    assert len([name for name in names if name.startswith("kefu-page")]) <= 4
    await happen(alice, group, "for all")
    for call in calls:
        assert len((await call.answer())[1]["events"]) == 1


@within(60)
async def test_what_a_token_does_not_read_wakes_it_not(enterprise, team, group, alice):
    reader = await database(program_of)(enterprise, "visitors:read")
    call = await wait(reader)
    await happen(alice, group, "not for it")
    (here,) = waits.waiting
    assert not here.woken.is_set()
    # A bot reads these types, but not this conversation: it is asked again, and waits on.
    other = await database(other_team_bot)(enterprise)
    bot = await wait(other)
    await happen(alice, group, "not for the bot")
    assert await bot.line.receive_nothing(0.2)
    waits.end_all()
    for each in (call, bot):
        assert (await each.answer())[1]["events"] == []


def other_team_bot(enterprise) -> Program:
    return bot_of(setup.find_or_create_team(enterprise, "sales"))


@within(60)
async def test_a_third_wait_of_a_token_is_refused_until_one_is_over(enterprise, group, alice):
    program = await database(program_of)(enterprise)
    first = await wait(program)
    second = await wait(program)
    third = await Call(program, after=await newest(program), wait=25).begin()
    status, told = await third.answer()
    assert (status, told["error"], told["retry_after"]) == (429, "rate_limited", 1)
    other = await wait(await database(program_of)(enterprise, name="other"))
    await first.line.send_input({"type": "http.disconnect"})
    await first.line.wait(WITHIN)
    assert len(waits.waiting) == 2
    fourth = await wait(program)
    await happen(alice, group, "at last")
    for call in (second, other, fourth):
        assert len((await call.answer())[1]["events"]) == 1


@within(60)
async def test_a_process_that_ends_answers_at_once(enterprise, group):
    program = await database(program_of)(enterprise)
    call = await wait(program)
    cut = await wait(program)
    cut.line.future.cancel()
    while not cut.line.future.done():
        await asyncio.sleep(0.01)
    assert cut.line.output_queue.get_nowait()["status"] == 200
    waits.end_all()
    assert (await call.answer())[1]["events"] == []
    late = await Call(program, after=await newest(program), wait=25).begin()
    assert (await late.answer())[1]["events"] == []


@within(60)
async def test_what_is_there_is_answered_at_once_and_a_wrong_wait_refused(
    enterprise, other_enterprise, group
):
    program = await database(program_of)(enterprise)
    call = await Call(program, wait=25).begin()
    assert len((await call.answer())[1]["events"]) == 2
    for wrong in ("26", "-1", "x", "1.5"):
        status, told = await (await Call(program, wait=wrong).begin()).answer()
        assert (status, told["error"]) == (400, "bad_field")
    after = await newest(program)
    stranger = await database(program_of)(other_enterprise)
    status, told = await (await Call(stranger, wait=25, after=after).begin()).answer()
    assert (status, told["error"]) == (400, "bad_field")
    stranger.text = "kefu_none"
    assert (await (await Call(stranger, wait=25).begin()).answer())[0] == 401
