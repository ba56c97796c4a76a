"""A Kefu on several machines: nginx, application hosts, MariaDB and Redis, each on a machine of a
network of its own. This process becomes the machine of the clients, who come through nginx."""

import json
import os
import re
import secrets
import select
import signal
import subprocess
import sys
from pathlib import Path

from bench.servers import OURS
from tests.plugins import services

from .network import Network
from .options import ROOT
from .services import Process, System

CLIENTS, NGINX, DATABASE, REDIS = "clients", "nginx", "database", "redis"
HOSTS = ("host1", "host2")
PORT = 8000
"""Of nginx and of each host, on machines of their own."""
WORKERS = 2
"""Server processes of a host."""
FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"
MAIN = """
{user}
daemon off;
# Its only process ends with it, even by SIGKILL.
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    add_header X-Upstream $upstream_addr always;
    include {folder}/kefu.conf;
}}
"""


class Host(Process):
    """The server processes of a machine, with the one that watches them, which prints `ready`."""

    output = subprocess.PIPE

    def __init__(self, name: str, server: str, application: str, folder: Path, environment: dict):
        folder.mkdir()
        own = {**environment, "DATA_DIR": str(folder), "PROMETHEUS_MULTIPROC_DIR": str(folder)}
        words = ["crash.supervisor", server, str(PORT), str(WORKERS), application]
        super().__init__([sys.executable, "-m", *words], PORT, folder / "server.log", own)
        # It ends its processes before itself.
        self.command[2] = "TERM"
        self.name, self.usual = name, own

    def accepts(self) -> bool:
        told = select.select([self.running.stdout], [], [], 0)[0]
        return bool(told) and self.running.stdout.readline() == b"ready\n"

    def set_clock(self, offset: str | None) -> None:
        """From its next start, its clock is wrong by `offset`, such as "+10m"."""
        self.environment = dict(self.usual)
        if offset:
            (library,) = Path("/").glob(FAKETIME[1:])
            facts = {"LD_PRELOAD": str(library), "FAKETIME": offset}
            self.environment |= {**facts, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def takes_another_key(self) -> bool:
        """Whether a host with another SECRET_KEY is let in; this one goes on."""
        command = [sys.executable, "manage.py", "prepare"]
        with self.place():
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=self.environment | {"SECRET_KEY": secrets.token_hex(32)},
                capture_output=True,
                text=True,
            )
        return done.returncode == 0 or "SECRET_KEY" not in done.stdout + done.stderr

    def renew(self) -> None:
        """Gives it new processes, one after the other, as an upgrade does."""
        self.running.send_signal(signal.SIGHUP)

    def signal_all(self, number: signal.Signals) -> None:
        folder = Path(self.environment["DATA_DIR"]) / "workers"
        pids = [int(path.read_text()) for path in folder.glob("*.pid")]
        for pid in (self.running.pid, *pids):
            if os.path.exists(f"/proc/{pid}") and os.getsid(pid) == pid:
                os.kill(pid, number)

    def kill(self) -> None:
        if self.running:
            self.signal_all(signal.SIGKILL)
            super().kill()
            self.running.stdout.close()
            self.running = None

    def freeze(self) -> None:
        self.signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal_all(signal.SIGCONT)


class Hosts(System):
    """Its `workers` are whole machines."""

    FIRST = (*System.FIRST, "CREATE USER kefu@'%'", "GRANT ALL ON kefu.* TO kefu@'%'")

    def __init__(self, kind: str, server: str, folder: Path, application: str = OURS):
        self.network = Network([CLIENTS, NGINX, DATABASE, REDIS, *HOSTS])
        self.network.enter(CLIENTS)
        super().__init__(kind, server, folder, application)
        self.settle_in(self.database, DATABASE)
        self.settle_in(self.redis, REDIS)
        self.database.command.append("--bind-address=0.0.0.0")
        self.redis.command += ["--bind", "0.0.0.0", "--protected-mode", "no"]
        self.nginx = self.balancer()

    def settle_in(self, process: Process, name: str) -> Process:
        process.place = lambda: self.network.inside(name)
        return process

    def servers(self, server: str, application: str, count: int) -> list[Process]:
        database, redis = self.network.address(DATABASE), self.network.address(REDIS)
        hosts = [self.network.address(name) for name in (NGINX, *HOSTS)]
        self.environment |= {
            "DATABASE_URL": f"mysql://kefu@{database}:{self.database.port}/kefu",
            "REDIS_URL": f"redis://{redis}:{self.redis.port}/0",
            "ALLOWED_HOSTS": ",".join(hosts),
            "TRUSTED_PROXIES": self.network.address(NGINX),
        }
        return [
            self.settle_in(
                Host(name, server, application, self.folder / name, self.environment), name
            )
            for name in HOSTS
        ]

    def balancer(self) -> Process:
        """nginx with the shipped file, without TLS."""
        folder, own = self.folder / "nginx", self.network.address(NGINX)
        folder.mkdir()
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        text = re.sub(r"(?m)^ *(listen \[::\]|ssl_).*\n", "", text)
        servers = "".join(f"server {self.network.address(name)}:{PORT}; " for name in HOSTS)
        for shipped, here in (
            ("listen 443 ssl http2;", f"listen {PORT};"),
            ("server 127.0.0.1:8000;", servers),
            ("chat.example.com", own),
            ("/etc/nginx/snippets", str(folder)),
            ("/var/log/nginx", str(folder)),
        ):
            if shipped not in text:
                raise RuntimeError(f"deploy/nginx.conf has no {shipped}")
            text = text.replace(shipped, here)
        (folder / "kefu.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        command = [services.program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        return self.settle_in(Process(command, PORT, folder / "output.log"), NGINX)

    @property
    def entrances(self) -> list[str]:
        return [f"{self.network.address(NGINX)}:{PORT}"]

    def address(self, name: str) -> str:
        """A host's own address, behind nginx."""
        return f"{self.network.address(name)}:{PORT}"

    async def open(self, agents: int, visitors: int) -> dict:
        plan = await super().open(agents, visitors)
        self.nginx.start()
        await self.nginx.ready()
        return plan

    def close(self) -> None:
        self.network.heal()
        self.nginx.kill()
        super().close()
        self.network.close()

    def get(self, host: str, path: str) -> tuple[int, dict]:
        """The status and the JSON that a host answers, or 0 without any within 10 s."""
        import http.client

        wire = http.client.HTTPConnection(self.network.address(host), PORT, timeout=10)
        try:
            wire.request("GET", path)
            answer = wire.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}
        finally:
            wire.close()
