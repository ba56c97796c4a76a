"""The names of the environment variables: those that may come from a file, and likely misspellings.

It uses the standard library only, since bin/serve imports it before packages are installed.
"""

from collections.abc import MutableMapping
from pathlib import Path

NAMES = {
    *("AI_ALLOW", "ALLOWED_HOSTS", "BIND", "CHANNEL_ALLOW", "DATABASE_URL"),
    *("DATA_DIR", "DEBUG"),
    *(
        "DEFAULT_FROM_EMAIL",
        "DEMO",
        "DEMO_PASSWORD",
        "EMAIL_URL",
        "METRICS_ALLOW",
        "PORT",
        "PUBLIC_URL",
        "PUSH_ALLOW",
        "RATE_LIMITS",
    ),
    *("REDIS_PREFIX", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SERVER"),
    *("TRUSTED_PROXIES", "WEBHOOK_ALLOW", "WORKERS"),
}
IN_FILES = ("DATABASE_URL", "DEMO_PASSWORD", "EMAIL_URL", "REDIS_URL", "SECRET_KEY")
"""Those with secrets: NAME_FILE may name a file that holds the value, as containers have them."""
SERVERS = ("daphne", "uvicorn")
KNOWN = NAMES | {f"{name}_FILE" for name in IN_FILES}
LONG = 8
"""Letters from which on two of them may be wrong: of four letters two make another word."""


class Unusable(ValueError):
    """A variable cannot be used; the message is one sentence."""


def read_files(environ: MutableMapping[str, str]) -> None:
    """Sets each variable of IN_FILES from the file that NAME_FILE names, and removes NAME_FILE.
    Raises Unusable if both are set, or the file is empty or cannot be read."""
    for name in IN_FILES:
        path = environ.get(f"{name}_FILE")
        if not path:
            continue
        if environ.get(name):
            raise Unusable(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            value = Path(path).read_text().strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise Unusable(f"{name}_FILE {path} cannot be read: {reason}.") from error
        if not value:
            raise Unusable(f"{name}_FILE {path} is empty.")
        environ[name] = value
        del environ[f"{name}_FILE"]


def misspelled(environ: MutableMapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of a name in `environ` that nothing reads and the known one that it resembles."""
    return [
        (name, near)
        for name in sorted(set(environ) - KNOWN)
        for near in sorted(KNOWN - set(environ))
        if distance(name.upper(), near) <= (2 if len(near) >= LONG else 1)
    ]


def distance(one: str, other: str) -> int:
    """How many letters must be changed, added or removed to make `other` of `one`; 3 stands for
    more than 2."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            changed = above + (letter != wanted)
            above = row[column]
            row[column] = min(changed, row[column] + 1, row[column - 1] + 1)
    return min(row[-1], 3)
