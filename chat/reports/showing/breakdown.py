"""A report's lines by topic, tag, page or channel: the MOST with the most receptions, and others.

A conversation with several tags counts in the line of each.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chat.reports.counting import packs
from chat.reports.figures import Measures

from . import facets
from .facts import Rows, Shown, adding_for, calendar_of, rows_of
from .news import read
from .question import Question

MOST = 20
"""Lines of values; what has others is in one line, and what has none in another one."""
WITHOUT, OTHERS = None, ""
"""Instead of a value, which neither can be."""


@dataclass
class Split:
    """Lines by the facet `by`; `without` and `others` are None where nothing is in them."""

    by: str
    lines: list[tuple[str, Measures]]
    """Each value with its figures, the most receptions first."""
    without: Measures | None
    others: Measures | None


def split(question: Question, by: str) -> Split:
    """The lines that a question asks for. Raises `Refused` where they are made of too much."""
    return read([question], lambda news: split_rows(question, by, rows_of(question, news)))


def split_rows(question: Question, by: str, rows: Rows) -> Split:
    groups = {one.group_id for one in (*rows.receptions, *rows.messages)}
    values, shown = facets.values_of(by, groups), Shown(question.enterprise)
    top = ranked(question, shown, rows, values)[:MOST]
    keys = {group: keys_of(values.get(group, []), set(top)) for group in groups}
    parts: dict[str | None, Rows] = defaultdict(lambda: Rows([], [], []))
    for number, kind in enumerate(rows):
        for one in kind:
            group = one.reception.group_id if kind is rows.replies else one.group_id
            for key in keys[group]:
                parts[key][number].append(one)
    calendar = calendar_of(question)
    found = {}
    for key, part in parts.items():
        lines = adding_for(question, calendar, shown).add(
            pack.within(calendar.slots) for pack in packs.both(*part)
        )
        found[key] = lines.totals
    lines = [(value, found[value]) for value in top]
    return Split(by, lines, found.get(WITHOUT), found.get(OTHERS))


def ranked(question: Question, shown: Shown, rows: Rows, values: dict[str, list[str]]) -> list[str]:
    """All values, those with the most receptions first, then by the alphabet."""
    found: Counter = Counter()
    who = question.member
    for one in rows.messages:
        found.update(dict.fromkeys(values.get(one.group_id, ()), 0))
    for one in rows.receptions:
        counts = who is None or who in {shown.key(member) for member in one.members}
        found.update(dict.fromkeys(values.get(one.group_id, ()), int(counts)))
    return sorted(found, key=lambda value: (-found[value], value))


def keys_of(values: Iterable[str], top: set[str]) -> set[str | None]:
    """The lines in which a conversation with these values counts."""
    return {value if value in top else OTHERS for value in values} or {WITHOUT}
