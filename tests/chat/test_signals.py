"""What a change of people means for conversations that they sit in."""

import pytest

from accounts.models import Member, TeamMember

from .actions import do, facts, seated
from .helpers import check_ledger

pytestmark = pytest.mark.django_db(transaction=True)


def test_dismissing_the_holder_frees_the_claim(alice, bob, team, group):
    do("claim", alice, group)
    alice.status = Member.Status.CLOSED
    alice.save()
    assert facts(group).claimed_by == ""
    do("claim", bob, group)
    TeamMember.objects.get(team=team, member=bob).delete()
    assert facts(group).claimed_by == "" and check_ledger()


def test_one_who_was_invited_and_then_deleted_holds_no_seat(alice, bob, carol, group):
    do("invite", alice, group, member=carol.uuid)
    uuid = carol.uuid
    carol.delete()
    assert uuid not in seated(group)
    do("leave", bob, group)
    assert do("leave", alice, group) == "conflict", "nobody else is there"
    Member.objects.filter(pk=alice.pk).delete()
    assert alice.uuid not in seated(group) and check_ledger()
