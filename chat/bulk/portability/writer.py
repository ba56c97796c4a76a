"""Writes an enterprise into a file, a few rows at a time."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import audit
from accounts.models import Enterprise
from chat.files import storage
from chat.models import ArticlePicture, Attachment

from .checks import own_of, strict_columns
from .form import AVATAR, FILES, FORMAT, MANIFEST, ROWS, VERSION, Unusable, columns_of, written
from .tables import OF_MODEL, TABLES, Table

PART = 1024 * 1024
"""Bytes of a file that are in memory at a time."""
PICTURES = {"avator", "sender_avatar", "member_avatar", "logo", "cover"}
"""Columns with the address of a picture."""


def export(enterprise: Enterprise, path: Path) -> dict[str, int]:
    """Writes the enterprise to `path`, which must not be there yet; returns the number of rows by
    table, and of `files`. What is written while it runs is not in it. Raises Unusable."""
    if path.exists():
        raise Unusable(f"{path} is there already.")
    about = {"kind": "enterprise", "object_id": str(enterprise.pk), "object_name": enterprise.code}
    audit.note(audit.Action.EXPORTED, enterprise.pk, **about)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive, snapshot():
                counts = write(enterprise, archive)
            to.flush()
            os.fsync(to.fileno())
        unfinished.rename(path)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read inside is as it was at one moment, and nobody who writes waits."""
    if connection.in_atomic_block:  # Somebody else's moment.
        yield
        return
    begin = ["BEGIN"]
    if connection.vendor == "mysql":
        begin = [
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ]
    with connection.cursor() as cursor:
        for statement in begin:
            cursor.execute(statement)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def write(enterprise: Enterprise, archive: zipfile.ZipFile) -> dict[str, int]:
    pictures: set[str] = set()
    tables = {
        table.model._meta.db_table: write_table(table, enterprise, archive, pictures)
        for table in TABLES
    }
    files = write_files(enterprise, archive, pictures)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now(),
        "code": enterprise.code,
        "tables": tables,
        "files": files,
    }
    archive.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return {name: told["rows"] for name, told in tables.items()} | {"files": files["rows"]}


def write_table(
    table: Table, enterprise: Enterprise, archive: zipfile.ZipFile, pictures: set[str]
) -> dict:
    """Writes the rows of a table by their keys, and returns what the manifest says of them."""
    names = [field.attname for field in columns_of(table.model)]
    shown = [n for n, name in enumerate(names) if name in PICTURES]
    key = table.model._meta.pk.attname
    digest, count, first, last = hashlib.sha256(), 0, None, None
    name = f"tables/{table.model._meta.db_table}.jsonl"
    with archive.open(name, "w", force_zip64=True) as entry:
        for rows in pages(table, enterprise, names):
            told = [dict(zip(names, row, strict=True)) | table.fixed for row in rows]
            forget_gone(table, told, enterprise)
            lines = b"".join(orjson.dumps(row, default=written) + b"\n" for row in told)
            entry.write(lines)
            digest.update(lines)
            count += len(rows)
            at = names.index(key)
            first, last = rows[0][at] if first is None else first, rows[-1][at]
            for row in rows:
                for n in shown:
                    pictures.update(AVATAR.findall(row[n] or ""))
    keys = {"first": first, "last": last} if isinstance(first, int) else {}
    return {"rows": count, "sha256": digest.hexdigest(), "columns": names, **keys}


def forget_gone(table: Table, rows: list[dict], enterprise: Enterprise) -> None:
    """Empties references that the database does not look after where they lead to nothing, as such
    a row is refused over there: what is counted while its team is being removed may name it."""
    for column, (model, key) in strict_columns(table).items():
        if not getattr(table.model._meta.get_field(column), "db_constraint", True):
            wanted = {row[column] for row in rows} - {None}
            gone = wanted - own_of(model, key, wanted, enterprise)
            for row in rows:
                row[column] = None if row[column] in gone else row[column]


def pages(table: Table, enterprise: Enterprise, names: list[str]) -> Iterator[list[tuple]]:
    rows = table.model._base_manager.filter(table.rows(enterprise)).order_by("pk")
    at = names.index(table.model._meta.pk.attname)
    page = list(rows.values_list(*names)[:ROWS])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1][at]).values_list(*names)[:ROWS])


def write_files(enterprise: Enterprise, archive: zipfile.ZipFile, pictures: set[str]) -> dict:
    """Writes what lies on disk, then the list of it. A file that is missing here is missing
    there."""
    digest, count = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as listed:
        for place in places(enterprise, pictures):
            source = Path(settings.MEDIA_ROOT) / place
            if not source.is_file():
                continue
            line = orjson.dumps(write_file(source, place, archive)) + b"\n"
            listed.write(line)
            digest.update(line)
            count += 1
        listed.seek(0)
        with archive.open(FILES, "w", force_zip64=True) as entry:
            while part := listed.read(PART):
                entry.write(part)
    return {"rows": count, "sha256": digest.hexdigest()}


def places(enterprise: Enterprise, pictures: set[str]) -> Iterator[str]:
    """Where they are below MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT)
    for model in (Attachment, ArticlePicture):
        for page in pages(OF_MODEL[model], enterprise, [model._meta.pk.attname, "key"]):
            for _pk, key in page:
                for path in (storage.file_path(key), storage.small_path(key)):
                    yield path.relative_to(root).as_posix()
    for name in sorted(pictures):
        yield f"avatars/{name}"


def write_file(source: Path, place: str, archive: zipfile.ZipFile) -> dict:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(place)
    with source.open("rb") as file, archive.open(info, "w", force_zip64=True) as entry:
        while part := file.read(PART):
            entry.write(part)
            digest.update(part)
            size += len(part)
    return {"name": place, "size": size, "sha256": digest.hexdigest()}
