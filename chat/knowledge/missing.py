"""What articles do not answer: searches without a good end, grouped by likeness.

A search has a good end if its reader opens an article within two minutes and does not call it
unhelpful. A reader who searches again within two minutes, with more of the same word, was still
writing: the former search does not count. Of those who then wrote to the team it is known how long
they waited.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

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
    words: list[frozenset[str]] = []
    for phrase, alike in by_phrase(failed):
        group = known.get(phrase)
        if group is None:
            own = frozenset(words_of(phrase))
            at = next((at for at, other in enumerate(words) if likeness(own, other) >= ALIKE), None)
            if at is None:
                found.append(Group())
                words.append(own)
                at = len(found) - 1
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
    after: dict[str, list[ArticleUse]] = defaultdict(list)
    later = figures.rows(enterprise, since, until + WITHIN)
    for row in later.filter(kind__in=(Kind.OPENED, Kind.SEARCHED)):
        after[row.reader].append(row)
    bad = set(
        figures.rows(enterprise, since, timezone.now(), Kind.UNHELPFUL)
        .values_list("reader", "slug", "lang")
    )  # fmt: skip

    def is_over(search: ArticleUse, row: ArticleUse) -> bool:
        """Whether a later row makes the search one that need not be answered."""
        if row.pk == search.pk or not search.at <= row.at <= search.at + WITHIN:
            return False
        if row.kind == Kind.SEARCHED:
            return row.pk > search.pk and row.words.startswith(search.words)
        return (row.reader, row.slug, row.lang) not in bad

    return [one for one in searches if not any(is_over(one, row) for row in after[one.reader])]


def by_phrase(searches: Iterable[ArticleUse]) -> list[tuple[str, list[ArticleUse]]]:
    """Searches by their words in small letters, the most frequent first: they lead the groups."""
    found: dict[str, list[ArticleUse]] = defaultdict(list)
    for row in searches:
        found[row.words.casefold()].append(row)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


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
