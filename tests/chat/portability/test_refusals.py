"""What is wrong with a file, or ends in the middle, leaves nothing behind."""

import re
import zipfile
from pathlib import Path

import orjson
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from accounts import setup
from accounts.models import Enterprise
from chat.bulk import portability
from chat.bulk.portability import importer
from chat.bulk.portability.form import MANIFEST, Unusable
from chat.models import Attachment, GroupMessage
from tests.conftest import hire

from .packing import altered, nothing_is_there, on_disk, pack, redigested, remove, rewritten, swap

pytestmark = pytest.mark.django_db


def test_what_is_there_already_stays(busy, tmp_path):
    path = pack(busy, tmp_path)
    with pytest.raises(Unusable, match="already"):
        portability.load(path)
    with pytest.raises(Unusable, match="is there already"):
        portability.export(busy, path)
    remove(busy)
    other = setup.create_enterprise("bolt", "Bolt")
    hire("alice", other)
    Path(settings.MEDIA_ROOT).mkdir(exist_ok=True)
    nothing_is_there(path, "Accounts that are taken here: alice")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (altered("tables/group_message.jsonl"), "is not what was written"),
        (swap("tables/member.jsonl", b"\n", b""), "is no JSON"),
        (swap(MANIFEST, b'"version": 1', b'"version": 2'), "of format"),
        (swap(MANIFEST, b"kefu-enterprise", b"kefu-else"), "of format"),
        (swap(MANIFEST, b'"code"', b'"edoc"'), "cannot be read"),
        (swap(MANIFEST, b'"code": "acme"', b'"code": "../../x"'), "none that an enterprise"),
        (swap(MANIFEST, b'"code": "acme"', b'"code": 7'), "cannot be read|none that"),
        (swap(MANIFEST, b"{", b"["), "cannot be read"),
        (swap(MANIFEST, b'"team":', b'"maet":'), "does not know maet"),
        (lambda name, content: None if name == "tables/team.jsonl" else content, "is missing"),
        (lambda name, content: None if name == MANIFEST else content, "no export"),
        (lambda name, content: None if name.startswith("files/") else content, "is missing"),
        (lambda name, content: None if name == "files.jsonl" else content, "is missing"),
        (swap("files.jsonl", b"files/", b"../etc/"), "is no file"),
        (
            lambda name, content: content + b" " if name.startswith("files/") else content,
            "is not what was written",
        ),
    ],
)
def test_a_wrong_file_leaves_nothing(busy, tmp_path, change, match):
    path = rewritten(pack(busy, tmp_path), change)
    remove(busy)
    nothing_is_there(path, match)


@pytest.mark.parametrize("value", [b'"yesterday"', b'"2026-02-30T00:00:00Z"', b"7", b"[]"])
def test_a_value_that_its_column_cannot_have_is_refused(busy, tmp_path, value):
    def changed(rows: bytes) -> bytes:
        return re.sub(rb'"created_at":"[^"]*"', b'"created_at":' + value, rows, count=1)

    path = redigested(pack(busy, tmp_path), "group_message", changed)
    remove(busy)
    nothing_is_there(path, "Line 1 of tables/group_message.jsonl cannot be read")


@pytest.mark.parametrize(
    "told",
    [
        *({"first": None}, {"last": None}, {"first": True}, {"last": "9"}, {"first": 0}),
        *({"first": 9, "last": 8}, {"last": 2**62 + 1}, {"last": 2**64 - 1}),
    ],
)
def test_keys_that_cannot_be_are_refused(busy, tmp_path, told):
    def changed(name, content):
        if name != MANIFEST:
            return content
        manifest = orjson.loads(content)
        manifest["tables"]["group_message"] |= told
        return orjson.dumps(manifest)

    path = rewritten(pack(busy, tmp_path), changed)
    remove(busy)
    nothing_is_there(path, "The keys of group_message cannot be these")


def test_keys_that_become_too_high_by_moving_are_refused(group):
    taken = GroupMessage.objects.latest("pk").pk
    highest = importer.highest_of(GroupMessage)
    told = {"group_message": {"first": taken, "last": highest}}
    with pytest.raises(Unusable, match="group_message are too high"):
        importer.moves_of(told)
    told["group_message"]["first"] = taken + 1
    assert importer.moves_of(told)[GroupMessage] == 0


def test_a_truncated_or_foreign_file_is_refused(busy, tmp_path):
    path = pack(busy, tmp_path)
    whole = path.read_bytes()
    remove(busy)
    for length in (0, 10, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:length])
        nothing_is_there(path, "damaged|no export")
    nothing_is_there(tmp_path / "nowhere.zip", "cannot be read")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")
    nothing_is_there(path, "no export")


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/x", "files/../x", "files/ab/x.py"])
def test_names_that_lead_elsewhere_are_refused(busy, tmp_path, name):
    path = pack(busy, tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    remove(busy)
    nothing_is_there(path, "has no place")


def test_a_bomb_is_not_unpacked(busy, tmp_path):
    path = pack(busy, tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("files/ab/" + "ab" * 16, b"\0" * 40_000_000)
    remove(busy)
    nothing_is_there(path, "packed too well")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (b'"ent_id":"acme"', b'"ent_id":"bolt"', "visitor.jsonl is not this enterprise's"),
        (b'"label":', b'"lebal":', "does not know lebal of tables/visitor.jsonl"),
    ],
)
def test_rows_of_others_and_columns_of_no_table_are_refused(busy, tmp_path, old, new, match):
    path = pack(busy, tmp_path)
    path = redigested(path, "visitor", lambda rows: rows.replace(old, new, 1))
    remove(busy)
    setup.create_enterprise("bolt", "Bolt")
    nothing_is_there(path, match)


@pytest.mark.parametrize("where", ["place", "load_tables"])
def test_what_ends_in_the_middle_leaves_nothing_and_can_be_done_again(
    busy, tmp_path, monkeypatch, where
):
    path = pack(busy, tmp_path)
    remove(busy)
    real = getattr(importer, where)

    def ends(*args):
        real(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(importer, where, ends)
    with pytest.raises(KeyboardInterrupt):
        portability.load(path)
    assert not Enterprise.objects.filter(code="acme").exists()
    assert on_disk() == {}
    monkeypatch.setattr(importer, where, real)
    portability.load(path)
    assert Attachment.objects.count() == 1


@pytest.fixture
def breaks(monkeypatch):
    """A function: the connection breaks when the import commits. `before` says whether the server
    has not heard of it, `for_long` whether there is no other connection either."""
    connection = connections[DEFAULT_DB_ALIAS]
    real = connection.commit

    def lost(*args):
        raise OperationalError(2013, "Lost connection to server during query")

    def arm(before=False, for_long=False):
        def commit():
            monkeypatch.setattr(connection, "commit", real)
            if not before:
                real()
            if for_long:
                monkeypatch.setattr(connection, "cursor", lost)
            lost()

        monkeypatch.setattr(connection, "commit", commit)

    return arm


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_after_the_commit_loses_no_file(busy, tmp_path, breaks):
    path = pack(busy, tmp_path)
    contents = on_disk()
    remove(busy)
    breaks()
    assert portability.load(path)["files"] == 2
    assert Enterprise.objects.filter(code="acme").exists()
    assert on_disk() == contents


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_before_the_commit_leaves_nothing(busy, tmp_path, breaks):
    path = pack(busy, tmp_path)
    remove(busy)
    breaks(before=True)
    with pytest.raises(OperationalError):
        portability.load(path)
    assert not Enterprise.objects.filter(code="acme").exists() and on_disk() == {}
    portability.load(path)
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.django_db(transaction=True)
def test_while_the_database_cannot_be_asked_all_files_stay(
    busy, tmp_path, breaks, monkeypatch, before
):
    path = pack(busy, tmp_path)
    contents = on_disk()
    remove(busy)
    breaks(before=before, for_long=True)
    with pytest.raises(Unusable, match="cannot be asked"):
        portability.load(path)
    assert contents.items() <= on_disk().items()
    monkeypatch.undo()
    if before:
        portability.load(path)
    else:
        with pytest.raises(Unusable, match="already"):
            portability.load(path)
    assert Enterprise.objects.filter(code="acme").exists()
    assert on_disk() == contents


def test_what_a_killed_import_left_is_cleared_by_the_next(busy, tmp_path, monkeypatch):
    """Files that have both names already, and no row."""
    path = pack(busy, tmp_path)
    remove(busy)

    def killed(folder, keep=False):
        pass

    real = importer.clear
    monkeypatch.setattr(importer, "clear", killed)
    monkeypatch.setattr(importer, "load_tables", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        portability.load(path)
    folder = Path(settings.MEDIA_ROOT) / "importing" / "acme"
    files = [one for one in folder.rglob("*") if one.is_file()]
    importer.place(folder, files)
    assert len(on_disk()) == 4
    monkeypatch.undo()
    assert importer.clear is real
    portability.load(path)
    assert Enterprise.objects.filter(code="acme").exists()
    assert len(on_disk()) == 2


def test_a_second_import_at_the_same_time_takes_nothing_from_the_first(busy, tmp_path, monkeypatch):
    path = pack(busy, tmp_path)
    contents = on_disk()
    remove(busy)
    place = importer.place

    def twice(*args):
        with pytest.raises(Unusable, match="by another process"):
            portability.load(path)
        place(*args)

    monkeypatch.setattr(importer, "place", twice)
    portability.load(path)
    assert on_disk() == contents and not (Path(settings.MEDIA_ROOT) / "importing").exists()


def test_a_full_disk_leaves_no_file(busy, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chat.bulk.portability.writer.write_files", full)
    with pytest.raises(Unusable, match="No space left"):
        portability.export(busy, tmp_path / "acme.zip")
    assert not list(tmp_path.glob("acme.zip*"))
