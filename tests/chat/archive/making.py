"""Exports that a test asks for and has made at once."""

import csv
import io

from django.utils import timezone

from chat.archive import export_jobs, exports, question
from chat.models import ArchiveExport


def ask_for(asker, kind="csv", chosen=(), **fields) -> ArchiveExport:
    asked = question.ask_about(asker.enterprise, fields)
    return exports.ask_for(asker, asked, kind, list(chosen))


def made(row: ArchiveExport) -> ArchiveExport:
    """The row once this process has made it."""
    taken = export_jobs.take(timezone.now())
    assert taken.pk == row.pk
    export_jobs.make(taken)
    row.refresh_from_db()
    return row


def content(row: ArchiveExport) -> bytes:
    return exports.file_of(row, timezone.now()).read_bytes()


def lines(row: ArchiveExport) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content(row).decode("utf-8-sig"))))


def files() -> list[str]:
    return [path.name for path in exports.folder().iterdir()] if exports.folder().exists() else []
