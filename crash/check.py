"""Compares the database with what clients sent, received and show."""

import json
from collections import Counter
from dataclasses import dataclass, field

from . import model
from .book import Book
from .facts import MESSAGE, replay
from .page import Page

NOTICE, NOTE, AGENT_NOTICE = 2, 3, 4
"""group_message.message_type."""
KINDS = {MESSAGE: "message", NOTICE: "notice", NOTE: "note", AGENT_NOTICE: "notice"}
NOTICES, HIDDEN = (NOTICE, AGENT_NOTICE), (NOTE, AGENT_NOTICE)
SEATS = "SELECT uuid, member_id, unread, read_seq FROM chat_group WHERE uuid IN ({})"
CONVERSATIONS = (
    "SELECT uuid, visitor_id, open, claimed_by, waiting_since, last_seq, public_seq, message_seq"
    " FROM conversation WHERE uuid IN ({})"
)
ROWS = (
    "SELECT group_id, seq, id, sender, client_id, message_type, message_content"
    " FROM group_message WHERE group_id IN ({}) ORDER BY group_id, seq"
)
HAPPENED = (
    "SELECT group_id, sender, message_type, created_at, data FROM group_message"
    " WHERE group_id IN ({}) ORDER BY group_id, seq"
)
COUNT = "SELECT message_type, COUNT(*) FROM group_message GROUP BY message_type"
BATCH = 100
"""Groups in one query."""


@dataclass
class Findings:
    """The errors that a comparison found: a sentence for each, by kind."""

    stored: int = 0
    """Number of messages and notes in the whole database."""
    notices: int = 0
    """Number of notices: openings, claims and so on."""
    answers: int = 0
    """Number of an assistant's answers."""
    lost: list[str] = field(default_factory=list)
    """Messages that were accepted, but are missing or differ."""
    duplicated: list[str] = field(default_factory=list)
    """Messages that are stored twice, or that nobody sent."""
    gaps: list[str] = field(default_factory=list)
    """Missing or duplicate seq in a conversation, or a wrong last seq in its row."""
    logs: list[str] = field(default_factory=list)
    """Pages that show something else than the database has, or got contradicting events."""
    unread: list[str] = field(default_factory=list)
    """Unread counts, stored or on a page, that differ from the messages after the read cursor."""
    facts: list[str] = field(default_factory=list)
    """Whether a conversation is open, who has claimed it, since when its visitor waits and who has
    a seat, where a page or the rows differ from the database."""

    assistant: list[str] = field(default_factory=list)
    """What an assistant said without the floor or without proof."""

    KINDS = ("lost", "duplicated", "gaps", "logs", "unread", "facts", "assistant")

    def counts(self) -> dict[str, int]:
        return {kind: len(getattr(self, kind)) for kind in self.KINDS}

    def sentences(self) -> list[str]:
        return [f"{kind}: {text}" for kind in self.KINDS for text in getattr(self, kind)]


def check(select, groups: list[str], book: Book, pages: list[Page]) -> Findings:
    """Compares the conversations `groups`. `select(sql, values)` returns rows of one snapshot of
    the database (services.py), and `pages` must be synced."""
    found = Findings()
    rows, seats, visitors = {group: [] for group in groups}, {}, {}
    facts, happened = {}, {group: [] for group in groups}
    for part in [groups[at : at + BATCH] for at in range(0, len(groups), BATCH)]:
        marks = ",".join(["%s"] * len(part))
        for group, *row in select(ROWS.format(marks), part):
            rows[group].append(row)
        for group, who, unread, read_seq in select(SEATS.format(marks), part):
            seats[group, who] = unread, read_seq
        conversations = select(CONVERSATIONS.format(marks), part)
        for group, *row, data in select(HAPPENED.format(marks), part):
            notice = json.loads(data) if row[1] in NOTICES else None
            happened[group].append((*row, notice))
        for group, visitor, is_open, holder, since, *numbers in conversations:
            visitors[group] = visitor
            facts[group] = {"open": bool(is_open), "claimed_by": holder or None}
            stored = facts[group] | {"waiting_since": since}
            check_numbers(found, group, rows[group], numbers)
            if stored != (replayed := replay(happened[group], visitor)):
                found.facts.append(f"{group}: the rows say {replayed}, stored {stored}")
        found.lost += [f"conversation {group}" for group in set(part) - visitors.keys()]
    check_messages(found, rows, book)
    if book.assistant:
        found.answers, found.assistant = model.judge(select, book.assistant)
    for (group, who), (unread, read_seq) in seats.items():
        if unread != (count := count_unread(rows[group], visitors.get(group), who, read_seq)):
            found.unread.append(f"{group}: {who} has {count} above {read_seq}, stored {unread}")
    for group in facts:
        people = {who for sits, who in seats if sits == group}
        facts[group]["members"] = sorted(people - {visitors[group]})
    counted = dict(select(COUNT))
    found.notices = counted.get(NOTICE, 0)
    found.stored = counted.get(MESSAGE, 0) + counted.get(NOTE, 0)
    for page in pages:
        check_page(found, page, rows, seats, visitors)
        if not page.person.is_visitor:
            check_facts(found, page, facts)
    return found


def check_numbers(found: Findings, group: str, rows: list, stored: list[int]) -> None:
    seqs = [row[0] for row in rows]
    if seqs != list(range(1, len(seqs) + 1)):
        wanted = Counter(range(1, max(seqs, default=0) + 1))
        wanted.subtract(seqs)
        found.gaps += [f"{group}: seq {seq}" for seq, missing in wanted.items() if missing]
    last = [
        max((row[0] for row in rows if row[4] not in unless), default=0)
        for unless in ((), HIDDEN, NOTICES)
    ]
    if stored != last:
        found.gaps.append(f"{group}: last_seq, public_seq, message_seq {stored}, not {last}")


def check_messages(found: Findings, rows: dict[str, list], book: Book) -> None:
    """Checks that every accepted message is stored once, as it was sent, and no others."""
    there, contents = {}, Counter()
    for group, messages in rows.items():
        for seq, id, sender, client_id, kind, content in messages:
            if kind in NOTICES or sender == book.assistant or sender in book.others:
                continue
            key = sender, client_id
            if key in there or key not in book.sent:
                found.duplicated.append(f"{group} {seq}: {content}")
            there[key] = (group, seq, id), content
            contents[content] += 1
    found.duplicated += [f"{text} × {times}" for text, times in contents.items() if times > 1]
    for key, place in book.acked.items():
        if place[0] in rows and there.get(key) != (place, book.sent[key]):
            found.lost.append(f"{key} accepted as {place}, stored as {there.get(key)}")


def count_unread(rows: list, visitor: str | None, who: str, read_seq: int) -> int:
    """The number of messages of others after the read cursor; for agents with notes."""
    kinds = (MESSAGE,) if who == visitor else (MESSAGE, NOTE)
    return sum(
        seq > read_seq and sender != who and kind in kinds
        for seq, _id, sender, _client_id, kind, _content in rows
    )


def check_page(found: Findings, page: Page, rows: dict, seats: dict, visitors: dict) -> None:
    """Checks that the page shows exactly what its person may see, and the stored unread counts."""
    who = page.person.who
    for group in rows:
        if (group, who) not in seats:
            continue
        hidden = HIDDEN if visitors.get(group) == who else ()
        wanted = {
            seq: (id, sender, client_id, KINDS[kind], content)
            for seq, id, sender, client_id, kind, content in rows[group]
            if kind not in hidden
        }
        shown = page.logs[group].rows if group in page.logs else {}
        for seq in sorted(wanted.keys() | shown.keys()):
            if wanted.get(seq) != shown.get(seq):
                difference = f"{shown.get(seq)}, not {wanted.get(seq)}"
                found.logs.append(f"{group} {seq} on a page of {who}: {difference}")
        shown_unread = page.unread.get(group)
        if not page.person.is_visitor and shown_unread != seats[group, who][0]:
            found.unread.append(
                f"{group}: {who} was told {shown_unread}, stored {seats[group, who][0]}"
            )


def check_facts(found: Findings, page: Page, facts: dict[str, dict]) -> None:
    """Checks what an agent's page knows about the conversations in which they have a seat."""
    who = page.person.who
    for group, stored in facts.items():
        known = page.facts.known.get(group)
        if who in stored["members"] and known != stored:
            found.facts.append(f"{group}: a page of {who} knows {known}, stored {stored}")
