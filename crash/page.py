"""A page, as static/js implements it: what it shows, what it has sent, and how it syncs."""

import asyncio
import time
from random import Random
from typing import ClassVar

from .book import Book, Log
from .facts import Facts
from .line import TICK, TROUBLE, BadGateway, Connection, post

LATER = ("unavailable", "rate_limited")
"""Errors after which the same frame is sent again."""
CLOSED = "window_closed"
"""The error of a message that the window of a channel does not allow: nobody sends it again."""
TOO_LATE = ("claimed", "conflict")
"""Errors of an action if somebody else was quicker."""
SYNC = "sync"


class Person:
    """A visitor or an agent, with their open pages."""

    def __init__(self, plan: dict, enterprise: str):
        self.who, self.cookie = plan["who"], plan["cookie"]
        self.is_visitor = "team" in plan
        self.group: str | None = None
        """The uuid of a visitor's conversation, after their first message was accepted."""
        self.pages: list[Page] = []
        self.spared = False
        """Whether agents leave a visitor to the assistant."""
        self.colleagues: list[Person] = []
        """All agents, the agent included: they race for conversations, and transfer them."""
        self.socket, self.messages = "/ws/agent/", "/agent/c/{group}/messages/"
        if self.is_visitor:
            self.socket = f"/ws/visitor/{enterprise}/?team={plan['team']}"
            self.messages = f"/chat/{enterprise}/messages/?team={plan['team']}"


class Page(Connection):
    """A window of a person. `active` are the groups in which messages are written now."""

    def __init__(self, person: Person, servers: list[str], active: set, book: Book, chance: Random):
        super().__init__(person.socket, person.cookie, servers, chance)
        self.person, self.active, self.book = person, active, book
        self.logs: dict[str, Log] = {}
        self.facts = Facts()
        self.unread: dict[str, int] = {}
        """The latest count from the server, by group."""
        self.waiting: dict[str, dict] = {}
        """Frames that are not accepted yet, by client_id."""
        self.due: dict[str, float] = {}
        """When to resend a frame that was refused for now, by client_id or SYNC."""
        self.posts: set[asyncio.Task] = set()
        self.syncs = 0
        """Syncs without an answer."""
        person.pages.append(self)

    def expects_answer(self) -> bool:
        return bool(self.wire is None or self.waiting or self.syncs)

    def tick(self) -> None:
        now = time.monotonic()
        for name in [name for name, at in self.due.items() if at <= now]:
            del self.due[name]
            if name == SYNC:
                self.sync()
            elif name in self.waiting:
                self.resend(self.waiting[name])

    def on_hello(self, event: dict) -> None:
        self.syncs = 0
        self.due.clear()
        self.on_rows(event)
        for frame in list(self.waiting.values()):
            self.resend(frame)
        self.sync()

    def resend(self, frame: dict) -> None:
        self.book.retries += 1
        self.send(frame)

    def sync(self) -> None:
        self.syncs += 1
        frame = {
            "type": "sync",
            "groups": {g: self.logs[g].complete_to for g in self.active_groups()},
        }
        self.send(frame if self.person.is_visitor else {**frame, "inbox": True})

    def active_groups(self) -> list[str]:
        return sorted(self.active & self.logs.keys())

    def served_groups(self) -> list[str]:
        """Those in which an agent does something."""
        return [group for group in self.active_groups() if group not in self.book.spared]

    # Events of the server.

    def on_event(self, event: dict) -> None:
        if handle := self.HANDLERS.get(event["type"]):
            handle(self, event)

    def on_posted(self, event: dict) -> None:
        group = event["message"]["group"]
        log = self.logs.setdefault(group, Log())
        if wrong := log.add(event["message"], event["prev"]):
            self.book.contradictions.append(f"{group}: {wrong}")
        if log.has_hole and not self.syncs:
            self.sync()

    def on_accepted(self, event: dict) -> None:
        client_id, group = event["client_id"], event["group"]
        self.waiting.pop(client_id, None)
        self.book.accept((self.person.who, client_id), (group, event["seq"], event["id"]))
        if self.person.is_visitor:
            self.person.group = group
            self.book.groups[group] = self.person.who
            self.active.add(group)
            if self.person.spared:
                self.book.spared.add(group)

    def on_error(self, event: dict) -> None:
        client_id = event.get("client_id")
        soon = time.monotonic() + self.chance.uniform(0.05, 0.3)
        if event["code"] in TOO_LATE and not client_id:
            return
        if event["code"] == CLOSED:
            self.close_window(client_id)
            return
        if event["code"] not in LATER:
            self.book.refusals.append(f"{event['code']} {event.get('detail')} {client_id}")
            self.waiting.pop(client_id, None)
        elif client_id:
            self.due[client_id] = soon
        elif "group" not in event:
            self.syncs -= 1
            self.due[SYNC] = soon
        # Otherwise it is a read mark or an action, which are sent again anyway.

    def close_window(self, client_id: str) -> None:
        """A message may not be sent by the channel of its conversation any more."""
        if self.waiting.pop(client_id, None):
            self.book.closed += 1

    def on_rows(self, event: dict) -> None:
        """The rows of `hello` or `inbox`, with groups that may be new to this page."""
        for row in event["groups"]:
            if self.person.is_visitor:
                self.person.group = row["group"]
            elif row.get("channel") and row["group"] not in self.book.left:
                self.active.add(row["group"])
            if row["group"] in self.active:
                self.logs.setdefault(row["group"], Log())
            self.unread[row["group"]] = row["unread"]
            self.facts.update(row["group"], row["last_seq"], row)

    def on_conversation(self, event: dict) -> None:
        new = event["group"] not in self.book.left
        if event.get("channel") and new and not self.person.is_visitor:
            self.active.add(event["group"])
        self.facts.update(event["group"], event["version"], event)
        if "unread" in event:
            self.unread[event["group"]] = event["unread"]

    def on_unread(self, event: dict) -> None:
        self.unread[event["group"]] = event["unread"]

    def on_synced(self, event: dict) -> None:
        # A faulty line may duplicate an answer.
        self.syncs = max(self.syncs - 1, 0)
        for group, seq in event["groups"].items():
            # After a reload older messages are gone.
            log = self.logs.get(group)
            if log and log.complete_to < seq and group not in event["more"]:
                self.book.contradictions.append(f"{group}: synced to {seq}, but it did not come")
        # Every conversation begins with a notice, so an empty log belongs to a new group.
        if event["more"] or any(not self.logs[group].complete_to for group in self.active_groups()):
            self.sync()

    HANDLERS: ClassVar = {
        "message.posted": on_posted,
        "message.accepted": on_accepted,
        "error": on_error,
        "inbox": on_rows,
        "conversation": on_conversation,
        "unread": on_unread,
        "synced": on_synced,
    }

    # Actions of the page; habits.py calls them.

    def write(self, frame: dict) -> None:
        """Sends a message, and resends it until it is accepted."""
        self.waiting[frame["client_id"]] = frame
        self.send(frame)

    def post(self, frame: dict) -> None:
        """Sends a message by HTTP, as pages do without a socket."""
        task = asyncio.create_task(self.send_by_http(frame))
        self.posts.add(task)
        task.add_done_callback(self.posts.discard)

    async def send_by_http(self, frame: dict) -> None:
        path = self.person.messages.format(group=frame.get("group"))
        fields = {name: frame[name] for name in ("client_id", "content")}
        fields["note"] = "1" if frame.get("note") else ""
        server = self.chance.choice(self.servers)
        try:
            answer = await asyncio.wait_for(post(server, path, self.cookie, fields), self.patience)
        except BadGateway:
            self.book.gateways += 1
            return
        except (*TROUBLE, ValueError):
            return
        if "error" not in answer:
            self.on_accepted(answer)
        elif answer["error"] == CLOSED:
            self.close_window(frame["client_id"])
        elif answer["error"] not in LATER:
            self.book.refusals.append(f"HTTP {answer}")

    def reload(self) -> None:
        """Reloads the page: it keeps only messages that are not accepted, as browsers do."""
        self.logs.clear()
        self.facts = Facts()
        self.unread.clear()
        self.cut()

    async def all_accepted(self) -> None:
        """Waits until all messages are accepted."""
        while self.waiting or self.posts:
            await asyncio.sleep(TICK)

    async def all_synced(self) -> None:
        """Syncs, and waits until the page has everything."""
        if self.person.group:
            self.logs.setdefault(self.person.group, Log())
        self.sync()
        while self.syncs or self.wire is None or SYNC in self.due:
            await asyncio.sleep(TICK)
