"""Exports: what is in them, who gets them, and what ends them: a kill, a cancel, a full disk, time,
an erasure."""

import io
import json
import re
import time
import zipfile
from datetime import timedelta
from random import Random
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from chat import leased, sweeps
from chat.archive import export_files, export_jobs, exports, pages_of_rows, question
from chat.care import personal_data, retention
from chat.models import ArchiveExport, Conversation, ExportedConversation, GroupMessage, Visitor
from chat.posting import batches
from tests.accounts.factors.apps import grow_old
from tests.chat.files.uploads import sent
from tests.chat.helpers import act_of, draft_of, new_guest
from tests.chat.signed_visitors import sign_in
from tests.conftest import hire
from tests.examples import some

from .making import ask_for, content, files, lines, made
from .past import START, add, invent

pytestmark = pytest.mark.django_db
EXPORTS = "/admin/archive/exports/"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(leased, "REST", 0)


@pytest.mark.parametrize("seed", some(range(2)))
def test_a_file_has_what_the_list_has(enterprise, team, alice, bob, manager, seed, monkeypatch):
    monkeypatch.setattr(export_jobs, "BATCH", 3)
    random = Random(seed)
    for _ in range(25):
        invent(random, enterprise, [team], [alice, bob])
    for fields in ({}, {"q": "refund"}, {"state": "open"}, {"from": "2026-03-05"}):
        asked = question.ask_about(enterprise, fields)
        wanted = {group for group, _ in pages_of_rows.walk(asked, None, 100).found}
        table = lines(made(ask_for(manager, **fields)))
        assert {line["group"] for line in table} == wanted and len(table) == len(wanted)
        document = json.loads(content(made(ask_for(manager, "json", **fields))))
        assert {one["group"] for one in document["conversations"]} == wanted
        for one in document["conversations"]:
            stored = GroupMessage.objects.filter(group_id=one["group"]).order_by("seq")
            assert [m["content"] for m in one["messages"]] == [m.message_content for m in stored]
        assert document["filters"] == fields


def test_a_zip_has_the_files_under_names_that_harm_nothing(agent, group, manager):
    sent(agent, "../../evil name.png", content="look")
    row = made(ask_for(manager, "zip"))
    with zipfile.ZipFile(io.BytesIO(content(row))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        document = json.loads(archive.read("conversations.json"))
        assert archive.read("conversations.csv").decode("utf-8-sig").startswith("group,")
        [message] = [m for m in document["conversations"][0]["messages"] if m["attachment"]]
        assert message["attachment"]["path"] in names
        assert archive.read(message["attachment"]["path"]).startswith(b"\x89PNG")
    assert not any(
        "evil" in name or ".." in name.split("/") or name.startswith("/") for name in names
    )
    assert files() == [f"{row.key}.zip"], "the parts are gone"


def test_what_is_cancelled_while_its_parts_are_compressed_ends(manager, group, monkeypatch):
    monkeypatch.setattr(export_files, "PIECE", 100)
    monkeypatch.setattr(export_jobs, "RENEWED_EVERY", -1)
    row = ask_for(manager, "zip")
    close = export_files.Document.close

    def cancels(self):
        close(self)
        exports.cancel(ArchiveExport.objects.get(pk=row.pk))

    monkeypatch.setattr(export_files.Document, "close", cancels)
    packed = []

    def counts(archive, part, *args):
        packed.append(part.suffixes[-2])
        pack(archive, part, *args)

    pack = export_files.pack
    monkeypatch.setattr(export_files, "pack", counts)
    export_jobs.make(export_jobs.take(timezone.now()))
    assert packed == [".csv"] and files() == []


def test_one_after_the_other_in_an_enterprise_and_each_once(manager, other_manager, group):
    first, second, foreign = ask_for(manager), ask_for(manager, "json"), ask_for(other_manager)
    now = timezone.now()
    taken = {export_jobs.take(now).pk, export_jobs.take(now).pk}
    assert taken == {first.pk, foreign.pk} and export_jobs.take(now) is None
    export_jobs.make(ArchiveExport.objects.get(pk=first.pk))
    assert export_jobs.take(now).pk == second.pk


@pytest.mark.parametrize("after", range(5))
def test_a_process_that_is_killed_anywhere_leaves_it_to_another_one(
    enterprise, team, manager, after, monkeypatch
):
    monkeypatch.setattr(export_jobs, "BATCH", 2)
    for n in range(6):
        add(enterprise, team, START + timedelta(minutes=n), [f"word {n}"])
    row = ask_for(manager, "zip")

    class Killed(BaseException):
        pass

    calls = []

    def dies(self, writer, groups):
        calls.append(groups)
        if len(calls) > after:
            raise Killed
        return write(self, writer, groups)

    write = export_jobs.Making.write
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(export_jobs.Making, "write", dies)
        taken = export_jobs.take(now)
        try:
            export_jobs.make(taken)
        except Killed:
            assert export_jobs.take(now) is None, "its lease holds"
            ArchiveExport.objects.update(taken_at=now - leased.LEASE * 2)
    row.refresh_from_db()
    if row.state != "done":
        made(row)
    assert row.state == "done"
    with zipfile.ZipFile(io.BytesIO(content(row))) as archive:
        assert len(json.loads(archive.read("conversations.json"))["conversations"]) == 6


def test_one_that_ends_its_process_each_time_is_given_up(manager, group):
    row, now = ask_for(manager), timezone.now()
    for _ in range(leased.MOST_TRIES):
        assert export_jobs.take(now).pk == row.pk
        now += leased.LEASE * 2
    assert export_jobs.take(now) is None
    row.refresh_from_db()
    assert (row.state, row.problem) == ("failed", "error")


def test_a_process_that_ends_gives_it_back_at_once(manager, group):
    row = ask_for(manager)
    sweeps.stopping.set()
    try:
        export_jobs.make(export_jobs.take(timezone.now()))
    finally:
        sweeps.stopping.clear()
    row.refresh_from_db()
    assert (row.state, row.taken_at, row.tries, files()) == ("waiting", None, 0, [])
    assert made(row).state == "done"


def test_a_cancelled_one_ends_and_leaves_no_file(
    browser_of, manager, enterprise, team, monkeypatch
):
    monkeypatch.setattr(export_jobs, "BATCH", 1)
    for n in range(4):
        add(enterprise, team, START + timedelta(minutes=n), ["x"])
    row, browser = ask_for(manager), browser_of(manager)
    taken, written = export_jobs.take(timezone.now()), []

    def cancels(self, writer, groups):
        written.extend(groups)
        if len(written) == 2:
            assert browser.post(f"{EXPORTS}{row.pk}/cancel/").status_code == 302
        return write(self, writer, groups)

    write = export_jobs.Making.write
    monkeypatch.setattr(export_jobs.Making, "write", cancels)
    export_jobs.make(taken)
    assert not ArchiveExport.objects.exists() and files() == [] and len(written) == 2


def test_a_full_disk_and_filters_that_are_gone_are_told(manager, group, enterprise):
    row = ask_for(manager)
    with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1)):
        assert made(row).problem == "disk"
    hire("away", enterprise)
    row = ask_for(manager, member="away")
    Member.objects.get(name="away").delete()
    assert made(row).problem == "filters" and files() == []


def test_more_than_an_export_takes_is_said_and_not_cut(manager, group, monkeypatch, browser_of):
    monkeypatch.setattr(export_jobs, "BATCH", 1)
    monkeypatch.setattr(export_jobs, "MOST", 1)
    assert made(ask_for(manager)).state == "done", "just as many"
    monkeypatch.setattr(export_jobs, "MOST", 0)
    row = made(ask_for(manager))
    assert (row.state, row.problem) == ("failed", "most") and len(files()) == 1
    page = browser_of(manager).get(EXPORTS).content.decode()
    assert "more than 100,000 conversations" in page


@pytest.mark.release
def test_ten_thousand_conversations_are_in_one_file(manager, team):
    visitors = Visitor.objects.bulk_create(
        Visitor(ent_id="acme", label=f"Visitor {n}") for n in range(10_000)
    )
    Conversation.objects.bulk_create(
        Conversation(
            ent_id="acme",
            visitor_id=one.uuid,
            team=team,
            last_activity=START + timedelta(seconds=n),
        )
        for n, one in enumerate(visitors)
    )
    row = made(ask_for(manager))
    assert (row.state, row.done, row.percent) == ("done", 10_000, 100)
    table = lines(row)
    assert [line["name"] for line in table] == [one.label for one in visitors]


@pytest.mark.django_db(transaction=True)
def test_an_erasure_takes_finished_ones_away_and_has_others_made_anew(manager, team, alice):
    guest = new_guest(team)
    group = batches.post(guest.draft("marker of a secret"))["group"]
    batches.post(draft_of(alice, group, "an answer"))
    finished = made(ask_for(manager, "json"))
    assert b"marker" in content(finished)
    running = ask_for(manager, "json")
    taken = export_jobs.take(timezone.now())

    def erases(self, writer, groups):
        write(self, writer, groups)
        personal_data.erase(guest.uuid)

    write = export_jobs.Making.write
    with mock.patch.object(export_jobs.Making, "write", erases):
        export_jobs.make(taken)
    assert not ArchiveExport.objects.filter(pk=finished.pk).exists() and files() == []
    running.refresh_from_db()
    assert (running.state, running.key, running.tries) == ("waiting", "", 0)
    assert b"marker" not in content(made(running))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("all_of_it", [False, True])
def test_what_becomes_too_old_ends_no_export(enterprise, manager, alice, group, all_of_it):
    batches.do(act_of("close", alice.uuid, group))
    finished = made(ask_for(manager))
    running = ask_for(manager)
    taken = export_jobs.take(timezone.now())

    def grows_old(self, writer, groups):
        write(self, writer, groups)
        GroupMessage.objects.update(created_at=START)
        Conversation.objects.update(last_activity=START if all_of_it else timezone.now())
        retention.expire(0)

    enterprise.retention_days = 1
    enterprise.save()
    write = export_jobs.Making.write
    with mock.patch.object(export_jobs.Making, "write", grows_old):
        export_jobs.make(taken)
    assert Visitor.objects.get().is_erased == all_of_it
    assert not GroupMessage.objects.filter(message_content="first").exists()
    states = ArchiveExport.objects.order_by("pk").values_list("pk", "state")
    assert list(states) == [(finished.pk, "done"), (running.pk, "done")]


@pytest.mark.django_db(transaction=True)
def test_an_erasure_finds_the_exports_of_what_has_joined_since(manager, customer, guest):
    loose = batches.post(guest.draft("marker of a secret"))["group"]
    finished = made(ask_for(manager, "json", chosen=[loose]))
    assert b"marker" in content(finished)
    running = ask_for(manager, "json", chosen=[loose])
    taken = export_jobs.take(timezone.now())

    def joins(self, writer, groups):
        write(self, writer, groups)
        sign_in(guest)

    write = export_jobs.Making.write
    with mock.patch.object(export_jobs.Making, "write", joins):
        export_jobs.make(taken)
    running.refresh_from_db()
    assert b"marker" in content(running) and not Conversation.objects.filter(uuid=loose).exists()
    assert set(ExportedConversation.objects.values_list("group_id", flat=True)) == {customer.group}
    personal_data.erase(Conversation.objects.get().visitor_id)
    assert not ArchiveExport.objects.exists() and files() == []


@pytest.mark.django_db(transaction=True)
def test_what_an_export_notes_while_a_conversation_joins_is_moved_after_it(manager, customer):
    row = ask_for(manager)
    with transaction.atomic():
        exports.move("acme", "loose", customer.group)
        ExportedConversation.objects.create(export=row, group_id="loose")
    assert ExportedConversation.objects.get().group_id == customer.group


@pytest.mark.django_db(transaction=True)
def test_an_erasure_leaves_the_exports_of_others_alone(manager, team):
    guests = [new_guest(team) for _ in range(2)]
    groups = [batches.post(guest.draft("hello"))["group"] for guest in guests]
    row = made(ask_for(manager, chosen=groups[:1]))
    personal_data.erase(guests[1].uuid)
    assert ArchiveExport.objects.filter(pk=row.pk).exists() and files()
    assert ExportedConversation.objects.get().group_id == groups[0]


def test_what_was_ticked_is_ticked_still_after_the_proof_of_who_it_is(browser_of, manager, team):
    """Without the ticks the same press would take out all conversations."""
    groups = [batches.post(new_guest(team).draft(f"v{n}"))["group"] for n in range(3)]
    browser = browser_of(manager)
    grow_old(browser)
    fields = {"group": groups[:2], "kind": "json"}
    answer = browser.post(EXPORTS, fields, headers={"referer": "http://testserver/admin/archive/"})
    assert answer.status_code == 302 and "/confirm/" in answer.url
    assert not ArchiveExport.objects.exists()
    for _look in range(2):
        page = browser.get("/admin/archive/").content.decode()
        ticked = re.findall(r'name="group" form="export" value="([^"]+)" checked', page)
        assert sorted(ticked) == sorted(groups[:2]), "in each part of the list, and each window"
        assert '<option value="json" selected>' in page
    session = browser.session
    session["proved_at"] = time.time()
    session.save()
    browser.post(EXPORTS, fields)
    assert ArchiveExport.objects.get().kind == "json"
    assert " checked" not in browser.get("/admin/archive/").content.decode(), "it is exported"
    session = browser.session
    session["archive_ticked"] = {"groups": groups, "kind": "json", "at": time.time() - 16 * 60}
    session.save()
    assert " checked" not in browser.get("/admin/archive/").content.decode(), "a proof is over"
