"""Pages by HTTP: the CPU that the server and its database take for each.

`python -m bench.http_pages` prepares a database that bench/growth.py has filled, and writes as JSON
what is requested, {page: {"path", "headers", "status"}}. Each page is then requested many times,
one after the other on a connection that is kept, by somebody whom the server has seen before.
"""

import http.client
import json
import sys
import time
from pathlib import Path

from . import data, grown, growth, servers
from .measure import cpu_of
from .options import Options
from .progress import Progress

SITE = "https://shop.example"
PATIENCE, CALM = 60, 0.1
"""Seconds that a server has to become calm, and of CPU that a calm one takes in one."""
WARMUP = 20
"""Requests of a page before the measurement, at most."""


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    made = grown.messages_of(asked.sizes.growth[0], asked)
    return 10 + made / grown.MESSAGES_PER_SECOND + len(asked.servers) * asked.sizes.page_views * 0.2


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "server", "requests", "pages": {page: {"server_ms" and "database_ms" of
    CPU, "ms" until the answer, "bytes"}}}], for each server."""
    found = []
    with servers.run_database(kind, folder / kind) as database:
        progress.begin(f"{database.name}: making what pages show")
        size = asked.sizes.growth[0]
        grown.fill("bench.growth", database.environment, size, asked.sizes.each, progress)
        wanted = json.loads(servers.run_module("bench.http_pages", database.environment))
        for server in asked.servers:
            progress.begin(f"{database.name}, {server}: pages by HTTP")
            where = server, servers.OURS, database.environment, folder / "log", 1
            with servers.run_servers(*where) as (pids, ports):
                settle(pids)
                parts = {"server": pids, "database": database.pids}
                pages = {
                    name: measure(ports[0], page, parts, asked.sizes.page_views)
                    for name, page in wanted.items()
                }
            one = {"database": kind, "server": server, "requests": asked.sizes.page_views}
            found.append(one | {"pages": pages})
    progress.end(seconds_of(asked), f"{servers.NAMES[kind]}, pages by HTTP")
    return found


def settle(pids: list[int]) -> None:
    """Waits until a server that has just started has counted for the reports what it found."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = cpu_of({"server": pids})["server"]
        time.sleep(1)
        if cpu_of({"server": pids})["server"] - before < CALM:
            return


def measure(port: int, page: dict, parts: dict[str, list[int]], number: int) -> dict:
    """Requests a page `number` times."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get() -> int:
        connection.request("GET", page["path"], headers=page["headers"])
        answer = connection.getresponse()
        if answer.status != page["status"]:
            raise servers.Failed(f"{page['path']} was answered by {answer.status}")
        return len(answer.read())

    for _ in range(min(WARMUP, number)):
        get()
    before, start = cpu_of(parts), time.perf_counter()
    for _ in range(number):
        size = get()
    taken, after = time.perf_counter() - start, cpu_of(parts)
    connection.close()
    cpu = {f"{part}_ms": (after[part] - before[part]) * 1000 / number for part in parts}
    return {**cpu, "ms": taken * 1000 / number, "bytes": size}


def prepare() -> dict:
    """Gives a visitor of the database a cookie, and the enterprise a site; returns what to
    request."""
    import hashlib

    from django.test import Client

    from accounts.models import Enterprise, Member
    from chat.models import ChatGroup, Conversation, Visitor
    from chat.visitors import cookies

    enterprise = Enterprise.objects.get(code=growth.ENTERPRISE)
    enterprise.sites = SITE
    enterprise.save()
    member = Member.objects.filter(enterprise=enterprise).order_by("pk").first()
    member.inbox_view = "all"  # The first view holds who waits, and nobody does.
    member.save()
    seats = ChatGroup.objects.for_member(member.uuid)
    group = seats.order_by("id").values_list("uuid", flat=True).last()
    visitor = Conversation.objects.get(uuid=group).visitor_id
    secret = "bench" * 8
    secret_hash = hashlib.sha256(secret.encode()).hexdigest()
    Visitor.objects.filter(uuid=visitor).update(secret_hash=secret_hash)
    known = data.visitor_cookie(enterprise, cookies.signer(enterprise).sign(f"{visitor}.{secret}"))
    team = enterprise.teams.get()
    chat = f"/chat/{enterprise.code}/"
    agent = data.session_cookie(member)
    browser = {"Accept-Encoding": "gzip", "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
    first = Client(headers={"host": "127.0.0.1", **browser}).get(f"{chat}widget/")

    def page(path: str, status: int = 200, **headers: str) -> dict:
        return {"path": path, "headers": browser | headers, "status": status}

    return {
        "visitor": page(chat, Cookie=data.visitor_cookie(enterprise)),
        "visitor, 50 messages": page(f"{chat}?team={team.slug}", Cookie=known),
        "workspace": page("/agent/", Cookie=agent),
        "conversation": page(f"/agent/c/{group}/", Cookie=agent),
        "widget's look": page(f"{chat}widget/", Origin=SITE),
        "widget's look, unchanged": page(
            f"{chat}widget/", 304, **{"Origin": SITE, "If-None-Match": first["ETag"]}
        ),
    }


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    json.dump(prepare(), sys.stdout)
