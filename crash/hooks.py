"""`bin/crash --webhooks`: receivers of webhooks that refuse, dawdle, break off and are dead for a
while, and the comparison of what they got with the database.

Every event of the types that a webhook has arrives, signed and as the rows say, and nothing else
does; of each conversation none is sent before the one before it was taken.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.fakes.server import Fake

from .facts import MESSAGE
from .pushes import Moody

REFUSES, BREAKS_OFF, SLOW = 0.05, 0.1, 0.13
"""Of a hundred answers five are refusals, five are lost, and three are late."""
LATE = (0.2, 2)
"""Seconds that those take."""
POSTED, DELIVERY = "message.posted", "message.delivery"
HOOKS = {
    "/all": None,
    "/some": [f"conversation.{what}" for what in ("opened", "claimed", "closed", "reopened")],
}
"""By the path of a webhook's address the types that it has; None: all."""
SILENT = {"idle", "closing"}
"""Notices of which no event tells (docs/webhooks.md), of those that come in a run."""
NOTE = 3
COLUMNS = "events", "repeats"
PATIENCE = 180
"""Seconds until everything must have arrived, after everything runs again."""
ROWS = "SELECT id, group_id, seq, message_type, message_content, data FROM group_message"
EVENTS = "SELECT id, type, row_id, visitor FROM stream_event ORDER BY id"
DUE = "SELECT COUNT(*) FROM webhook_delivery WHERE state = 0"
BROKEN = (
    "SELECT w.url, (SELECT COUNT(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND"
    " d.state = 2) FROM webhook w WHERE w.active = 0 OR EXISTS (SELECT 1 FROM webhook_delivery d"
    " WHERE d.webhook_id = w.id AND d.state = 2)"
)


@dataclass
class Told:
    """A request that came, `facts` being its type, what it is about, its seq and its text; or,
    without facts, that it was taken."""

    id: int
    facts: tuple | None = None
    signed: bool = True


class Receiver(Moody, Fake):
    """The other side of all webhooks, never calm; of each path what came, in order."""

    def __init__(self, seed: int):
        Moody.__init__(self, Random(f"{seed} webhooks"))
        Fake.__init__(self)
        self.server.handle_error = lambda *args: None
        self.told: dict[str, list[Told]] = {path: [] for path in HOOKS}

    def hooks(self) -> dict[str, list[str] | None]:
        return {f"{self.url}{path}": types for path, types in HOOKS.items()}

    def find(self, secrets: dict[str, str]) -> None:
        """The secret of each address."""
        self.secrets = {path: secrets[self.url + path] for path in HOOKS}

    def answer(self, method, path, query, headers, body):
        if self.dead:
            raise ConnectionError
        with self.lock:
            dice, pause = self.chance.random(), self.chance.uniform(*LATE)
            id = headers["webhook-id"]
            signed = is_signed(self.secrets[path], headers, body)
            self.told[path].append(Told(int(id), facts_of(json.loads(body)), signed))
        if dice < REFUSES:
            return (500, {}) if dice < REFUSES / 2 else (429, {}, {"Retry-After": "1"})
        if BREAKS_OFF <= dice < SLOW:
            time.sleep(pause)
        if dice < BREAKS_OFF and pause < sum(LATE) / 2:
            raise ConnectionError
        with self.lock:
            self.told[path].append(Told(int(id)))
        if dice < BREAKS_OFF:
            raise ConnectionError
        return 200, {}

    async def settle(self, snapshot) -> "Compared":
        """Waits until all has arrived; with what is still wrong when that takes too long."""
        deadline = time.monotonic() + PATIENCE
        while True:
            late = time.monotonic() > deadline
            found = await asyncio.to_thread(self.compare_now, snapshot, late)
            if not found.sentences or late:
                return found
            await asyncio.sleep(0.5)

    def compare_now(self, snapshot, late: bool) -> "Compared":
        with self.lock:
            told = {path: list(those) for path, those in self.told.items()}
        with snapshot() as select:
            return compare(select, told, late)


def is_signed(secret: str, headers: dict, body: bytes) -> bool:
    """Whether a signature of Standard Webhooks 1.0 is right."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{right}" in headers["webhook-signature"].split()


def facts_of(event: dict) -> tuple:
    type, data = event["type"], event["data"]
    about = data["visitor"] if type.startswith("visitor.") else data["group"]
    text = data["message"]["content"] if type == POSTED else None
    return type, about, data.get("seq"), text


@dataclass
class Compared:
    """`events` were taken, and came `repeats` times once more."""

    events: int = 0
    repeats: int = 0
    sentences: list[str] = field(default_factory=list)

    def row(self, before: "Compared") -> dict[str, int]:
        """The columns of a cycle, after an earlier comparison."""
        return {name: getattr(self, name) - getattr(before, name) for name in COLUMNS}


def compare(select, told: dict[str, list[Told]], late: bool) -> Compared:
    """`told` is what had come before; unless it is `late`, nothing is compared before all is
    sent."""
    found = Compared()
    found.sentences += [f"{url}: off, or {parked} parked" for url, parked in select(BROKEN)]
    if due := select(DUE)[0][0]:
        found.sentences.append(f"{due} are still to be sent")
        if not late:
            return found
    events = read(select, found)
    for path, types in HOOKS.items():
        wanted = {id: facts for id, facts in events.items() if not types or facts[0] in types}
        check(found, path, wanted, told[path])
    return found


def read(select, found: Compared) -> dict[int, tuple]:
    """The stream's events as they must be told, in order. Of each row there must be one."""
    rows = {id: rest for id, *rest in select(ROWS)}
    events, placed = {}, Counter()
    for id, type, row, about in select(EVENTS):
        group, seq, kind, text, _data = rows[row] if row else (about, None, 0, None, None)
        events[id] = type, group, seq, text if type == POSTED else None
        if row and type != DELIVERY:
            placed[row, (type == POSTED) == (kind in (MESSAGE, NOTE))] += 1
    for id, (group, seq, kind, _text, data) in rows.items():
        event = None if kind in (MESSAGE, NOTE) else json.loads(data)["event"]
        if (placed[id, True], placed[id, False]) != (int(event not in SILENT), 0):
            found.sentences.append(f"{group} {seq} ({event}): events of {placed[id, True]} places")
    return events


def check(found: Compared, path: str, wanted: dict[int, tuple], told: list[Told]) -> None:
    last: dict[str, int] = {}
    before = {}
    for id, (_type, about, *_rest) in wanted.items():
        before[id], last[about] = last.get(about), id
    taken = {None}
    for one in told:
        if not one.facts:
            taken.add(one.id)
            continue
        found.repeats += one.id in taken
        if not one.signed:
            found.sentences.append(f"{path} {one.id}: the signature is wrong")
        if one.facts != wanted.get(one.id):
            found.sentences.append(f"{path} {one.id}: {one.facts}, not {wanted.get(one.id)}")
        elif before[one.id] not in taken:
            found.sentences.append(f"{path} {one.id} came before {before[one.id]} was taken")
    found.sentences += [
        f"{path} {id}: {facts} did not arrive" for id, facts in wanted.items() if id not in taken
    ]
    found.events += len(taken) - 1
