"""`manage.py migrate`: which databases it upgrades, by the migrations that they have recorded."""

from importlib import import_module

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from kefu.doctor import database

pytestmark = [pytest.mark.once, pytest.mark.django_db]
LAST = {"accounts": "0042_vendors", "chat": "0049_report_mail_language"}
"""The last migrations of the oldest version that can be upgraded."""


@pytest.fixture(params=LAST)
def app(request):
    """An app whose records are those that the oldest version has left."""
    replaced = [
        name
        for app in LAST
        for _app, name in import_module(f"{app}.migrations.0001_schema").Migration.replaces
    ]
    recorded = MigrationRecorder.Migration.objects.filter(app__in=LAST).exclude(name__in=replaced)
    # The other app keeps its first one; what came later may need what this app does not have yet.
    recorded.exclude(name="0001_schema").delete()
    recorded = MigrationRecorder.Migration.objects.filter(app=request.param)
    recorded.filter(name="0001_schema").delete()
    assert LAST[request.param] == recorded.latest("name").name
    return request.param


def test_the_oldest_version_has_the_tables_already(app, capsys):
    call_command("migrate", app, "0001_schema")
    assert "No migrations to apply" in capsys.readouterr().out
    assert MigrationRecorder.Migration.objects.filter(app=app, name="0001_schema").exists()


@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_an_older_one_is_referred_to_the_commit_that_upgrades_it(app, command):
    MigrationRecorder.Migration.objects.filter(app=app, name=LAST[app]).delete()
    with pytest.raises(ImproperlyConfigured, match="check out e5052309"):
        call_command(command)
    assert [finding.severity for finding in database.upgrade_path()] == ["error"]
