"""`bin/crash --push`: agents with phones whose push service refuses, breaks off and is dead for a
while, and the comparison of what stands on the phones with the database.

Whoever waits is on the phones of those whom it concerns, and nothing is there whose cause is gone.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from tests.fakes.push import Browser, PushService

REFUSES, BREAKS_OFF = 0.03, 0.05
"""How many pushes are refused, and how many taken without an answer."""
TROUBLE, DEAD = (0.3, 1.5), (0.1, 0.8)
"""Seconds between two deaths of the service, and of each."""
PATIENCE = 180
"""Seconds until all is as it should be: somebody is unlucky three times."""
WAITING = (
    "SELECT n.group_id, n.who, n.team_id FROM notification n JOIN conversation c"
    " ON c.uuid = n.group_id WHERE n.kind = 'waiting' AND n.ended_at IS NULL"
)
UNNOTED = (
    "SELECT c.uuid FROM conversation c WHERE c.waiting_since IS NOT NULL AND c.open"
    " AND c.snoozed_until IS NULL AND c.quarantined_since IS NULL AND NOT EXISTS (SELECT 1 FROM"
    " notification n WHERE n.group_id = c.uuid AND n.kind = 'waiting' AND n.ended_at IS NULL)"
)
LASTING = "SELECT group_id FROM notification WHERE ended_at IS NULL"
SEATS = (
    "SELECT s.uuid, s.member_id, t.team_id FROM chat_group s JOIN member m ON m.uuid = s.member_id"
    " JOIN team_member t ON t.member_id = m.id WHERE m.online_status = 1"
)


class Moody:
    """A service of moods; it may ask whether it is to be `calm`."""

    def __init__(self, chance: Random):
        self.chance, self.calm, self.dead = chance, True, False

    async def fail(self, until: asyncio.Event) -> None:
        """It is dead now and then, until the event is set."""
        self.calm = False
        while not until.is_set():
            await asyncio.sleep(self.chance.uniform(*TROUBLE))
            self.dead = True
            await asyncio.sleep(self.chance.uniform(*DEAD))
            self.dead = False
        self.calm = True


class Service(Moody, PushService):
    """A push service."""

    def __init__(self, seed: int):
        Moody.__init__(self, Random(f"{seed} pushes"))
        PushService.__init__(self)
        self.phones: dict[str, Browser] = {}
        self.server.handle_error = lambda *args: None

    def give(self, agents: int) -> list[dict]:
        """Subscriptions, one for each agent."""
        self.order = [self.subscribe() for _ in range(agents)]
        return [phone.subscription for phone in self.order]

    def find(self, agents: list[dict]) -> None:
        self.phones = {
            agent["who"]: phone for agent, phone in zip(agents, self.order, strict=False)
        }

    def answer(self, method, path, query, headers, body):
        dice = 1.0 if self.calm else self.chance.random()
        if self.dead:
            raise ConnectionError
        if dice < REFUSES:
            return self.chance.choice([429, 500, 503]), {}, {"Retry-After": "1"}
        found = super().answer(method, path, query, headers, body)
        if dice < REFUSES + BREAKS_OFF:
            raise ConnectionError
        return found

    def standing(self, phone: Browser) -> dict[str, str]:
        """The kind of the last push of each conversation."""
        with self.lock:
            return {push.payload["group"]: push.payload["kind"] for push in phone.pushes}

    async def settle(self, snapshot) -> "Compared":
        """Waits until all is as it should be; with what is still wrong when that takes too long."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with snapshot() as select:
                found = compare(select, self)
            if not found.sentences or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.5)


@dataclass
class Compared:
    pushed: int = 0
    sentences: list[str] = field(default_factory=list)


def compare(select, service: Service) -> Compared:
    found = Compared(sum(len(phone.pushes) for phone in service.phones.values()))
    found.sentences += [f"nobody is to be sent that {group} waits" for (group,) in select(UNNOTED)]
    lasting = {group for (group,) in select(LASTING)}
    seats = defaultdict(set)
    for group, who, team in select(SEATS):
        seats[group, team].add(who)
    standing = {who: service.standing(phone) for who, phone in service.phones.items()}
    for group, holder, team in select(WAITING):
        for who in ({holder} if holder else seats[group, team]) & standing.keys():
            if standing[who].get(group) in (None, "gone"):
                found.sentences.append(f"{group} waits, and {who} was not sent it")
    for who, kinds in standing.items():
        for group, kind in kinds.items():
            if kind != "gone" and group not in lasting:
                found.sentences.append(f"{group}: {kind} stands at {who}, and is over")
    return found
