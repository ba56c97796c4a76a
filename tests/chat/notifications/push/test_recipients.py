"""Who beside the team, and who of it not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import setup
from accounts.models import (
    AuthenticatorApp,
    Enterprise,
    Member,
    Passkey,
    Provider,
    Team,
    TeamMember,
)
from chat.posting import batches
from chat.routing import overflow
from tests.conftest import hire

pytestmark = pytest.mark.django_db


def test_colleagues_who_come_to_help(phone_of, answered, guest, team, alice, look, pass_time):
    vip = setup.find_or_create_team(team.enterprise, "vip", "VIP")
    dave = hire("dave", team.enterprise, team=vip)
    TeamMember.objects.create(team=vip, member=alice)
    Team.objects.filter(pk=team.pk).update(overflow=vip, overflow_minutes=5)
    phones = phone_of(alice), phone_of(dave)
    batches.post(guest.draft("help"))
    look()
    team.refresh_from_db()
    later = timezone.now() + timedelta(minutes=6)
    overflow.help_out(answered, team, [dave.uuid], overflow.limits(team, later), later)
    pass_time(20)
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], ["waiting"]]


@pytest.mark.parametrize("factor", [AuthenticatorApp, Passkey])
def test_who_owes_a_second_factor_is_pushed_nothing(
    phone_of, answered, guest, alice, bob, enterprise, look, pass_time, factor
):
    phones = phone_of(alice), phone_of(bob)
    for member, kind in ((alice, Provider.Kind.LDAP), (bob, Provider.Kind.FEISHU)):
        provider = Provider.objects.create(enterprise=enterprise, kind=kind)
        member.sessions.update(provider=provider)
    Enterprise.objects.update(second_factor_roles=[Member.Role.AGENT])
    batches.post(guest.draft("help"))
    look()
    assert [phone.kinds for phone in phones] == [[], ["waiting"]], "a provider stands for both"
    factor.objects.create(member=alice)
    pass_time(20)
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], ["waiting"]]
