"""A complete temporary Kefu, whose parts can be killed, frozen and restarted.

Databases are started by functions of the tests, server processes as bin/serve starts them. Each
part keeps its port, so that clients can reconnect.
"""

import asyncio
import json
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bench.servers import OURS, environment_in, serve
from tests.plugins import services

from .options import ROOT

READY_TIMEOUT = 60
"""Seconds until a program must accept connections, with the recovery of InnoDB."""
END_TIMEOUT = 15
"""Seconds that a program has to end after SIGTERM; uvicorn gives open requests 10."""


class Process:
    """A program that listens on `port`, and can be killed and restarted. `place` makes a context
    manager that is entered where it starts and where it is asked: hosts.py gives it a machine.
    What it prints goes to `output`, by default its log."""

    place = staticmethod(nullcontext)
    output: int | None = None

    def __init__(self, command: list[str], port: int, log: Path, environment: dict | None = None):
        # With setpriv the kernel ends it together with this process.
        self.command = [services.program("setpriv"), "--pdeathsig", "KILL", *command]
        self.name = command[0] if command else "a server"
        self.port = port
        self.log = log
        self.environment = environment
        self.running: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("a") as log, self.place():
            self.running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=self.output or log,
                stderr=log,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Waits until it accepts connections."""
        deadline = time.monotonic() + READY_TIMEOUT
        while self.running.poll() is None and time.monotonic() < deadline:
            if self.accepts():
                return
            await asyncio.sleep(0.02)
        raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")

    def accepts(self) -> bool:
        try:
            with (
                self.place(),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire,
            ):
                return self.answers(wire)
        except OSError:
            return False

    def answers(self, wire: socket.socket) -> bool:
        """Whether a connection that was accepted is served."""
        return True

    def kill(self) -> None:
        """Sends SIGKILL, so that it can flush nothing."""
        if self.running:
            self.running.kill()
            self.running.wait()

    def freeze(self) -> None:
        self.running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.running.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Ends it for good."""
        self.kill()

    async def end(self) -> None:
        """Sends SIGTERM, as a restart for an upgrade does, and waits for the end."""
        self.running.terminate()
        deadline = time.monotonic() + END_TIMEOUT
        while self.running.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        self.kill()


class Database(Process):
    """MariaDB or MySQL. While it starts, its port accepts connections that are then reset."""

    def answers(self, wire: socket.socket) -> bool:
        return bool(wire.recv(1))  # It greets first.


class Worker(Process):
    """A server process on a socket that this process keeps open, as bin/serve does, so that
    connections wait during a restart."""

    def __init__(self, server: str, application: str, log: Path, environment: dict):
        super().__init__([], services.free_port(), log, environment)
        self.server, self.application = server, application
        (self.listener,) = serve.open_listeners("127.0.0.1", self.port, 1)
        self.process = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = serve.Process(
                self.server,
                self.listener,
                self.application,
                env=serve.worker_environment(1, self.environment),
                stdout=log,
                stderr=log,
            )
        self.running = self.process.popen

    def close(self) -> None:
        self.kill()
        self.listener.close()

    def accepts(self) -> bool:
        """Whether it has reported so by its pipe."""
        told = select.select([self.process.pipe], [], [], 0)[0]
        return bool(told) and self.process.read_ready()


class System:
    """Servers and databases. `kind` is "sqlite" (one process), "mysql" (MariaDB, Redis, two
    processes) or "mysql8" (the same with MySQL). `application` is the ASGI application, which tests
    replace by broken ones."""

    def __init__(
        self,
        kind: str,
        server: str,
        folder: Path,
        application: str = OURS,
        workers: int | None = None,
    ):
        self.kind = kind
        self.folder = folder
        self.database = self.redis = None
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {**environment_in(folder), "KEFU_CRASH": "1"}
        if kind != "sqlite":
            self.database = self.database_server()
            self.redis = self.redis_server()
        self.workers = self.servers(server, application, workers or (2 if self.redis else 1))

    FIRST = ("CREATE DATABASE kefu CHARACTER SET utf8mb4",)
    """What is done first in an empty database."""

    def servers(self, server: str, application: str, count: int) -> list[Process]:
        log = self.folder / "server.log"
        return [Worker(server, application, log, self.environment) for _ in range(count)]

    @property
    def entrances(self) -> list[str]:
        """The servers that clients connect to."""
        return [worker.address for worker in self.workers]

    @property
    def databases(self) -> list[Process]:
        """All database servers, in the order in which they are started."""
        return [self.database] if self.database else []

    def database_server(self) -> Process:
        port, log = services.free_port(), self.folder / "database.log"
        services.install_database(self.kind, self.folder, log)
        self.environment["DATABASE_URL"] = f"mysql://root@127.0.0.1:{port}/kefu"
        command = services.database_command(self.kind, self.folder, port)
        return Database([services.program(command[0]), *command[1:]], port, log)

    def redis_server(self) -> Process:
        port = services.free_port()
        self.environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        command = services.redis_command(self.folder, port)
        command[0] = services.program(command[0])
        return Process(command, port, self.folder / "redis.log")

    async def open(self, agents: int, visitors: int) -> dict:
        """Starts everything; returns the plan of people.py."""
        for database in self.databases:
            database.start()
            await database.ready()
        if self.database:
            with self.connection(name="") as cursor:
                for statement in self.FIRST:
                    cursor.execute(statement)
        if self.redis:
            self.redis.start()
            await self.redis.ready()
        people = [sys.executable, "-m", "crash.people", str(agents), str(visitors)]
        made = await asyncio.to_thread(
            subprocess.run,
            people,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        for worker in self.workers:
            worker.start()
        for worker in self.workers:
            await worker.ready()
        return json.loads(made.stdout)

    def close(self) -> None:
        for process in (*self.workers, self.redis, *self.databases):
            if process:
                process.close()

    @contextmanager
    def connection(self, name: str = "kefu"):
        """Context manager of a cursor on a connection of its own, without implicit transactions."""
        if self.kind == "sqlite":
            connection = sqlite3.connect(
                Path(self.environment["DATA_DIR"]) / "kefu.sqlite3",
                timeout=20,
                isolation_level=None,
            )
        else:
            import MySQLdb

            with self.database.place():
                connection = MySQLdb.connect(
                    host="127.0.0.1",
                    port=self.database.port,
                    user="root",
                    db=name,
                    charset="utf8mb4",
                )
        try:
            yield connection.cursor()
        finally:
            connection.close()

    @contextmanager
    def snapshot(self):
        """Context manager of a function `select(sql, values)` that returns rows of one snapshot."""
        with self.connection() as cursor:
            if self.kind == "sqlite":
                cursor.execute("BEGIN")
            else:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")

            def select(sql: str, values=()) -> list[tuple]:
                cursor.execute(sql.replace("%s", "?") if self.kind == "sqlite" else sql, values)
                return list(cursor.fetchall())

            yield select
