"""Ends the sessions of members whom a directory has locked or no longer has."""

from datetime import timedelta

import ldap3
from django.db.models import Q
from django.utils import timezone

from accounts import audit, single_sign_on
from accounts.models import Enterprise, Member, MemberSession, Provider, ProviderAccount
from accounts.sign_ins import sessions

from . import connections, lookup
from .errors import Away

EVERY = timedelta(minutes=5)


def look_after() -> None:
    """Asks each directory that was not asked for EVERY about those who are signed in by it. Several
    processes may call it at once: one of them asks."""
    before = timezone.now() - EVERY
    due = Q(checked_at=None) | Q(checked_at__lt=before)
    found = Provider.objects.filter(due, kind=Provider.Kind.LDAP, is_on=True)
    for provider in found.filter(enterprise__status=Enterprise.Status.OPEN):
        mine = Provider.objects.filter(due, pk=provider.pk)
        if mine.update(checked_at=timezone.now()):
            look(provider)


def look(provider: Provider) -> None:
    rows = MemberSession.objects.filter(provider=provider)
    people = list(Member.objects.filter(pk__in=rows.values("member")))
    if not people:
        return
    accounts = ProviderAccount.objects.filter(provider=provider, member__in=people)
    subjects = dict(accounts.values_list("member", "subject"))
    try:
        with connections.opened(provider) as searching:
            gone = [
                member
                for member in people
                if not may_stay(searching, provider, subjects.get(member.pk, ""))
            ]
    except Away:
        # Nothing is known of anybody: nobody is signed out because of a fault.
        return
    for member in gone:
        with audit.recording(audit.Origin(source="directory")):
            sessions.end_noted(rows.filter(member=member), provider.enterprise_id, member)


def may_stay(searching: ldap3.Connection, provider: Provider, subject: str) -> bool:
    """Whether the directory still has this person, not locked, and with access here. Without a
    subject somebody is linked no more: the directory is another one now."""
    entry = lookup.by_subject(searching, provider, subject) if subject else None
    if entry is None or entry.is_locked:
        return False
    claims = entry.claims(provider, lookup.groups(searching, provider, entry))
    return single_sign_on.has_access(provider, claims)
