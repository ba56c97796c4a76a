"""How claims become a role and teams."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import rights
from accounts.models import Enterprise, Provider, Team


class Line(NamedTuple):
    value: str
    role: int
    teams: list[str]


def read_roles(text: str, enterprise: Enterprise | None) -> list[Line]:
    """The lines of Provider.roles. Raises ValidationError for one that means nothing; `enterprise`,
    if given, has to have the teams."""
    lines = []
    known = set(enterprise.teams.values_list("slug", flat=True)) if enterprise else set()
    for written in filter(None, map(str.strip, text.splitlines())):
        value, colon, rest = written.rpartition(":")
        role, *teams = (part.strip() for part in rest.split(","))
        if not (colon and value.strip() and role in rights.OF_PEOPLE):
            raise ValidationError(_("“%(line)s” is not value: role.") % {"line": written})
        unknown = [team for team in teams if enterprise and team not in known]
        if unknown:
            raise ValidationError(_("There is no team %(team)s.") % {"team": unknown[0] or "–"})
        if teams and role == "analyst":
            raise ValidationError(_("An analyst sees no conversations and is in no team."))
        lines.append(Line(value.strip(), rights.OF_PEOPLE[role], teams))
    return lines


def mapped(provider: Provider, claims: Mapping) -> Line | None:
    """The line that fits the claims; None if none does. Without a claim it is the default role."""
    if not provider.claim:
        return Line("", provider.default_role, [])
    fold = folded if provider.kind == Provider.Kind.LDAP else str
    values = {fold(value) for value in values_of(claims.get(provider.claim))}
    lines = read_roles(provider.roles, None)
    return next((line for line in lines if fold(line.value) in values), None)


def has_access(provider: Provider, claims: Mapping) -> bool:
    """Whether the claims give somebody a role here."""
    return mapped(provider, claims) is not None


def folded(value: str) -> str:
    """A value of a directory, often the name of a group (DN), in which neither capitals nor spaces
    around commas count."""
    return re.sub(r"\s*([,=+])\s*", r"\1", value).lower()


def values_of(found: object) -> set[str]:
    """What a claim says: texts and numbers, one or a list of them. A claim that is missing, or of
    another form, says nothing: its text (`None`, `True`) could be a line's value."""
    values = found if isinstance(found, list) else [found]
    return {str(one) for one in values if type(one) in (str, int)}


def managed_teams(provider: Provider) -> list[Team]:
    """The teams that lines name: places in these follow the provider, others are left alone."""
    if not provider.claim:
        return []
    slugs = {team for line in read_roles(provider.roles, None) for team in line.teams}
    return list(Team.objects.filter(enterprise=provider.enterprise_id, slug__in=slugs))
