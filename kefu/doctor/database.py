"""Checks of the database: whether it answers, and whether it keeps what it has committed."""

import datetime
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from chat.database import READING

from .finding import Finding, error, warning
from .redis import workers

MIB = 1024 * 1024
PACKET = 16 * MIB
"""Bytes of one INSERT: 200 messages of 10,000 characters of 4 bytes are 8 MB, escaped up to 16."""
IDLE = 60
"""Seconds for which the server must keep an idle connection: pages keep theirs for so long, and
docs/deployment.md advises it to MySQL on several machines."""
CONNECTIONS = 20 + READING
"""Connections of one process: the writer's, nine of background threads (docs/architecture.md, Who
runs where), ten for pages, and those of readers."""
SPARE = 10
"""Connections for the administration, backups and other programs."""
CLOCK = 2
"""Seconds by which the database's clock may differ from this machine's."""
OLDEST = "e5052309"
"""The commit whose tables `0001_schema` of both apps makes. Its own migrations, which `0001_schema`
replaces, upgrade older databases."""
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph"}


def database() -> Iterator[Finding]:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        yield error(
            _("there is no database {path}"),
            _("start bin/serve once, which makes it, or give the doctor the same environment"),
            path=connection.settings_dict["NAME"],
        )
        return
    try:
        connection.ensure_connection()
    except Error as reason:
        yield error(
            _("the database does not answer: {reason}"),
            _("start it, or correct DATABASE_URL"),
            reason=" ".join(str(reason).split()),
        )


def sqlite_durability() -> Iterator[Finding]:
    if connection.vendor != "sqlite":
        return
    journal, synchronous = scalar("PRAGMA journal_mode"), scalar("PRAGMA synchronous")
    if str(journal).lower() != "wal":
        yield error(
            _("SQLite's journal_mode is {mode}: readers and writers wait for each other"),
            _("keep the file on a local disk that this user may write"),
            mode=journal,
        )
    if synchronous < 2:
        yield error(
            _("SQLite's synchronous is {value}: a power cut loses acknowledged messages"),
            _("set synchronous=FULL, as kefu/environment.py does"),
            value=synchronous,
        )


def sqlite_place() -> Iterator[Finding]:
    if connection.vendor != "sqlite":
        return
    if workers() > 1:
        yield warning(
            _("WORKERS={n} on one SQLite file: they wait for each other's writes"),
            _("set DATABASE_URL to a MariaDB or MySQL"),
            n=workers(),
        )
    kind = file_system(connection.settings_dict["NAME"])
    if kind in NETWORK_FILE_SYSTEMS:
        yield error(
            _("SQLite's file is on {kind}, where its locks do not hold"),
            _("use a local disk"),
            kind=kind,
        )


def file_system(path, mounts=Path("/proc/mounts")) -> str:
    """The type of the file system that holds `path`, of the longest mount point above it."""
    folders = {str(folder) for folder in Path(path).absolute().parents}
    lines = [line.split() for line in mounts.read_text().splitlines()]
    kinds = {line[1]: line[2] for line in lines if line[1] in folders}
    return kinds[max(kinds, key=len)] if kinds else ""


def isolation() -> Iterator[Finding]:
    level = session_variable("transaction_isolation") or session_variable("tx_isolation")
    if level and level != "READ-COMMITTED":
        yield error(
            _("the isolation level is {level}: concurrent writers fail with error 1020"),
            _("let the session use READ COMMITTED, as kefu/environment.py asks"),
            level=level,
        )


def durability() -> Iterator[Finding]:
    flush = session_variable("innodb_flush_log_at_trx_commit")
    if flush and flush != "1":
        yield error(
            _("innodb_flush_log_at_trx_commit is {value}: a power cut loses acknowledged messages"),
            _("set it to 1, its default"),
            value=flush,
        )
    if session_variable("log_bin") == "ON" and session_variable("sync_binlog") != "1":
        yield warning(
            _("sync_binlog is not 1: a replica may miss what was stored"), _("set it to 1")
        )
    if session_variable("innodb_doublewrite") == "OFF":
        yield warning(
            _("innodb_doublewrite is off: a power cut can tear a page"),
            _("switch it on, unless the disk writes 16 KiB at once"),
        )


def charset() -> Iterator[Finding]:
    name = session_variable("character_set_database")
    cure = "ALTER DATABASE … CHARACTER SET utf8mb4, ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4"
    if name and name != "utf8mb4":
        yield error(_("the database's character set is {name}: emoji are refused"), cure, name=name)
    if name:
        wrong = scalar(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
            " AND table_collation NOT LIKE 'utf8mb4%'"
        )
        if wrong:
            yield error(_("{n} tables are not in utf8mb4: emoji are refused"), cure, n=wrong)


def strictness() -> Iterator[Finding]:
    mode = session_variable("sql_mode")
    if mode is not None and "STRICT_TRANS_TABLES" not in mode and "STRICT_ALL_TABLES" not in mode:
        yield error(
            _("sql_mode is not strict: what is too long is cut without a word"),
            _("add STRICT_TRANS_TABLES to sql_mode"),
        )


def engine() -> Iterator[Finding]:
    if connection.vendor != "mysql":
        return
    wrong = scalar(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
        " AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'"
    )
    if wrong:
        yield error(
            _("{n} tables are not InnoDB: they know no transactions"),
            "ALTER TABLE … ENGINE=InnoDB",
            n=wrong,
        )


def time_zone() -> Iterator[Finding]:
    if connection.vendor != "mysql":
        return
    difference = scalar("SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW())")
    if difference:
        yield error(
            _("the database's session is {n} minutes from UTC: default times are wrong"),
            _("let the session use time_zone='+00:00', as kefu/environment.py asks"),
            n=difference,
        )


def packet() -> Iterator[Finding]:
    size = int(session_variable("max_allowed_packet") or PACKET)
    if size < PACKET:
        yield warning(
            _("max_allowed_packet is {size} bytes: large batches must be halved"),
            _("set it to {least}M or more"),
            size=f"{size:,}",
            least=PACKET // MIB,
        )


def idle_connections() -> Iterator[Finding]:
    seconds = int(session_variable("wait_timeout") or IDLE)
    if seconds < IDLE:
        yield warning(
            _("wait_timeout is {seconds} s: the first message after a pause must reconnect"),
            _("set it to {least} or more; its default is 28800"),
            seconds=seconds,
            least=IDLE,
        )


def connections() -> Iterator[Finding]:
    wanted = workers() * CONNECTIONS + SPARE
    most = int(session_variable("max_connections") or wanted)
    if most < wanted:
        yield error(
            _("max_connections is {most}, and WORKERS={n} of this machine may open {wanted}"),
            _("set it to {wanted} for each machine with as many"),
            most=most,
            n=workers(),
            wanted=wanted,
        )


def clock() -> Iterator[Finding]:
    """Not for SQLite, which has no clock of its own."""
    if connection.vendor != "mysql":
        return
    before = datetime.datetime.now(datetime.timezone.utc)
    theirs = scalar("SELECT UTC_TIMESTAMP(6)").replace(tzinfo=datetime.timezone.utc)
    after = datetime.datetime.now(datetime.timezone.utc)
    difference = max((before - theirs).total_seconds(), (theirs - after).total_seconds())
    if difference > CLOCK:
        yield warning(
            _("the database's clock and ours differ by {seconds} s: leases end wrongly"),
            _("run chrony or systemd-timesyncd on both machines"),
            seconds=f"{difference:.0f}",
        )


def upgrade_path() -> Iterator[Finding]:
    """A database with some of the former migrations of an app: this version does not have the
    others, and Django would fail without saying what to do."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    for app in ("accounts", "chat"):
        former = set(import_module(f"{app}.migrations.0001_schema").Migration.replaces)
        if former & applied and not former <= applied:
            yield error(
                _("this database is of a version before commit {oldest}"),
                _("check out {oldest} and run its manage.py migrate, then upgrade to this version"),
                oldest=OLDEST,
            )
            return


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        yield error(
            _("{n} migrations are not applied, {one} for one"),
            _("manage.py migrate (bin/serve does it at each start)"),
            n=len(plan),
            one=plan[0][0],
        )


def session_variable(name: str) -> str | None:
    """A variable of the session with MySQL or MariaDB; None for SQLite and unknown variables."""
    if connection.vendor != "mysql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES WHERE Variable_name = %s", [name])
        row = cursor.fetchone()
    return row and row[1]


def scalar(query: str):
    """The value of a query that returns one row with one column."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


CHECKS = [
    *(sqlite_durability, sqlite_place, isolation, durability, charset, strictness, engine),
    *(time_zone, packet, idle_connections, connections, clock),
]
