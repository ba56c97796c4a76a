"""Throwaway databases and servers for one benchmark: on free ports, in one temporary folder.

The databases are started by the tests' own functions, the servers with the command lines of
bin/serve, so what is measured is what runs.
"""

import importlib.machinery
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

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
    options = SimpleNamespace(bind="127.0.0.1", port=services.free_port())
    command = getattr(serve, kind)(options)
    command[-1] = application
    with log.open("a") as file:
        process = subprocess.Popen(
            [*serve.tied_to_us(), sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        wait(process, options.port, log)
        yield process.pid, options.port
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()


def wait(process, port: int, log: Path) -> None:
    """Returns once the server accepts connections."""
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the server did not start:\n{log.read_text()[-4000:]}")


def load_serve():
    """bin/serve as a module: it has no suffix."""
    sys.path.insert(0, str(ROOT / "bin"))
    loader = importlib.machinery.SourceFileLoader("kefu_serve", str(ROOT / "bin" / "serve"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kefu_serve", loader))
    sys.modules["kefu_serve"] = module
    loader.exec_module(module)
    return module


serve = load_serve()
