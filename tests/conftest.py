"""The cast of the tests: two enterprises, a team, and people who may and may not."""

import shutil
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import Client, TransactionTestCase

from accounts import setup
from accounts.models import Member, TeamMember
from chat.limits import limits
from tests import examples  # noqa: F401  (chooses how Hypothesis draws, before tests are read)
from tests.plugins.services import ROOT, free_port, kept

PASSWORD = "a pass phrase of the tests"


@receiver(connection_created)
def wait_for_tests(sender, connection, **facts):
    """A test's transaction may wait for other things longer than MariaDB lets a server's wait."""
    if connection.vendor == "mysql":
        connection.connection.query("SET @ours=1 /*M!100300 , idle_transaction_timeout=0 */")


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_blocker):
    """On SQLite a copy of a database that has its tables; otherwise as pytest-django does."""
    if connection.vendor != "sqlite":
        yield request.getfixturevalue("django_db_setup")
        return

    def use(path):
        connection.close()
        connection.settings_dict["NAME"] = str(path)

    def migrate(path):
        use(path)
        call_command("migrate", verbosity=0)
        connection.close()

    made_of = [ROOT / "requirements", *ROOT.glob("*/migrations"), *ROOT.glob("*/models")]
    with django_db_blocker.unblock():
        made = kept("sqlite3", made_of, migrate)
        use(shutil.copy(made, connection.settings_dict["TEST"]["NAME"]))
        yield
        connection.close()


KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables whose rows the migrations write, and no test changes."""


@pytest.fixture(autouse=True, scope="session")
def quick_flush():
    """Empties the tables after a test that commits, as Django does, but keeps what the migrations
    wrote: Django would write it again after each test, which took longer than many tests."""

    def empty(case) -> None:
        tables = connection.introspection.django_table_names(only_existing=True)
        statements = connection.ops.sql_flush(no_style(), sorted(set(tables) - KEPT))
        connection.ops.execute_sql_flush(statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(autouse=True)
def plain_house(settings, tmp_path):
    """Quick hashes, static files that nobody collected, an own media folder, a fresh memory."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MEDIA_ROOT = Path(tmp_path) / "media"
    settings.WHITENOISE_AUTOREFRESH = True
    cache.clear()
    limits.clear()


def found(code, name):
    """An enterprise in whose team an answer claims nothing, so that the numbers of rows are easy to
    tell."""
    enterprise = setup.create_enterprise(code, name)
    enterprise.teams.update(answering_claims=False)
    return enterprise


@pytest.fixture
def enterprise(db):
    return found("acme", "Acme")


@pytest.fixture
def other_enterprise(db):
    return found("umbrella", "Umbrella")


@pytest.fixture
def team(enterprise):
    return enterprise.teams.get()


@pytest.fixture
def other_team(other_enterprise):
    return other_enterprise.teams.get()


def hire(name, enterprise, role=Member.Role.AGENT, team=None, **fields) -> Member:
    """A member who signs in with PASSWORD, and whose workspace opens on all open conversations."""
    fields.setdefault("inbox_view", "all")
    member = setup.create_member(name, PASSWORD, enterprise=enterprise, role=role, **fields)
    if team is not None:
        setup.join_team(member, team)
    return member


def stored(row):
    """The same row, with its columns as the database has them now."""
    row.refresh_from_db()
    return row


@pytest.fixture
def manager(enterprise):
    return hire("mona", enterprise, Member.Role.MANAGER)


@pytest.fixture
def supervisor(enterprise):
    return hire("susan", enterprise, Member.Role.SUPERVISOR)


@pytest.fixture
def analyst(enterprise):
    return hire("anna", enterprise, Member.Role.ANALYST)


@pytest.fixture
def leader(team):
    """An agent who leads the team."""
    member = hire("lena", team.enterprise)
    setup.join_team(member, team, TeamMember.Type.LEADER)
    return member


@pytest.fixture
def alice(team):
    return hire("alice", team.enterprise, team=team, nickname="小艾", email="alice@example.com")


@pytest.fixture
def bob(team):
    return hire("bob", team.enterprise, team=team, nickname="小博")


@pytest.fixture
def outsider(other_team):
    """An agent of the other enterprise."""
    return hire("oscar", other_team.enterprise, team=other_team)


@pytest.fixture
def other_manager(other_enterprise):
    return hire("olga", other_enterprise, Member.Role.MANAGER)


@pytest.fixture
def superuser(db):
    return Member.objects.create_superuser("root", PASSWORD)


@pytest.fixture
def browser_of():
    """A function: a client that a member is signed in with."""

    def signed_in(member) -> Client:
        client = Client()
        client.force_login(member, backend="accounts.backends.MemberBackend")
        return client

    return signed_in


@pytest.fixture
def stopped(monkeypatch):
    """The limits' clock stands still, so that a slow machine earns no tokens meanwhile."""
    moment = limits.clock()
    monkeypatch.setattr(limits, "clock", lambda: moment)


@pytest.fixture
def port():
    """A port that nothing listens on."""
    return str(free_port())
