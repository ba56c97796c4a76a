"""The bots of docs/examples: each as a process of its own, on a product that is served, and beside
it a stand-in for the service that it asks, made from what its vendor publishes."""

import asyncio
import itertools
import json
import os
import runpy
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.product import Visitor
from tests.serving import ROOT

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def run(product):
    """A function: starts an example as the bot of a team of its own, with further variables."""
    processes = []

    def start(example: str, slug: str, **variables: str) -> "Visitor":
        token = product.team_with_bot(slug)
        url = f"ws://127.0.0.1:{product.port}/ws/agent/"
        environment = {**os.environ, "KEFU_URL": url, "KEFU_TOKEN": token, **variables}
        processes.append(subprocess.Popen([sys.executable, EXAMPLES / example], env=environment))
        visitor = Visitor(product.port, slug)
        visitor.wait_for_bot()
        return visitor

    yield start
    for process in processes:
        process.kill()
        process.wait()


class Service(ThreadingHTTPServer):
    """A stand-in for somebody's API: keeps what it is asked, and says what `reply` gives it."""

    def __init__(self, reply):
        self.reply, self.asked = reply, []
        super().__init__(("127.0.0.1", 0), Handler)
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        status, text = self.server.reply(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def service():
    """A function: a Service with this reply. All end with the test."""
    services = []

    def start(reply) -> Service:
        services.append(Service(reply))
        return services[-1]

    yield start
    for one in services:
        one.shutdown()


def completion(text: str) -> tuple[int, str]:
    """As OpenAI and FastGPT document it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, json.dumps({"id": "c1", "object": "chat.completion", "choices": [choice]})


def test_the_reference_bot_has_a_hundred_lines_at_the_most():
    assert len((EXAMPLES / "bot.py").read_text().splitlines()) <= 100


def test_the_reference_bot_answers_from_its_list_and_hands_over_the_rest(run):
    visitor = run("bot.py", "reference")
    visitor.say("When are you open?")
    visitor.reads("bot", "We are open from 9 to 18, Monday to Friday.")
    visitor.say("你们几点开门？")
    visitor.reads("bot", "周一至周五 9:00–18:00 营业。")
    visitor.say("My parcel is broken")
    visitor.reads("system", "handed_over")
    visitor.say("When are you open?")
    time.sleep(1)
    assert [role for role, _text in visitor.thread()][-1] == "visitor", "people have it"


class Wire:
    """A socket that keeps what is sent; `says` returns once its reader has done with that frame."""

    def __init__(self):
        self.frames, self.heard, self.reading = [], asyncio.Queue(), False

    async def send(self, frame: str) -> None:
        self.frames.append(json.loads(frame))

    async def says(self, *events: dict) -> None:
        self.heard.put_nowait(json.dumps(events))
        await self.heard.join()

    def __aiter__(self):
        return self

    async def __anext__(self) -> str:
        if self.reading:
            self.heard.task_done()
        frame, self.reading = await self.heard.get(), True
        return frame


async def test_the_reference_bot_sends_again_what_was_not_stored_and_hands_over_what_was_refused():
    asked = []

    async def answer(group, talk):
        asked.append(group)
        return "At nine."

    bot = runpy.run_path(str(EXAMPLES / "bot.py"))["Bot"](answer)
    bot.socket, bot.me = Wire(), "me"
    await bot.handle("conversation", "g", bot="me")
    said = {"group": "g", "seq": 1, "kind": "message", "sender_role": "visitor", "content": "When?"}
    await bot.handle("message.posted", message=said)
    bot.busy["g"] = 1, None
    await bot.reply("g", 1)
    for code in ("unavailable", "rate_limited"):
        await bot.handle("error", "g", code=code, client_id="c", retry_after=0)
    first, *again = bot.socket.frames
    assert first["type"] == "message.send" and again == [first, first] and asked == ["g"]
    await bot.handle("error", "g", code="too_long", client_id="c")
    await bot.handle("error", "g", code="unavailable", retry_after=0)
    await bot.handle("error", "g", code="forbidden")
    handover = {"type": "conversation.handover", "group": "g"}
    assert bot.socket.frames[3:] == [handover, handover] and asked == ["g"]


async def test_a_new_line_begins_the_answer_anew_and_what_is_sent_stands_before_it(monkeypatch):
    asked, wire, go_on = [], Wire(), asyncio.Event()

    async def answer(group, talk):
        asked.append([turn["content"] for turn in talk])
        await go_on.wait()
        return "At nine."

    async def connect(url, additional_headers):
        yield wire

    monkeypatch.setenv("KEFU_URL", "ws://here/")
    monkeypatch.setenv("KEFU_TOKEN", "kefu_x")
    Bot = runpy.run_path(str(EXAMPLES / "bot.py"))["Bot"]
    monkeypatch.setitem(Bot.run.__globals__, "connect", connect)
    bot = Bot(answer)
    running = asyncio.create_task(bot.run())

    async def hears(*lines: str, role: str = "visitor") -> None:
        about = {"group": "g", "kind": "message", "sender_role": role}
        said = [{**about, "seq": next(seqs), "content": content} for content in lines]
        await wire.says(*({"type": "message.posted", "message": one} for one in said))
        await asyncio.sleep(0)

    seqs = itertools.count(1)
    group = {"group": "g", "bot": "me"}
    await wire.says({"type": "hello", "me": {"member": "me"}, "groups": [group]})
    await wire.says({"type": "synced", "more": ["g"]})
    assert [frame["type"] for frame in wire.frames[-2:]] == ["sync", "sync"] and not bot.ready
    await wire.says({"type": "synced", "more": []})
    await hears("When")
    await hears("are you open?")
    assert asked == [["When"], ["When", "are you open?"]], "the first answer was not waited for"
    go_on.set()
    await bot.busy["g"][1]
    await hears("On Sundays?")
    assert len(asked) == 2, "what is sent cannot be cancelled"
    await hears("At nine.", role="bot")
    assert asked[2] == ["When", "are you open?", "At nine.", "On Sundays?"]
    await bot.busy["g"][1]
    await hears("At nine.", role="bot")
    await hears("Look:", "")
    await bot.busy["g"][1]
    assert len(asked) == 3, "a file without words is for people"
    sent = [(frame["type"], frame.get("seen")) for frame in wire.frames if "group" in frame]
    handover = "conversation.handover", None
    assert sent == [("message.send", 2), ("message.send", 4), handover]
    running.cancel()


def test_an_openai_compatible_endpoint_answers_and_hands_over(run, service):
    def reply(body):
        asked = body["messages"][-1]["content"]
        return completion("HANDOVER" if "refund" in asked else f"You said: {asked}")

    model = service(reply)
    variables = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "sk-1"}
    visitor = run("openai_bot.py", "openai", OPENAI_MODEL="small", **variables)
    visitor.say("Hello")
    visitor.reads("bot", "You said: Hello")
    path, key, body = model.asked[-1]
    assert (path, key, body["model"]) == ("/v1/chat/completions", "Bearer sk-1", "small")
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    visitor.say("I want a refund")
    visitor.reads("system", "handed_over")
    roles = [one["role"] for one in model.asked[-1][2]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


def test_an_endpoint_that_fails_hands_over(run, service):
    model = service(lambda body: (500, "broken"))
    variables = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "sk-1"}
    visitor = run("openai_bot.py", "failing", OPENAI_MODEL="small", **variables)
    visitor.say("Hello")
    visitor.reads("system", "handed_over")


def test_a_fastgpt_application_keeps_the_history_by_its_chat_id(run, service):
    app = service(lambda body: completion(f"Answer to {body['messages'][-1]['content']}"))
    variables = {"FASTGPT_BASE_URL": f"{app.url}/api", "FASTGPT_API_KEY": "fastgpt-1"}
    visitor = run("fastgpt_bot.py", "fastgpt", **variables)
    visitor.say("one")
    visitor.reads("bot", "Answer to one")
    visitor.say("two")
    visitor.reads("bot", "Answer to two")
    (path, key, first), (_path, _key, second) = app.asked[-2:]
    assert (path, key) == ("/api/v1/chat/completions", "Bearer fastgpt-1")
    assert first["chatId"] == second["chatId"] and first["stream"] is False
    assert second["messages"] == [{"role": "user", "content": "two"}]


def test_a_dify_application_streams_and_goes_on_with_its_conversation(run, service):
    def reply(body):
        if "person" in body["query"]:
            pieces = ["HAND", "OVER"]
        else:
            pieces = ["Answer to ", body["query"]]
        events = [
            {"event": "message", "answer": piece, "conversation_id": "d1"} for piece in pieces
        ]
        events.append({"event": "message_end", "conversation_id": "d1"})
        return 200, "event: ping\n\n" + "".join(f"data: {json.dumps(one)}\n\n" for one in events)

    app = service(reply)
    variables = {"DIFY_BASE_URL": f"{app.url}/v1", "DIFY_API_KEY": "app-1"}
    visitor = run("dify_bot.py", "dify", **variables)
    visitor.say("one")
    visitor.reads("bot", "Answer to one")
    visitor.say("a person please now")
    visitor.reads("system", "handed_over")
    (path, key, first), (_path, _key, second) = app.asked[-2:]
    assert (path, key, first["response_mode"]) == ("/v1/chat-messages", "Bearer app-1", "streaming")
    assert (first["conversation_id"], second["conversation_id"]) == ("", "d1")
