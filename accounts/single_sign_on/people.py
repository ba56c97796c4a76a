"""Which member somebody is whom the provider vouches for.

1. Whoever was linked before: by the provider's `sub`, whatever their name and address are now.
2. Otherwise the one member of the provider's enterprise who has this verified e-mail address in the
   profile, which only managers write. Never a superuser, a program, or who is linked to another
   account there: those are refused.
3. Otherwise a new member, whose account is the e-mail address, without a password. Of somebody
   without an address a vendor tells another account: they are made, never linked.
"""

import hashlib
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights, setup
from accounts.models import Member, Provider, ProviderAccount, TeamMember

from .errors import Refused
from .mapping import Line, managed_teams, mapped


def member_of(provider: Provider, claims: Mapping) -> Member:
    """The member, with the role and places that the claims give. Raises Refused."""
    line = mapped(provider, claims)
    if not 0 < len(claims["sub"]) <= ProviderAccount._meta.get_field("subject").max_length:
        raise Refused(_("The provider does not tell unmistakably who you are. Ask a manager."))
    if claims.get("locked"):
        raise Refused(_("Your account is locked in the directory."))
    if line is None:
        raise Refused(_("Your account at the provider has no access here. Ask a manager."))
    try:
        with transaction.atomic():
            member = linked(provider, claims) or link(provider, claims, line)
            check(provider, member)
            follow(provider, member, line)
    except (IntegrityError, ValidationError) as error:
        # Another request of the same person was first, or an account of this name is there.
        sentence = _("This account could not be set up. Try again, or ask a manager.")
        raise Refused(sentence) from error
    return member


def linked(provider: Provider, claims: Mapping) -> Member | None:
    account = ProviderAccount.objects.filter(provider=provider, key=digest(claims["sub"])).first()
    return account and account.member


def link(provider: Provider, claims: Mapping, line: Line) -> Member:
    has_address = bool(claims.get("email")) or not claims.get("account")
    email = verified_email(claims) if has_address else ""
    members = Member.objects.filter(enterprise=provider.enterprise_id, email__iexact=email)
    # A database may take acmé.com for acme.com.
    found = [one for one in members if lowered(one.email) == email] if email else []
    if len(found) > 1:
        raise Refused(_("Several members have your e-mail address. Ask a manager."))
    member = found[0] if found else made(provider, claims, email, line)
    check(provider, member)
    if ProviderAccount.objects.filter(provider=provider, member=member).exists():
        raise Refused(_("Another account of the provider is linked with yours. Ask a manager."))
    sub = claims["sub"]
    ProviderAccount.objects.create(provider=provider, member=member, subject=sub, key=digest(sub))
    return member


def verified_email(claims: Mapping) -> str:
    email = claims.get("email")
    verified = claims.get("email_verified")
    if not email:
        raise Refused(_("The provider tells no e-mail address of yours. Ask a manager."))
    if not (verified is True or verified == "true") or not isinstance(email, str):
        raise Refused(_("The provider has not verified your e-mail address."))
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(_("The provider has not verified your e-mail address.")) from error
    return lowered(email)


def lowered(email: str) -> str:
    """In small letters, those of ASCII alone: others may become letters of ASCII by that."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in email)


def made(provider: Provider, claims: Mapping, email: str, line: Line) -> Member:
    name = claims.get("name")
    return setup.create_member(
        email or claims["account"],
        enterprise=provider.enterprise,
        email=email,
        role=line.role,
        nickname=name.strip()[:50] if isinstance(name, str) else "",
    )


def check(provider: Provider, member: Member) -> None:
    if member.enterprise_id != provider.enterprise_id or member.is_superuser or member.is_program:
        raise Refused(_("This account signs in with its password."))
    if not member.is_active:
        raise Refused(_("Your account is disabled, or your enterprise is closed."))


def follow(provider: Provider, member: Member, line: Line) -> None:
    """Gives the member the role and the places of the line. Without a claim the provider decides
    neither: managers do. With a role that has no seats they are in no team, managed or not."""
    if not provider.claim:
        return
    managed = managed_teams(provider)
    wanted = {team.pk for team in managed if team.slug in line.teams}
    places = TeamMember.objects.filter(member=member)
    if line.role in rights.roles_with(rights.SEAT):
        places = places.filter(team__in=managed)
    for place in places:
        if place.team_id not in wanted:
            place.delete()
    if member.role != line.role:
        member.role = line.role
        member.save(update_fields=["role", "updated_at"])
    for team in managed:
        if team.pk in wanted:
            setup.join_team(member, team)


def digest(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
