"""For how long the traces of signing in are kept: sessions, and what django-axes writes down.

Each function deletes one batch in a transaction of its own, so a process may end anywhere and
several may do the same at once. `chat/background/periodic.py` calls them every few seconds.
"""

from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

FAILURES_KEPT = timedelta(days=1)
"""Failed sign-ins count for a quarter of an hour (AXES_COOLOFF_TIME). A day is for who looks in the
administration at what went on."""
SIGN_INS_KEPT = timedelta(days=30)
"""Longer than a session lives (SESSION_COOKIE_AGE), so that its end is written to a row that is
still there."""
BATCH = 500
"""Rows that one call looks at; 15 s apart that is 2.9 million a day."""


def delete_sessions() -> None:
    """Deletes some of the sessions whose time is over."""
    over = Session.objects.filter(expire_date__lt=timezone.now())
    keys = list(over.order_by("expire_date").values_list("pk", flat=True)[:BATCH])
    # One that goes on since then is not over.
    over.filter(pk__in=keys).delete()


def delete_failures(after: int) -> int:
    """Deletes what is too old among the next failed sign-ins above the id `after`. Returns where
    to go on; 0 at the end."""
    return delete_old(AccessAttempt, FAILURES_KEPT, after)


def delete_sign_ins(after: int) -> int:
    """As `delete_failures`, for those that succeeded."""
    return delete_old(AccessLog, SIGN_INS_KEPT, after)


def delete_old(model, kept: timedelta, after: int) -> int:
    before = timezone.now() - kept
    # Without the time in the condition: it has no index, so a database would read all rows.
    rows = model.objects.filter(id__gt=after).order_by("id")
    found = list(rows.values_list("id", "attempt_time")[:BATCH])
    old = [pk for pk, at in found if at < before]
    if old:
        model.objects.filter(id__in=old, attempt_time__lt=before).delete()
    return found[-1][0] if len(found) == BATCH else 0
