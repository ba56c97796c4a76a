"""Full-text search in a member's conversations: visitors' names and contacts, tags, messages, notes
and file names.

It uses no index: MariaDB's full-text index cannot split Chinese into words, SQLite's finds no terms
of two characters. So the newest messages are scanned, MESSAGES_SCANNED at a time. The result says
how far the scan went, and has a cursor to continue from. Storing a message costs nothing more.
"""

import json
import re
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from accounts.models import Member
from chat.database import aware_datetime, select
from chat.ledger.threads import KINDS, MESSAGE, NOTE
from chat.models import ChatGroup, Conversation, ordered_join, theirs
from chat.protocol.errors import Refused

MAX_QUERY = 100
"""Characters of a query, all of whose terms are searched for. Few messages have the first ones, so
twenty take about twice as long as three."""
MESSAGES_SCANNED = 50_000
"""Messages scanned for one result: about 50 ms on either database (docs/performance.md)."""
VISITORS_SCANNED = 20_000
"""Visitors whose names and contacts are scanned, the newest."""
FEW_SEATS = 300
"""With at most this many seats all messages of a member are scanned, if they are not more than
MESSAGES_SCANNED."""
MAX_MESSAGES = 30
MAX_CONVERSATIONS = 10
"""Messages, and conversations found by name, contact or tag, in one result."""
LIKE_SPECIAL = re.compile("([!%_])")
CHARS_BEFORE, CHARS_AFTER = 24, 90
"""Characters of an excerpt before and after the beginning of a hit."""
FILE_OF_MESSAGE = "attachment a WHERE a.sender = m.sender AND a.client_id = m.client_id"
"""The FROM and WHERE clauses for the file of a message `m`."""


def terms_of(text: str) -> list[str]:
    """The terms of a query, each once, which must all occur. Refuses with bad_field an empty query,
    and one that is too long."""
    terms = text.split()
    if not terms or len(text) > MAX_QUERY or "\x00" in text:
        raise Refused("bad_field", f"q is a text of at most {MAX_QUERY} characters.")
    return list(dict.fromkeys(terms))


def find(member: Member, text: str, before: int | None = None) -> dict:
    """The result of a query, as docs/protocol.md defines it for /agent/search/. `before` is the
    `more` of an earlier result."""
    terms = terms_of(text)
    messages, more, searched = find_messages(member, terms, before)
    people = find_conversations(member, terms) if before is None else []
    return {
        "q": text,
        "conversations": people,
        "messages": messages,
        "searched": searched,
        "more": more,
    }


def like_condition(column: str, terms: list[str]) -> tuple[str, list[str]]:
    """The SQL condition that a column contains all terms, and its parameters."""
    parts, values = [], []
    for term in terms:
        spellings = spellings_of(term)
        parts.append(" OR ".join([f"{column} LIKE %s ESCAPE '!'"] * len(spellings)))
        values += ["%" + LIKE_SPECIAL.sub(r"!\1", each) + "%" for each in spellings]
    return "(" + ") AND (".join(parts) + ")", values


def spellings_of(term: str) -> list[str]:
    """The spellings of a term to search for. SQLite's LIKE ignores the case of ASCII letters only;
    MariaDB's collation ignores it for all."""
    if connection.vendor != "sqlite" or term.isascii():
        return [term]
    return sorted({term, term.lower(), term.upper(), term.capitalize()})


def find_messages(
    member: Member, terms: list[str], before: int | None
) -> tuple[list[dict], int | None, dict]:
    """Messages and notes, newest first, the cursor to continue from (None at the end), and since
    when messages were scanned."""
    scope, values, bottom = scope_of(member, before)
    if before is not None:
        scope += " AND m.id < %s"
        values.append(before)
    condition, spelt = message_condition(terms)
    rows = select(
        "SELECT m.id, m.group_id, s.group_name, m.seq, m.message_type, m.sender, m.sender_name,"
        f" m.created_at, m.message_content, m.data FROM group_message m"
        f" {ordered_join()} chat_group s ON s.uuid = m.group_id AND s.member_id = %s"
        f" AND +s.ent_id = %s AND +s.ent_id = +m.ent_id WHERE {scope}"
        f" AND m.message_type IN ({MESSAGE}, {NOTE}) AND {condition}"
        " ORDER BY m.id DESC LIMIT %s",
        [member.uuid, member.enterprise.code, *values, *spelt, MAX_MESSAGES + 1],
    )
    more = bottom
    if len(rows) > MAX_MESSAGES:
        more = rows[MAX_MESSAGES - 1][0]
    found = [
        {
            "group": group,
            "group_name": name,
            "seq": seq,
            "kind": KINDS[kind],
            "sender": sender,
            "sender_name": sender_name,
            "created_at": aware_datetime(created_at),
        }
        | excerpt_of(content, file_name(data), terms)
        for _id, group, name, seq, kind, sender, sender_name, created_at, content, data in rows[
            :MAX_MESSAGES
        ]
    ]
    return found, more, {"since": searched_since(more)}


def message_condition(terms: list[str]) -> tuple[str, list[str]]:
    """The SQL condition that a message `m` contains all terms in its text or its file's name, and
    its parameters. Only messages with data are looked up for files."""
    conditions, values = [], []
    for term in terms:
        said, spelt = like_condition("m.message_content", [term])
        named, _same = like_condition("a.name", [term])
        file = f"m.data IS NOT NULL AND EXISTS (SELECT 1 FROM {FILE_OF_MESSAGE} AND {named})"
        conditions.append(f"({said} OR ({file}))")
        values += spelt * 2
    return " AND ".join(conditions), values


def file_name(data: str | None) -> str:
    """The name of a message's file, from its data as JSON; "" without a file."""
    return ((json.loads(data) if data else {}).get("attachment") or {}).get("name", "")


def excerpt_of(content: str, file: str, terms: list[str]) -> dict:
    """Where a message contains the terms, and an excerpt in `parts`: of the file's name and the
    text, unless the text alone contains all terms."""
    if file and not all(first_hit(content, [term]) for term in terms):
        return {"where": "file", "parts": parts(f"{file} {content}", terms)}
    return {"where": "text", "parts": parts(content, terms)}


def scope_of(member: Member, before: int | None) -> tuple[str, list, int | None]:
    """Which messages are scanned: an SQL condition on `m`, its parameters, and the lowest id if
    there are older ones.

    For a member with few seats all their messages, for one with many the enterprise's newest
    messages, of which most are theirs.
    """
    seats = ChatGroup.objects.held_by(member).values_list("uuid", flat=True)
    groups = list(seats[: FEW_SEATS + 1])
    if len(groups) <= FEW_SEATS:
        known = Conversation.objects.filter(theirs(member.enterprise.code), uuid__in=groups)
        if (known.aggregate(sum=Sum("last_seq"))["sum"] or 0) <= MESSAGES_SCANNED:
            return f"m.group_id IN ({','.join(['%s'] * len(groups)) or 'NULL'})", groups, None
    ent_id = member.enterprise.code
    below, values = ("", []) if before is None else (" AND id < %s", [before])
    rows = select(
        f"SELECT id FROM group_message WHERE ent_id = %s{below} ORDER BY id DESC LIMIT 1 OFFSET %s",
        [ent_id, *values, MESSAGES_SCANNED - 1],
    )
    if not rows:
        return "m.ent_id = %s", [ent_id], None
    return "m.ent_id = %s AND m.id >= %s", [ent_id, rows[0][0]], rows[0][0]


def searched_since(cursor: int | None) -> datetime | None:
    """When the message with the id `cursor` was sent; None without a cursor."""
    if cursor is None:
        return None
    rows = select("SELECT created_at FROM group_message WHERE id = %s", [cursor])
    return aware_datetime(rows[0][0]) if rows else None


def find_conversations(member: Member, terms: list[str]) -> list[dict]:
    """Conversations whose visitor's name or contact contains the terms (their name alone, where
    contacts are hidden from the member), then those with such a tag."""
    found = {}
    for group, name, contact in conversations_by_name(member, terms):
        where = "name" if all(first_hit(name, [term]) for term in terms) else "contact"
        shown = name if where == "name" else contact
        found[group] = {"group": group, "group_name": name, "where": where} | {
            "parts": parts(shown, terms)
        }
    for group, name, tag in conversations_by_tag(member, terms):
        known = {"group": group, "group_name": name, "where": "tag", "parts": parts(tag, terms)}
        found.setdefault(group, known)
    return list(found.values())[:MAX_CONVERSATIONS]


def conversations_by_name(member: Member, terms: list[str]) -> list[tuple]:
    ent_id = member.enterprise.code
    lowest = select(
        "SELECT id FROM visitor WHERE ent_id = %s ORDER BY id DESC LIMIT 1 OFFSET %s",
        [ent_id, VISITORS_SCANNED - 1],
    )
    label, labels = like_condition("v.label", terms)
    # Whoever could search by what they do not see would find it out, letter by letter.
    contact, contacts = "1 = 0", []
    if member.sees_contacts:
        contact, contacts = like_condition("v.contact", terms)
    join = ordered_join()
    return select(
        f"SELECT c.uuid, v.label, v.contact FROM visitor v {join} conversation c"
        f" ON c.visitor_id = v.uuid {join} chat_group s ON s.uuid = c.uuid AND s.member_id = %s"
        " AND +s.ent_id = +v.ent_id AND +c.ent_id = +v.ent_id"
        f" WHERE v.ent_id = %s AND v.id >= %s AND ({label} OR {contact})"
        " ORDER BY v.id DESC LIMIT %s",
        [member.uuid, ent_id, lowest[0][0] if lowest else 0, *labels, *contacts, MAX_CONVERSATIONS],
    )


def conversations_by_tag(member: Member, terms: list[str]) -> list[tuple]:
    condition, values = like_condition("name", terms)
    tags = select(
        f"SELECT id, name FROM tag WHERE ent_id = %s AND {condition} ORDER BY id LIMIT 5",
        [member.enterprise.code, *values],
    )
    join, found = ordered_join(), []
    for tag, name in tags:
        rows = select(
            f"SELECT s.uuid, s.group_name FROM conversation_tag ct {join} chat_group s"
            " ON s.uuid = ct.conversation_id AND s.member_id = %s AND +s.ent_id = %s"
            " WHERE ct.tag_id = %s ORDER BY ct.id DESC LIMIT %s",
            [member.uuid, member.enterprise.code, tag, MAX_CONVERSATIONS],
        )
        found += [(group, shown, name) for group, shown in rows]
    return found


def parts(text: str, terms: list[str]) -> list[dict]:
    """An excerpt around the first hit on one line, in pieces: {"text", "hit"}. If the database has
    found something that this does not (é for e), it is the beginning of the text without a hit."""
    line = " ".join(text.split())
    first = first_hit(line, terms)
    begin = max(0, first.start() - CHARS_BEFORE) if first else 0
    end = (first.end() if first else begin) + CHARS_AFTER
    shown = ("…" if begin else "") + line[begin:end] + ("…" if end < len(line) else "")
    pieces, at = [], 0
    for match in pattern(terms).finditer(shown):
        pieces += [piece(shown[at : match.start()], False), piece(match.group(), True)]
        at = match.end()
    pieces.append(piece(shown[at:], False))
    return [each for each in pieces if each["text"]]


def piece(text: str, hit: bool) -> dict:
    return {"text": text, "hit": hit}


def first_hit(text: str, terms: list[str]) -> re.Match | None:
    return pattern(terms).search(text)


def pattern(terms: list[str]) -> re.Pattern:
    return re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
