"""Where members are signed in: a row for each session, which its member can see and end.

A row comes with the sign-in and goes with the sign-out. Page views renew `seen_at`, and so do
sockets (chat/background/upkeep.py), both only now and then. Sockets of a session that was ended
close with the next tick, as after a sign-out. How long one lasts without use is the enterprise's
choice (`lengthen`).
"""

import time
from collections import OrderedDict
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit, signals
from accounts.factors import fresh
from accounts.models import Member, MemberSession, Provider

from .user_agents import parse_user_agent

EVERY = 600
"""Seconds between two notes of when a session was seen."""
RENEWED = 3600
"""Seconds of use after which a session lasts anew: each renewal is a write."""
SET_EXPIRY = "_session_expiry"
"""The key of a session under which Django stores an end that was set (SessionBase.set_expiry)."""
REMEMBERED = 10_000
"""Sessions of which this process remembers when it noted them last."""

SINGLE_SIGN_ON = "signed_in_by"
"""In the session of who was let in by a provider: its id, its own name of the session, its kind,
and what the button is called that leads there."""

noted: OrderedDict[str, float] = OrderedDict()
"""When this process last noted each session, by its key; the oldest first."""


def listen() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    signals.access_changed.connect(access_set, sender=Member)


def signed_in(request: HttpRequest, user: Member, **kwargs) -> None:
    fresh.mark(request)
    # As long as those of members are kept, not as those before a sign-in (middleware.py).
    request.session.set_expiry(None)
    lengthen(request, user)
    if request.session.session_key is None:
        request.session.create()
    store(request, user)


def lengthen(request: HttpRequest, member: Member) -> None:
    """Lets the session last from now on as the member's enterprise says. Whoever a provider has let
    in has to ask it again in time: nothing else says here that they are disabled there. Members
    without an enterprise have Django's SESSION_COOKIE_AGE from their sign-in on."""
    enterprise, age = member.enterprise, settings.SESSION_COOKIE_AGE
    wanted = timedelta(days=enterprise.sign_in_days) if enterprise else timedelta(seconds=age)
    longer = wanted.total_seconds() - request.session.get_expiry_age()
    # Django counts one that names no end as new at each look, and with each change.
    endless = SET_EXPIRY not in request.session
    renewed = enterprise is not None and SINGLE_SIGN_ON not in request.session
    if endless or longer < -RENEWED or (longer > RENEWED and renewed):
        request.session.set_expiry(timezone.now() + wanted)


def let_in_by(request: HttpRequest, provider: Provider, sid: str) -> None:
    """Notes by which provider this session's member was let in, and its own name of the session."""
    known = {"provider": provider.pk, "sid": sid, "kind": provider.kind, "name": provider.name}
    request.session[SINGLE_SIGN_ON] = known
    rows = MemberSession.objects.filter(key=request.session.session_key)
    rows.update(provider=provider, sid=sid)


def provider_of(request: HttpRequest) -> Provider | None:
    """The provider that let this session's member in."""
    known = request.session.get(SINGLE_SIGN_ON)
    return Provider.objects.filter(pk=known["provider"]).first() if known else None


def signed_out(request: HttpRequest, user: Member | None, **kwargs) -> None:
    MemberSession.objects.filter(key=request.session.session_key or "").delete()


def access_set(member: Member, changed: set[str], **kwargs) -> None:
    """Another password ends all sessions; the one in which it was changed goes on under a new
    key. Those of a disabled member open nothing but a page that says so, and end for good at the
    latest when the member is enabled."""
    enabled = "status" in changed and member.status == Member.Status.NORMAL
    if enabled or "password" in changed:
        end(MemberSession.objects.filter(member=member))


def saw(request: HttpRequest) -> None:
    """Notes that a member looks at a page, unless that was done shortly before. Sessions without a
    row get one: they began before there were rows, or have another key since."""
    key, now = request.session.session_key, time.monotonic()
    if now - noted.get(key, -EVERY) < EVERY:
        return
    remember(key, now)
    lengthen(request, cast(Member, request.user))
    place = {"seen_at": timezone.now(), "address": address_of(request)}
    if not MemberSession.objects.filter(key=key).update(**place):
        store(request, request.user)


def saw_sockets(keys: list[str]) -> None:
    """Notes that these sessions have sockets."""
    MemberSession.objects.filter(key__in=keys).update(seen_at=timezone.now())


def store(request: HttpRequest, member: Member) -> None:
    key = request.session.session_key
    browser, system = parse_user_agent(request.META.get("HTTP_USER_AGENT", ""))
    known = request.session.get(SINGLE_SIGN_ON, {})
    place = {"browser": browser[:60], "system": system[:60], "address": address_of(request)}
    try:
        with transaction.atomic():
            MemberSession.objects.create(
                key=key,
                member=member,
                provider_id=known.get("provider"),
                sid=known.get("sid", ""),
                **place,
            )
    except IntegrityError:  # Another request of the same browser was first.
        pass
    remember(key, time.monotonic())


def remember(key: str, now: float) -> None:
    noted[key] = now
    noted.move_to_end(key)
    while len(noted) > REMEMBERED:
        noted.popitem(last=False)


def address_of(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")[:45]


def of_member(member: Member) -> list[MemberSession]:
    """The member's sessions that still hold, the one that was seen last first."""
    rows = list(MemberSession.objects.filter(member=member).order_by("-seen_at", "-pk"))
    valid = Session.objects.filter(
        session_key__in=[row.key for row in rows], expire_date__gt=timezone.now()
    )
    keys = set(valid.values_list("session_key", flat=True))
    return [row for row in rows if row.key in keys]


def end(rows) -> int:
    """Ends the sessions of these rows (a QuerySet). Returns how many there were."""
    keys = list(rows.values_list("key", flat=True))
    with transaction.atomic():
        Session.objects.filter(session_key__in=keys).delete()
        MemberSession.objects.filter(key__in=keys).delete()
    return len(keys)


def end_noted(rows, chain: int, owner: Member | Provider) -> int:
    """As `end`, with a row of the audit: they were this member's, or the provider ended them."""
    if count := end(rows):
        audit.note(
            audit.Action.DELETED,
            chain,
            kind="membersession",
            object_id=str(owner.pk),
            object_name=owner.name,
            details={"count": count},
        )
    return count
