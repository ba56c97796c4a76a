"""Creates enterprises, teams and members, for the admin and the commands.

Every function raises ValidationError for invalid input, and then stores nothing.
"""

import secrets

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from .forms.zones import default_zone
from .models import (
    DEFAULT_TEAM,
    Attribute,
    Enterprise,
    Member,
    Team,
    TeamMember,
    Translated,
)
from .models.attribute import MAX_ATTRIBUTES

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits of a random password, without those that are easily mistaken."""


@transaction.atomic
def create_enterprise(code: str, name: str, language: str = settings.LANGUAGE_CODE) -> Enterprise:
    """Creates an enterprise with its default team; `language` is that of its texts, and says in
    which time zone its reports count."""
    with translation.override(language):
        enterprise = Enterprise(code=code, name=name, text_language=language, zone=default_zone())
        enterprise.full_clean()
        enterprise.save()
        find_or_create_team(enterprise)
    return enterprise


def change_language(enterprise: Enterprise, before: str) -> None:
    """Makes `enterprise.text_language` the language of all its texts, which was `before`: each text
    that has a translation into it changes places with it."""
    for model in apps.get_models():
        if issubclass(model, Translated):
            for row in model.objects.filter(**{model.ENTERPRISE: enterprise.pk}):
                row.exchange(before, enterprise.text_language)
                row.save(update_fields=["translations", *row.TRANSLATED])


def find_or_create_team(enterprise: Enterprise, slug: str = DEFAULT_TEAM, name: str = "") -> Team:
    """Returns the enterprise's team with this slug; creates it if it does not exist."""
    team = enterprise.teams.filter(slug=slug).first()
    if team:
        return team
    team = Team(enterprise=enterprise, slug=slug, name=name or slug)
    if slug == DEFAULT_TEAM and not name:
        team.name, team.translations = default_name(enterprise.text_language)
    team.full_clean()
    team.save()
    return team


def default_name(language: str) -> tuple[str, dict]:
    """The default team's name in this language, and its translations into the others."""
    found = {}
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            found[code] = {"name": _("Customer service")}
    return found.pop(language)["name"], found


@transaction.atomic
def change_team(team: Team, **settings) -> Team:
    """Sets these fields of a team, whatever they were before. They are checked together."""
    for name, value in settings.items():
        setattr(team, name, value)
    team.full_clean()
    team.save(update_fields=[*settings])
    return team


@transaction.atomic
def define_attribute(enterprise: Enterprise, key: str, **columns) -> Attribute:
    """Makes or changes the enterprise's attribute with this key; `columns` are those that are
    given. A new one comes last, and without a label has its key as label."""
    # Two at once would both count what the other adds.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    own = enterprise.attributes
    one = own.filter(key=key).first()
    if one is None:
        if own.count() >= MAX_ATTRIBUTES:
            raise ValidationError(too_many_attributes())
        last = own.aggregate(last=Max("position"))["last"] or 0
        one = Attribute(enterprise=enterprise, key=key, label=key, position=last + 1)
    for name, value in columns.items():
        setattr(one, name, value)
    one.full_clean()
    one.save()
    return one


def too_many_attributes() -> str:
    return _("An enterprise has at most %(most)d attributes.") % {"most": MAX_ATTRIBUTES}


def create_member(account: str, password: str | None = None, **fields) -> Member:
    """Creates a member with these fields. Without a password they cannot sign in yet."""
    member = Member(name=account.lower(), **fields)
    member.set_password(password)
    member.full_clean()
    member.save()
    return member


def join_team(member: Member, team: Team, member_type: int = TeamMember.Type.MEMBER) -> TeamMember:
    """Adds the member to a team of their own enterprise. Returns the place, which stays as it is
    if it exists already."""
    if member.enterprise_id != team.enterprise_id:
        raise ValidationError(_("The member and the team belong to different enterprises."))
    TeamMember(team=team, member=member).check_role()
    place, _created = TeamMember.objects.get_or_create(
        team=team, member=member, defaults={"member_type": member_type}
    )
    return place


def random_password() -> str:
    """A random password of 79 bits: four groups of four characters, which can be read aloud."""
    groups = ("".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(4))
    return "-".join(groups)
