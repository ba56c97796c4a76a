"""What people of one enterprise do, and whether anything of another one shows or changes."""

import asyncio
import json
import time
from types import SimpleNamespace

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction
from django.test import Client, TestCase

from accounts.models import Member
from chat.delivery.hub import hub
from chat.limits import limits
from chat.posting import batches
from chat.sockets import agent, base, bot, hello, visitor

from .foreign_rows import MARK, digest
from .helpers import session_cookie
from .matrix import Writes


class Outbox:
    """What a socket of `owner` would be sent."""

    size = 0

    def __init__(self, owner):
        self.owner, self.sent = owner, []

    def push(self, event: bytes) -> None:
        self.sent.append(event)

    def release(self, events: list) -> None:
        self.sent += events

    def pause(self, *_args) -> None:
        pass

    acknowledge = pause


class Walk:
    """All that acme's people do, and what comes of it."""

    def __init__(self, ours, theirs, monkeypatch):
        self.ours, self.theirs, self.wrong = ours, theirs, []
        monkeypatch.setattr(limits, "take", lambda *args, **kwargs: None)
        monkeypatch.setattr(hub, "deliver", hub._deliver)
        monkeypatch.setattr("chat.delivery.bus.send", lambda announcement: None)
        for module in (base, agent, visitor, bot):
            if hasattr(module, "run_or_refuse"):
                monkeypatch.setattr(module, "run_or_refuse", direct)
        self.cookies = {
            "anna": session_cookie(ours.anna),
            "mona": session_cookie(ours.mona),
            "guest": ours.guest.cookie,
        }
        self.boxes = [self.join(one) for one in (ours, theirs)]

    def join(self, one) -> list[Outbox]:
        boxes = []
        for who in (one.anna.uuid, one.mona.uuid, one.guest.uuid):
            owner = SimpleNamespace(ent_id=one.enterprise.code, who=who, is_visitor=False)
            boxes.append(Outbox(owner))
            hub.outboxes[who].add(boxes[-1])
            hub.outboxes[f"agents:{one.enterprise.code}"].add(boxes[-1])
        return boxes

    def look(self, what: str, content: bytes) -> None:
        if MARK.encode() in content or MARK.encode().replace(b" ", b"+") in content:
            at = content.find(MARK.encode())
            self.wrong.append(f"{what} shows {content[max(0, at - 60) : at + 30]!r}")

    def try_(self, what: str, step, changes: bool = True) -> None:
        """One thing that is done, and undone."""
        for box in self.boxes[0]:
            box.sent = []
        writes = Writes()
        with transaction.atomic(), connection.execute_wrapper(writes):
            try:
                with TestCase.captureOnCommitCallbacks(execute=True):
                    self.look(what, step() or b"")
            except Exception as error:
                self.wrong.append(f"{what} raises {type(error).__name__}: {error}")
            self.look(f"{what}, live,", b"".join(b"".join(box.sent) for box in self.boxes[0]))
            if changes and writes.seen and connection.in_atomic_block:
                now = digest(self.theirs.enterprise)
                for name in [name for name in now if now[name] != self.before[name]]:
                    self.wrong.append(f"{what} changes {name}")
            transaction.set_rollback(True)

    def page(self, who: str, path: str, form: dict | None = None) -> bytes:
        browser = Client()
        browser.cookies.load(self.cookies[who])
        answer = browser.get(path) if form is None else browser.post(path, form)
        content = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code >= 500:
            raise AssertionError(answer.status_code)
        return content + str(answer.headers).encode()

    def frame(self, who: str, fields: dict) -> bytes:
        one = self.visitor() if who == "guest" else self.agent(getattr(self.ours, who))
        text = json.dumps(fields)

        async def answered() -> None:
            await one.receive(text)
            await asyncio.gather(*one.suggesting)

        async_to_sync(answered)()
        return b"".join(one.outbox.sent)

    def agent(self, member: Member) -> agent.AgentConsumer:
        one = agent.AgentConsumer()
        one.member, one.who, one.ent_id, one.window_id = member, member.uuid, code_of(member), "w"
        return self.ready(one)

    def visitor(self) -> visitor.VisitorConsumer:
        cookies = dict([self.cookies["guest"].split("=", 1)])
        scope = {"url_route": {"kwargs": {"ent_id": self.ours.enterprise.code}}}
        scope |= {
            "query_string": b"",
            "headers": [],
            "cookies": cookies,
            "client": ["127.0.0.1", 1],
        }
        one = visitor.VisitorConsumer()
        (one.context,) = hello.identify_visitors([scope])
        one.who, one.ent_id = one.context.guest.uuid, self.ours.enterprise.code
        ((event, _unread),) = hello.greet_visitors([one.context])
        one.group = event["groups"][0]["group"] if event["groups"] else None
        one.is_known = one.is_admitted = one.has_row = True
        self.ready(one).outbox.push(json.dumps(event, default=str).encode())
        return one

    def ready(self, one):
        one.outbox, one.keys, one.closing, one.suggesting = Outbox(one), {}, False, set()
        one.bad_frames = one.pending = 0
        one.last_frame_at = time.monotonic()
        one.writer = SimpleNamespace(enqueue=enqueue)
        return one


def enqueue(item, answer, _arrival) -> bool:
    answer(batches.run([item])[0])
    return True


async def direct(function, *args, by=None):
    return await sync_to_async(function)(*args)


def code_of(member: Member) -> str:
    return member.enterprise.code
