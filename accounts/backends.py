"""Which member an account and a password belong to, or a second factor, and which sessions stay
valid."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from . import audit, directory, factors, single_sign_on
from .kept import Kept
from .models import Member, Provider

BACKEND = "accounts.backends.MemberBackend"
"""Which backend sessions belong to, whatever somebody signed in with."""


class MemberBackend(ModelBackend):
    """Authenticates members of a closed enterprise as well, so that the form can tell who knows the
    password why they may not sign in. Sessions are only valid for active members. Programs have
    neither: they come with an access token."""

    def user_can_authenticate(self, member: Member) -> bool:
        if member.is_program:
            return False
        return member.is_active or member.status == Member.Status.NORMAL

    def get_user(self, pk) -> Member | None:
        member = with_key.first(pk)
        return member if member and may_have_session(member) else None

    async def aget_user(self, pk) -> Member | None:
        member = await super().aget_user(pk)
        return member if member and may_have_session(member) else None


@Kept
def with_key(pk) -> QuerySet[Member]:
    return Member.objects.filter(pk=pk)


def may_have_session(member: Member) -> bool:
    return member.is_active and not member.is_program


class DirectoryBackend:
    """Asks a directory whether it has this account with this password, after MemberBackend has not
    accepted it. It is a backend for the same reason as the one below. The member has the directory
    as `came_by`. Raises `single_sign_on.Refused` where the password is right and its owner may not
    enter: that is no guess. Where the directory is away, `request.directory_is_away` is set, and
    the try counts."""

    def authenticate(
        self, request, username: str, password: str, asked: Provider | None = None
    ) -> Member | None:
        """`asked` is the directory that the page is for, if there is one."""
        if asked is None:
            return None
        try:
            claims = directory.who(asked, username, password)
        except directory.Away:
            request.directory_is_away = True
            return None
        if claims is None:
            return None
        try:
            with audit.recording(audit.of_request(request)):
                member = single_sign_on.member_of(asked, claims)
        except single_sign_on.Refused as refused:
            single_sign_on.record(request, asked, refused, claims)
            raise
        member.came_by = asked
        return member


class FactorBackend:
    """Takes the code of the second step. It is a backend so that django-axes asks before each try
    whether the account is locked, and counts wrong codes as it counts wrong passwords."""

    def authenticate(self, request, username: str, code: str) -> Member | None:
        member = Member.objects.filter(name=username).first()
        if member is None or not member.is_active:
            return None
        # In the second step nobody is signed in yet. The code stays used whatever the view does
        # afterwards, so the view is no recording.
        origin = replace(audit.of_request(request), actor=member.uuid, name=member.name)
        return member if factors.use(member, code, origin) else None


def renew_hash(session) -> None:
    """Renews the hash of a session that was created with a former SECRET_KEY.

    Call it before the session's member is looked up. Django would give the session a new id, which
    signs out the member's other windows and sockets; Channels would end the session.
    """
    if not settings.SECRET_KEY_FALLBACKS or SESSION_KEY not in session:
        return
    member = Member.objects.filter(pk=session[SESSION_KEY]).first()
    known = session.get(HASH_SESSION_KEY, "")
    if member is None or constant_time_compare(known, member.get_session_auth_hash()):
        return
    if any(constant_time_compare(known, each) for each in member.get_session_auth_fallback_hash()):
        session[HASH_SESSION_KEY] = member.get_session_auth_hash()
