"""Recovery codes: ten random texts, each good once, for who has lost the app."""

import hashlib

from django.db import transaction

from accounts import audit, setup
from accounts.models import Member, RecoveryCode

NUMBER = 10


@transaction.atomic
def renew_codes(member: Member) -> list[str]:
    """Ten new codes of 79 bits, to be shown once; those of before end."""
    codes = [setup.random_password() for _number in range(NUMBER)]
    RecoveryCode.objects.filter(member=member).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(member=member, digest=digest(code)) for code in codes
    )
    note(member, audit.Action.ADDED, NUMBER)
    return codes


def accept(member: Member, code: str, origin: audit.Origin | None = None) -> bool:
    """Whether this is a recovery code of the member; it is none any more afterwards. `origin` is
    who uses it, for the audit."""
    with transaction.atomic():
        used, _models = RecoveryCode.objects.filter(member=member, digest=digest(code)).delete()
        if used:
            note(member, audit.Action.USED, codes_left(member), origin)
    return used == 1


def codes_left(member: Member) -> int:
    return RecoveryCode.objects.filter(member=member).count()


def note(member: Member, action: str, count: int, origin: audit.Origin | None = None) -> None:
    about = {"kind": "recoverycode", "object_id": str(member.pk), "object_name": member.name}
    audit.note(action, audit.chain_of_member(member), origin, **about, details={"count": count})


def digest(code: str) -> str:
    """A plain hash does: a code has too many bits to be guessed."""
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
