"""Stores uploaded files: their rows, and the files under MEDIA_ROOT. Pictures of articles
(chat/knowledge/pictures.py) lie there, too.

The row is stored first, then the file, then the message (posting/uploads.py). A crash in between
leaves a row without a message, which `sweep` deletes together with its file.
"""

import logging
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import metrics
from chat.models import ArticlePicture, Attachment, ChannelArrival, GroupMessage, any_of, theirs
from chat.protocol.errors import Refused

log = logging.getLogger("kefu.files")

KEY = re.compile(r"[0-9a-f]{32}\Z")
SMALL_SUFFIX = ".small"
MIN_FREE_BYTES = 256 * 1024 * 1024
"""Bytes that uploads leave free on the disk: the database is often on the same disk, and messages
need room there."""
UNSENT_AFTER = timedelta(hours=1)
"""How long a file may be without a message before it is deleted."""
SWEEP_ROWS = 100
"""Rows in one step of the sweep: with a step every 15 s that is half a million files a day."""

MAIL = "message/rfc822"
"""The type of a file that is a mail as it came (chat/channels/mail/). No upload is of this type."""
MAIL_KEY = re.compile(r"/([0-9a-f]{32})/\Z")
Stored = Attachment | ArticlePicture
"""The rows that have a file."""

throttled = metrics.ThrottledLog(metrics.WARN_EVERY)


def store(file: Attachment, content, thumbnail: bytes | None) -> None:
    """Stores the row and the file, and sets the row's `key`. `content` is bytes or an UploadedFile.
    Refuses with unavailable if the disk is full or fails; then nothing is kept."""
    file.key = new_key()
    file.save(force_insert=True)
    store_content(file, content, thumbnail)


def new_key() -> str:
    return secrets.token_hex(16)


def store_content(file: Stored, content, thumbnail: bytes | None) -> None:
    """The same for a file whose row is stored."""
    try:
        path = file_path(file.key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < file.size + MIN_FREE_BYTES:
            raise OSError("there is too little free space")
        if thumbnail:
            write_file(small_path(file.key), [thumbnail])
        write_file(path, [content] if isinstance(content, bytes) else content.chunks())
    except OSError as error:
        throttled.warn(log, "a file cannot be stored: %s", error)
        delete([file])
        detail = "The server cannot store files now; nothing was stored. Send it again."
        raise Refused("unavailable", detail) from error


def write_file(path: Path, parts) -> None:
    """Writes and syncs the file, so that it is on disk before its message is announced."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def read(key: str, small: bool) -> bytes | None:
    """The content of the stored file, or of its thumbnail; None if there is none."""
    try:
        return (small_path(key) if small else file_path(key)).read_bytes()
    except FileNotFoundError:
        return None


def exists(file: Stored) -> bool:
    return file_path(file.key).is_file()


def file_path(key: str) -> Path:
    """The path of a stored file, in one of 256 folders, so that no folder gets too large to list.
    Raises ValueError for a malformed key."""
    if not KEY.match(key):
        raise ValueError("no key of a file")
    return Path(settings.MEDIA_ROOT) / "files" / key[:2] / key


def small_path(key: str) -> Path:
    path = file_path(key)
    return path.with_name(path.name + SMALL_SUFFIX)


def delete(files: Sequence[Stored]) -> None:
    """Deletes the files, then their rows: a file that could not be deleted keeps its row, so that a
    later sweep finds it."""
    gone: list[Stored] = []
    for file in files:
        try:
            small_path(file.key).unlink(missing_ok=True)
            file_path(file.key).unlink(missing_ok=True)
            gone.append(file)
        except OSError as error:
            throttled.warn(log, "a file cannot be removed: %s", error)
    for model in {type(file) for file in gone}:
        model.objects.filter(key__in=[file.key for file in gone]).delete()


def message_data(file: Attachment) -> dict:
    """What a message's row stores of its file, under `attachment` in its data."""
    names = ("key", "name", "size", "mime", "width", "height")
    return {name: getattr(file, name) for name in names}


def find_message(file: Attachment) -> GroupMessage | None:
    """The message of a file; None if it was not stored yet, or was recalled. A mail as it came is
    the file of none (`find_message_of_mail`)."""
    return next((row for row in rows_of(file) if attachment_key(row) == file.key), None)


def find_message_of_mail(file: Attachment) -> GroupMessage | None:
    """The message that shows what a mail (the file) says."""
    return next((row for row in rows_of(file) if mail_key(row) == file.key), None)


def rows_of(file: Attachment) -> QuerySet[GroupMessage]:
    rows = GroupMessage.objects.filter(sender=file.sender, client_id=file.client_id)
    return rows.filter(theirs(file.ent_id))


def attachment_key(row: GroupMessage) -> str | None:
    """The key of a message's file; None without a file."""
    attachment = (row.data or {}).get("attachment")
    return attachment["key"] if attachment else None


def mail_key(row: GroupMessage) -> str | None:
    """The key of the mail that a message was, as it came; None for other messages."""
    return mail_key_in(row.data)


def mail_key_in(data: dict | None) -> str | None:
    found = MAIL_KEY.search(((data or {}).get("mail") or {}).get("raw") or "")
    return found[1] if found else None


def sweep(after: int) -> int:
    """Deletes files without a message among the next SWEEP_ROWS rows above the id `after`: the
    message was never sent, or was erased. Returns the id to continue from; 0 at the end."""
    files = list(Attachment.objects.filter(id__gt=after).order_by("id")[:SWEEP_ROWS])
    since = timezone.now() - UNSENT_AFTER
    with_message = keys_with_message(files)
    lost = [file for file in files if file.key not in with_message and file.created_at < since]
    if any(file.mime == MAIL for file in lost):
        waiting = waiting_mails(lost)
        lost = [file for file in lost if file.key not in waiting]
    if lost:
        delete(lost)
        log.info("%d files without a message were removed", len(lost))
    return files[-1].id if len(files) == SWEEP_ROWS else 0


def keys_with_message(files: list[Attachment]) -> set[str]:
    """The keys of those files whose message is stored."""
    # One condition per pair, so that the index is used; two IN lists would try all combinations.
    pairs = any_of(Q(sender=file.sender, client_id=file.client_id) for file in files)
    rows = GroupMessage.objects.filter(pairs)
    told = {
        (key, row.ent_id)
        for row in rows.only("data", "ent_id")
        for key in (attachment_key(row), mail_key(row))
    }
    return {file.key for file in files if (file.key, file.ent_id) in told}


def waiting_mails(files: list[Attachment]) -> set[str | None]:
    """The keys of mails that have come and were not taken in yet, as while a channel is off."""
    enterprises = {file.ent_id for file in files if file.mime == MAIL}
    rows = ChannelArrival.objects.filter(ent_id__in=enterprises, done_at=None)
    payloads = rows.values_list("payload", flat=True)
    return {mail_key_in(payload.get("data")) for payload in payloads.iterator()}
