"""Notes what is done, in the transaction that does it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models.audit import AuditRow

from . import chains, origins
from .chains import Entry
from .origins import Origin


@dataclass(slots=True)
class Recording:
    """What a transaction does, and who."""

    origin: Origin
    entries: list[Entry] = field(default_factory=list)


current: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording(origin: Origin):
    """A transaction whose changes are `origin`'s. Its rows are written at its end, so that the
    lock of the chain comes last and is held for a moment. Inside another it is part of that."""
    if current.get() is not None:
        yield
        return
    opened = Recording(origin)
    with transaction.atomic():
        token = current.set(opened)
        try:
            yield
        finally:
            current.reset(token)
        chains.append(opened.entries)


@contextmanager
def undoable():
    """A part of a transaction that may fail while the rest is stored: what it changed is undone
    then, and nothing of it is noted."""
    opened = current.get()
    before = len(opened.entries) if opened else 0
    try:
        with transaction.atomic():
            yield
    except BaseException:
        if opened:
            del opened.entries[before:]
        raise


def actor() -> str:
    """Who makes the changes that are recorded now (a uuid); "" where nobody is known."""
    opened = current.get()
    return opened.origin.actor if opened else ""


def during(request: HttpRequest) -> AbstractContextManager:
    """A recording of what a request changes; nothing where it can change nothing."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return nullcontext()
    return recording(origins.of_request(request))


def recorded(view: Callable) -> Callable:
    """Decorates a view whose changes are to be noted."""

    @wraps(view)
    def inside(request: HttpRequest, *args, **kwargs):
        with during(request):
            return view(request, *args, **kwargs)

    return inside


def note_once(within: timedelta, action: str, chain: int | None, origin: Origin, **columns) -> None:
    """As `note`, unless the same person did the same with the same object, with the same details,
    so shortly before."""
    same = {"actor": origin.actor, "action": action, "object_id": columns["object_id"]}
    same["digest"] = chains.digest(chains.as_text(columns.get("details", {})))
    since = timezone.now() - within
    if not AuditRow.objects.filter(**same, chain=chain, at__gt=since).exists():
        note(action, chain, origin, **columns)


def note(action: str, chain: int, origin: Origin | None = None, **columns) -> None:
    """Notes what was done: an `Action`, in the enterprise whose id is `chain`. `columns` are those
    of `Entry`. Without `origin` it is the recording's, or else the process itself."""
    opened = current.get()
    if origin is None:
        origin = opened.origin if opened else origins.of_process()
    entry = Entry(chain, action, origin, **columns)
    if opened:
        opened.entries.append(entry)
    else:
        with transaction.atomic():
            chains.append([entry])
