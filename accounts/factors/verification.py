"""Whether a member has a second factor, and whether a code is one of theirs."""

from accounts import audit
from accounts.models import AuthenticatorApp, Member, Passkey, RecoveryCode

from . import app, codes

LONGEST_CODE = 40
FACTORS = AuthenticatorApp, Passkey


def has_any(member: Member) -> bool:
    return any(model.objects.filter(member=member).exists() for model in FACTORS)


def use(member: Member, code: str, origin: audit.Origin | None = None) -> bool:
    """Whether this is a code of the member's app, or a recovery code. It is used up by that.
    `origin` is who uses it, for the audit."""
    typed = "".join(code.split())
    if not typed or len(typed) > LONGEST_CODE or not has_any(member):
        return False
    if typed.isdecimal():
        return app.accept(member, typed)
    return codes.accept(member, typed, origin)


def is_only(factor: AuthenticatorApp | Passkey) -> bool:
    """Whether its member has no other second factor."""
    counts = (model.objects.filter(member=factor.member).count() for model in FACTORS)
    return sum(counts) == 1


def remove_passkey(passkey: Passkey) -> None:
    """Removes it. Recovery codes end with the last second factor."""
    if is_only(passkey):
        RecoveryCode.objects.filter(member=passkey.member).delete()
    passkey.delete()


def remove_all(member: Member) -> int:
    """Ends all second factors of a member. Returns how many there were, codes aside."""
    RecoveryCode.objects.filter(member=member).delete()
    return sum(model.objects.filter(member=member).delete()[0] for model in FACTORS)
