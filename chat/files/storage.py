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
SMALL_SUFFIX = ".small"
MIN_FREE_BYTES = 256 * 1024 * 1024
"""Bytes that uploads leave free on the disk: the database often stands on the same one, and a
message must always find room."""
UNSENT_AFTER = timedelta(hours=1)
"""How long a file may wait for its message."""
SWEEP_ROWS = 100
"""Rows in one step of the sweep: a step every 15 s looks at half a million files a day."""

throttled = metrics.ThrottledLog(metrics.WARN_EVERY)


def store(file: Attachment, content, thumbnail: bytes | None) -> None:
    """Stores row and file; `content` is bytes, or an uploaded file. Refuses with unavailable, and
    then nothing is left of it, when the disk cannot take it."""
    file.key = secrets.token_hex(16)
    file.save(force_insert=True)
    try:
        place = file_path(file.key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(place.parent).free < file.size + MIN_FREE_BYTES:
            raise OSError("there is hardly any room left")
        if thumbnail:
            write_file(small_path(file.key), [thumbnail])
        write_file(place, [content] if isinstance(content, bytes) else content.chunks())
    except OSError as error:
        throttled.warn(log, "a file cannot be stored: %s", error)
        delete([file])
        detail = "The server cannot store files now; nothing was stored. Send it again."
        raise Refused("unavailable", detail) from error


def write_file(place: Path, parts) -> None:
    """All of it is on the disk before anybody is told of it."""
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def read(key: str, small: bool) -> bytes | None:
    """The stored file, or its small picture; None where there is none."""
    try:
        return (small_path(key) if small else file_path(key)).read_bytes()
    except FileNotFoundError:
        return None


def exists(file: Attachment) -> bool:
    return file_path(file.key).is_file()


def file_path(key: str) -> Path:
    """Where a file lies: 256 folders, so that none of them gets too full to be listed."""
    if not KEY.match(key):
        raise ValueError("no key of a file")
    return Path(settings.MEDIA_ROOT) / "files" / key[:2] / key


def small_path(key: str) -> Path:
    place = file_path(key)
    return place.with_name(place.name + SMALL_SUFFIX)


def delete(files: list[Attachment]) -> None:
    """Takes files away, then their rows: what fails in between is found again by its row."""
    gone = []
    for file in files:
        try:
            small_path(file.key).unlink(missing_ok=True)
            file_path(file.key).unlink(missing_ok=True)
            gone.append(file.key)
        except OSError as error:
            throttled.warn(log, "a file cannot be removed: %s", error)
    Attachment.objects.filter(key__in=gone).delete()


def message_data(file: Attachment) -> dict:
    """What a message's row keeps of its file, under `attachment` in its data."""
    names = ("key", "name", "size", "mime", "width", "height")
    return {name: getattr(file, name) for name in names}


def find_message(file: Attachment) -> GroupMessage | None:
    """The message that tells of a file; None before there is one, and after it was taken back."""
    rows = GroupMessage.objects.filter(sender=file.sender, client_id=file.client_id)
    return next((row for row in rows if attachment_key(row) == file.key), None)


def attachment_key(row: GroupMessage) -> str | None:
    """The key of the file that a message tells of."""
    attachment = (row.data or {}).get("attachment")
    return attachment["key"] if attachment else None


def sweep(after: int) -> int:
    """Removes, of the next few rows above the id `after`, those whose message is not there: never
    sent, or erased since. Returns where to go on; 0 at the end."""
    files = list(Attachment.objects.filter(id__gt=after).order_by("id")[:SWEEP_ROWS])
    since = timezone.now() - UNSENT_AFTER
    told = keys_with_message(files)
    lost = [file for file in files if file.key not in told and file.created_at < since]
    if lost:
        delete(lost)
        log.info("%d files without a message were removed", len(lost))
    return files[-1].id if len(files) == SWEEP_ROWS else 0


def keys_with_message(files: list[Attachment]) -> set[str]:
    """The keys of those whose message is there."""
    # Pair by pair, as the index has them: two lists would have it try every combination.
    pairs = [Q(sender=file.sender, client_id=file.client_id) for file in files]
    rows = GroupMessage.objects.filter(functools.reduce(operator.or_, pairs, Q(pk=None)))
    return {key for row in rows.only("data") if (key := attachment_key(row))}
