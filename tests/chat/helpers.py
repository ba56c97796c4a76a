"""What the chat's tests share: visitors, sockets, drafts, and what holds for every database."""

import asyncio
import functools
import hashlib
import json
import math
import uuid
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test import Client

from accounts.models import Enterprise, Member, Team
from chat.background import periodic
from chat.conversations import openings, seating
from chat.models import ChatGroup, Conversation, GroupMessage
from chat.posting.actions import Action
from chat.posting.items import Draft
from chat.protocol import formatting
from chat.protocol.forms import ActionForm
from chat.visitors import cookies

ORIGIN = "http://testserver"
WITHIN = 20
"""Seconds that anything awaited may take, on a machine with much else to do, too."""
TICKS = "presence", "unattended"
"""Events that come at any time."""

MESSAGE, NOTICE, NOTE, AGENT_NOTICE = GroupMessage.Type.values

database = sync_to_async

# The fields of docs/protocol.md.
ROW = {
    *("group", "group_name", "last_seq", "unread", "open", "claimed_by", "team", "waiting_since"),
    *("team_name", "last", "online", "visitor", "cursor", "claimed_name", "rating", "mentioned"),
    *("bot", "bot_name", "device", "seated", "mentioned_seq", "due_at", "target", "routing"),
    *("snoozed_until", "topic", "tags", "quarantined", "channel", "window"),
}
LAST = {"seq", "sender_name", "excerpt", "created_at"}
POSTED = {
    *("id", "group", "seq", "kind", "sender", "sender_name", "sender_avatar", "sender_role"),
    *("content", "client_id", "created_at", "attachment", "data"),
}

JSON = {"headers": {"Accept": "application/json"}}
PAGE = {"headers": {"Accept": "text/html"}}


def within(seconds: float):
    """Ends an async test that hangs: it may take so many seconds on a machine that does nothing
    else, and four times as long on any. (Python 3.10 has no asyncio.timeout.)"""

    def decorate(test):
        @functools.wraps(test)
        async def bounded(*args, **kwargs):
            await asyncio.wait_for(test(*args, **kwargs), 4 * seconds)

        return bounded

    return decorate


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Guest:
    """A visitor as their browser knows them: a cookie, and the team of the page."""

    enterprise: Enterprise
    team: Team
    token: str

    @property
    def uuid(self) -> str:
        return self.token.partition(".")[0]

    @property
    def cookie(self) -> str:
        return f"{cookies.cookie_name(self.enterprise)}={self.token}"

    @property
    def group(self) -> str | None:
        return seating.find(self.team.enterprise.code, self.uuid, self.team.id)

    def browser(self, **options) -> Client:
        client = Client(**options)
        client.cookies[cookies.cookie_name(self.enterprise)] = self.token
        return client

    def draft(self, content="你好", client_id=None, group=None) -> Draft:
        """A message to `group`, or without it to wherever the team's conversation is."""
        secret = self.token.partition(".")[2].rpartition(":")[0]
        digest = hashlib.sha256(secret.encode()).hexdigest()
        name = cookies.default_name(self.uuid)
        opening = openings.Opening(
            self.enterprise.code, self.team.id, self.uuid, digest, name, "en"
        )
        return Draft(
            self.uuid,
            name,
            "",
            client_id or new_id(),
            content,
            group,
            opening=None if group else opening,
        )


def new_guest(team: Team) -> Guest:
    return Guest(team.enterprise, team, cookies.new_token(team.enterprise))


def draft_of(member: Member, group: str, content="hello", client_id=None, **more) -> Draft:
    name, avatar = member.display_name, member.avator
    more = {"formatted": formatting.is_formatted(content), **more}
    return Draft(member.uuid, name, avatar, client_id or new_id(), content, group, **more)


def act_of(name: str, actor: str, group: str, **fields) -> Action:
    """What a member (uuid) does to a conversation; `fields` are those of the form."""
    usual = {"member": None, "team": None, "note": "", "take_over": False}
    return Action(ActionForm(name, group, **usual | fields), actor)


def save(row, **columns) -> None:
    """Changes a row as another request does, which reads it anew."""
    row = type(row).objects.get(pk=row.pk)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


def session_cookie(member: Member) -> str:
    client = Client()
    client.force_login(member, backend="accounts.backends.MemberBackend")
    return f"sessionid={client.cookies['sessionid'].value}"


def rows_of(group: str) -> list[GroupMessage]:
    return list(GroupMessage.objects.in_group(group).order_by("seq"))


def stored_text() -> str:
    """Everything in every table of the chat, as one text."""
    with connection.cursor() as cursor:
        found = []
        for table in ("group_message", "conversation", "chat_group", "reception"):
            cursor.execute(f"SELECT * FROM {table}")
            found += cursor.fetchall()
    return repr(found)


def seat_of(who, group: str) -> ChatGroup:
    return ChatGroup.objects.get(uuid=group, member_id=getattr(who, "uuid", who))


def check_ledger() -> int:
    """Guarantees 3 and 8 for all that is stored; returns how many rows there are."""
    for conversation in Conversation.objects.all():
        if conversation.open and not conversation.quarantined_since:
            assert conversation.quarantined_for == "", "silent for good"
        rows = rows_of(conversation.uuid)
        seqs = [row.seq for row in rows]
        assert seqs == list(range(1, len(rows) + 1)), f"a gap or a tie: {seqs}"
        public = [row.seq for row in rows if row.message_type not in (NOTE, AGENT_NOTICE)]
        spoken = [row.seq for row in rows if row.message_type in (MESSAGE, NOTE)]
        assert conversation.last_seq == len(rows)
        assert conversation.public_seq == max(public, default=0)
        assert conversation.message_seq == max(spoken, default=0)
        for seat in ChatGroup.objects.in_group(conversation.uuid):
            agent = seat.member_id != conversation.visitor_id
            kinds = [MESSAGE] + [NOTE] * agent
            silent = {seat.member_id}
            if agent and conversation.quarantined_for:
                silent |= {conversation.visitor_id, ""}
            unread = [
                row.seq
                for row in rows
                if row.seq > seat.read_seq
                and row.sender not in silent
                and row.message_type in kinds
            ]
            assert seat.unread == len(unread), f"{seat.member_id} has {unread}, not {seat.unread}"
    return GroupMessage.objects.count()


class Socket:
    """A client's end of a socket: events come one by one, whatever frames they came in."""

    def __init__(self, path, cookie="", origin=ORIGIN, headers=(), address="127.0.0.1"):
        from kefu.asgi import application

        self.headers = [(b"host", b"testserver"), (b"cookie", cookie.encode())]
        if origin is not None:
            self.headers.append((b"origin", origin.encode()))
        self.headers += list(headers)
        self.wire = WebsocketCommunicator(application, path, headers=self.headers)
        self.wire.scope["client"] = [address, 1]
        self.waiting: list[dict] = []
        self.frames = 0
        self.hello: dict = {}

    async def accepted(self) -> bool:
        """Whether the handshake is accepted; a socket may be closed with a code right after it."""
        accepted, _code = await self.wire.connect(timeout=WITHIN)
        return accepted

    async def open(self) -> "Socket":
        assert await self.accepted(), "the handshake was refused"
        self.hello = await self.next()
        assert self.hello["type"] == "hello"
        return self

    async def send(self, type: str, **fields) -> None:
        await self.raw(json.dumps({"type": type, **fields}))

    async def raw(self, text=None, data=None) -> None:
        frame = {"text": text} if text is not None else {"bytes": data}
        await self.wire.send_input({"type": "websocket.receive", **frame})

    async def say(self, content="你好 👋", **fields) -> dict:
        """Sends a message and returns its `message.accepted` or `error`."""
        client_id = fields.pop("client_id", None) or new_id()
        await self.send("message.send", client_id=client_id, content=content, **fields)
        while True:
            event = await self.next()
            if event["type"] in ("message.accepted", "error"):
                if event.get("client_id") == client_id:
                    return event

    async def next(self) -> dict:
        while not self.waiting:
            output = await self.wire.receive_output(WITHIN)
            assert output["type"] == "websocket.send", output
            events = json.loads(output["text"])
            assert isinstance(events, list)
            self.frames += 1
            self.waiting += events
        return self.waiting.pop(0)

    async def until(self, type: str, **fields) -> dict:
        """The next event of this type whose fields are these; what comes before is dropped."""
        while True:
            event = await self.next()
            if event["type"] == type and fields.items() <= event.items():
                return event

    async def all(self) -> list[dict]:
        """All events that were pushed until now, except TICKS."""
        return [event for event in await self.heard() if event["type"] not in TICKS]

    async def heard(self) -> list[dict]:
        """All events that were pushed until now: they come before the answer to a ping."""
        await self.send("ping", got=self.frames)
        events = []
        while (event := await self.next())["type"] != "pong":
            events.append(event)
        return events

    async def closed(self) -> int:
        """The code that the server closes with."""
        while True:
            output = await self.wire.receive_output(WITHIN)
            if output["type"] == "websocket.close":
                return output.get("code", 1000)
            self.waiting += json.loads(output["text"])

    async def leave(self) -> None:
        await self.wire.disconnect(timeout=WITHIN)


async def do_task(what) -> None:
    """Does this periodic task now, and none of the others any more."""
    mine = periodic.current()
    for task in mine.all:
        parts = [task.what, *(getattr(task.what, name, None) for name in ("take", "step", "func"))]
        task.due = 0.0 if any(part is what for part in parts) else math.inf
    assert [task for task in mine.all if not task.due], f"{what} is no periodic task"
    await mine.round()


def types(events: list[dict]) -> list[str]:
    return [event["type"] for event in events]


def posted(events: list[dict]) -> list[dict]:
    return [event["message"] for event in events if event["type"] == "message.posted"]


def refused(response) -> tuple[int, str]:
    """Status and code of an HTTP answer."""
    return response.status_code, json.loads(response.content)["error"]


def codes(answers) -> list[str]:
    """What each item of a batch was answered with."""
    return [answer.get("code", answer["type"]) if answer else "read" for answer in answers]
