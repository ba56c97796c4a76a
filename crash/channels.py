"""`bin/crash --channels`: people who write by channels, whose other sides are killed, too, and the
comparison of what those know with the database.

What people have written must be stored once and in order, whatever was repeated; what agents have
answered must have arrived, in order, and once where the other side knows repeats.
"""

import asyncio
import json
import pickle
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from random import Random

from chat.protocol.citations import without_marks
from tests.fakes import imap, smtp, telegram, weixin, weixin_kf
from tests.plugins import services

from .facts import MESSAGE
from .services import Process

KINDS = "telegram", "weixin", "weixin_kf", "mail"
ONCE = "weixin_kf", "mail"
"""Those who know repeats by an id of ours."""
USED_UP = {"45047", "95001"}
"""Codes of a window that was used up: after a repeat that the other side counts, and by what was
sent while their next message was on its way."""
PEOPLE = 2
"""Who write by each channel at a time; after every NEW cycles one goes, and another one comes."""
NEW = 5
WRITE, TROUBLE = (0.02, 0.15), (0.3, 1.5)
"""Seconds between two messages of all of them, and between two faults of other sides."""
COLUMNS = "came", "went", "again", "unsaid"
PATIENCE = 120
"""Seconds until everything must have arrived and be told, after everything runs again."""
CONTACTS = (
    "SELECT c.kind, p.their_id, p.conversation_id, p.visitor_id, p.`left`, p.data"
    " FROM channel_contact p JOIN channel c ON c.id = p.channel_id"
)
ROWS = (
    "SELECT m.group_id, m.seq, m.sender, m.message_content, m.data FROM group_message m"
    " JOIN conversation c ON c.uuid = m.group_id"
    f" WHERE c.channel <> '' AND m.message_type = {MESSAGE} ORDER BY m.group_id, m.seq"
)
DELIVERIES = "SELECT conversation_id, seq, state, reason FROM channel_delivery"
VISITORS = "SELECT visitor_id FROM conversation WHERE channel <> ''"
ARRIVALS = "SELECT COUNT(*) FROM channel_arrival WHERE done_at IS NULL"


class OtherSides:
    """A process for each kind, in `folder`."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.chance = folder, Random(f"{seed} channels")
        self.count = 0
        self.assistant = ""
        """An assistant (uuid) that answers them, too, and says the same again."""
        self.people: list[int] = []
        self.calls: dict[str, list[str]] = {}
        folder.mkdir(parents=True)
        self.ports = {kind: services.free_port() for kind in KINDS}
        self.smtp = services.free_port()
        self.processes = {kind: self.process(kind, str(seed)) for kind in KINDS}

    def process(self, kind: str, seed: str) -> Process:
        ports = f"{self.ports[kind]},{self.smtp}" if kind == "mail" else str(self.ports[kind])
        command = [sys.executable, "-m", "crash.other_sides", kind, ports, str(self.folder), seed]
        return Process(command, self.ports[kind], self.folder / f"{kind}.log")

    async def start(self) -> None:
        for process in self.processes.values():
            process.start()
        for process in self.processes.values():
            await process.ready()

    def close(self) -> None:
        for process in self.processes.values():
            process.close()

    def keys(self) -> dict[str, dict[str, str]]:
        """What the channels are set up with, by kind."""
        api = {kind: {"api": f"http://127.0.0.1:{port}"} for kind, port in self.ports.items()}
        reads, sends = imap.quote(imap.USER), imap.quote(imap.PASSWORD)
        box = {
            "address": "shop@crash.example",
            "imap": f"imap://{reads}:{sends}@127.0.0.1:{self.ports['mail']}/INBOX",
            "smtp": f"smtp://{imap.quote(smtp.USER)}:{imap.quote(smtp.PASSWORD)}"
            f"@127.0.0.1:{self.smtp}",
            "authserv": "mx.crash.example",
        }
        return {
            "telegram": {"token": telegram.TOKEN, **api["telegram"]},
            "weixin": {**weixin.KEYS, **api["weixin"]},
            "weixin_kf": {**weixin_kf.KEYS, **api["weixin_kf"]},
            "mail": box,
        }

    def find(self, paths: dict[str, str], servers: list[str]) -> None:
        """Where they call: the path of each kind, at each server."""
        for kind, path in paths.items():
            self.calls[kind] = [f"http://{server}{path}" for server in servers]

    async def write(self, until: asyncio.Event, cycle: int) -> None:
        """People write until the event is set, each of them once before anybody does again:
        nobody gets so far behind that pages that are loaded anew do not list them."""
        self.people = [number + cycle // NEW for number in range(1, PEOPLE + 1)]
        everybody = [(kind, who) for kind in KINDS for who in self.people]
        pairs = self.chance.sample(everybody, len(everybody))
        while pairs or not until.is_set():
            kind, who = pairs.pop() if pairs else self.chance.choice(everybody)
            self.count += 1
            line = {
                "who": str(who) if kind == "telegram" else f"p{who}",
                "text": f"{kind} {self.count} 包裹到哪了?",
                "calls": self.calls[kind],
            }
            with (self.folder / f"{kind}.said").open("a") as said:
                said.write(json.dumps(line) + "\n")
            await asyncio.sleep(self.chance.uniform(*WRITE))

    def left(self, groups: dict[str, str]) -> set[str]:
        """Those of these conversations in which nobody writes any more."""
        return {group for group, who in groups.items() if int(who.lstrip("p")) not in self.people}

    async def fail(self, until: asyncio.Event) -> None:
        """They are killed or frozen, one after the other, until the event is set."""
        while not until.is_set():
            await asyncio.sleep(self.chance.uniform(*TROUBLE))
            process = self.processes[self.chance.choice(KINDS)]
            if self.chance.random() < 0.7:
                process.kill()
                await asyncio.sleep(self.chance.uniform(0, 0.5))
                process.start()
                await process.ready()
            else:
                process.freeze()
                await asyncio.sleep(self.chance.uniform(0.2, 1))
                process.thaw()

    def state(self, kind: str) -> dict:
        file = self.folder / kind
        return pickle.loads(file.read_bytes()) if file.exists() else {"wrote": [], "sent": []}

    def said(self, kind: str) -> int:
        file = self.folder / f"{kind}.said"
        return len(file.read_text().splitlines()) if file.exists() else 0

    async def settle(self, snapshot) -> "Compared":
        """Waits until nothing is on its way, and compares; with what is still wrong when that has
        taken too long."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with snapshot() as select:
                found = compare(select, self)
            if not found.sentences or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.3)


@dataclass
class Compared:
    """`came` of what they wrote is stored, `went` of what was answered has arrived, `again` times
    once more than needed; `unsaid` was not delivered, as a window was used up. `sentences` are what
    is wrong."""

    came: int = 0
    went: int = 0
    again: int = 0
    unsaid: int = 0
    groups: dict[str, str] = field(default_factory=dict)
    """Of their conversations, who writes in it."""
    sentences: list[str] = field(default_factory=list)

    def row(self, before: "Compared") -> dict[str, int]:
        """The columns of a cycle, after an earlier comparison."""
        return {name: getattr(self, name) - getattr(before, name) for name in COLUMNS}


def compare(select, sides: OtherSides) -> Compared:
    found = Compared()
    contacts, by_group = select(CONTACTS), {}
    for kind, their_id, group, visitor, left, data in contacts:
        who = their_id
        if kind == "mail":
            who = json.loads(data)["from"].partition("@")[0]
        by_group[group] = kind, who, visitor
        found.groups[group] = who
        if left is not None and left < 0:
            found.sentences.append(f"{kind} {who}: {left} messages are left")
    theirs, ours = defaultdict(list), defaultdict(list)
    for group, seq, sender, content, stored in select(ROWS):
        kind, who, visitor = by_group.get(group, ("", "", None))
        data = json.loads(stored or "{}")
        told = data.get("delivery", {}).get("state")
        if sender == visitor:
            theirs[kind, content].append((group, seq))
        else:
            text = without_marks(content, data)
            ours[kind, who].append((group, seq, text, told, sender == sides.assistant))
    if waiting := select(ARRIVALS)[0][0]:
        found.sentences.append(f"{waiting} arrivals are not taken in")
    states = {(group, seq): rest for group, seq, *rest in select(DELIVERIES)}
    for kind in KINDS:
        state = sides.state(kind)
        check_theirs(found, kind, state["wrote"], theirs, sides.said(kind))
        check_ours(found, kind, state["sent"], ours, states)
    return found


def check_theirs(found: Compared, kind: str, wrote: list, theirs: dict, said: int) -> None:
    """Each of their messages is stored once, in one conversation, in their order."""
    if len(wrote) != said:
        found.sentences.append(f"{kind}: {said - len(wrote)} are not written yet")
    last: dict[str, tuple] = {}
    for who, text in wrote:
        places = theirs.pop((kind, text), [])
        if len(places) != 1:
            found.sentences.append(f"{kind} {who}: {text!r} is stored {len(places)} times")
            continue
        found.came += 1
        before = last.get(who, (places[0][0], 0))
        if before[0] != places[0][0] or before[1] >= places[0][1]:
            found.sentences.append(f"{kind} {who}: {text!r} at {places[0]} after {before}")
        last[who] = places[0]
    invented = [text for of, text in theirs if of == kind]
    found.sentences += [f"{kind}: nobody wrote {text!r}" for text in invented]


def check_ours(found: Compared, kind: str, sent: list, ours: dict, states: dict) -> None:
    """Each answer has arrived where it is said to have, in order, and once where repeats are
    known."""
    arrived = defaultdict(list)
    for who, *middle, text in sent:
        id = middle[0] if kind == "mail" else len(arrived[who])
        arrived[who].append((text, id))
    for (of, who), rows in ours.items():
        if of != kind:
            continue
        there = arrived.pop(who, [])
        times = Counter(text for text, _id in (set(there) if kind == "mail" else there))
        often = {text for _group, _seq, text, _told, again in rows if again}
        order = [text for text in dict.fromkeys(text for text, _id in there) if text not in often]
        most, least, wanted = Counter(), Counter(), []
        for group, seq, text, told, _again in rows:
            state, reason = states.get((group, seq), (None, ""))
            if state != told or state not in ("sent", "failed"):
                found.sentences.append(f"{kind} {group} {seq}: {state} {reason}, told as {told}")
            elif state == "failed" and reason not in USED_UP:
                found.sentences.append(f"{kind} {group} {seq}: failed, {reason}")
            most[text] += 1
            least[text] += state == "sent"
            found.unsaid += state == "failed"
            wanted += [text] if times[text] and text not in often else []
        for text, count in most.items():
            if times[text] < least[text] or (times[text] > count and kind in ONCE):
                found.sentences.append(
                    f"{kind} {who}: {text!r} was sent {least[text]} times, arrived {times[text]}"
                )
        if order != wanted:
            pairs = zip(order, wanted, strict=False)
            same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            found.sentences.append(
                f"{kind} {who}: {order[same:][:3]} arrived in place of {wanted[same:][:3]}"
            )
        went = sum(min(times[text], count) for text, count in most.items())
        found.went += went
        found.again += len(there) - went
    found.sentences += [f"{kind}: nobody is {who}" for who, there in arrived.items() if there]
