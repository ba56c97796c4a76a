"""What rows say: before and after, secrets by name only, and nothing of what is no setting."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import audit, setup
from accounts.models import AuditRow, Member
from tests.conftest import PASSWORD

from .rows import details, newest

pytestmark = pytest.mark.django_db


def count() -> int:
    return AuditRow.objects.count()


def test_a_change_has_before_and_after_of_what_changed(team):
    team.name, team.capacity = "Help", 9
    team.save()
    row = newest(kind="team", action="changed")
    assert details(row) == {
        "before": {"name": "Customer service", "capacity": 4},
        "after": {"name": "Help", "capacity": 9},
    }
    assert (row.chain, row.object_name) == (team.enterprise_id, "service")


def test_references_are_named(team, alice):
    other = setup.find_or_create_team(team.enterprise, "sales")
    setup.change_team(team, overflow=other)
    assert details(newest(kind="team", action="changed"))["after"] == {"overflow": "sales"}
    place = details(newest(kind="teammember", object_name="alice"))
    assert place == {"after": {"team": "service", "member": "alice", "member_type": 2}}
    alice.places.get().delete()
    row = newest(kind="teammember", action="deleted")
    assert details(row) == {"before": {"team": "service", "member": "alice", "member_type": 2}}


def test_secrets_are_named_and_never_told(enterprise, alice):
    secret, hashed = enterprise.identity_secret, alice.password
    enterprise.replace_secret(timezone.now(), keep=True)
    alice.set_password("another good phrase")
    alice.save()
    assert details(newest(kind="enterprise", action="changed"))["hidden"] == [
        "former_secret",
        "identity_secret",
    ]
    assert details(newest(kind="member", object_name="alice")) == {"hidden": ["password"]}
    told = "".join(AuditRow.objects.values_list("details", flat=True))
    for word in (secret, hashed, enterprise.identity_secret, alice.password, PASSWORD):
        assert word not in told


def test_saving_what_is_as_before_leaves_no_row(team, alice):
    before = count()
    team.save()
    alice.save()
    assert count() == before


def test_what_members_do_at_work_leaves_no_row_and_costs_no_lock(alice, django_assert_num_queries):
    before = count()
    with django_assert_num_queries(3):  # The row, within a savepoint.
        alice.choose_state(offline=True, busy=False, now=timezone.now())
    alice.language, alice.opens_next = "zh-hans", False
    alice.save()
    assert count() == before


def test_a_new_hash_for_the_same_password_is_no_change(alice, settings):
    Member.objects.filter(pk=alice.pk).update(password="5f4dcc3b5aa765d61d8327deb882cf99")
    before, alice = count(), Member.objects.get(pk=alice.pk)
    assert alice.check_password("password")
    first, *others = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = [*others, first]
    assert alice.check_password("password")
    assert count() == before


def test_rows_of_a_recording_come_at_its_end_with_who_did_it(team):
    origin = audit.of_person("uuid", "mona", "a page")
    before = count()
    with audit.recording(origin):
        team.name = "Help"
        team.save()
        audit.note("exported", team.enterprise_id, kind="report")
        assert count() == before
    rows = AuditRow.objects.order_by("-pk")[:2]
    assert {(row.actor_name, row.source) for row in rows} == {("mona", "a page")}


def test_what_is_rolled_back_leaves_no_row(team):
    before = count()
    with pytest.raises(RuntimeError), audit.recording(audit.of_person("uuid")):
        team.name = "Help"
        team.save()
        raise RuntimeError
    with pytest.raises(RuntimeError), transaction.atomic():
        setup.find_or_create_team(team.enterprise, "sales")
        raise RuntimeError
    assert count() == before


def test_superusers_are_the_installations(superuser, enterprise):
    assert newest(object_name="root").chain == audit.INSTALLATION
    superuser.is_superuser, superuser.enterprise = False, enterprise
    superuser.save()
    assert newest(object_name="root", action="changed").chain == enterprise.pk
