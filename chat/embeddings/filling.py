"""Makes the vectors of published articles, and keeps them as rows.

What is published has none yet, or those of a former revision; nobody marks it. Whoever looks for
what is missing finds it, after a kill, too.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Embeddings, Enterprise
from chat import clock, metrics, sweeps
from chat.assistant import cutting
from chat.assistant.replies import Refusal, failed
from chat.assistant.shapes import Failed
from chat.knowledge import articles
from chat.knowledge.markup import plain
from chat.models import Article, ArticleVectors
from chat.presence.leases import NODE_ID

from . import setting_up, vectors
from .setting_up import source_of

if TYPE_CHECKING:
    import numpy as np

WITHIN = 30.0
"""Seconds for a request; a model of one's own may have to be loaded first."""
LEASE, PAUSE = timedelta(seconds=90), timedelta(seconds=60)
"""How long a process has the work to itself without a sign of it, which is longer than a request;
and how long nobody tries again after a failure."""
MOST_NUMBERS = 25_000_000
"""Of all vectors of an enterprise, since each process has them in memory, at four bytes each: with
512 numbers some 20,000 articles of a page. What is more is found by words alone."""
FEW = 50
"""Articles that are read at once."""
NOT_TAKEN = (400, 413, 422)
"""What endpoints answer to a text that they do not take, as one with words that they refuse."""


def texts_of(row: Embeddings) -> QuerySet[Article]:
    """The articles that get vectors. Internal ones leave the house for no model."""
    local = row.source == setting_up.LOCAL
    return articles.readable(row.enterprise, "internal" if local else "public")


def missing(row: Embeddings) -> QuerySet[Article]:
    """Those without vectors of this model and of what is published now."""
    own = ArticleVectors.objects.filter(article=OuterRef("pk"), source=source_of(row))
    return texts_of(row).exclude(Exists(own.filter(revision=OuterRef("revision"))))


def usable(row: Embeddings) -> QuerySet[ArticleVectors]:
    """The vectors that a search may use: of what is published now, for whom it is."""
    same = Q(revision=F("article__revision"), source=source_of(row))
    return ArticleVectors.objects.filter(same, size__gt=0, article__in=texts_of(row))


def counts(row: Embeddings) -> tuple[int, int]:
    """How many texts are found by meaning, and of how many."""
    return usable(row).count(), texts_of(row).count()


def state(enterprise: Enterprise) -> dict:
    """What the administration shows: the settings, and `counts` while it is on."""
    row = setting_up.of(enterprise)
    return {"row": row, "counts": None if row.source == setting_up.OFF else counts(row)}


def fill(row: Embeddings, database: Callable) -> None:
    """Makes what is missing, until there is nothing, it fails, or another process does. `database`
    calls a function on a thread that may use the database; this one waits for the model."""
    while few := database(next_few, row):
        for article in few:
            if sweeps.stopping.is_set() or not database(claim, row):
                return
            try:
                with translation.override(row.enterprise.text_language):
                    database(store, row, article, made(row, article))
            except Failed as failure:
                database(note, row, str(failure))
                return
    database(release, row)


def next_few(row: Embeddings) -> list[Article]:
    stored = usable(row).aggregate(sum=Sum(F("size") * F("passages")))["sum"] or 0
    return list(missing(row).order_by("pk")[:FEW]) if stored < MOST_NUMBERS else []


def claim(row: Embeddings) -> bool:
    """Whether the work is this process's from now on, with the settings that it knows."""
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(lease=NODE_ID)
    return bool(same(row).filter(free).update(lease=NODE_ID, leased_until=now + LEASE))


def same(row: Embeddings) -> QuerySet[Embeddings]:
    """Its row, as long as the settings are these."""
    settings = {name: getattr(row, name) for name in ("source", "url", "model", "sealed")}
    return Embeddings.objects.filter(pk=row.pk, enterprise=row.enterprise_id, **settings)


def made(row: Embeddings, article: Article) -> "np.ndarray | None":
    """The vectors of an article; None where the model does not take its text and takes others.
    Raises Failed."""
    texts = passages(article)
    began = time.monotonic()
    try:
        found = [
            vectors.of(row, texts[at : at + vectors.AT_ONCE], time.monotonic() + WITHIN)
            for at in range(0, len(texts), vectors.AT_ONCE)
        ]
        import numpy as np

        return np.concatenate(found)
    except Refusal as refusal:
        if refusal.status not in NOT_TAKEN:
            raise
        vectors.of(row, ["?"], time.monotonic() + WITHIN)
        return None
    except ValueError:
        raise vectors.no_vectors() from None
    finally:
        metrics.EMBEDDING_SECONDS.labels("article").observe(time.monotonic() - began)


def passages(article: Article) -> list[str]:
    """The title, and each part of the text under it."""
    parts = cutting.parts(plain(article.body))
    return [article.title, *(f"{article.title}\n{part}" for part in parts)]


def store(row: Embeddings, article: Article, found: "np.ndarray | None") -> None:
    """Keeps vectors, unless the text was withdrawn meanwhile; if it was changed, nobody uses them.
    Raises Failed if others of the model have another size."""
    size = 0 if found is None else found.shape[1]
    if size and usable(row).values_list("size", flat=True).first() not in (None, size):
        text = _("Its vectors have another length than before: manage.py knowledge embed %(code)s")
        raise failed(text % {"code": row.enterprise.code})
    with transaction.atomic():
        if texts_of(row).select_for_update().filter(pk=article.pk).exists():
            columns = {
                "source": source_of(row),
                "revision": article.revision,
                "size": size,
                "passages": 0 if found is None else len(found),
                "stored_at": clock.now(),
                "vectors": b"" if found is None else found.astype("<f2").tobytes(),
            }
            ArticleVectors.objects.update_or_create(article=article, defaults=columns)


def note(row: Embeddings, failure: str) -> None:
    now = clock.now()
    columns = {"failure": failure[:300], "failed_at": now, "leased_until": now + PAUSE}
    same(row).filter(lease=NODE_ID).update(lease="", **columns)


def release(row: Embeddings) -> None:
    columns = {"lease": "", "leased_until": None, "failure": "", "failed_at": None}
    same(row).filter(lease=NODE_ID).update(**columns)


def fill_anew(row: Embeddings, database: Callable) -> None:
    """Makes all vectors once more, in this process, whoever does now."""
    same(row).update(lease=NODE_ID, leased_until=clock.now() + LEASE)
    ArticleVectors.objects.filter(article__enterprise=row.enterprise_id).delete()
    fill(row, database)
