"""Reads and checks the environment variables, which docs/environment.md lists.

Each function raises ImproperlyConfigured, with one sentence, for a value that cannot be used. Only
`settings.py` imports this module.
"""

import ipaddress
import os
import secrets
import socket
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from . import variables

env = environ.Env()
REDIS_SCHEMES = ("redis", "rediss", "unix")
PAGES_KEEP = 60
"""Seconds for which a thread of pages keeps its connection: an older one may lead to nobody, as a
firewall forgets lines on which nothing is said."""
EMAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail")


def read_files() -> None:
    """Sets what NAME_FILE variables give, for example SECRET_KEY_FILE."""
    try:
        variables.read_files(os.environ)
    except variables.Unusable as error:
        raise ImproperlyConfigured(str(error)) from error


def data_dir(default: Path) -> Path:
    """DATA_DIR as an absolute path. The folder is created with mode 0700 if it does not exist."""
    path = Path(env.str("DATA_DIR", default="") or default).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be made: {error.strerror}") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be written to by this user.")
    return path


def secret_key(folder: Path) -> str:
    """SECRET_KEY, or the key in the file `secret_key` of `folder`.

    The file is created once, readable by its owner only. Of two processes that start at the same
    time, the second one reads the key of the first. A command that only reads (KEFU_LOOKING, set
    by manage.py) gets a random key and creates no file.
    """
    # Not by `env`, for which a value that begins with $ names another variable.
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = folder / "secret_key"
    try:
        if not path.exists():
            if env.str("KEFU_LOOKING", default=""):
                return secrets.token_urlsafe(50)
            create_key_file(path)
        key = path.read_text().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(f"The key in {path} cannot be used: {reason}.") from error
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: restore it, or remove it for a new key.")
    return key


def former_keys() -> list[str]:
    """SECRET_KEY_FALLBACKS, a list separated by commas: former keys, whose signatures are still
    valid, but with which nothing is signed."""
    keys = [key.strip() for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",")]
    return [key for key in keys if key]


def demo() -> str:
    """DEMO: what the demo consists of, `full` or `accounts`."""
    value = env.str("DEMO", default="") or "full"
    if value not in ("full", "accounts"):
        raise ImproperlyConfigured(f"DEMO must be full or accounts, not {value!r}.")
    return value


def create_key_file(path: Path) -> None:
    """Creates `path` with a new random key, unless it exists. It is linked into place when it is
    complete, so no process reads a part of it."""
    draft = path.with_name(f"secret_key.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def parse_url(name: str, url: str) -> SplitResult:
    """Splits the URL in the variable `name`. The error does not quote it: it may hold a
    password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises ValueError for an invalid port)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} cannot be read as a URL; in a password write %40 for @, %23 for #, %2F for /."
        ) from error
    return parts


def database(folder: Path) -> dict:
    """DATABASE_URL as Django's settings for one database; SQLite in `folder` without it."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        return sqlite(folder / "kefu.sqlite3")
    scheme = parse_url("DATABASE_URL", url).scheme
    if scheme not in ("mysql", "sqlite"):
        raise ImproperlyConfigured("DATABASE_URL must begin with mysql:// (or be unset: SQLite).")
    try:
        config = env.db_url("DATABASE_URL")
    except Exception as error:
        raise ImproperlyConfigured("DATABASE_URL cannot be read as a database URL.") from error
    if config["NAME"] in ("", ":memory:"):
        raise ImproperlyConfigured("DATABASE_URL must end with the name of a database.")
    return sqlite(Path(config["NAME"])) if scheme == "sqlite" else mysql(config)


def sqlite(path: Path) -> dict:
    """Django's settings for SQLite.

    WAL with synchronous=FULL loses no committed transaction. temp_store=MEMORY keeps the statement
    journal of a batch's INSERT in memory: storing a message took 59 instead of 83 µs. A cache of
    16 MB and a checkpoint for each 16 MB of WAL avoid writing the same pages again. Prepared
    statements take up to 60 KiB each, and lists of varying length are statements of their own: with
    Python's 128 for each of a dozen connections a process had 28 MB more after five minutes, and
    was no faster.

    secure_delete overwrites deleted data with zeros, however SQLite was built; chat/care/wal.py
    does the same for the WAL.

    IMMEDIATE takes the write lock at BEGIN, so that writers wait for each other instead of failing
    at COMMIT. After 5 s, or 10 behind another thread that waits, a sender gets `unavailable`, and
    tries again.
    """
    return {
        "ENGINE": "kefu.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": PAGES_KEEP,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "cached_statements": 16,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
                " PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000;"
                " PRAGMA secure_delete=ON;"
            ),
        },
        "TEST": {"NAME": str(path.with_name("test-" + path.name))},
    }


def mysql(config: dict) -> dict:
    """Django's settings for MySQL or MariaDB. The session is in UTC, because the default values of
    columns are in the session's time zone.

    A database that has gone silent must be noticed by whoever serves: a lost connection and a new
    one in vain take less than 15 s together. A command (KEFU_COMMAND, set by manage.py) may wait
    long for one statement, such as a migration of a large table.

    The database notices just as little that its client is gone. It would keep the locks of a
    transaction that nobody ends for hours, and with them the conversations from every other host.
    MariaDB ends such a transaction after the same time; only it reads what stands in /*M! */.
    """
    patience = 3_600 if env.str("KEFU_COMMAND", default="") else 8
    config["ENGINE"] = "kefu.mysql"
    config["CONN_MAX_AGE"] = PAGES_KEEP
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": (
            "SET time_zone='+00:00', innodb_lock_wait_timeout=5"
            f" /*M!100300 , idle_transaction_timeout={patience} */"
        ),
        "connect_timeout": 3,
        "read_timeout": patience,
        "write_timeout": patience,
    }
    config["TEST"] = {"CHARSET": "utf8mb4"}
    return config


def public_url() -> str:
    """PUBLIC_URL without a slash at the end, or "". It must be http(s)://host, with or without a
    port."""
    url = env.str("PUBLIC_URL", default="").rstrip("/")
    if not url:
        return ""
    parts = parse_url("PUBLIC_URL", url)
    valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not valid or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured("PUBLIC_URL must look like https://chat.example.com")
    return url


def allowed_hosts(url: str) -> list[str]:
    """ALLOWED_HOSTS, or by default the names of this machine; with the host of `url` (PUBLIC_URL).
    `*` is refused."""
    hosts = [host.strip() for host in env.list("ALLOWED_HOSTS", default=[]) if host.strip()]
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is a list of host names, never *.")
    for host in hosts:
        domain, port = split_domain_port(host)
        if not domain or port:
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS is a list of host names without scheme or port, not {host!r}."
            )
    hosts = hosts or ["localhost", "127.0.0.1", "[::1]"]
    # Django's own, which leaves an IPv6 address its brackets.
    if url and (name := split_domain_port(urlsplit(url).netloc.lower())[0]) not in hosts:
        hosts.append(name)
    return hosts


def networks(name: str, *default: str) -> list[str]:
    """The addresses and networks in the variable `name`, or `default`. An IPv4 network that is
    written as IPv6 becomes IPv4, as addresses of peers do (kefu/proxies.py)."""
    entries = [entry.strip() for entry in env.list(name, default=[]) if entry.strip()]
    for position, entry in enumerate(entries):
        try:
            network = ipaddress.ip_network(entry)
            mapped = getattr(network.network_address, "ipv4_mapped", None)
            if mapped and network.prefixlen >= 96:
                entries[position] = f"{mapped}/{network.prefixlen - 96}"
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} lists addresses and networks, and {error}."
            ) from error
    return entries or list(default)


def redis_url() -> str:
    """REDIS_URL, or "" for one process without Redis."""
    url = env.str("REDIS_URL", default="")
    if not url:
        return ""
    parts = parse_url("REDIS_URL", url)
    database = parts.path.strip("/")
    valid = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme in ("redis", "rediss") and database and not database.isdecimal():
        valid = False
    if parts.scheme not in REDIS_SCHEMES or not valid:
        raise ImproperlyConfigured(
            "REDIS_URL must look like redis://host:6379/0, rediss:// for TLS, or unix:///path."
        )
    return url


def redis_host(url: str) -> dict:
    """The settings of a connection to Redis, of which one that is dead is noticed.

    The kernel asks an idle peer after 10 s and gives it up 5 s later, and does not wait longer for
    the confirmation of what it sent. A receiver that only listens sends something every 10 s, to
    which a host that has forgotten the connection answers with a reset.
    """
    host = {"address": url, "socket_connect_timeout": 3, "health_check_interval": 10}
    if not url.startswith("unix"):
        host |= {
            "socket_keepalive": True,
            "socket_keepalive_options": {
                socket.TCP_KEEPIDLE: 10,
                socket.TCP_KEEPINTVL: 2,
                socket.TCP_KEEPCNT: 3,
                socket.TCP_USER_TIMEOUT: 15_000,  # Milliseconds.
            },
        }
    return host


def email() -> dict:
    """EMAIL_URL as Django's settings for e-mail. Without it the server prints mails."""
    url = env.str("EMAIL_URL", default="") or "consolemail://"
    parts = parse_url("EMAIL_URL", url)
    if parts.scheme not in EMAIL_SCHEMES or (
        parts.scheme.startswith("smtp") and not parts.hostname
    ):
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://user:password@mail.example.com:587."
        )
    config = env.email_url_config(url)
    if parts.scheme == "filemail":
        config["EMAIL_FILE_PATH"] = parts.path  # django-environ removes the first slash.
    return config


def sender() -> str:
    """DEFAULT_FROM_EMAIL: an address, or a name and an address."""
    text = env.str("DEFAULT_FROM_EMAIL", default="") or "kefu@localhost"
    local, _at, domain = parseaddr(text)[1].partition("@")
    if not local or not domain or "\n" in text or "\r" in text:
        raise ImproperlyConfigured(
            f"DEFAULT_FROM_EMAIL must look like kefu@example.com, not {text!r}."
        )
    return text


def parse_switch(name: str, default: bool) -> bool:
    """The variable `name`, which is on or off, or `default` if it is empty."""
    value = env.str(name, default="").strip().lower()
    if value in ("", "1", "0", "on", "off", "true", "false", "yes", "no"):
        return default if value == "" else value in ("1", "on", "true", "yes")
    raise ImproperlyConfigured(f"{name} is on or off, not {value!r}.")
