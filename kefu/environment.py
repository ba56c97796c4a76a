"""What the environment says, checked: one clear sentence for a value that cannot be used.

docs/protocol.md lists the variables. `settings.py` is the only reader of this module.
"""

import ipaddress
import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

env = environ.Env()
REDIS_SCHEMES = ("redis", "rediss", "unix")
EMAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail")


def data_dir(default: Path) -> Path:
    """DATA_DIR as an absolute path, created with mode 0700 when it is not there."""
    path = Path(env.str("DATA_DIR", default="") or default).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be made: {error.strerror}") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"DATA_DIR {path} cannot be written to by this user.")
    return path


def secret_key(folder: Path) -> str:
    """SECRET_KEY, or the key kept in `folder` (made once, readable by its owner alone).

    Two processes that start together agree: the file is linked into place whole, and the
    one that comes second reads the first one's key. A command that only looks makes none that
    stays (manage.py).
    """
    if key := env.str("SECRET_KEY", default=""):
        return key
    path = folder / "secret_key"
    try:
        if not path.exists():
            if env.str("KEFU_LOOKING", default=""):
                return secrets.token_urlsafe(50)
            make_key(path)
        key = path.read_text().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(f"The key in {path} cannot be used: {reason}.") from error
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: restore it, or remove it for a new key.")
    return key


def former_keys() -> list[str]:
    """SECRET_KEY_FALLBACKS: the keys before SECRET_KEY, separated by commas. What they signed still
    counts; nothing is signed with them."""
    keys = [key.strip() for key in env.str("SECRET_KEY_FALLBACKS", default="").split(",")]
    return [key for key in keys if key]


def make_key(path: Path) -> None:
    """A new random key in `path`, unless another process was quicker."""
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


def split(name: str, url: str) -> SplitResult:
    """The parts of a URL. What it says stays unsaid in the refusal: it may be a password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises where the port is no number)
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
    scheme = split("DATABASE_URL", url).scheme
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
    """SQLite that keeps what it has acknowledged: WAL with synchronous=FULL.

    A batch's INSERT would keep its journal in a file of its own: temp_store=MEMORY took storing
    from 83 to 59 µs a message. A cache of 16 MB and checkpoints every 16 MB of WAL spare
    the same pages being written again.

    What is deleted is overwritten with zeros (secure_delete), also where SQLite was not built so;
    chat/care/wal.py sees to the log.

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
                " PRAGMA secure_delete=ON;"
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
    parts = split("PUBLIC_URL", url)
    sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not sound or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured("PUBLIC_URL must look like https://chat.example.com")
    return url


def allowed_hosts(url: str) -> list[str]:
    """ALLOWED_HOSTS, else this machine's names and PUBLIC_URL's host. `*` is refused."""
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
    if url and (name := urlsplit(url).hostname) not in hosts:
        hosts.append(name)
    return hosts


def networks(name: str, *default: str) -> list[str]:
    """A list of addresses and networks, each checked; IPv4 ones as such, however they are
    written, since callers are known so (kefu/proxies.py)."""
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
    parts = split("REDIS_URL", url)
    database = parts.path.strip("/")
    sound = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme in ("redis", "rediss") and database and not database.isdecimal():
        sound = False
    if parts.scheme not in REDIS_SCHEMES or not sound:
        raise ImproperlyConfigured(
            "REDIS_URL must look like redis://host:6379/0, rediss:// for TLS, or unix:///path."
        )
    return url


def email() -> dict:
    """EMAIL_URL as Django's e-mail settings; printed by the server without it."""
    url = env.str("EMAIL_URL", default="") or "consolemail://"
    parts = split("EMAIL_URL", url)
    if parts.scheme not in EMAIL_SCHEMES or (
        parts.scheme.startswith("smtp") and not parts.hostname
    ):
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://user:password@mail.example.com:587."
        )
    config = env.email_url_config(url)
    if parts.scheme == "filemail":
        config["EMAIL_FILE_PATH"] = parts.path  # django-environ takes its first slash away.
    return config


def sender() -> str:
    """DEFAULT_FROM_EMAIL, with or without a name before it."""
    text = env.str("DEFAULT_FROM_EMAIL", default="") or "kefu@localhost"
    local, _at, domain = parseaddr(text)[1].partition("@")
    if not local or not domain or "\n" in text or "\r" in text:
        raise ImproperlyConfigured(
            f"DEFAULT_FROM_EMAIL must look like kefu@example.com, not {text!r}."
        )
    return text


def switch(name: str, default: bool) -> bool:
    """A variable that is on or off; anything else is refused by name."""
    value = env.str(name, default="").strip().lower()
    if value in ("", "1", "0", "on", "off", "true", "false", "yes", "no"):
        return default if value == "" else value in ("1", "on", "true", "yes")
    raise ImproperlyConfigured(f"{name} is on or off, not {value!r}.")
