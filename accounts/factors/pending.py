"""Who has given a right password and still owes the second factor. The session knows it; it signs
nobody in."""

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Member, Provider

KEY = "second_step"
WITHIN = 600
"""Seconds for the second step."""


def begin(request: HttpRequest, member: Member, provider: Provider | None = None) -> None:
    """Remembers the member, in a session with a new key, and the directory that has accepted the
    password."""
    request.session.cycle_key()
    request.session[KEY] = {
        "member": member.pk,
        "hash": member.get_session_auth_hash(),
        "at": time.time(),
        "provider": provider and provider.pk,
    }


def member_of(request: HttpRequest) -> Member | None:
    """Who has to give a second factor, or None where nobody has, or it took too long, or they may
    not sign in any more, or have another password by now."""
    found = request.session.get(KEY)
    if not found or time.time() - found["at"] > WITHIN:
        return None
    member = Member.objects.filter(pk=found["member"]).first()
    if member is None or not member.is_active:
        return None
    same = constant_time_compare(found["hash"], member.get_session_auth_hash())
    return member if same else None


def provider_of(request: HttpRequest) -> Provider | None:
    """The directory that has accepted the password, if it was one."""
    known = request.session.get(KEY, {}).get("provider")
    return Provider.objects.filter(pk=known).first() if known else None


def end(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
