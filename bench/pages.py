"""Measures the bytes that a first visit of each page transfers, compressed, as browsers load it."""

import gzip
import http.client
import json
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from . import servers
from .options import Options
from .progress import Progress

SECONDS = 6
"""Seconds that it takes, roughly."""
LINKS = {
    "text/html": re.compile(
        rb"""<(?:script|img)\b[^>]*?\bsrc=["']([^"']+)|<link\b[^>]*?\bhref=["']([^"']+)"""
    ),
    "text/css": re.compile(rb"""\burl\(\s*["']?([^"')]+)"""),
    "text/javascript": re.compile(rb"""(?:\bfrom|\bimport)\s*["']([./][^"'\n]*)["']"""),
}
"""Links that a browser follows at once, by the type of the file. `import()` is left out, because it
loads later."""


def run(folder: Path, asked: Options, progress: Progress) -> dict:
    """Returns {"pages": {name: {"bytes", "requests"}}, "foreign": [addresses on other hosts]}."""
    progress.begin("bytes of the pages")
    with servers.run_database("sqlite", folder) as database:
        plans = servers.run_module(
            "bench.data", database.environment, json.dumps({"dense": asked.sizes.dense})
        )
        plan = json.loads(plans)["dense"]
        servers.run_manage(database.environment, "collectstatic", "--noinput", "--verbosity=0")
        visitor, agent = plan["visitors"][0], plan["agents"][0]
        mine = next(one for one in plan["visitors"] if agent["who"] in one["agents"])
        wanted = {
            "visitor": (f"/chat/{plan['enterprise']}/", visitor["cookie"]),
            "workspace": ("/agent/", agent["cookie"]),
            "conversation": (f"/agent/c/{mine['group']}/", agent["cookie"]),
        }
        server = asked.servers[0]
        with servers.run_servers(server, servers.OURS, database.environment, folder / "log", 1) as (
            _pids,
            ports,
        ):
            visits = {name: Visit(ports[0], *where) for name, where in wanted.items()}
            for visit in visits.values():
                visit.load()
            _body, _kind, widget = Visit(ports[0], "/widget.js", "").fetch("/widget.js")
    found = {
        name: {"bytes": visit.bytes, "requests": visit.requests} for name, visit in visits.items()
    }
    found["widget.js"] = {"bytes": widget, "requests": 1}
    progress.end(SECONDS, ", ".join(f"{name} {one['bytes']:,} B" for name, one in found.items()))
    foreign = sorted({address for visit in visits.values() for address in visit.foreign})
    return {"pages": found, "foreign": foreign}


class Visit:
    """Loads a page with its files, each once. `bytes` are those of the bodies."""

    def __init__(self, port: int, path: str, cookie: str):
        self.port = port
        self.path = path
        self.cookie = cookie
        self.bytes = self.requests = 0
        self.foreign: set[str] = set()

    def load(self) -> None:
        waiting, seen = [self.path], {self.path}
        while waiting:
            path = waiting.pop()
            body, kind, size = self.fetch(path)
            self.bytes += size
            self.requests += 1
            for address in addresses(body, kind):
                if urlsplit(address).netloc:
                    self.foreign.add(address)
                    continue
                place = urljoin(path, address)
                if place not in seen and "/static/" in place:
                    seen.add(place)
                    waiting.append(place)

    def fetch(self, path: str) -> tuple[bytes, str, int]:
        """Requests a path; returns the body, its type and its compressed size."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Accept-Encoding": "gzip", "Cookie": self.cookie}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise servers.Failed(f"{path}, of {self.path}, was answered by {answer.status}")
        packed = answer.getheader("Content-Encoding") == "gzip"
        kind = answer.getheader("Content-Type", "").partition(";")[0]
        return gzip.decompress(body) if packed else body, kind, len(body)


def addresses(body: bytes, kind: str) -> list[str]:
    """The addresses in a page, module or style sheet, without embedded pictures."""
    if kind not in LINKS:
        return []
    found = [
        groups if isinstance(groups, bytes) else b"".join(groups)
        for groups in LINKS[kind].findall(body)
    ]
    return [address.decode() for address in found if not address.startswith((b"data:", b"#"))]
