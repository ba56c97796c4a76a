"""Deletes old sessions and old records of sign-ins (django-axes).

Each function deletes one batch in its own transaction, so a process may stop at any point and
several processes may run it at once. `chat/background/periodic.py` calls them every few seconds.
"""

from datetime import timedelta
from functools import partial

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import MemberSession

FAILURES_KEPT = timedelta(days=1)
"""Failed sign-ins count for an hour at most (attempts.py). They are kept for a day for those who
look into the administration."""
SIGN_INS_KEPT = timedelta(days=30)
"""Longer than most sessions last: django-axes writes the sign-out to this row."""
PLACE_KEPT = timedelta(hours=1)
"""For how long a row of where somebody is signed in may be without its session."""
BATCH = 500
"""Rows that one call reads; with a call every 15 s that is 2.9 million a day."""


def delete_sessions() -> None:
    """Deletes up to BATCH expired sessions, and what is known of where they were."""
    over = Session.objects.filter(expire_date__lt=timezone.now())
    keys = list(over.order_by("expire_date").values_list("pk", flat=True)[:BATCH])
    # Deletes by the condition again: a session may have been extended meanwhile.
    over.filter(pk__in=keys).delete()
    left = Session.objects.filter(pk__in=keys).values_list("pk", flat=True)
    MemberSession.objects.filter(key__in=set(keys) - set(left)).delete()


def delete_places(after: int) -> int:
    """Deletes those of the next BATCH rows of where members are signed in, with an id above
    `after`, whose session is no more: it got another key, or was ended in another way than by its
    member. Returns the id to pass next; 0 at the end of the table."""
    found = list(MemberSession.objects.filter(id__gt=after).order_by("id")[:BATCH])
    # A session is stored at the end of its first request, its row before.
    before = timezone.now() - PLACE_KEPT
    old = {row.key for row in found if row.signed_in_at < before}
    there = Session.objects.filter(session_key__in=old).values_list("session_key", flat=True)
    if gone := old - set(there):
        MemberSession.objects.filter(key__in=gone).delete()
    return found[-1].pk if len(found) == BATCH else 0


def delete_old(model, kept: timedelta, after: int) -> int:
    """Deletes the old ones of the next BATCH rows with an id above `after`. Returns the id to pass
    next; 0 at the end of the table."""
    before = timezone.now() - kept
    # The condition has no time: without an index on it a database would read all rows.
    rows = model.objects.filter(id__gt=after).order_by("id")
    found = list(rows.values_list("id", "attempt_time")[:BATCH])
    old = [pk for pk, at in found if at < before]
    if old:
        model.objects.filter(id__in=old, attempt_time__lt=before).delete()
    return found[-1][0] if len(found) == BATCH else 0


delete_failures = partial(delete_old, AccessAttempt, FAILURES_KEPT)
"""Of failed sign-ins."""
delete_wrong_passwords = partial(delete_old, AccessFailureLog, FAILURES_KEPT)
"""Of the single tries of which those consist."""
delete_sign_ins = partial(delete_old, AccessLog, SIGN_INS_KEPT)
"""Of successful sign-ins."""
