"""Which members are asked for, and how much of each."""

from django.contrib.auth.base_user import BaseUserManager
from django.db.models import Q

from .. import rights

FACE = ("uuid", "name", "nickname", "avator")
"""The columns of what others see of a member."""
EXPECTED = Q(last_login=None, password__startswith="!") & ~Q(role__in=rights.PROGRAMS)
"""Of people who were added and have not come yet: they have chosen no password."""


class MemberManager(BaseUserManager):
    def get_queryset(self):
        return super().get_queryset().select_related("enterprise")

    def faces(self):
        """Members with nothing but what others see of them: uuid, names and picture. A list of
        them does not read their enterprise with each."""
        return self.select_related(None).only(*FACE)

    def people(self):
        """All but programs."""
        return self.get_queryset().exclude(role__in=rights.PROGRAMS)

    def get_by_natural_key(self, name):
        return self.get(name=name.lower())

    def create_user(self, name, password=None, **fields):
        """Creates a member. Without a password they cannot sign in yet."""
        member = self.model(name=name.lower(), **fields)
        member.set_password(password)
        member.save()
        return member

    def create_superuser(self, name, password=None, **fields):
        return self.create_user(name, password, is_superuser=True, **fields)
