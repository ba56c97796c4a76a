"""Which words of a question are rare enough to be looked for among many articles.

A word that stands in half of 50,000 articles makes the database rank 25,000 rows, and decides
nothing. How often a word stands there is known from a sample.
"""

import time
from collections import Counter
from typing import NamedTuple

from accounts.models import Enterprise
from chat.models import ArticleIndex

from . import articles

SAMPLED = 200
MOST_ROWS = 2_000
"""Rows that the words of a question find together, by the sample: with 4,000, MariaDB needs twice
the time, and no more of a trial's questions found their article."""
EVERY = 600
"""Seconds for which a sample holds."""


class Sample(NamedTuple):
    taken: float
    """By time.monotonic."""
    rows: dict[str, float]
    """In how many articles a word stands, of those that stand in several of the sample."""


samples: dict[int, Sample] = {}
"""By the key of the enterprise, in this process."""


def rare(enterprise: Enterprise, words: list[str]) -> list[str]:
    """The rarest of these words (as in the index), and at least one."""
    sample = samples.get(enterprise.pk)
    if sample is None or time.monotonic() - sample.taken > EVERY:
        sample = samples[enterprise.pk] = take(enterprise)
    found: list[str] = []
    rows = 0.0
    for word in sorted(words, key=lambda word: sample.rows.get(word, 0)):
        rows += sample.rows.get(word, 0)
        if found and rows > MOST_ROWS:
            break
        found.append(word)
    return found


def take(enterprise: Enterprise) -> Sample:
    """A sample of an enterprise's articles; an empty one where there are few."""
    keys = articles.readable(enterprise, "internal").order_by("pk").values_list("pk", flat=True)
    keys, now = list(keys), time.monotonic()
    if len(keys) <= SAMPLED:
        return Sample(now, {})
    chosen = keys[:: len(keys) // SAMPLED][:SAMPLED]
    counter: Counter[str] = Counter()
    rows = ArticleIndex.objects.filter(pk__in=chosen, article__enterprise=enterprise)
    for title, body in rows.values_list("title", "body"):
        counter.update({*title.split(), *body.split()})
    each = len(keys) / len(chosen)
    return Sample(now, {word: each * count for word, count in counter.items() if count > 1})
