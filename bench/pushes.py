"""Pushes: how soon after a visitor's message a phone of its agents has one.

`python -m bench.pushes SPEC` fills an empty database as data.py does, and gives each agent a phone;
SPEC is JSON, {"sizes", "devices": what a push service gave their browsers}. The output is the plan.
"""

import asyncio
import base64
import json
import queue
import sys
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.server import Fake

from . import data, servers
from .measure import spread
from .options import Options
from .progress import Progress
from .storm_pages import Page

ALLOWED = {"PUSH_ALLOW": "127.0.0.0/8"}
PATIENCE = 30
"""Seconds after which a push counts as lost."""
GOAL_MS = 1_000
"""99th percentile, from the acceptance of the message to the push service."""
ENOUGH = 50
"""Messages for which that is a goal."""
AGENTS = 20


class Service(Fake):
    """A push service. `came` gets the time of each push."""

    def __init__(self):
        self.came: queue.Queue[float] = queue.Queue()
        super().__init__()

    def answer(self, method, path, query, headers, body):
        self.came.put(time.perf_counter())
        return 201, {}

    def device(self, number: int) -> dict:
        """What a browser that subscribed here sends to the server."""
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encoded(point), "auth": encoded(bytes(16))}
        return {"endpoint": f"{self.url}/{number}", "keys": keys, "choice": "all"}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    return 10 + asked.sizes.pushes * 0.2


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "server", "number", "ms": {"p50", "p99"}, "faults"}]."""
    number, server = asked.sizes.pushes, asked.servers[0]
    where = f"{servers.NAMES[kind]}, {server}"
    progress.begin(f"{where}: pushes")
    with Service() as service, servers.run_database(kind, folder / kind) as database:
        environment = {**database.environment, **ALLOWED}
        devices = [service.device(one) for one in range(AGENTS)]
        spec = json.dumps({"sizes": [number, AGENTS], "devices": devices})
        plan = json.loads(servers.run_module("bench.pushes", environment, spec))
        with servers.run_servers(server, servers.OURS, environment, folder / "log", 1) as (
            _pids,
            ports,
        ):
            taken = asyncio.run(write(ports[0], plan, service.came))
    found = {
        **{"database": kind, "server": server, "number": number, "ms": spread(taken)},
        "faults": {"pushes lost": number - len(taken)} if len(taken) < number else {},
    }
    progress.end(seconds_of(asked), f"{where}, {figures(found)}")
    return [found]


async def write(port: int, plan: dict, came: queue.Queue) -> list[float]:
    """Has one visitor after the other write. Returns the seconds from the acceptance of each
    message until all phones of its agents have their pushes; of lost ones nothing."""
    taken: list[float] = []
    for visitor in plan["visitors"]:
        accepted = asyncio.get_running_loop().create_future()

        def read(event: dict, accepted=accepted) -> None:
            if event["type"] == "message.accepted":
                accepted.set_result(time.perf_counter())

        page = Page(port, f"/ws/visitor/{plan['enterprise']}/", visitor["cookie"], read)
        await page.connect()
        page.send({"type": "message.send", "client_id": str(uuid.uuid4()), "content": "在吗?"})
        begun = await asyncio.wait_for(accepted, PATIENCE)
        page.socket.close()
        try:
            for _seat in visitor["agents"]:
                last = await asyncio.to_thread(came.get, timeout=PATIENCE)
        except queue.Empty:
            break  # What comes late would count for the next one.
        taken.append(max(0.0, last - begun))
    return taken


def figures(found: dict) -> str:
    """What was measured, in a phrase."""
    ms = found["ms"]
    return f"all phones have their push after p50 {ms['p50']:.0f}, p99 {ms['p99']:.0f} ms"


def goals(results: list[dict]) -> list[tuple]:
    """The goals' fields (goals.Goal) of each database."""
    by_kind = {one["database"]: one for one in results}
    found = []
    for kind, name in servers.NAMES.items():
        fields = f"a push after the message that causes it, p99, {name}", f"≤ {GOAL_MS:,} ms"
        if result := by_kind.get(kind):
            p99 = result["ms"]["p99"]
            reached = p99 <= GOAL_MS if result["number"] >= ENOUGH else None
            fields = (*fields, f"{p99:.0f} ms", reached)
        found.append(fields)
    return found


def fill(spec: dict) -> dict:
    data.start_django()
    plan = data.fill("dense", *spec["sizes"])
    from accounts.models import Member, MemberSession, Team, TeamMember
    from chat.notifications.push import devices

    team = Team.objects.get(enterprise__code=plan["enterprise"])
    for agent, given in zip(plan["agents"], spec["devices"], strict=True):
        member, key = Member.objects.get(uuid=agent["who"]), agent["cookie"].partition("=")[2]
        TeamMember.objects.bulk_create([TeamMember(team=team, member=member)])  # It has its seats.
        MemberSession.objects.get_or_create(key=key, defaults={"member": member})
        devices.add(member, key, given)
    return plan


if __name__ == "__main__":
    json.dump(fill(json.loads(sys.argv[1])), sys.stdout)
