"""A backup that is taken under load, and what stands after it was restored elsewhere."""

import asyncio
import gzip
import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.chat.daphne import Daphne
from tests.chat.helpers import new_guest, within
from tests.conftest import PASSWORD

from .conftest import url_of
from .nginx import DEPLOY
from .scripts import manage, run

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8
TEXT = "你好 😀 ' \\' %s ; -- \t"
"""Whatever a dump would have to escape."""


@pytest.fixture
def here(tmp_path):
    """The environment of the house that the tests write in; its folder has a picture."""
    data = tmp_path / "data"
    (data / "media" / "avatars").mkdir(parents=True)
    (data / "media" / "avatars" / "face.png").write_bytes(b"\x89PNG a face")
    (data / "secret_key").write_text(settings.SECRET_KEY)
    return {"DATA_DIR": str(data), "DATABASE_URL": url_of(connection.settings_dict["NAME"])}


@pytest.fixture
def elsewhere(house_of):
    """The environment of an empty house."""
    return house_of("elsewhere")


def there(environment, query: str) -> list[list]:
    """The rows of a query in the restored house."""
    program = (
        "import json; from chat.models import Conversation, GroupMessage\n"
        f"print(json.dumps(list({query})))"
    )
    return json.loads(manage(environment, "shell", "-v", "0", "-c", program))


def test_who_could_sign_in_still_can(here, elsewhere, alice, tmp_path):
    made = run("backup", str(tmp_path / "backups"), **here)
    assert made.returncode == 0, made.stderr
    [backup] = (tmp_path / "backups").iterdir()
    assert run("restore", str(backup), **elsewhere).returncode == 0
    program = (
        "from django.test import Client\n"
        "c = Client(headers={'host': 'localhost'})\n"
        f"r = c.post('/agent/login/', {{'username': 'alice', 'password': {PASSWORD!r}}})\n"
        "print('status', r.status_code, r.headers.get('Location'))"
    )
    assert "status 302 /agent/" in manage(elsewhere, "shell", "-v", "0", "-c", program)
    assert "no migrations" in manage(elsewhere, "migrate").lower()


def test_a_backup_is_for_its_owner_alone_and_can_be_checked(here, alice, tmp_path):
    assert run("backup", str(tmp_path / "backups"), **here).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    for path in (tmp_path / "backups", backup, *backup.glob("*[!a]")):  # All but media/.
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=backup)
    assert checked.returncode == 0


def one_line(done) -> str:
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
    return done.stderr


def test_restoring_overwrites_nothing_and_takes_no_damaged_backup(here, elsewhere, alice, tmp_path):
    assert run("backup", str(tmp_path / "backups"), **here).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    assert "is not empty" in one_line(run("restore", str(backup), **here))
    assert "no backup" in one_line(run("restore", str(tmp_path), **elsewhere))
    assert "not the backup's" in one_line(
        run("restore", str(backup), **elsewhere, SECRET_KEY="another")
    )
    [file] = backup.glob("database.*")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"!")
    assert "damaged" in one_line(run("restore", str(backup), **elsewhere))
    file.unlink()
    assert "missing" in one_line(run("restore", str(backup), **elsewhere))
    assert os.listdir(tmp_path / "elsewhere") == []
    file.write_bytes(whole)
    if connection.vendor == "sqlite":
        log = Path(elsewhere["DATABASE_URL"].removeprefix("sqlite:///") + "-wal")
        log.write_bytes(b"of what was there before")
        assert "-wal is there already" in one_line(run("restore", str(backup), **elsewhere))
        log.unlink()
    assert run("restore", str(backup), **elsewhere).returncode == 0
    (tmp_path / "third").mkdir()
    again = {**elsewhere, "DATA_DIR": str(tmp_path / "third")}
    refusal = one_line(run("restore", str(backup), **again))
    assert "is there already" in refusal or "is not empty" in refusal


def test_what_cannot_be_backed_up_is_told_in_one_line(here, tmp_path):
    assert "usage" in one_line(run("backup", **here))
    assert "DEBUG" in one_line(run("backup", str(tmp_path / "b"), **here, DEBUG="maybe"))
    assert "no backup" in one_line(run("backup", "/proc/backups", **here))
    if connection.vendor == "sqlite":
        wrong = {**here, "DATABASE_URL": f"sqlite:///{tmp_path}/nothing.sqlite3"}
        assert "no database" in one_line(run("backup", str(tmp_path / "b"), **wrong))
        assert not (tmp_path / "nothing.sqlite3").exists()
    else:
        wrong = {**here, "DATABASE_URL": url_of("nothing")}
        done = run("backup", str(tmp_path / "b"), **wrong)
        assert done.returncode == 1 and "failed with code" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "b").exists()


def test_a_backup_of_a_former_key_is_restored_where_that_key_is_listed(here, elsewhere, tmp_path):
    assert run("backup", str(tmp_path / "backups"), **here).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    changed = {**elsewhere, "SECRET_KEY": "the present one"}
    wrong = run("restore", str(backup), **changed, SECRET_KEY_FALLBACKS="another,,")
    assert "not the backup's" in one_line(wrong)
    former = f"another, {settings.SECRET_KEY}"
    assert run("restore", str(backup), **changed, SECRET_KEY_FALLBACKS=former).returncode == 0
    assert not (tmp_path / "elsewhere" / "secret_key").exists()


def test_a_key_in_a_file_of_its_own_is_backed_up_and_compared(here, elsewhere, tmp_path):
    key = tmp_path / "key"
    given = {"SECRET_KEY": "", "SECRET_KEY_FILE": str(key)}
    key.write_text(settings.SECRET_KEY)
    assert run("backup", str(tmp_path / "backups"), **here | given).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    key.write_text("another")
    refused = run("restore", str(backup), **elsewhere | given)
    assert "not the backup's" in one_line(refused)


def test_a_house_without_a_key_is_not_backed_up_and_stays_as_it_was(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    nothing = {"DATA_DIR": str(data), "DATABASE_URL": "", "SECRET_KEY": ""}
    assert "no secret_key" in one_line(run("backup", str(tmp_path / "deep" / "b"), **nothing))
    doctor = run("manage", "doctor", **nothing)
    assert doctor.returncode == 1 and "there is no database" in doctor.stdout
    assert os.listdir(data) == [] and os.listdir(tmp_path) == ["data"]


def test_the_database_file_of_a_backup_needs_nothing_beside_it(here, alice, tmp_path):
    assert run("backup", str(tmp_path / "backups"), **here).returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    if connection.vendor == "sqlite":
        assert {path.name for path in backup.glob("database*")} == {"database.sqlite3"}
        copy = sqlite3.connect(f"file:{backup}/database.sqlite3?mode=ro", uri=True)
        assert copy.execute("SELECT name FROM member WHERE name = 'alice'").fetchone()
        copy.close()
    else:
        text = gzip.decompress((backup / "database.sql.gz").read_bytes()).decode()
        assert "alice" in text and "Dump completed" in text


def test_the_scripts_take_the_service_s_environment(here, alice, tmp_path):
    """kefu.env is read as systemd reads it; what the caller has set already stays."""
    (tmp_path / "kefu.env").write_text(
        f'# a comment\n\nDATA_DIR={here["DATA_DIR"]}\nDATABASE_URL="{here["DATABASE_URL"]}"\n'
        "PUBLIC_URL=https://chat.example.com\n"
    )
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment |= {"KEFU_ENV": str(tmp_path / "kefu.env"), "PUBLIC_URL": "https://own.example"}
    program = "from django.conf import settings as s; print(s.DATA_DIR, s.PUBLIC_URL)"
    done = subprocess.run(
        [DEPLOY / "manage", "shell", "-v", "0", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == f"{here['DATA_DIR']} https://own.example", done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_owner_of_the_data(here, tmp_path):
    folder = tmp_path / "owned"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    probe = f"import sys; sys.path.insert(0, {str(DEPLOY)!r}); import _service, os, pathlib\n"
    probe += f"_service.become_owner_of(pathlib.Path({str(folder)!r})); print(os.getresuid())"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.stdout.strip() == "(65534, 65534, 65534)", done.stderr


@within(120)
async def test_a_backup_under_load_restores_whole_and_without_a_gap(
    here, elsewhere, team, alice, tmp_path, monkeypatch
):
    monkeypatch.setenv("RATE_LIMITS", "off")
    server = await asyncio.to_thread(Daphne(tmp_path / "daphne.log").start)
    acked, stopped = {}, asyncio.Event()

    async def write(guest):
        wire = await server.visit(guest)
        while not stopped.is_set():
            answer = await wire.say(TEXT)
            assert answer["type"] == "message.accepted"
            acked[answer["client_id"]] = answer["seq"]
        await wire.close()

    writers = [asyncio.create_task(write(new_guest(team))) for _ in range(WRITERS)]
    while len(acked) < 10 * WRITERS:
        await asyncio.sleep(0.01)
    before = set(acked)
    made = await asyncio.to_thread(run, "backup", str(tmp_path / "backups"), **here)
    after = set(acked)
    stopped.set()
    await asyncio.gather(*writers)
    server.kill()
    assert made.returncode == 0, made.stderr
    assert len(after) > len(before), "nothing was written while the backup was taken"
    [backup] = (tmp_path / "backups").iterdir()
    back = await asyncio.to_thread(run, "restore", str(backup), **elsewhere)
    assert back.returncode == 0, back.stderr

    query = "GroupMessage.objects.order_by('seq').values_list('group_id', 'seq', 'client_id')"
    rows = await asyncio.to_thread(there, elsewhere, query)
    # The first of each conversation is the notice that it was opened.
    stored = {client_id for _group, seq, client_id in rows if seq > 1}
    assert before <= stored <= set(acked), "an acknowledged message is missing"
    assert all(acked[client_id] == seq for _group, seq, client_id in rows if seq > 1)
    # Rows of other tables are of the same moment as the messages.
    query = "Conversation.objects.values_list('uuid', 'last_seq')"
    for group, last_seq in await asyncio.to_thread(there, elsewhere, query):
        assert [row[1] for row in rows if row[0] == group] == list(range(1, last_seq + 1))
    texts = "GroupMessage.objects.values_list('message_content', flat=True)"
    assert {TEXT} < set(await asyncio.to_thread(there, elsewhere, texts))
    folder = tmp_path / "elsewhere"
    assert (folder / "media" / "avatars" / "face.png").read_bytes() == b"\x89PNG a face"
    key = folder / "secret_key"
    assert key.read_text() == settings.SECRET_KEY and stat.S_IMODE(key.stat().st_mode) == 0o600
