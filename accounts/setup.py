"""How enterprises, teams and members come into being: the admin and the commands share this.

Every function raises ValidationError for input that cannot be used, and stores nothing then.
"""

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .models import DEFAULT_TEAM, Enterprise, Member, Team, TeamMember

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other when a password is read out."""


@transaction.atomic
def create_enterprise(code: str, name: str, language: str = settings.LANGUAGE_CODE) -> Enterprise:
    """An enterprise with its default team, which is named in this language."""
    enterprise = Enterprise(code=code, name=name)
    enterprise.full_clean()
    enterprise.save()
    with translation.override(language):
        find_or_create_team(enterprise)
    return enterprise


def find_or_create_team(enterprise: Enterprise, slug: str = DEFAULT_TEAM, name: str = "") -> Team:
    """The enterprise's team with this slug, made if it is not there."""
    team = enterprise.teams.filter(slug=slug).first()
    if team:
        return team
    name = name or (_("Customer service") if slug == DEFAULT_TEAM else slug)
    team = Team(enterprise=enterprise, slug=slug, name=name)
    team.full_clean()
    team.save()
    return team


def create_member(account: str, password: str | None = None, **fields) -> Member:
    """A member with these fields; without a password, one who cannot sign in yet."""
    member = Member(name=account.lower(), **fields)
    member.set_password(password)
    member.full_clean()
    member.save()
    return member


def join_team(member: Member, team: Team, member_type: int = TeamMember.Type.MEMBER) -> TeamMember:
    """The member's place in a team of the own enterprise; one that is there stays as it is."""
    if member.enterprise_id != team.enterprise_id:
        raise ValidationError(_("The member and the team belong to different enterprises."))
    place, _created = TeamMember.objects.get_or_create(
        team=team, member=member, defaults={"member_type": member_type}
    )
    return place


def random_password() -> str:
    """79 random bits, in four groups that can be read out."""
    groups = ("".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(4))
    return "-".join(groups)
