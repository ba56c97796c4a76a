"""Mails from a mailbox, by IMAP: in the order of their UIDs, a page at a time.

The mailbox is only read (EXAMINE, BODY.PEEK). The cursor says whose it is (`box`), when its reading
`began`, its UIDVALIDITY, and up to which UID all is stored. Where UIDs have lost their meaning, or
could not be asked as it began, it has `since`, too, the day from which on mails are read again:
those that are known are recognised by their text (adapter.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chat.channels.contract import Failed
from chat.models import Channel

from .imap import Box, Connection, box_of, close, failures, opened

MOST = 25 * 1024 * 1024
"""Bytes of a mail that is read whole. Attachments that are kept have up to 10 MiB, 14 in base64."""
BEGINNING = 256 * 1024
"""Bytes that are read of a longer one."""
PAGE, AT_ONCE = 100, 4 * 1024 * 1024
"""Mails of one page, and bytes after which it ends."""
IDLE = 25.0
"""Seconds that it waits for a new mail."""
UNREAD = timedelta(days=3)
"""How old an unread mail may be that is taken in as a mailbox is connected."""
AGAIN = timedelta(days=2)
"""How far before the last fetch it begins anew where UIDs have lost their meaning: less than what
came is remembered (arrivals.KEPT)."""
UID = re.compile(rb"\bUID (\d{1,10})", re.IGNORECASE)
SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})", re.IGNORECASE)
DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"', re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """A mail in the mailbox: its bytes, or the beginning of them if `size` is over MOST."""

    uid: int
    raw: bytes
    size: int


@dataclass(slots=True)
class Batch:
    mails: list[Found] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
    more: bool = False


def end_of(channel: Channel) -> dict[str, Any] | None:
    """The cursor of a channel whose mailbox is to be read from now on, or from the first unread
    mail of the last days (UNREAD) on; None where its own says where to go on. Nothing is refused if
    the mailbox cannot be asked."""
    box = box_of(channel)
    if channel.cursor.get("box") == box.id:
        return None
    start = {"box": box.id, "began": timezone.now().isoformat()}
    try:
        with failures(box):
            connection = opened(channel, box)
            last = last_of(connection)
            if unread := unread_in(connection, last):
                last = unread[0] - 1
            return {**start, "validity": validity_of(connection), "uid": last}
    except Failed:
        return start
    finally:
        close()


def unread_in(connection: Connection, upto: int) -> list[int]:
    """Mails up to a UID that nobody has read, of the last days (UNREAD)."""
    oldest = timezone.now() - UNREAD
    try:
        day = oldest.strftime("%d-%b-%Y")
        found = search(connection, f"UID 1:{upto} UNSEEN SINCE {day}") if upto else []
    except connection.abort:
        raise
    except connection.error:
        return []
    facts = facts_of(connection, found[:PAGE]) if found else {}
    return [uid for uid in found if uid not in facts or (facts[uid][1] or oldest) >= oldest]


def page(channel: Channel) -> Batch:
    """What came after the cursor; with nothing new, waits up to IDLE seconds where the server says
    when something comes. Raises Failed."""
    box = box_of(channel)
    with failures(box):
        connection = opened(channel, box)
        cursor = begun(connection, channel, box)
        found = read(connection, cursor)
        if not found.mails and not found.more and IDLE and b"IDLE" in connection.abilities:
            if connection.waits(IDLE):
                return read(connection, cursor)
            found.more = True
        return found


def check(channel: Channel) -> None:
    """Raises Failed where the mailbox cannot be read."""
    box = box_of(channel)
    try:
        with failures(box):
            opened(channel, box)
    finally:
        close()


def validity_of(connection: Connection) -> int:
    return int((connection.response("UIDVALIDITY")[1][0]) or 0)


def last_of(connection: Connection) -> int:
    """The highest UID that there can be."""
    if following := connection.response("UIDNEXT")[1][0]:
        return int(following) - 1
    return max(search(connection, "UID *"), default=0)


def search(connection: Connection, criteria: str) -> list[int]:
    status, said = connection.uid("SEARCH", criteria)
    if status != "OK":
        raise connection.error("the search is refused")
    return sorted(int(one) for line in said if line for one in line.split())


def begun(connection: Connection, channel: Channel, box: Box) -> dict[str, Any]:
    """The cursor to go on from."""
    cursor, validity = channel.cursor, validity_of(connection)
    if cursor.get("box") == box.id and cursor.get("validity") == validity:
        return {**cursor}
    mine = cursor if cursor.get("box") == box.id else {}
    began = mine.get("began", channel.created_at.isoformat())
    found = {"box": box.id, "began": began, "validity": validity, "uid": 0}
    since = datetime.fromisoformat(began) - timedelta(days=1)  # The server's day may be another.
    if "validity" in mine and channel.fetched_at:
        since = max(since, channel.fetched_at - AGAIN)
    return {**found, "since": f"{since:%d-%b-%Y}"}


def read(connection: Connection, cursor: dict[str, Any]) -> Batch:
    """The next mails after the cursor's UID, and the cursor behind them."""
    asked = f"UID {cursor['uid'] + 1}:*"
    if since := cursor.get("since"):
        # By when it came or by when it was written: a mailbox that was restored has other times.
        asked += f" OR SINCE {since} SENTSINCE {since}"
    uids = [uid for uid in found_by(connection, asked) if uid > cursor["uid"]]
    if not uids:
        ended = {**cursor, "uid": max(cursor["uid"], last_of(connection))} if since else cursor
        ended = {key: value for key, value in ended.items() if key != "since"}
        return Batch(cursor=ended)
    facts = facts_of(connection, uids[:PAGE])
    sizes: dict[int, int] = {}
    total = last = 0
    began = datetime.fromisoformat(cursor["began"]).replace(microsecond=0)
    for uid in uids[:PAGE]:
        size, came = facts.get(uid, (0, None))
        if uid in facts and not (since and came and came < began):
            weight = BEGINNING if size > MOST else size
            if sizes and total + weight > AT_ONCE:
                break
            sizes[uid], total = size, total + weight
        last = uid
    mails = bodies(connection, sizes)
    return Batch(mails, {**cursor, "uid": last}, more=last < uids[-1] or bool(mails))


def found_by(connection: Connection, asked: str) -> list[int]:
    try:
        return search(connection, asked)
    except connection.abort:
        raise
    except connection.error:
        # A server that knows no dates: then all of it is read, and what is known is left out.
        return search(connection, " ".join(asked.split()[:2]))


def facts_of(connection: Connection, uids: list[int]) -> dict[int, tuple[int, datetime | None]]:
    """By UID, the size of a mail and when it came."""
    found = {}
    for meta, _content in answers(connection, uids, "(UID RFC822.SIZE INTERNALDATE)"):
        uid, size, date = UID.search(meta), SIZE.search(meta), DATE.search(meta)
        if uid and (size or date):  # Else the server only says that its flags have changed.
            came = time_of(date[1].decode("ascii", "replace")) if date else None
            found[int(uid[1])] = int(size[1]) if size else 0, came
    return found


def time_of(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None


def bodies(connection: Connection, sizes: dict[int, int]) -> list[Found]:
    found: dict[int, bytes] = {}
    small = [uid for uid, size in sizes.items() if size <= MOST]
    for meta, content in answers(connection, small, "(UID BODY.PEEK[])") if small else ():
        match = UID.search(meta)
        if match and content is not None:
            found[int(match[1])] = content
    for uid in sizes.keys() - set(small):
        for _meta, content in answers(connection, [uid], f"(UID BODY.PEEK[]<0.{BEGINNING}>)"):
            if content is not None:
                found[uid] = content[:BEGINNING]
    return [
        Found(uid, found[uid], max(size if size > MOST else 0, len(found[uid])))
        for uid, size in sizes.items()
        if uid in found
    ]


def answers(
    connection: Connection, uids: list[int], what: str
) -> Iterator[tuple[bytes, bytes | None]]:
    """For each mail the words of the answer, and its literal, if there is one."""
    status, said = connection.uid("FETCH", ",".join(map(str, uids)), what)
    if status != "OK":
        text = b" ".join(one for one in said if isinstance(one, bytes)).decode("utf-8", "replace")
        raise connection.error(f"a mail is refused: {text}")
    for number, one in enumerate(said):
        if isinstance(one, tuple):
            rest = said[number + 1] if number + 1 < len(said) else b""
            yield one[0] + (b" " + rest if isinstance(rest, bytes) else b""), one[1]
        elif one and b"(" in one:
            yield one, None
