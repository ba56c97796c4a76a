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
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.plugins import services

from .options import ROOT

NAMES = {"sqlite": "SQLite", "mysql": "MariaDB + Redis"}
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

    def sql(self, statement: str) -> None:
        """Runs a statement as MariaDB's administrator."""
        port = str(urlsplit(self.environment["DATABASE_URL"]).port)
        where = ["--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{port}", "-uroot"]
        subprocess.run(["mariadb", *where, "--skip-ssl", "-e", statement], check=True)


class Failed(Exception):
    """The benchmark cannot go on, and why."""


class Ending(ExitStack):
    """What the tests' functions want of pytest's config: somebody who cleans up later."""

    add_cleanup = ExitStack.callback


@contextmanager
def database(kind: str, folder: Path):
    """A new, empty database in `folder` (`sqlite`, or `mysql` with Redis), gone at the end."""
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
            yield Database(kind, NAMES[kind], environment)
            return
        url = services.start_mariadb(ending, folder)
        environment["REDIS_URL"] = services.start_redis(ending, folder)
        found = Database(kind, NAMES[kind], {**environment, "DATABASE_URL": url})
        found.pids.append(int((folder / "mariadb.pid").read_text()))
        found.pids.append(redis_pid(environment["REDIS_URL"]))
        found.sql("CREATE DATABASE kefu CHARACTER SET utf8mb4")
        yield found


def redis_pid(url: str) -> int:
    import redis

    with redis.Redis.from_url(url) as client:
        return client.info("server")["process_id"]


@contextmanager
def servers(kind: str, application: str, environment: dict[str, str], log: Path, number: int):
    """Running server processes, daphne's or uvicorn's, with the variables that bin/serve gives
    them, each on a port of its own, so that the load spreads evenly: ([process id], [port])."""
    with ExitStack() as ending, log.open("a") as file:
        processes, ports = [], []
        figures = ending.enter_context(tempfile.TemporaryDirectory(dir=log.parent))
        environment = {**environment, "PROMETHEUS_MULTIPROC_DIR": figures}
        for place in range(1, number + 1):
            ports.append(services.free_port())
            (listener,) = serve.open_listeners("127.0.0.1", ports[-1], 1)
            ending.enter_context(listener)
            own = serve.worker_environment(place, environment)
            process = serve.Process(kind, listener, application, env=own, stdout=file, stderr=file)
            ending.callback(end, process.popen)
            processes.append(process)
        for process in processes:
            told, _, _ = select.select([process.pipe], [], [], START_WITHIN)
            if not told or not process.hear():
                raise Failed(f"the server did not start:\n{tail(log)}")
        yield [process.pid for process in processes], ports


def end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def python(module: str, environment: dict[str, str], *arguments: str, **options) -> str:
    """Runs a module of ours to its end; returns what it wrote to standard output."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, **options
    )
    if done.returncode != 0:
        raise Failed(f"{module} failed; the reason stands above")
    return done.stdout


def django(environment: dict[str, str], *words: str) -> None:
    """Runs a command of manage.py."""
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)


def tail(log: Path) -> str:
    return log.read_text()[-4000:]


def load_serve():
    """bin/serve as a module: it has no suffix."""
    sys.path.insert(0, str(ROOT / "bin"))
    loader = importlib.machinery.SourceFileLoader("kefu_serve", str(ROOT / "bin" / "serve"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kefu_serve", loader))
    sys.modules["kefu_serve"] = module
    loader.exec_module(module)
    return module


serve = load_serve()
