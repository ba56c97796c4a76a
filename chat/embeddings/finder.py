"""What a search asks: the vectors of an enterprise's articles in this process's memory, and of the
latest questions."""

import threading
import time
from collections import OrderedDict, defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Max, Sum

from accounts.models import Embeddings
from chat import metrics
from chat.assistant.private import replaced
from chat.assistant.shapes import Failed
from chat.knowledge import nearest
from chat.knowledge.tokens import MAX_QUESTION

from . import filling, vectors

if TYPE_CHECKING:
    import numpy as np

ASKED = ThreadPoolExecutor(8, thread_name_prefix="kefu-embeddings-asked")
MOST_ASKED, KEPT = 16, 200
"""Questions of an enterprise that are with the model at once; vectors of questions that are kept,
as a page asks again when its reader goes back."""
WITHIN, SILENT = 2.0, 30.0
"""Seconds for a question's vector, of use for the next search when it is late for this one; and for
which a model that failed is not asked for any."""
NEAREST = 20
"""Articles that are found by meaning."""


class Text(NamedTuple):
    """An article in a language."""

    key: int
    slug: str
    lang: str
    audience: str


class Table(NamedTuple):
    """The vectors of `texts`, and where those of each begin."""

    texts: list[Text]
    firsts: list[int]
    vectors: "np.ndarray"
    by_slug: dict[str, list[Text]]


class Finder:
    """Finds the articles of one enterprise, as long as its settings are those of `row`."""

    def __init__(self, row: Embeddings):
        self.row = row
        self.suggests = False
        self.table: Table | None = None
        self.stamp: tuple = ()
        self.known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self.asking: dict[bytes, Future[None]] = {}
        self.silent_until = 0.0
        self.lock = threading.Lock()

    def refresh(self) -> None:
        """Reads the articles' vectors, if they have changed."""
        usable = filling.usable(self.row)
        figures = Count("pk"), Max("stored_at"), Sum("article__version")
        stamp = tuple(usable.aggregate(*figures).values())
        if stamp != self.stamp:
            self.table, self.stamp = read(usable), stamp

    def knows(self, text: str) -> bool:
        return key_of(text) in self.known

    def ask(self, text: str) -> Future[None] | None:
        key = key_of(text)
        with self.lock:
            if key in self.asking:
                return self.asking[key]
            silent = time.monotonic() < self.silent_until or len(self.asking) >= MOST_ASKED
            if key in self.known or self.table is None or silent:
                return None
            self.asking[key] = future = ASKED.submit(self.answer, key, text)
            return future

    def answer(self, key: bytes, text: str) -> None:
        """Keeps the question's vector. A model that fails is left alone for a while."""
        began, vector = time.monotonic(), None
        try:
            vector = vectors.of(self.row, [replaced(text[:MAX_QUESTION])], began + WITHIN)[0]
        except Failed:
            self.silent_until = time.monotonic() + SILENT
        finally:
            metrics.EMBEDDING_SECONDS.labels("question").observe(time.monotonic() - began)
            with self.lock:
                del self.asking[key]
                if vector is not None:
                    self.known[key] = vector
                    while len(self.known) > KEPT:
                        self.known.popitem(last=False)

    def near(self, text: str, audiences: list[str]) -> list[dict[str, int]] | None:
        import numpy as np

        vector, table = self.known.get(key_of(text)), self.table
        if vector is None or table is None or len(vector) != table.vectors.shape[1]:
            return None
        best = np.maximum.reduceat(table.vectors @ vector, table.firsts)
        found: dict[str, dict[str, int]] = {}
        for one in (table.texts[at] for at in np.argsort(-best, kind="stable")):
            if one.audience in audiences and one.slug not in found:
                same = (text for text in table.by_slug[one.slug] if text.audience in audiences)
                found[one.slug] = {text.lang: text.key for text in same}
                if len(found) == NEAREST:
                    break
        return list(found.values())


def key_of(text: str) -> bytes:
    """A question's name here: what people type is kept nowhere."""
    return sha256(text[:MAX_QUESTION].strip().encode("utf-8", "replace")).digest()


def read(usable) -> Table | None:
    """These vectors, if there are any."""
    import numpy as np

    names = "article_id", "article__slug", "article__lang", "article__audience", "size", "vectors"
    texts: list[Text] = []
    firsts = [0]
    parts: list[np.ndarray] = []
    for *facts, size, data in usable.order_by("pk").values_list(*names).iterator():
        part = np.frombuffer(data, dtype="<f2").reshape(-1, size)
        texts.append(Text(*facts))
        parts.append(part.astype(np.float32))
        firsts.append(firsts[-1] + len(part))
    by_slug = defaultdict(list)
    for one in texts:
        by_slug[one.slug].append(one)
    return Table(texts, firsts[:-1], np.concatenate(parts), by_slug) if parts else None


def use(row: Embeddings) -> Finder:
    """The enterprise's finder in this process, with its articles as they are now."""
    known = nearest.finders.get(row.enterprise.code)
    columns = "pk", "source", "url", "model", "sealed"
    if not isinstance(known, Finder) or any(
        getattr(row, name) != getattr(known.row, name) for name in columns
    ):
        known = nearest.finders[row.enterprise.code] = Finder(row)
    known.suggests = row.enterprise.suggests_articles
    known.refresh()
    return known
