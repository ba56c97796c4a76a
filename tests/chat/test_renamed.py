"""Rows that an unreleased version has stored, after the upgrade."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import Enterprise, Member
from chat.care import quarantine
from chat.models import ArchiveExport, Conversation, MailJob, SavedView
from tests.chat.helpers import check_ledger, rows_of
from tests.chat.spam import groups, row_of, write_quarantined

pytestmark = [pytest.mark.release, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def migrate(name: str):
    """Migrates to this migration of `chat`; the models as they are there."""
    executor = MigrationExecutor(connection)
    return executor.migrate([("chat", name)]).apps


def migrate_all() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("chat"))


@pytest.fixture
def former():
    """Migrates back to before the names, and gives the models of then."""
    yield lambda: migrate("0002_contact_by")
    migrate_all()


def test_rows_mean_the_same_under_the_new_names(former, enterprise, team, alice):
    Enterprise.objects.update(hold=Enterprise.Hold.BOTH)
    old, guest = write_quarantined(team), write_quarantined(team)
    long_ago = timezone.now() - quarantine.AGE
    Conversation.objects.filter(uuid=old.group).update(quarantined_since=long_ago)
    quarantine.expire()
    Member.objects.update(inbox_view="quarantined")
    for model in (SavedView, ArchiveExport):
        fields = {"state": "quarantined", "q": "held"}
        model.objects.create(member=alice, enterprise=enterprise, fields=fields)
    since = row_of(guest).quarantined_since
    job = MailJob.objects.create(taken_at=long_ago, undo=[{"table": "a"}])

    models = former()
    rows = models.get_model("chat", "Conversation").objects
    assert rows.get(uuid=guest.group).held_since == since
    assert rows.get(uuid=old.group).held_for == "links"
    rows = models.get_model("chat", "GroupMessage").objects.filter(group_id=old.group)
    assert rows.latest("seq").data["event"] == "held_over"
    assert models.get_model("accounts", "Member").objects.get().inbox_view == "held"
    assert models.get_model("chat", "SavedView").objects.get().fields["state"] == "held"
    assert models.get_model("chat", "Errand").objects.get().pk == job.pk

    migrate_all()
    assert row_of(guest).quarantined_since == since
    assert row_of(guest).quarantined_for == row_of(old).quarantined_for == "links"
    assert groups(alice, "quarantined") == [guest.group]
    assert rows_of(old.group)[-1].data == {"event": "quarantine_over"}
    assert Member.objects.get().inbox_view == "quarantined"
    for model in (SavedView, ArchiveExport):
        assert model.objects.get().fields == {"state": "quarantined", "q": "held"}
    assert MailJob.objects.values_list().get() == (job.pk, job.taken_at, job.undo)
    assert check_ledger() == 5
