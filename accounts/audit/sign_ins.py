"""Notes who signs in. Failed tries are counted by minute and address, and become a row when their
minute is over, so that whoever guesses passwords does not fill the audit."""

from datetime import datetime, timedelta
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Member
from accounts.models.audit import SignInFailures

from . import chains
from .chains import INSTALLATION, Action, Entry
from .notes import note
from .origins import Origin, of_request

BATCH = 500
"""Counts that become rows in one transaction."""


def chain_of_member(member: Member) -> int:
    """Superusers, whom no manager sees, belong to the installation."""
    return INSTALLATION if member.is_superuser else member.enterprise_id or INSTALLATION


def signed_in(request: HttpRequest, user: Member, **kwargs) -> None:
    about = {"kind": "member", "object_id": str(user.pk), "object_name": user.name}
    note(Action.SIGNED_IN, chain_of_member(user), of_request(request), **about)


def failed(credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """Counts a wrong password, or a right one while the account is locked."""
    account = str(credentials.get("username") or "").lower()
    member = Member.objects.filter(name=account).first()
    count(
        chain=chain_of_member(member) if member else INSTALLATION,
        minute=timezone.now().replace(second=0, microsecond=0),
        address=request.META.get("REMOTE_ADDR", "")[:45] if request else "",
        account=member.name if member else "",
    )


def count(**what) -> None:
    rows = SignInFailures.objects.filter(**what)
    if rows.update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            SignInFailures.objects.create(**what)
    except IntegrityError:  # Another process was first.
        rows.update(count=F("count") + 1)


def gather(now: datetime | None = None) -> None:
    """Makes rows of the counts whose minute is over. Several processes may do so at once."""
    over = (now or timezone.now()) - timedelta(minutes=1)
    due = SignInFailures.objects.filter(minute__lte=over)
    for chain in due.values_list("chain", flat=True).distinct():
        with transaction.atomic():
            chains.locked_head(chain)
            rows = list(due.filter(chain=chain).order_by("minute", "address", "account")[:BATCH])
            due.filter(pk__in=[row.pk for row in rows]).delete()
            chains.append([entry_of(list(some)) for _key, some in groupby(rows, key=place)])


def place(row: SignInFailures) -> tuple:
    return row.chain, row.minute, row.address


def entry_of(rows: list[SignInFailures]) -> Entry:
    """The entry for the counts of one minute and address."""
    details = {
        "minute": rows[0].minute.isoformat(),
        "count": sum(row.count for row in rows),
        "accounts": [row.account for row in rows if row.account],
    }
    origin = Origin(source="sign-in", address=rows[0].address)
    return Entry(rows[0].chain, Action.FAILED, origin, kind="member", details=details)
