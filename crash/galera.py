"""A Kefu on a Galera cluster of two MariaDBs. Each server process writes to a node of its own.

Two votes of three are the first node's: without the second one it goes on, while the second one
refuses everything as long as it is alone.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.plugins import services

from .services import Database, System, Worker

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
JOIN_TIMEOUT = 90
"""Seconds until a node has the others' rows: all of them after a kill -9, by rsync."""
USER = "mysql"
"""As whom nodes run if we are root: rsync, which brings a node its rows, would else be nobody."""
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
NODES = 2


def is_there() -> bool:
    """Whether what it needs is installed: what mariadb-server brings along in Debian."""
    return Path(PROVIDER).exists() and bool(shutil.which("rsync"))


class Node(Database):
    """A MariaDB of the cluster `members`, ports. The first one begins it, when it first starts."""

    def __init__(self, folder: Path, number: int, members: list[int]):
        folder.mkdir()
        log, port = folder / "database.log", services.free_port()
        services.install_database("mysql", folder, log)
        name, *options = services.database_command("mysql", folder, port)
        command = [services.program(name), *options]
        if os.geteuid() == 0:
            command.remove("--user=root")
            # The kernel forgets with whom a program ends once that becomes somebody else.
            command[:0] = [*AS_USER, "--pdeathsig=KILL"]
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, USER)
        own, state, rows = members[number], services.free_port(), services.free_port()
        command += [
            *("--wsrep-on=ON", f"--wsrep-provider={PROVIDER}", f"--wsrep-node-name=node{number}"),
            f"--wsrep-node-address=127.0.0.1:{own}",
            "--wsrep-provider-options="
            f"base_port={own};gmcast.listen_addr=tcp://127.0.0.1:{own};ist.recv_addr=127.0.0.1:{state}"
            f";pc.weight={NODES - number}",
            *("--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{rows}"),
            *("--binlog-format=ROW", "--innodb-autoinc-lock-mode=2"),
        ]
        # The program that brings it its rows is a script, which looks for mariadbd in PATH.
        environment = {**os.environ, "PATH": services.PATH}
        super().__init__(command, port, log, environment)
        self.later = ",".join(f"127.0.0.1:{member}" for member in members)
        self.begins = number == 0

    def start(self) -> None:
        usual = self.command
        self.command = [
            *usual,
            f"--wsrep-cluster-address=gcomm://{'' if self.begins else self.later}",
        ]
        super().start()
        self.command, self.begins = usual, False

    async def ready(self) -> None:
        """Waits until it has the others' rows and may be written to."""
        deadline = time.monotonic() + JOIN_TIMEOUT
        while time.monotonic() < deadline:
            if await asyncio.to_thread(self.state) == "Synced":
                return
            await asyncio.sleep(0.1)
            # It gives up if the other one is lost while it gets the rows. systemd starts it again.
            if self.running.poll() is not None:
                self.start()
        raise SystemExit(f"{self.later} is no cluster:\n{self.log.read_text()[-3000:]}")

    def state(self) -> str:
        """What it says of itself, or "" if it does not answer."""
        import MySQLdb

        with contextlib.suppress(MySQLdb.Error):
            line = MySQLdb.connect(
                host="127.0.0.1", port=self.port, user="root", connect_timeout=3, read_timeout=3
            )
            with contextlib.closing(line), line.cursor() as cursor:
                cursor.execute("SHOW STATUS LIKE 'wsrep_local_state_comment'")
                return cursor.fetchone()[1]
        return ""


class Galera(System):
    """`nodes` are the databases; `database` is the first one, on which the results are compared."""

    def database_server(self) -> Node:
        # Neither in the run's own folder nor in TMPDIR, which nobody but their owner may enter.
        self.scratch = Path(tempfile.mkdtemp(prefix="kefu-galera-", dir="/tmp"))
        self.scratch.chmod(0o711)
        members = [services.free_port() for _ in range(NODES)]
        self.nodes = [Node(self.scratch / f"node{n}", n, members) for n in range(NODES)]
        self.environment["DATABASE_URL"] = self.url(self.nodes[0])
        return self.nodes[0]

    def url(self, node: Node) -> str:
        return f"mysql://root@127.0.0.1:{node.port}/kefu"

    def servers(self, server: str, application: str, count: int) -> list[Worker]:
        log = self.folder / "server.log"
        places = [{**self.environment, "DATABASE_URL": self.url(node)} for node in self.nodes]
        return [Worker(server, application, log, places[n % NODES]) for n in range(count)]

    @property
    def databases(self) -> list[Node]:
        return self.nodes

    @contextlib.contextmanager
    def connection(self, name: str = "kefu"):
        with super().connection(name) as cursor:
            # What the other node has taken is read, too.
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
            yield cursor

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.scratch, ignore_errors=True)
