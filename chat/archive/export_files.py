"""The files of an export, written to disk piece by piece, so that memory does not grow with them.

docs/archive.md says what is in them.
"""

import contextlib
import csv
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import orjson

from accounts import spreadsheets
from chat.customers import attributes
from chat.files import kinds, storage
from chat.models import ArchiveExport, Conversation, Reception, theirs
from chat.protocol import events
from chat.reading import history

from . import exports, rows
from .question import Asked

PAGE = 500
"""Messages read at a time."""
PIECE = 1024 * 1024
"""Bytes compressed at a time."""
COLUMNS = (
    *("group", "visitor", "name", "contact", "team", "members", "tags", "topic", "state", "score"),
    *("comment", "opened_at", "closed_at", "last_activity", "summary", "last_seq"),
    "channel",
)


class Writer:
    """Writes conversations (uuids) into the file. `rest` is called after each piece."""

    def __init__(self, asked: Asked, rest: Callable[[], None]):
        self.asked = asked
        self.rest = rest

    def write(self, groups: list[str]) -> None:
        raise NotImplementedError

    def found(self, groups: list[str]) -> Iterator[tuple[Conversation, rows.Row, list[Reception]]]:
        """Those that are still there, in order: with what the list shows, and the receptions."""
        exports.check_disk()
        own = theirs(self.asked.enterprise.code)
        known = Conversation.objects.whole().filter(own, uuid__in=groups)
        known = {one.uuid: one for one in known.prefetch_related("team", "visitor")}
        receptions: dict[str, list[Reception]] = {group: [] for group in groups}
        for one in Reception.objects.filter(own, group_id__in=groups).order_by("pk"):
            receptions[one.group_id].append(one)
        for row in rows.rows_of(self.asked, groups, hits=False):
            if row.group in known:
                yield known[row.group], row, receptions[row.group]


class Table(Writer):
    """CSV: a line for each conversation."""

    def __init__(self, asked: Asked, rest: Callable[[], None], file):
        super().__init__(asked, rest)
        self.csv = csv.writer(file)
        file.write(spreadsheets.BOM)
        self.keys = list(attributes.known(asked.enterprise.code))
        self.csv.writerow([*COLUMNS, *(f"{attributes.PARAMETER}{key}" for key in self.keys)])

    def write(self, groups: list[str]) -> None:
        for one, row, receptions in self.found(groups):
            self.csv.writerow(
                [spreadsheets.neutral(cell) for cell in self.cells(one, row, receptions)]
            )
        self.rest()

    def cells(self, one: Conversation, row: rows.Row, receptions: list[Reception]) -> list:
        rating = row.rating or {}
        return [
            *(one.uuid, one.visitor_id, one.visitor.label, one.visitor.contact, one.team.name),
            *(", ".join(row.people), ", ".join(row.tags), row.topic, row.state),
            *(rating.get("score", ""), rating.get("comment", "")),
            *map(utc, (row.opened_at, row.closed_at, row.last_activity)),
            receptions[-1].summary if receptions else "",
            one.last_seq,
            one.channel,
            *(one.visitor.attributes.get(key, "") for key in self.keys),
        ]


class Document(Writer):
    """JSON: all of each conversation. `keep` is told of each file, and returns its place."""

    def __init__(self, asked: Asked, rest: Callable[[], None], file, keep=None):
        super().__init__(asked, rest)
        self.file = file
        self.keep = keep
        self.begun = False
        head = {
            "enterprise": asked.enterprise.code,
            "exported_at": datetime.now(timezone.utc),
            "filters": asked.fields,
        }
        self.file.write(encode(head)[:-1] + b',"conversations":[')

    def write(self, groups: list[str]) -> None:
        for one, row, receptions in self.found(groups):
            self.file.write(b",\n" if self.begun else b"\n")
            self.begun = True
            self.file.write(encode(about(one, row, receptions))[:-1] + b',"messages":[')
            self.write_messages(one)
            self.file.write(b"]}")
        self.rest()

    def write_messages(self, one: Conversation) -> None:
        after, more = 0, True
        while more:
            found, more = history.messages(one, as_visitor=False, after=after, limit=PAGE)
            for message in found:
                if self.keep and message["attachment"]:
                    message["attachment"]["path"] = self.keep(message["attachment"])
                self.file.write((b",\n" if after else b"\n") + encode(message))
                after = message["seq"]
            self.rest()

    def close(self) -> None:
        self.file.write(b"\n]}\n")


class Archive(Writer):
    """ZIP: both of them, and the files that people sent."""

    def __init__(self, asked: Asked, rest: Callable[[], None], archive, table, document):
        super().__init__(asked, rest)
        self.zip = archive
        self.table = Table(asked, rest, table)
        self.document = Document(asked, rest, document, self.keep)

    def write(self, groups: list[str]) -> None:
        self.table.write(groups)
        self.document.write(groups)

    def keep(self, attachment: dict) -> str | None:
        """Adds a file; returns its name in the archive, None where it is gone."""
        key = attachment["url"].split("/")[2]
        path = storage.file_path(key)
        if not path.is_file():
            return None
        exports.check_disk(attachment["size"])
        # Its own name, which stands beside it, may be longer than Linux takes.
        name = f"files/{key}.{kinds.ending_of(attachment['name'])}"
        # Most of them are compressed already.
        self.zip.write(path, name, zipfile.ZIP_STORED)
        self.rest()
        return name


def about(one: Conversation, row: rows.Row, receptions: list[Reception]) -> dict:
    names = ("opened_at", "first_reply_at", "closed_at", "reason", "summary", "score", "comment")
    return {
        "group": one.uuid,
        "team": one.team.slug,
        "team_name": one.team.name,
        "members": row.people,
        "topic": row.topic,
        "tags": row.tags,
        "state": row.state,
        "channel": row.channel or None,
        "last_activity": row.last_activity,
        "visitor": events.visitor_facts(one.visitor, sees_contacts=True),
        "receptions": [{name: getattr(each, name) for name in names} for each in receptions],
    }


@contextlib.contextmanager
def writer_of(
    row: ArchiveExport, asked: Asked, path: Path, rest: Callable[[], None]
) -> Iterator[Writer]:
    """The writer of an export; the file is whole once the context ends."""
    parts = [path.with_suffix(f".{kind}.part") for kind in ("csv", "json")]
    try:
        if row.kind == ArchiveExport.Kind.CSV:
            with open_new(path, text=True) as file:
                yield Table(asked, rest, file)
        elif row.kind == ArchiveExport.Kind.JSON:
            with open_new(path) as file:
                document = Document(asked, rest, file)
                yield document
                document.close()
        else:
            with (
                open_new(path) as target,
                zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                with open_new(parts[0], text=True) as table, open_new(parts[1]) as document:
                    writer = Archive(asked, rest, archive, table, document)
                    yield writer
                    writer.document.close()
                for part in parts:
                    exports.check_disk(part.stat().st_size)
                    pack(archive, part, f"conversations{part.suffixes[-2]}", rest)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def pack(archive: zipfile.ZipFile, part: Path, name: str, rest: Callable[[], None]) -> None:
    """Adds a part, compressed. It may be gigabytes, so the lease has to be renewed meanwhile."""
    info = zipfile.ZipInfo.from_file(part, name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with part.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
        while piece := source.read(PIECE):
            entry.write(piece)
            rest()


def open_new(path: Path, text: bool = False):
    """A file that only this system's account can read."""
    path.touch(mode=0o600)
    return path.open("w", encoding="utf-8", newline="") if text else path.open("wb")


def encode(value: dict) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def utc(moment: datetime | None) -> str:
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z") if moment else ""
