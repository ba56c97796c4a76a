"""An installation of the oldest version that `migrate` upgrades, with a row in every table: what it
has after the upgrade, and after a backup of that was restored."""

import json
import subprocess

import pytest
from django.conf import settings

from kefu.doctor.database import OLDEST

from . import upgraded
from .scripts import manage, run

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-secret-of-1"
OF_DJANGO = {"auth_permission", "django_content_type", "django_migrations"}
"""Of whose rows each version makes some."""
RENAMED = {"errand": "mail_job", "held_for": "quarantined_for", "held_since": "quarantined_since"}
WRITTEN = {("team", "translations")}
"""What a migration writes into."""


@pytest.fixture
def oldest(tmp_path):
    """The tree of the oldest version, which runs with this one's packages."""
    command = f"git archive --prefix=oldest/ {OLDEST} | tar -x -C {tmp_path}"
    subprocess.run(["bash", "-eo", "pipefail", "-c", command], cwd=settings.BASE_DIR, check=True)
    return tmp_path / "oldest"


def call(environment, program: str, tree=settings.BASE_DIR):
    """What a function of upgraded.py prints there."""
    code = f"exec(open({upgraded.__file__!r}).read())\n{program}"
    return json.loads(manage(environment, "shell", "-v", "0", "-c", code, tree=tree))


def all_is_well(environment, cookies) -> bool:
    """The audit is whole, and whoever was signed in still opens every page."""
    manage(environment, "collectstatic", "--noinput")
    assert "are whole" in manage(environment, "audit", "verify")
    opened = call(environment, f"pages({cookies!r})")
    assert [address for address, status in opened if status != 200] == []
    return len(opened) > 50


def test_an_upgrade_and_a_restored_backup_of_it_lose_nothing(oldest, house_of, tmp_path):
    here, elsewhere = house_of("here"), house_of("elsewhere")
    full = {**here, "DEMO": "full"}
    for words in (["migrate"], ["demo", "--password", PASSWORD], ["collectstatic", "--noinput"]):
        manage(full, *words, tree=oldest)
    cookies = call(here, f"fill({PASSWORD!r})", oldest)
    before = call(here, "rows()", oldest)
    assert len(before) > 60
    assert not [name for name, found in before.items() if not (found[""] or name[:5] == "auth_")]

    manage(here, "migrate")
    after = call(here, "rows()")
    for name in before.keys() - OF_DJANGO:
        now = after[RENAMED.get(name, name)]
        for column, digest in before[name].items():
            if (name, column) not in WRITTEN:
                assert now[RENAMED.get(column, column)] == digest, (name, column)
    assert all_is_well(here, cookies)

    after = call(here, "rows()")
    assert run("backup", str(tmp_path / "backups"), **here).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    assert run("restore", str(backup), **elsewhere).returncode == 0
    assert call(elsewhere, "rows()") == after
    assert all_is_well(elsewhere, cookies)
