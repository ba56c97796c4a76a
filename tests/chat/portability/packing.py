"""Files of an enterprise: written, altered, and looked into."""

import hashlib
import zipfile
from pathlib import Path

import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from chat.bulk import portability
from chat.bulk.portability.form import MANIFEST, Unusable
from chat.bulk.portability.tables import TABLES
from chat.models import ArticleIndex


def pack(enterprise, folder: Path, name="acme.zip") -> Path:
    path = folder / name
    portability.export(enterprise, path)
    return path


def tables_of(path: Path) -> dict[str, list[dict]]:
    with zipfile.ZipFile(path) as archive:
        manifest = orjson.loads(archive.read(MANIFEST))
        return {
            name: [orjson.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]
            for name in manifest["tables"]
        }


def on_disk() -> dict[str, bytes]:
    root = Path(settings.MEDIA_ROOT)
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def remove(enterprise) -> None:
    """Everything of it, past all protections."""
    ArticleIndex.objects.filter(article__enterprise=enterprise).delete()
    with connection.constraint_checks_disabled():
        for table in reversed(TABLES):
            rows = table.model._base_manager.filter(table.rows(enterprise))
            rows._raw_delete(rows.db)
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            path.unlink()


def rewritten(path: Path, change) -> Path:
    """A copy whose entries `change` (by name; b"" to leave out) has changed."""
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as to:
        for info in source.infolist():
            if (content := change(info.filename, source.read(info))) is not None:
                to.writestr(info.filename, content)
    return other


def redigested(path: Path, table: str, change) -> Path:
    """A copy in which `change` has changed the rows of a table, and the manifest says so."""
    name = f"tables/{table}.jsonl"
    with zipfile.ZipFile(path) as archive:
        rows = change(archive.read(name))
        manifest = orjson.loads(archive.read(MANIFEST))
    manifest["tables"][table]["sha256"] = hashlib.sha256(rows).hexdigest()
    contents = {name: rows, MANIFEST: orjson.dumps(manifest)}
    return rewritten(path, lambda entry, content: contents.get(entry, content))


def nothing_is_there(path: Path, match: str) -> None:
    before = {model: model._base_manager.count() for model in apps.get_models()}
    with pytest.raises(Unusable, match=match):
        portability.load(path)
    assert {model: model._base_manager.count() for model in apps.get_models()} == before
    assert on_disk() == {}


def swap(name: str, old: bytes, new: bytes):
    return lambda entry, content: content.replace(old, new, 1) if entry == name else content


def altered(name: str):
    """Another content of the same length."""
    return lambda entry, content: (
        content.replace(b"first", b"worst", 1) if entry == name else content
    )
