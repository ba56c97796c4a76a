"""Files that people sent: their rows, and what lies under MEDIA_ROOT for them.

First the row, then the file, then the message (uploads.py). A crash between two of them leaves a
row that no message tells of, and `sweep` takes it away with its file.
"""

import functools
import logging
import operator
import os
import re
import secrets
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chat import metrics
from chat.models import Attachment, GroupMessage
from chat.protocol.errors import Refused

log = logging.getLogger("kefu.files")

KEY = re.compile(r"[0-9a-f]{32}\Z")
SMALL = ".small"
RESERVE = 256 * 1024 * 1024
"""Bytes that uploads leave free on the disk: the database often stands on the same one, and a
message must always find room."""
UNSENT = timedelta(hours=1)
"""How long a file may wait for its message."""
STEP = 100
"""Rows in one step of the sweep: a step every 15 s looks at half a million files a day."""

seldom = metrics.Seldom(metrics.SLOW_EVERY)


def keep(file: Attachment, content, thumbnail: bytes | None) -> None:
    """Stores row and file; `content` is bytes, or an uploaded file. Refuses with unavailable, and
    then nothing is left of it, when the disk cannot take it."""
    file.key = secrets.token_hex(16)
    file.save(force_insert=True)
    try:
        place = path_of(file.key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(place.parent).free < file.size + RESERVE:
            raise OSError("there is hardly any room left")
        if thumbnail:
            write(small_of(file.key), [thumbnail])
        write(place, [content] if isinstance(content, bytes) else content.chunks())
    except OSError as error:
        seldom.warn(log, "a file cannot be stored: %s", error)
        drop([file])
        detail = "The server cannot store files now; nothing was stored. Send it again."
        raise Refused("unavailable", detail) from error


def write(place: Path, parts) -> None:
    """All of it is on the disk before anybody is told of it."""
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def read(key: str, small: bool) -> bytes | None:
    """The stored file, or its small picture; None where there is none."""
    try:
        return (small_of(key) if small else path_of(key)).read_bytes()
    except FileNotFoundError:
        return None


def is_there(file: Attachment) -> bool:
    return path_of(file.key).is_file()


def path_of(key: str) -> Path:
    """Where a file lies: 256 folders, so that none of them gets too full to be listed."""
    if not KEY.match(key):
        raise ValueError("no key of a file")
    return Path(settings.MEDIA_ROOT) / "files" / key[:2] / key


def small_of(key: str) -> Path:
    place = path_of(key)
    return place.with_name(place.name + SMALL)


def drop(files: list[Attachment]) -> None:
    """Takes files away, then their rows: what fails in between is found again by its row."""
    gone = []
    for file in files:
        try:
            small_of(file.key).unlink(missing_ok=True)
            path_of(file.key).unlink(missing_ok=True)
            gone.append(file.key)
        except OSError as error:
            seldom.warn(log, "a file cannot be removed: %s", error)
    Attachment.objects.filter(key__in=gone).delete()


def facts(file: Attachment) -> dict:
    """What a message's row keeps of its file, under `attachment` in its data."""
    names = ("key", "name", "size", "mime", "width", "height")
    return {name: getattr(file, name) for name in names}


def message_of(file: Attachment) -> GroupMessage | None:
    """The message that tells of a file; None before there is one, and after it was taken back."""
    rows = GroupMessage.objects.filter(sender=file.sender, client_id=file.client_id)
    return next((row for row in rows if key_of(row) == file.key), None)


def key_of(row: GroupMessage) -> str | None:
    """The key of the file that a message tells of."""
    attachment = (row.data or {}).get("attachment")
    return attachment["key"] if attachment else None


def sweep(after: int) -> int:
    """Removes, of the next few rows above the id `after`, those whose message is not there: never
    sent, or erased since. Returns where to go on; 0 at the end."""
    files = list(Attachment.objects.filter(id__gt=after).order_by("id")[:STEP])
    since = timezone.now() - UNSENT
    told = told_of(files)
    lost = [file for file in files if file.key not in told and file.created_at < since]
    if lost:
        drop(lost)
        log.info("%d files without a message were removed", len(lost))
    return files[-1].id if len(files) == STEP else 0


def told_of(files: list[Attachment]) -> set[str]:
    """The keys of those whose message is there."""
    # Pair by pair, as the index has them: two lists would have it try every combination.
    pairs = [Q(sender=file.sender, client_id=file.client_id) for file in files]
    rows = GroupMessage.objects.filter(functools.reduce(operator.or_, pairs, Q(pk=None)))
    return {key for row in rows.only("data") if (key := key_of(row))}
