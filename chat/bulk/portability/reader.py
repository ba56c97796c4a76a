"""Opens a file and checks what can be checked before anything is stored. What is said of sizes,
counts and digests is checked while it is read."""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.models.enterprise import code_validator

from .form import FILES, FORMAT, MANIFEST, STORED, VERSION, Unusable
from .tables import TABLES

MAX_MANIFEST = 1024 * 1024
MAX_LINE = 32 * 1024 * 1024
"""Bytes of a row: a day packed for reports, or many long messages, are less."""
MOST_PACKED = 300
"""How many times its size an entry may become: text packs less, a bomb a thousand."""
PART = 1024 * 1024
DAMAGED = zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError
"""What zipfile raises for a damaged, encrypted or unknown entry."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict]]:
    """The file and its manifest. Raises Unusable, also for what is damaged further on."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, manifest_of(archive)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error
    except DAMAGED as error:
        raise Unusable(f"{path} is damaged: {error}.") from error


def manifest_of(archive: zipfile.ZipFile) -> dict:
    names = [info.filename for info in archive.infolist()]
    if MANIFEST not in names:
        raise Unusable(f"There is no {MANIFEST} in it: it is no export of an enterprise.")
    if len(names) != len(set(names)):
        raise Unusable("A name is in it twice.")
    check_sizes(archive)
    try:
        with archive.open(MANIFEST) as entry:
            found = orjson.loads(entry.read(MAX_MANIFEST))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise Unusable(
                f"It is of format {found['format']} {found['version']}; this version of Kefu reads"
                f" {FORMAT} {VERSION}."
            )
        # The code becomes a part of a path.
        code_validator(found["code"])
        counts = [one["rows"] for one in (found["files"], *found["tables"].values())]
        digests = [one["sha256"] for one in (found["files"], *found["tables"].values())]
        told = [found["code"], found["made_at"], *digests]
        sound = all(isinstance(text, str) for text in told)
        sound = sound and all(type(count) is int and count >= 0 for count in counts)
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError) as error:
        raise Unusable(f"{MANIFEST} cannot be read.") from error
    except ValidationError as error:
        raise Unusable("Its code is none that an enterprise can have.") from error
    if not sound:
        raise Unusable(f"{MANIFEST} cannot be read.")
    known = {table.model._meta.db_table for table in TABLES}
    if strange := found["tables"].keys() - known:
        raise Unusable(f"This version of Kefu does not know {', '.join(sorted(strange))}.")
    expected = {MANIFEST, FILES, *(f"tables/{name}.jsonl" for name in found["tables"])}
    for name in names:
        if name not in expected and not STORED.fullmatch(name):
            raise Unusable(f"{name!r:.100} has no place in it.")
    if missing := expected - set(names):
        raise Unusable(f"{', '.join(sorted(missing))} is missing.")
    return found


def check_sizes(archive: zipfile.ZipFile) -> None:
    """An entry never yields more than its header says, so these sizes are bounds."""
    infos = archive.infolist()
    for info in infos:
        if info.file_size > PART + MOST_PACKED * info.compress_size:
            raise Unusable(f"{info.filename!r:.100} is packed too well to be what it says.")
    room = shutil.disk_usage(Path(settings.MEDIA_ROOT).parent).free
    if (needed := sum(info.file_size for info in infos)) > room:
        raise Unusable(f"It needs {needed:,} bytes of disk, and {room:,} are free.")


def lines_of(archive: zipfile.ZipFile, name: str, told: dict) -> Iterator[dict]:
    """The rows of an entry, of which `told` says how many there are, and their digest."""
    digest, count = hashlib.sha256(), 0
    with archive.open(name) as entry:
        while line := entry.readline(MAX_LINE):
            digest.update(line)
            count += 1
            if count > told["rows"] or len(line) == MAX_LINE:
                raise Unusable(f"{name} is longer than it says.")
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise Unusable(f"Line {count} of {name} is no JSON.") from error
            if not isinstance(row, dict):
                raise Unusable(f"Line {count} of {name} is no row.")
            yield row
    if count != told["rows"] or digest.hexdigest() != told["sha256"]:
        raise Unusable(f"{name} is not what was written: {count} rows, or other ones.")
