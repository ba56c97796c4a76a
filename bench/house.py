"""Throwaway databases and servers for one benchmark: on free ports, in one temporary folder.

The databases are started by the tests' own functions, the servers as bin/serve
does, so what is measured is what runs.
"""

import importlib.machinery
import importlib.util
import os
import secrets
import select
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.plugins import services

from .options import ROOT

OURS, REFERENCE = "kefu.asgi:application", "bench.reference:application"
START_WITHIN = 60
"""Seconds for a server to accept connections."""


@dataclass
class Database:
    """A running database: the environment that a server needs for it, and its processes."""

    kind: str
    name: str
    environment: dict[str, str]
    pids: list[int] = field(default_factory=list)


class Ending(ExitStack):
    """What the tests' functions want of pytest's config: somebody who cleans up later."""

    add_cleanup = ExitStack.callback


@contextmanager
def database(kind: str, folder: Path, redis: bool):
    """A new, empty database in `folder` (`sqlite` or `mysql`), gone at the end."""
    folder.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if name not in services.CLEARED
    }
    environment |= {
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": secrets.token_hex(32),
        "RATE_LIMITS": "off",
        "KEFU_BENCH": "1",
        "PYTHONUNBUFFERED": "1",
    }
    with Ending() as ending:
        if kind == "sqlite":
            yield Database(kind, "SQLite", environment)
            return
        url = services.start_mariadb(ending, folder)
        create = ["mariadb", "--no-defaults", f"--socket={folder}/mariadb.sock", "-uroot"]
        create += ["-e", "CREATE DATABASE kefu CHARACTER SET utf8mb4"]
        subprocess.run(create, check=True)
        found = Database(kind, "MariaDB", {**environment, "DATABASE_URL": url})
        found.pids.append(int((folder / "mariadb.pid").read_text()))
        if redis:
            url = found.environment["REDIS_URL"] = services.start_redis(ending, folder)
            found.pids.append(redis_pid(url))
            found.name = "MariaDB + Redis"
        yield found


def redis_pid(url: str) -> int:
    import redis

    with redis.Redis.from_url(url) as client:
        return client.info("server")["process_id"]


@contextmanager
def server(kind: str, application: str, environment: dict[str, str], log: Path):
    """A running server, `daphne` or `uvicorn`, on a free port: (process id, port)."""
    port = services.free_port()
    (listener,) = serve.open_listeners("127.0.0.1", port, 1)
    with listener, log.open("a") as file:
        process = serve.Process(
            kind, listener, application, env=environment, stdout=file, stderr=file
        )
        told, _, _ = select.select([process.pipe], [], [], START_WITHIN)
        try:
            if not told or not process.hear():
                raise SystemExit(f"the server did not start:\n{log.read_text()[-4000:]}")
            yield process.pid, port
        finally:
            process.popen.terminate()
            try:
                process.popen.wait(15)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()


def load_serve():
    """bin/serve as a module: it has no suffix."""
    sys.path.insert(0, str(ROOT / "bin"))
    loader = importlib.machinery.SourceFileLoader("kefu_serve", str(ROOT / "bin" / "serve"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kefu_serve", loader))
    sys.modules["kefu_serve"] = module
    loader.exec_module(module)
    return module


serve = load_serve()
