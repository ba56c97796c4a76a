"""What articles do not answer: searches without a good end, grouped by likeness.

A search has a good end if its reader opens an article within two minutes and does not call it
unhelpful. A reader who searches again within two minutes, with more of the same word, was still
writing: the former search does not count. Of those who then wrote to the team it is known how long
they waited.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import median
from typing import Any

from django.db.models import Min
from django.utils import timezone

from accounts.models import Enterprise
from chat.models import ArticleUse, Conversation, CountedReception

from . import figures
from .tokens import words as words_of

Kind = ArticleUse.Kind
WITHIN = timedelta(minutes=2)
"""How soon an article is opened by whoever found one."""
WROTE_WITHIN = timedelta(hours=1)
"""How soon somebody writes to the team about what they searched."""
ALIKE = 0.5
"""Share of common words, of all of two questions, from which on they are one: 盖子能单买吗 and
盖子碎了能单买吗 share .62, and 怎么退货 and 怎么退款 .4."""
MOST = 5_000
"""Searches that are looked at, the newest ones."""


@dataclass(slots=True)
class Group:
    """Searches that ask the same. `words` are the most frequent of them; `rows` the keys of the
    rows in ArticleUse; `waits` the seconds until the first reply of those who then wrote."""

    words: str = ""
    lang: str = ""
    rows: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    wrote: int = 0
    phrases: Counter = field(default_factory=Counter)

    @property
    def wait(self) -> float | None:
        """The median of the waits, in seconds."""
        return median(self.waits) if self.waits else None


def groups(enterprise: Enterprise, since: datetime, until: datetime) -> list[Group]:
    """The groups of searches in this time that ended nowhere, the most frequent first."""
    failed = without_end(enterprise, since, min(until, timezone.now() - WITHIN))
    found: list[Group] = []
    known: dict[str, Group] = {}
    sizes: list[int] = []
    having: dict[str, list[int]] = defaultdict(list)
    for phrase, alike in by_phrase(failed):
        group = known.get(phrase)
        if group is None:
            own = frozenset(words_of(phrase))
            common = Counter(at for word in own for at in having[word])
            alike_to = (at for at, n in common.items() if n >= ALIKE * (len(own) + sizes[at] - n))
            at = min(alike_to, default=len(found))
            if at == len(found):
                found.append(Group())
                sizes.append(len(own))
                for word in own:
                    having[word].append(at)
            group = known[phrase] = found[at]
        group.phrases.update(row.words for row in alike)
        group.rows += [row.pk for row in alike]
    by_row = {row.pk: row for row in failed}
    replies = first_replies(enterprise, failed)
    for group in found:
        group.words = group.phrases.most_common(1)[0][0]
        group.lang = by_row[group.rows[0]].lang
        ended = [replies[pk] for pk in group.rows if pk in replies]
        group.wrote = len(ended)
        group.waits = [seconds for seconds in ended if seconds is not None]
    return sorted(found, key=lambda one: (-len(one.rows), one.words))


def without_end(enterprise: Enterprise, since: datetime, until: datetime) -> list[ArticleUse]:
    """The searches without a good end, the newest first."""
    searches = list(figures.rows(enterprise, since, until, Kind.SEARCHED)[:MOST])
    readers = {one.reader for one in searches}
    after: dict[str, list[Any]] = defaultdict(list)
    later = figures.rows(enterprise, searches[-1].at if searches else until, until + WITHIN)
    later = later.filter(kind__in=(Kind.OPENED, Kind.SEARCHED), reader__in=readers)
    columns = ("pk", "kind", "slug", "lang", "words", "reader", "at")
    for row in later.order_by("at").values_list(*columns, named=True).iterator():
        after[row.reader].append(row)
    votes = figures.rows(enterprise, since, timezone.now(), Kind.UNHELPFUL)
    bad = set(votes.filter(reader__in=readers).values_list("reader", "slug", "lang"))

    def soon(search: ArticleUse) -> list[Any]:
        """What the reader did from then on. Of one reader there may be thousands of rows."""
        rows, at = after[search.reader], attrgetter("at")
        first = bisect_left(rows, search.at, key=at)
        return rows[first : bisect_right(rows, search.at + WITHIN, first, key=at)]

    def is_over(search: ArticleUse, row: Any) -> bool:
        """Whether a later row makes the search one that need not be answered."""
        if row.kind == Kind.SEARCHED:
            return row.pk > search.pk and row.words.startswith(search.words)
        return (row.reader, row.slug, row.lang) not in bad

    return [one for one in searches if not any(is_over(one, row) for row in soon(one))]


def by_phrase(searches: Iterable[ArticleUse]) -> list[tuple[str, list[ArticleUse]]]:
    """Searches by their words in small letters, the most frequent first: they lead the groups."""
    found: dict[str, list[ArticleUse]] = defaultdict(list)
    for row in searches:
        found[row.words.casefold()].append(row)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def first_replies(
    enterprise: Enterprise, searches: Iterable[ArticleUse]
) -> dict[int, float | None]:
    """For each search whose reader then wrote to a team, by its key: the seconds until the first
    reply, None while there is none."""
    by_visitor: dict[str, list[ArticleUse]] = defaultdict(list)
    for row in searches:
        by_visitor[row.reader].append(row)
    theirs = Conversation.objects.filter(ent_id=enterprise.code, visitor_id__in=by_visitor)
    visitors = dict(theirs.values_list("uuid", "visitor_id"))
    receptions = CountedReception.objects.filter(ent_id=enterprise.code, group_id__in=visitors)
    begun = receptions.values_list("group_id", "opened_at").annotate(Min("replied_at"))
    found: dict[int, float | None] = {}
    for group, opened_at, replied_at in begun.order_by("-opened_at"):
        for row in by_visitor[visitors[group]]:
            if row.at <= opened_at <= row.at + WROTE_WITHIN:
                found[row.pk] = (replied_at - opened_at).total_seconds() if replied_at else None
    return found
