"""Mails from a mailbox, by IMAP: in the order of their UIDs, a page at a time.

The mailbox is only read (EXAMINE, BODY.PEEK). The cursor says whose it is (`box`), when its reading
`began`, its UIDVALIDITY, and up to which UID all is stored. Where UIDs have lost their meaning, or
could not be asked as it began, mails are read again from a day (`since`) on, in the order in which
they came: `rest` are the next ones, `after` says when the last of these came, where there are more
behind it. Those that are known are recognised by their text (adapter.py). Mails that the server
refused at each try stand in `left`, without a word of what they say.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone

from chat.channels.contract import Failed
from chat.models import Channel

from .imap import Box, Connection, box_of, close, failures, kept, opened

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
FACTS = 500
"""Mails that are asked about at a time, so that the command stays below the 8,000 bytes that every
server takes (RFC 7162)."""
TRIES = 8
"""How often a mail is refused until it is left out, so that it holds up the others: as a failed
fetch is repeated, within some three minutes."""
LISTED = 20
"""Refused mails that are listed."""
REST = 5_000
"""UIDs of a cursor, which is written with each page."""
T = TypeVar("T")
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
    cursor: dict[str, Any]
    mails: list[Found] = field(default_factory=list)
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
    criteria = f"UID 1:{upto} UNSEEN SINCE {oldest:%d-%b-%Y}"
    found = (given(search, connection, criteria) or []) if upto else []
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
                return read(connection, found.cursor)
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
    """The next mails after the cursor, and the cursor behind them."""
    if "since" in cursor and "rest" not in cursor:
        cursor = begun_again(connection, cursor)
    after = cursor["uid"]
    uids = cursor.get("rest") or [
        uid for uid in search(connection, f"UID {after + 1}:*") if uid > after
    ]
    for most in (PAGE, PAGE // 10, 1) if uids else ():
        try:
            return page_of(connection, cursor, uids, most)
        except connection.abort:
            raise
        except connection.error as error:
            if most == 1:
                return without(connection, cursor, uids, error)
    return Batch(cursor)


def begun_again(connection: Connection, cursor: dict[str, Any]) -> dict[str, Any]:
    """The cursor with what is to be read again next, in the order in which it came: a mailbox that
    was restored may have other UIDs in another order. What comes meanwhile has higher ones."""
    # By when it came or by when it was written: a mailbox that was restored has other times.
    since = cursor["since"]
    uids = found_by(connection, f"UID 1:* OR SINCE {since} SENTSINCE {since}")
    began = datetime.fromisoformat(cursor["began"]).replace(microsecond=0)
    came: dict[int, datetime] = {}
    for start in range(0, len(uids), FACTS):
        facts = facts_of(connection, uids[start : start + FACTS])
        came |= {uid: when or began for uid, (_size, when) in facts.items()}
    last = cursor["uid"] or max([last_of(connection), *uids])
    rest = sorted([when.timestamp(), uid] for uid, when in came.items() if when >= began)
    rest = [one for one in rest if one > cursor.get("after", []) and one[1] <= last]
    if more := rest[REST:]:
        rest = rest[:REST]
    found = {key: value for key, value in cursor.items() if more or key not in ("since", "after")}
    found |= {"uid": last} | ({"after": rest[-1]} if more else {})
    return found | ({"rest": [uid for _when, uid in rest]} if rest else {})


def page_of(connection: Connection, cursor: dict[str, Any], uids: list[int], most: int) -> Batch:
    """Up to `most` of the mails that are next (`uids`)."""
    facts = facts_of(connection, uids[:most])
    sizes: dict[int, int] = {}
    total = passed = 0
    for uid in uids[:most]:
        if uid in facts:
            size = facts[uid][0]
            weight = BEGINNING if size > MOST else size
            if sizes and total + weight > AT_ONCE:
                break
            sizes[uid], total = size, total + weight
        passed += 1
    mails = bodies(connection, sizes)
    return Batch(behind(cursor, uids, passed), mails, more=passed < len(uids) or bool(mails))


def behind(cursor: dict[str, Any], uids: list[int], passed: int) -> dict[str, Any]:
    """The cursor behind so many of the mails that were next."""
    if "rest" not in cursor:
        return {**cursor, "uid": uids[passed - 1]}
    found = {key: value for key, value in cursor.items() if key != "rest"}
    return found | ({"rest": uids[passed:]} if uids[passed:] else {})


def without(
    connection: Connection, cursor: dict[str, Any], uids: list[int], error: Exception
) -> Batch:
    """Leaves out the next mail, once the server has refused it TRIES times and gives one behind it
    (of those that are read again: another one), and lists it. Until then raises `error`."""
    one = cursor["box"], cursor["validity"], uids[0]
    kept.tries = kept.tries + 1 if kept.refused == one else 1
    kept.refused = one
    others = uids[1:LISTED]
    if kept.tries >= TRIES and not others and "rest" in cursor:
        others = [uid for uid in search(connection, "UID 1:*") if uid != uids[0]][-LISTED:]
    if kept.tries < TRIES or not any(given(bodies, connection, {uid: 0}) for uid in others):
        raise error
    left = {"uid": uids[0], "came": came_on(connection, uids[0])}
    found = behind(cursor, uids, 1)
    return Batch(found | {"left": [*cursor.get("left", []), left][-LISTED:]}, more=True)


def came_on(connection: Connection, uid: int) -> str:
    """The day on which a mail came whose text the server refuses (ISO); "" where it refuses that,
    too."""
    _size, came = (given(facts_of, connection, [uid]) or {}).get(uid, (0, None))
    return f"{came:%Y-%m-%d}" if came else ""


def found_by(connection: Connection, asked: str) -> list[int]:
    found = given(search, connection, asked)
    # A server that knows no dates: then all of it is read, and what is known is left out.
    return search(connection, " ".join(asked.split()[:2])) if found is None else found


def given(function: Callable[..., T], connection: Connection, *args: Any) -> T | None:
    """What `function(connection, *args)` returns; None where the server refuses it."""
    try:
        return function(connection, *args)
    except connection.abort:
        raise
    except connection.error:
        return None


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
