"""What readers do with articles: a row each, from which all figures about articles are counted.

`reader` tells readers apart, and no more. A visitor is their uuid. Whoever has no valid cookie of a
visitor is a `stranger`: a keyed hash of what their request has anyway, with the day in it, so that
no cookie is needed and nobody is recognised on the next day. It says nothing of the address to
whoever lacks SECRET_KEY. People behind one address with the same browser are one stranger.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Enterprise
from accounts.passwords.networks import network
from chat import database
from chat.models import Article, ArticleUse
from chat.protocol import fields
from chat.protocol.errors import Refused

from .articles import not_found

Kind = ArticleUse.Kind
VOTES = (Kind.HELPFUL, Kind.UNHELPFUL)
KEPT_FOR = 400
"""Days: a year can be compared with the one before, up to its last month."""
MAX_WORDS = 200
"""Characters of a search that are kept (the column's length)."""
BATCH = 500
"""Rows that one call of `delete_old` reads; with a call every 15 s that is 2.9 million a day."""


def stranger(enterprise: Enterprise, address: str, agent: str) -> str:
    """The reader of a request from this network address with this User-Agent, for today."""
    seen = f"{timezone.now():%Y-%m-%d}\n{enterprise.pk}\n{network(address)}\n{agent}"
    return salted_hmac("kefu.readers", seen, algorithm="sha256").hexdigest()[:32]


def searched(enterprise: Enterprise, words: str, lang: str, reader: str) -> None:
    """A search whose results a reader has seen."""
    row = ArticleUse(enterprise=enterprise, kind=Kind.SEARCHED, lang=lang, reader=reader)
    row.words = tidy(words)
    if not row.words:
        raise Refused("bad_field", "q is missing.", field="q")
    row.save()


def opened(article: Article, reader: str, words: str = "") -> None:
    """A reader opened an article; `words` is the search that found it."""
    note(article, Kind.OPENED, reader, tidy(words))


def solved(article: Article, reader: str) -> None:
    """An article spared a visitor the conversation."""
    note(article, Kind.SOLVED, reader)


def voted(article: Article, reader: str, helpful: bool) -> None:
    """Whether an article helped a reader. A later vote replaces theirs."""
    kind = Kind.HELPFUL if helpful else Kind.UNHELPFUL

    def step() -> None:
        with transaction.atomic():
            # Of two votes at once the second waits, and finds the first, in any language.
            of_slug = {"enterprise": article.enterprise_id, "slug": article.slug}
            if article not in Article.objects.select_for_update().filter(**of_slug):
                raise not_found()
            votes = ArticleUse.objects.filter(**of_slug, reader=reader, kind__in=VOTES)
            now = {"article": article, "lang": article.lang, "at": timezone.now()}
            if not votes.update(kind=kind, **now):
                note(article, kind, reader)

    database.retry(step)


def note(article: Article, kind: str, reader: str, words: str = "") -> None:
    ArticleUse.objects.create(
        enterprise_id=article.enterprise_id,
        article=article,
        kind=kind,
        slug=article.slug,
        lang=article.lang,
        words=words,
        reader=reader,
    )


def tidy(words: str) -> str:
    """A search on one line, cut to MAX_WORDS. Refuses control characters."""
    words = " ".join(words.split())[:MAX_WORDS]
    if fields.has_controls(words):
        raise Refused("bad_field", "q has no control characters.", field="q")
    return words


def delete_old(after: int) -> int:
    """Deletes those of the next BATCH rows with an id above `after` that are older than KEPT_FOR,
    or than their enterprise keeps conversations, if that is shorter. Returns the id to pass next;
    0 at the end of the table."""
    days = dict(Enterprise.objects.values_list("pk", "retention_days"))
    # The condition has no time: without an index on it a database would read all rows.
    rows = ArticleUse.objects.filter(id__gt=after).order_by("id")
    found = list(rows.values_list("id", "enterprise_id", "at")[:BATCH])
    now = timezone.now()

    def is_old(enterprise: int, at) -> bool:
        return at < now - timedelta(days=min(days.get(enterprise) or KEPT_FOR, KEPT_FOR))

    old = [pk for pk, enterprise, at in found if is_old(enterprise, at)]
    if old:
        ArticleUse.objects.filter(pk__in=old).delete()
    return found[-1][0] if len(found) == BATCH else 0
