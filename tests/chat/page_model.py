"""An agent's page, modelled from docs/protocol.md: what it knows from events alone."""

import json
from typing import ClassVar

from asgiref.sync import async_to_sync, sync_to_async

from chat.conversations import seating
from chat.delivery.hub import Hub, Totals
from chat.protocol import checks
from chat.reading import unread_counts
from chat.sockets import agent, base, hello

FACTS = (
    *("open", "claimed_by", "claimed_name", "team", "team_name", "waiting_since", "rating"),
    *("members", "group_name", "target", "routing"),
)
UNREAD = "unread of a process"
"""Not an event: a value with its version, of which the process that has the socket makes one."""


class Page:
    """For each fact it keeps the version it belongs to, and leaves older ones alone."""

    def __init__(self, member):
        self.member, self.who = member, member.uuid
        self.waiting: list[list[dict]] = []
        """What was told and has not arrived, by announcement: those of several processes cross,
        what one tells at once stays together."""
        self.lost = False
        self.reload()

    def reload(self) -> None:
        self.facts: dict[tuple[str, str], object] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.seated: set[str] = set()
        self.unread: dict[str, int] = {}
        self.texts: dict[str, dict[int, str]] = {}
        self.edits: dict[tuple[str, int], int] = {}
        """Of which edit the text is, by its notice's seq."""
        self.recalled: set[tuple[str, int]] = set()
        self.links: dict[str, dict[int, int]] = {}
        self.held: dict[str, int] = {}
        self.connect()

    def connect(self) -> None:
        """A new socket: what was on its way is gone, and hello tells the inbox."""
        self.waiting, self.hub = [], Hub()
        self.totals = self.hub.totals[self.who] = Totals()
        self.consumer = agent.AgentConsumer()
        self.consumer.member, self.consumer.who = self.member, self.who
        self.consumer.ent_id = self.member.enterprise.code
        self.consumer.outbox = Outbox()
        self.hear(hello.agent_hello(self.member))
        self.hub.load(
            self.who, unread_counts.unread_versions(self.who, self.member.enterprise.code)
        )

    def sync(self) -> None:
        """Asks the real consumer; what was told before arrives first, or never."""
        self.arrive()
        for _round in range(3):
            form = checks.check_frame({"type": "sync", "groups": self.held, "inbox": True}, False)
            async_to_sync(self.consumer.on_sync)(form)
            for event in self.consumer.outbox.events:
                self.hear(json.loads(event))
            counted = self.hub.counted(self.who)
            unread = unread_counts.unread_versions(
                self.who, self.member.enterprise.code, list(counted)
            )
            self.hub.load(self.who, unread, counted)
            if not (self.seated - self.held.keys()):
                break
            self.held |= dict.fromkeys(self.seated - self.held.keys(), 0)
        self.lost = False

    def arrive(self) -> None:
        waiting, self.waiting = self.waiting, []
        for told in waiting:
            for event in told:
                self.hear(event)

    def hear(self, event: dict) -> None:
        if take := self.HANDLERS.get(event["type"]):
            take(self, event)

    def newer(self, group: str, name: str, version: int) -> bool:
        """Whether this is not older than what is known of it; remembers it then."""
        if version < self.versions.get((group, name), 0):
            return False
        self.versions[group, name] = version
        return True

    def on_rows(self, event: dict) -> None:
        for row in json.loads(json.dumps(event["groups"], default=str)):
            self.on_conversation({"version": row["last_seq"], **row})

    def on_conversation(self, event: dict) -> None:
        group, version = event["group"], event.get("version")
        if "cursor" in event and self.newer(group, "seat", version):
            self.seated.add(group)
        for name in FACTS:
            if name in event and (version is None or self.newer(group, name, version)):
                self.facts[group, name] = event[name]
        # A row that was read before a message which is here already has an old unread.
        if "unread" in event and event["last_seq"] >= max(self.texts.get(group, [0])):
            self.unread[group] = event["unread"]

    def on_left(self, event: dict) -> None:
        if self.newer(event["group"], "seat", event["version"]):
            self.forget(event["group"])

    def forget(self, group: str) -> None:
        """Its row goes; one that comes back later begins with nothing of it."""
        self.seated.discard(group)
        self.unread.pop(group, None)

    def on_member(self, event: dict) -> None:
        for (group, name), value in self.facts.items():
            if name == "members":
                for one in value:
                    if one["member"] == event["member"]:
                        one["name"] = event["name"]
            elif name == "claimed_by" and value == event["member"]:
                self.facts[group, "claimed_name"] = event["name"]

    def on_posted(self, event: dict) -> None:
        message = event["message"]
        group, seq, data = message["group"], message["seq"], message["data"] or {}
        self.write(group, seq, message["content"], message.get("edited", 0))
        if now := message.get("current"):
            self.write(group, data["of"], now["content"], now["edited"])
        if data.get("event") == "recall":
            self.recalled.add((group, data["of"]))
        links = self.links.setdefault(group, {})
        links[seq] = event["prev"]
        while next_one := [s for s, prev in links.items() if prev <= self.held.get(group, 0) < s]:
            self.held[group] = min(next_one)

    def write(self, group: str, seq: int, text: str, edited: int) -> None:
        """A text, unless a later one is there."""
        if edited >= self.edits.get((group, seq), 0):
            self.texts.setdefault(group, {})[seq] = text
            self.edits[group, seq] = edited

    def on_synced(self, event: dict) -> None:
        assert event["more"] == []
        for group in event.get("left", ()):
            self.forget(group)
            self.held.pop(group, None)
            self.links.pop(group, None)
        for group, seq in event["groups"].items():
            assert self.held[group] >= seq, "told as complete, and it is not"

    def on_unread(self, event: dict) -> None:
        self.totals.put(event["group"], event["value"], event["version"])
        self.unread[event["group"]] = self.totals.unread(event["group"])

    HANDLERS: ClassVar = {
        "hello": on_rows,
        "inbox": on_rows,
        "conversation": on_conversation,
        "conversation.left": on_left,
        "member": on_member,
        "message.posted": on_posted,
        "synced": on_synced,
        UNREAD: on_unread,
    }

    def shows(self, group: str) -> dict:
        """What stands there of a conversation; of a recalled message that it is one."""
        texts = self.texts.get(group, {})
        return {seq: (group, seq) in self.recalled or text for seq, text in texts.items()}

    def knows(self, group: str) -> dict:
        """The facts of a conversation as a fresh load is compared with."""
        known = {name: self.facts.get((group, name)) for name in FACTS}
        return plain(known | {"unread": self.unread.get(group, 0)})


def loaded(page: Page, group: str) -> dict | None:
    """The same as the database has it for whoever loads it now; None without a seat."""
    rows = seating.row_events(page.who, page.member.enterprise.code, [group])
    return plain(rows[0]) if rows else None


def plain(row: dict) -> dict:
    """Times as whether there is one, of members what is no presence and no cursor."""
    members = [(one["member"], one["name"], one["leader"]) for one in row["members"] or ()]
    names = {*FACTS, "unread"} - {"members", "waiting_since"}
    facts = {"members": sorted(members), "waiting": bool(row["waiting_since"])}
    return facts | {name: row[name] for name in names}


class Outbox:
    """Takes the answer to a sync."""

    size = 0

    def pause(self) -> None:
        self.events: list[bytes] = []

    def release(self, events: list[bytes]) -> None:
        self.events = events


def read_here(monkeypatch) -> None:
    """The consumer reads on the test's own thread and connection."""

    async def answer(function, *args):
        return await sync_to_async(function)(*args)

    monkeypatch.setattr(base, "run_or_refuse", answer)
    monkeypatch.setattr(agent, "run_or_refuse", answer)
