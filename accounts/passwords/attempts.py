"""Who may try a password, or a code, after many wrong ones.

django-axes counts by account and network, so whoever has many networks could go on for ever. So
strangers have MOST tries in an hour for one account, from all networks together, whether there is
such an account or not. This does not keep its member out: a browser in which they have signed in
has a cookie that says so, and goes on until django-axes stops it.
"""

import math
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Member

from .networks import network

MOST = 60
"""Six times what django-axes lets through from one network at once. 1,440 tries a day remain; the
20,000 most frequent passwords cannot be set (AUTH_PASSWORD_VALIDATORS)."""
WITHIN = timedelta(hours=1)
COOKIE = SALT = "kefu_known"
"""The cookie of a browser in which somebody has signed in."""
KEPT = 180 * 24 * 3600
"""Seconds for which a browser is known after a sign-in."""
ACCOUNTS = 5
"""Accounts that one browser is known by: those of a shared computer, the last first."""
TYPED = "typed_account"
"""In the session, until the sign-in is complete: the account that was typed, where it is not the
member's."""


def network_of(request: HttpRequest) -> str | None:
    """The address that django-axes counts by: of IPv6 the first one of the network."""
    return network(request.META.get("REMOTE_ADDR", "")).partition("/")[0] or None


class Handler(AxesDatabaseHandler):
    """What django-axes asks before each try, and has store each wrong one."""

    def is_locked(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        account = get_client_username(request, credentials)
        seconds = seconds_left(account)
        if not seconds or is_known(request, account):
            return False
        request.locked_for = seconds
        return True

    def remove_out_of_limit_failure_logs(self, **kwargs) -> int:
        """Keeps all, until expiry.py deletes them: django-axes would delete the newest."""
        return 0


def seconds_left(account: str) -> int:
    """For how long strangers may not try this account; 0 if they may."""
    now = timezone.now()
    wrong = AccessFailureLog.objects.filter(username=account, attempt_time__gt=now - WITHIN)
    newest = list(wrong.order_by("-attempt_time").values_list("attempt_time", flat=True)[:MOST])
    return math.ceil((newest[-1] + WITHIN - now).total_seconds()) if len(newest) == MOST else 0


def is_known(request: HttpRequest, account: str) -> bool:
    """Whether this browser is signed in to the account, or was with the password of today."""
    if request.user.is_authenticated and request.user.name == account:
        return True
    kept = kept_by(request)
    members = Member.objects.in_bulk([pk for pk, _proof in kept])
    return any(
        pk in members and constant_time_compare(proof, proof_of(members[pk], account))
        for pk, proof in kept
    )


def kept_by(request: HttpRequest) -> list[tuple[int, str]]:
    """What the browser's cookie has: members' ids, each with a proof."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return []


def proof_of(member: Member, account: str) -> str:
    """It ends with the password."""
    return salted_hmac(SALT, f"{account}\n{member.get_session_auth_hash()}").hexdigest()[:32]


def listen() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(signed_in)


def signed_in(request: HttpRequest, user: Member, **kwargs) -> None:
    know(request, user, request.session.pop(TYPED, user.name))


def know(request: HttpRequest, member: Member, account: str) -> None:
    """Has the answer to this request make the browser known."""
    request.known_as = member, account


def set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Sets the cookie if the browser has become known by this request."""
    if not hasattr(request, "known_as"):
        return
    member, account = request.known_as
    others = [one for one in kept_by(request) if one[0] != member.pk]
    kept = [(member.pk, proof_of(member, account)), *others][:ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=KEPT,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
        samesite="Lax",
    )
