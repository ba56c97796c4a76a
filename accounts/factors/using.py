"""Whether a member has a second factor, and whether a code is one of theirs."""

from accounts.models import AuthenticatorApp, Member, RecoveryCode

from . import app, codes

LONGEST_CODE = 40


def has_any(member: Member) -> bool:
    return AuthenticatorApp.objects.filter(member=member).exists()


def use(member: Member, code: str) -> bool:
    """Whether this is a code of the member's app, or a recovery code. It is used up by that."""
    typed = "".join(code.split())
    if not typed or len(typed) > LONGEST_CODE or not has_any(member):
        return False
    if typed.isdecimal():
        return app.accept(member, typed)
    return codes.accept(member, typed)


def remove_all(member: Member) -> int:
    """Ends all second factors of a member. Returns how many there were, codes aside."""
    RecoveryCode.objects.filter(member=member).delete()
    _all, models = AuthenticatorApp.objects.filter(member=member).delete()
    return models.get(AuthenticatorApp._meta.label, 0)
