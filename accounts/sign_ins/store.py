"""Where sessions are: Django's table, of which each page of a member asks for one row."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.kept import Kept


class SessionStore(db.SessionStore):
    """Named as Django's, since what a session holds is signed with this name."""

    def _get_session_from_db(self):
        found = valid.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


@Kept
def valid(key, now) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
