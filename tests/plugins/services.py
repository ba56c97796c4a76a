"""Gives the tests their database and folder, before Django's settings are read.

KEFU_TEST_DATABASE chooses: `sqlite` (the default; a file in a temporary folder), `mysql` (a
throwaway MariaDB, and a throwaway Redis beside it) or `mysql8` (the same with a MySQL that
mysql8.py has fetched). DATA_DIR is always a temporary folder, so tests never touch var/.
Everything ends with the session, also on SIGTERM; should pytest be killed, the kernel ends the
servers.

Collected static files and an empty SQLite database with its tables take ten seconds of a
processor. They are made once and kept in CACHE for the next processes, until what they are made
of changes.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from . import mysql8

DATABASE = os.environ.get("KEFU_TEST_DATABASE") or "sqlite"
# What an owner's shell may have set; the tests run on the defaults.
CLEARED = (
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "PUBLIC_URL"),
    *("ALLOWED_HOSTS", "TRUSTED_PROXIES", "RATE_LIMITS", "EMAIL_URL"),
    *("METRICS_ALLOW", "WEBHOOK_ALLOW", "AI_ALLOW"),
    *("SECRET_KEY_FALLBACKS", "PROMETHEUS_MULTIPROC_DIR"),
)
START_WITHIN = 120  # seconds
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # where Debian keeps mariadbd


ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".pytest_cache" / "kefu"
HELD: list[socket.socket] = []  # of free_port


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Start what is asked for. A wrapper, since it must run before pytest-django's own."""
    if DATABASE not in ("sqlite", "mysql", "mysql8"):
        raise pytest.UsageError(f"KEFU_TEST_DATABASE is sqlite, mysql or mysql8, not {DATABASE!r}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="kefu-test-"))
    early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in CLEARED:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = str(folder / "data")
    # Of servers that tests start, too: they make the conversations that they need.
    os.environ["DEMO"] = "accounts"
    if DATABASE != "sqlite":
        os.environ["DATABASE_URL"] = start_database(early_config, DATABASE, folder)
        os.environ["REDIS_URL"] = start_redis(early_config, folder)
    return (yield)


def start_database(config, kind, folder):
    """Start a MariaDB (`mysql`) or a MySQL (`mysql8`) in `folder` that writes every commit to disk;
    return its URL."""
    log, port = folder / "database.log", free_port()
    install_database(kind, folder, log)
    start(config, database_command(kind, folder, port), port, log)
    return f"mysql://root@127.0.0.1:{port}/kefu"


def install_database(kind, folder, log):
    """Make an empty MariaDB or MySQL in `folder`."""
    if kind == "mysql":
        install_mariadb(folder, log)
    elif mysql8.is_there():
        mysql8.install(folder)
    else:
        raise pytest.UsageError("MySQL is not there; `bin/test --database mysql8` fetches it")


def database_command(kind, folder, port):
    """Return the command that serves the database in `folder`."""
    return (mysql8.command if kind == "mysql8" else mariadb_command)(folder, port)


def install_mariadb(folder, log):
    """Make an empty MariaDB in `folder`."""
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/database", *as_root()]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    # A MariaDB that starts clears its folder for temporary tables, also of those of another one.
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [program(install[0]), *install[1:]]
    with log.open("w") as file:
        done = subprocess.run(command, env=environment, stdout=file, stderr=file)
    if done.returncode != 0:
        raise pytest.UsageError(f"mariadb-install-db failed:\n{log.read_text()}")


def mariadb_command(folder, port):
    """Return the command that serves the MariaDB in `folder`."""
    return [
        *("mariadbd", "--no-defaults", f"--datadir={folder}/database", *as_root()),
        # In its own folder, as a whole path may be longer than the 107 bytes of a socket's name.
        *("--socket=database.sock", f"--pid-file={folder}/database.pid"),
        *("--bind-address=127.0.0.1", f"--port={port}", "--max-connections=200"),
        *("--character-set-server=utf8mb4", "--skip-name-resolve"),
        # Temporary tables of several servers in one /tmp have been seen to get lost.
        f"--tmpdir={folder}",
        "--innodb-flush-log-at-trx-commit=1",
    ]


def as_root():
    """MariaDB refuses to run as root without being told so."""
    return ["--user=root"] if os.geteuid() == 0 else []


def start_redis(config, folder):
    """Start a Redis that keeps nothing on disk; return its URL."""
    port = free_port()
    start(config, redis_command(folder, port), port, folder / "redis.log")
    return f"redis://127.0.0.1:{port}/0"


def redis_command(folder, port):
    """Return the command that serves a Redis without files."""
    address = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return ["redis-server", *address, "--save", "", "--appendonly", "no"]


def start(config, command, port, log):
    """Start a server, end it with the session, return once it answers on `port`."""
    # setpriv: the kernel ends the server should this process be killed.
    tied = [program("setpriv"), "--pdeathsig", "KILL", program(command[0]), *command[1:]]
    with log.open("a") as file:
        server = subprocess.Popen(tied, stdout=file, stderr=file, start_new_session=True)
    config.add_cleanup(lambda: (server.kill(), server.wait()))
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise pytest.UsageError(f"{command[0]} did not start:\n{log.read_text()}")


def program(name):
    """Return the path of a program, or stop with a line that names it."""
    path = shutil.which(name, path=PATH)
    if path is None:
        raise pytest.UsageError(f"{name} is not installed; bin/test says how")
    return path


def free_port():
    """Return a port of 127.0.0.1 that nobody else draws as long as this process lives, and that
    Linux gives to nobody who asks for any: until a server listens on it, others have opened
    hundreds of connections."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        # Only now: whoever draws it finds it taken, a server, which reuses addresses, does not.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        HELD.append(held)
        return port


def pytest_report_header(config):
    """Name what the tests really run on."""
    from django.db import connection

    layer = "Redis" if os.environ.get("REDIS_URL") else "in memory"
    name = connection.settings_dict["NAME"]
    return f"database: {kind_of(connection)} {name}; layer: {layer}"


def kind_of(connection):
    """Return which of the three databases the settings really name."""
    if connection.vendor == "sqlite":
        return "sqlite"
    import MySQLdb  # Django's own connection is forbidden outside of tests.

    server = {name: connection.get_connection_params()[name] for name in ("host", "port", "user")}
    with closing(MySQLdb.connect(**server)) as line:
        return "mysql" if "MariaDB" in line.get_server_info() else "mysql8"


def pytest_sessionstart(session):
    """Refuse to test on another database than the one asked for; put the static files in place:
    pages ask for files by hashed names, which exist only once they are collected."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if (kind := kind_of(connection)) != DATABASE:
        pytest.exit(f"the settings use {kind}, not {DATABASE}", returncode=4)

    root = settings.STATIC_ROOT

    def collect(folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        shutil.move(root, folder)

    root.parent.mkdir(parents=True, exist_ok=True)
    made_of = [ROOT / "static", ROOT / "requirements", ROOT / "kefu"]
    root.symlink_to(kept("static", made_of, collect))


def kept(name, made_of, make):
    """Return the path in CACHE of what `make(path)` writes, made anew where a file below one of
    the folders `made_of` has changed. One process makes it; others wait."""
    digest = hashlib.sha256()
    for folder in made_of:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.suffix != ".pyc":
                digest.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    path = CACHE / f"{digest.hexdigest()[:16]}.{name}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with lock(CACHE / f"lock.{name}"):
        if not path.exists():
            for old in CACHE.glob(f"*[0-9a-f].{name}"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            unfinished = CACHE / f"unfinished.{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.unlink(missing_ok=True)
            make(unfinished)
            unfinished.rename(path)
    return path


@contextlib.contextmanager
def lock(path):
    """Let one process at a time in."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
