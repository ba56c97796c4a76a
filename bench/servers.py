"""Temporary databases and servers for one benchmark, on free ports and in one folder.

Databases are started by functions of the tests, servers as bin/serve starts them, so what is
measured is what runs in production. crash/ uses this module, too.
"""

import importlib.machinery
import importlib.util
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.plugins import services

from . import node
from .options import ROOT

NAMES = {"sqlite": "SQLite", "mysql": "MariaDB + Redis", "mysql8": "MySQL + Redis"}
OURS, REFERENCE = "kefu.asgi:application", "bench.reference:application"
UNSTREAMED = "bench.unstreamed:application"
START_TIMEOUT = 60
"""Seconds until a server must accept connections."""


@dataclass
class Database:
    """A running database: the environment for a server that uses it, and the ids of its
    processes."""

    kind: str
    name: str
    environment: dict[str, str]
    pids: list[int] = field(default_factory=list)

    def sql(self, statement: str) -> None:
        """Executes a statement as the administrator of MariaDB or MySQL."""
        import MySQLdb

        port = urlsplit(self.environment["DATABASE_URL"]).port
        with closing(MySQLdb.connect(host="127.0.0.1", port=port, user="root")) as connection:
            connection.query(statement)


class Failed(Exception):
    """The benchmark cannot continue; the message says why."""


class Cleanup(ExitStack):
    """Stands in for pytest's config, with which the tests' functions register their cleanup."""

    add_cleanup = ExitStack.callback


@contextmanager
def run_database(kind: str, folder: Path):
    """Context manager of a new, empty Database in `folder`: `kind` is "sqlite", "mysql" for
    MariaDB with Redis, or "mysql8" for MySQL with Redis. Its processes end with the block."""
    folder.mkdir()
    environment = {**environment_in(folder), "KEFU_BENCH": "1"}
    with Cleanup() as ending:
        if kind == "sqlite":
            yield Database(kind, NAMES[kind], environment)
            return
        url = services.start_database(ending, kind, folder)
        environment["REDIS_URL"] = services.start_redis(ending, folder)
        found = Database(kind, NAMES[kind], {**environment, "DATABASE_URL": url})
        found.pids.append(int((folder / "database.pid").read_text()))
        found.pids.append(redis_pid(environment["REDIS_URL"]))
        found.sql("CREATE DATABASE kefu CHARACTER SET utf8mb4")
        yield found


def environment_in(folder: Path) -> dict[str, str]:
    """The environment of a throwaway Kefu in `folder`, whatever database is set around it."""
    kept = {name: value for name, value in os.environ.items() if name not in services.CLEARED}
    return {
        **kept,
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": secrets.token_hex(32),
        "RATE_LIMITS": "off",
        "PYTHONUNBUFFERED": "1",
    }


def redis_pid(url: str) -> int:
    import redis

    with redis.Redis.from_url(url) as client:
        return client.info("server")["process_id"]


@contextmanager
def run_servers(kind: str, application: str, environment: dict[str, str], log: Path, number: int):
    """Context manager of `number` server processes; yields their process ids and ports.

    `kind` is "daphne" or "uvicorn". They have the environment that bin/serve gives them, and a port
    each, so that the load is evenly distributed. Raises Failed if one does not start.
    """
    with ExitStack() as ending, log.open("a") as file:
        processes, ports = [], []
        metrics = ending.enter_context(tempfile.TemporaryDirectory(dir=log.parent))
        environment = {**environment, "PROMETHEUS_MULTIPROC_DIR": metrics}
        for place in range(1, number + 1):
            ports.append(services.free_port())
            (listener,) = serve.open_listeners("127.0.0.1", ports[-1], 1)
            ending.enter_context(listener)
            own = serve.worker_environment(place, environment)
            process = serve.Process(kind, listener, application, env=own, stdout=file, stderr=file)
            ending.callback(stop_process, process.popen)
            processes.append(process)
        for process in processes:
            wait_until_ready(process, log)
        yield [process.pid for process in processes], ports


def wait_until_ready(process, log: Path) -> None:
    """Waits until a server process accepts. Raises Failed if it does not start."""
    readable, _, _ = select.select([process.pipe], [], [], START_TIMEOUT)
    if not readable or not process.read_ready():
        raise Failed(f"the server did not start:\n{log_tail(log)}")


@contextmanager
def run_node(folder: Path, environment: dict[str, str], log: Path):
    """Context manager of the batched Node chat, whose packages are in bin/bench's `folder`; yields
    what run_servers yields. Raises Failed if it does not start."""
    port = services.free_port()
    with ExitStack() as ending, log.open("a") as file:
        command = node.command(folder, port)
        environment = {**environment, "NODE_ENV": "production"}
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        ending.callback(stop_process, process)
        deadline = time.monotonic() + START_TIMEOUT
        while not accepts(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"Node did not start:\n{log_tail(log)}")
            time.sleep(0.05)
        yield [process.pid], [port]


def accepts(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def stop_process(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_module(module: str, environment: dict[str, str], *arguments: str, **options) -> str:
    """Runs a module of this project; returns its standard output. Raises Failed if it fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, **options
    )
    if done.returncode != 0:
        raise Failed(f"{module} failed; the reason stands above")
    return done.stdout


def run_manage(environment: dict[str, str], *words: str) -> None:
    """Runs a command of manage.py."""
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)


def faults(what: str, results: list[dict]) -> list[str]:
    """A sentence for each error that the clients of a scenario met; `what` it was about."""
    return [
        f"{NAMES[result['database']]}, {what}: {reason} ({number} times)"
        for result in results
        for reason, number in result["faults"].items()
    ]


def log_tail(log: Path) -> str:
    """The last 4,000 characters of a log."""
    return log.read_text()[-4000:]


def load_serve():
    """Imports bin/serve, whose name has no suffix."""
    sys.path.insert(0, str(ROOT / "bin"))
    loader = importlib.machinery.SourceFileLoader("kefu_serve", str(ROOT / "bin" / "serve"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kefu_serve", loader))
    sys.modules["kefu_serve"] = module
    loader.exec_module(module)
    return module


serve = load_serve()
