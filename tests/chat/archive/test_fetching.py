"""Exports as members see them: who asks for one, sees it, fetches it, and until when."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import AuditRow, Member
from chat import leased
from chat.archive import export_jobs, exports
from chat.background import periodic
from chat.models import ArchiveExport
from chat.protocol.errors import Refused
from tests.chat.helpers import database
from tests.conftest import hire

from .making import ask_for, content, files, made

pytestmark = pytest.mark.django_db
EXPORTS = "/admin/archive/exports/"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(leased, "REST", 0)


def test_the_link_is_for_who_asked_and_for_managers_of_the_enterprise(
    browser_of, client, manager, supervisor, other_manager, alice, analyst, superuser, group
):
    row = made(ask_for(supervisor))
    path = f"{EXPORTS}{row.pk}/file/"
    link = f"{path}?token={exports.token_of(row)}"
    for who, status in (
        *((supervisor, 200), (manager, 200), (other_manager, 404), (superuser, 404)),
        *((alice, 403), (analyst, 403)),
    ):
        assert browser_of(who).get(link).status_code == status, who.name
    assert client.get(link).status_code == 302
    own = ask_for(manager)
    colleague = hire("sid", manager.enterprise, Member.Role.SUPERVISOR)
    assert browser_of(colleague).get(link).status_code == 404
    assert browser_of(colleague).post(f"{EXPORTS}{own.pk}/cancel/").status_code == 404
    assert f"/{own.pk}/cancel/" not in browser_of(supervisor).get(EXPORTS).content.decode()
    browser = browser_of(supervisor)
    assert browser.get(path).status_code == 404
    assert browser.get(f"{path}?token=x").status_code == 404
    other = exports.token_of(ArchiveExport(pk=row.pk, key="0" * 32))
    assert browser.get(f"{path}?token={other}").status_code == 404
    Member.objects.filter(pk=supervisor.pk).update(role=Member.Role.AGENT)
    assert browser_of(supervisor).get(link).status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_the_file_leaves_piece_by_piece(manager, group):
    row = await database(made)(await database(ask_for)(manager))
    client = AsyncClient()
    await database(client.force_login)(manager, backend="accounts.backends.MemberBackend")
    answer = await client.get(f"{EXPORTS}{row.pk}/file/?token={exports.token_of(row)}")
    assert answer.is_async and answer["Content-Disposition"].startswith("attachment")
    body = b"".join([piece async for piece in answer.streaming_content])
    assert body == await database(content)(row) and len(body) == int(answer["Content-Length"])


def test_after_a_day_link_and_file_are_gone(browser_of, manager, group):
    row = made(ask_for(manager))
    link = f"{EXPORTS}{row.pk}/file/?token={exports.token_of(row)}"
    later = timezone.now() + exports.KEPT + timedelta(minutes=1)
    with mock.patch("django.utils.timezone.now", return_value=later):
        assert exports.file_of(row, later) is None
    ArchiveExport.objects.update(finished_at=timezone.now() - exports.KEPT)
    answer = browser_of(manager).get(link)
    assert answer.status_code == 404 and "expired" in answer.content.decode()
    exports.delete_old()
    assert not ArchiveExport.objects.exists() and files() == []


def test_what_nobody_knows_of_is_swept(manager, group, monkeypatch):
    row = made(ask_for(manager))
    (exports.folder() / "0123.csv").write_text("left by a killed process")
    (exports.folder() / f"{row.key}.json.part").write_text("of a ZIP file in the making")
    exports.delete_old()
    assert len(files()) == 3, "it may be in the making"
    monkeypatch.setattr(leased, "ORPHANED", timedelta(seconds=-5))
    exports.delete_old()
    assert sorted(files()) == [f"{row.key}.csv", f"{row.key}.json.part"]


def test_asking_is_noted_without_what_was_searched_for(browser_of, manager, group):
    browser = browser_of(manager)
    form = {"kind": "csv", "q": "first", "state": "open"}
    assert browser.post(EXPORTS, form).status_code == 302
    noted = AuditRow.objects.get(action="exported", kind="archive")
    assert (noted.actor_name, noted.object_name) == ("mona", "conversations.csv")
    assert "first" not in noted.details and '"state"' in noted.details
    row = made(ArchiveExport.objects.get())
    browser.get(f"{EXPORTS}{row.pk}/file/?token={exports.token_of(row)}")
    assert AuditRow.objects.filter(action="exported", source="archive-export-file").count() == 1
    browser.post(f"{EXPORTS}{row.pk}/cancel/")
    assert AuditRow.objects.filter(action="deleted", kind="archive").count() == 1
    assert files() == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"kind": "exe"}, 400),
        ({"kind": "csv", "state": "lost"}, 400),
        ({"kind": "csv", "group": ["x"]}, 404),
        ({"kind": "csv", "group": [str(n) for n in range(501)]}, 400),
    ],
)
def test_a_wrong_wish_is_refused(browser_of, manager, form, status):
    assert browser_of(manager).post(EXPORTS, form).status_code == status
    assert not ArchiveExport.objects.exists()


def test_foreign_conversations_and_too_many_exports_are_refused(
    browser_of, manager, supervisor, superuser, other_group, group
):
    boss = browser_of(manager)
    assert boss.post(EXPORTS, {"kind": "csv", "group": [group, other_group]}).status_code == 404
    root = browser_of(superuser)
    assert root.post(EXPORTS, {"kind": "zip", "enterprise": "acme"}).status_code == 403
    assert root.post(EXPORTS, {"kind": "csv", "enterprise": "acme"}).status_code == 302
    for _ in range(exports.MOST_WAITING - 1):
        ask_for(manager)
    with pytest.raises(Refused):
        ask_for(supervisor)
    answer = boss.post(EXPORTS, {"kind": "csv"})
    assert answer.status_code == 400 and "Five exports" in answer.content.decode()


def test_the_page_tells_how_far_it_is(browser_of, manager, group):
    browser = browser_of(manager)
    assert "No exports" in browser.get(EXPORTS).content.decode()
    row = ask_for(manager, state="open")
    assert "Begins soon" in browser.get(EXPORTS).content.decode()
    ArchiveExport.objects.update(state="running", percent=40, done=1)
    assert 'value="40"' in browser.get(EXPORTS).content.decode()
    ArchiveExport.objects.update(state="waiting")
    made(row)
    page = browser.get(EXPORTS).content.decode()
    assert f'href="{EXPORTS}{row.pk}/file/?token=' in page and "data-busy" not in page


def test_the_task_makes_it_in_the_background(manager, group, monkeypatch):
    class AtOnce:
        def submit(self, function, *args):
            function(*args)
            return mock.Mock(done=lambda: True)

    monkeypatch.setattr(connection, "close", lambda: None)
    row = ask_for(manager)
    periodic.Beside(AtOnce(), export_jobs.make, export_jobs.take)()
    row.refresh_from_db()
    assert row.state == "done"
