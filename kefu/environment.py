"""What the environment says, checked: one clear sentence for a value that cannot be used.

docs/protocol.md lists the variables. `settings.py` is the only reader of this module.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def data_dir(default: Path) -> Path:
    """DATA_DIR as an absolute path, created with mode 0700 when it is not there."""
    path = Path(env.str("DATA_DIR", default="") or default).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be made: {error}") from error
    return path


def secret_key(folder: Path) -> str:
    """SECRET_KEY, or the key kept in `folder` (made once, readable by its owner alone).

    Two processes that start together agree: the file is linked into place whole, and the
    one that comes second reads the first one's key.
    """
    if key := env.str("SECRET_KEY", default=""):
        return key
    path = folder / "secret_key"
    if not path.exists():
        draft = folder / f"secret_key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def database(folder: Path) -> dict:
    """DATABASE_URL as Django's settings for one database; SQLite in `folder` without it."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        return sqlite(folder / "kefu.sqlite3")
    try:
        config = env.db_url("DATABASE_URL")
    except Exception as error:
        raise ImproperlyConfigured("DATABASE_URL cannot be read as a database URL.") from error
    engine = config.get("ENGINE", "")
    if engine.endswith("sqlite3"):
        return sqlite(Path(config["NAME"]))
    if not engine.endswith("mysql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with mysql:// (or be unset: SQLite).")
    return mysql(config)


def sqlite(path: Path) -> dict:
    """SQLite that keeps what it has acknowledged: WAL with synchronous=FULL.

    A batch's INSERT would keep its journal in a file of its own: temp_store=MEMORY took storing
    from 83 to 59 µs a message. A cache of 16 MB and checkpoints every 16 MB of WAL spare
    the same pages being written again.

    IMMEDIATE takes the write lock at BEGIN, so two writers wait for each other instead of
    failing at COMMIT. After 5 s of waiting a sender is told `unavailable` and tries again.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
                " PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000;"
            ),
        },
        "TEST": {"NAME": str(path.with_name("test-" + path.name))},
    }


def mysql(config: dict) -> dict:
    """MySQL or MariaDB. The session runs in UTC, since the columns' own defaults are local."""
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": "SET time_zone='+00:00', innodb_lock_wait_timeout=5",
        "connect_timeout": 5,
        "read_timeout": 20,
    }
    config["TEST"] = {"CHARSET": "utf8mb4"}
    return config


def public_url() -> str:
    """PUBLIC_URL without a trailing slash, or "". Anything but http(s)://host is refused."""
    url = env.str("PUBLIC_URL", default="").rstrip("/")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured("PUBLIC_URL must look like https://chat.example.com")
    return url


def allowed_hosts(url: str) -> list[str]:
    """ALLOWED_HOSTS, else this machine's names and PUBLIC_URL's host. `*` is refused."""
    hosts = [host.strip() for host in env.list("ALLOWED_HOSTS", default=[]) if host.strip()]
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is a list of host names, never *.")
    hosts = hosts or ["localhost", "127.0.0.1", "[::1]"]
    if url and (name := urlsplit(url).hostname) not in hosts:
        hosts.append(name)
    return hosts


def switch(name: str, default: bool) -> bool:
    """A variable that is on or off; anything else is refused by name."""
    value = env.str(name, default="").strip().lower()
    if value in ("", "1", "0", "on", "off", "true", "false", "yes", "no"):
        return default if value == "" else value in ("1", "on", "true", "yes")
    raise ImproperlyConfigured(f"{name} is on or off, not {value!r}.")
