"""The members that tokens belong to. Every function raises ValidationError for invalid input, and
then stores nothing."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import rights, setup
from accounts.models import Assistant, Enterprise, Member, Team
from accounts.models.access_token import MAX_NAME

NAME = re.compile(rf"[\w.+-]{{1,{MAX_NAME}}}\Z")
"""As accounts have it, but without the @ that separates the name from the enterprise's code."""


def service_account(enterprise: Enterprise, name: str) -> Member:
    """The service account NAME@CODE, made if it is not there."""
    return find_or_create(enterprise, name, rights.SERVICE)


def bot(team: Team, name: str) -> Member:
    """The bot NAME@CODE with a place in this team, made if it is not there."""
    member = find_or_create(team.enterprise, name, rights.BOT)
    setup.join_team(member, team)
    return member


def find_or_create(enterprise: Enterprise, name: str, role: int) -> Member:
    if not NAME.match(name):
        text = _(
            "A name has letters, digits and the characters . + - _ only, %(most)d at the most."
        )
        raise ValidationError(text % {"most": MAX_NAME})
    account = f"{name}@{enterprise.code}".lower()
    found = Member.objects.filter(name=account).first()
    if found is None:
        return setup.create_member(account, enterprise=enterprise, role=role, nickname=name[:50])
    if (found.role, found.enterprise_id) != (role, enterprise.pk):
        raise ValidationError(_("This account is taken."))
    if Assistant.objects.filter(member=found).exists():
        raise ValidationError(_("This is the assistant, which takes no token."))
    return found
