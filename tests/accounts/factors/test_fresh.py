"""What needs a proof that is younger than 15 minutes: nothing leaves, goes or is made without."""

import pytest

from accounts.models import AuditRow
from chat.archive import exports
from chat.models import ArchiveExport, Visitor
from chat.posting import batches
from tests.chat.archive.making import ask_for, made
from tests.chat.helpers import new_guest
from tests.conftest import PASSWORD

from .apps import CONFIRM, grow_old

pytestmark = pytest.mark.django_db
EXPORTS = "/admin/archive/exports/"
REPORT = "/admin/reports/export.{}?metric=receptions"


@pytest.fixture
def boss(browser_of, manager):
    """The browser of a manager who signed in more than 15 minutes ago."""
    browser = browser_of(manager)
    grow_old(browser)
    return browser


def confirm(browser):
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    "place", [REPORT.format("csv"), REPORT.format("xlsx"), "/admin/accounts/auditrow/export/"]
)
def test_no_file_is_given_without(boss, place):
    back = "http://testserver/admin/reports/?days=7"
    answer = boss.get(place, HTTP_REFERER=back)
    assert answer.url == f"{CONFIRM}?next=%2Fadmin%2Freports%2F%3Fdays%3D7"
    assert not AuditRow.objects.filter(action="exported").exists()
    elsewhere = boss.get(place, HTTP_REFERER="https://evil.example/x")
    assert "evil" not in elsewhere.url
    confirm(boss)
    assert boss.get(place).status_code == 200


def test_no_export_of_the_archive_is_asked_for_or_given_without(boss, manager):
    back = "http://testserver/admin/archive/?state=open"
    answer = boss.post(EXPORTS, {"kind": "csv"}, HTTP_REFERER=back)
    assert answer.url == f"{CONFIRM}?next=%2Fadmin%2Farchive%2F%3Fstate%3Dopen"
    assert not ArchiveExport.objects.exists()
    row = made(ask_for(manager))
    link = f"{EXPORTS}{row.pk}/file/?token={exports.token_of(row)}"
    answer = boss.get(link, HTTP_REFERER=f"http://testserver{EXPORTS}")
    assert answer.url == f"{CONFIRM}?next=%2Fadmin%2Farchive%2Fexports%2F"
    assert not AuditRow.objects.filter(action="exported").exists()
    confirm(boss)
    assert boss.get(link).status_code == 200
    assert boss.post(EXPORTS, {"kind": "csv"}).status_code == 302
    assert ArchiveExport.objects.count() == 2


def test_nobody_is_told_to_confirm_what_is_not_theirs(browser_of, alice, client):
    browser = browser_of(alice)
    grow_old(browser)
    assert browser.get(REPORT.format("csv")).status_code == 403
    assert browser.post(EXPORTS, {"kind": "csv"}).status_code == 403
    assert client.get(REPORT.format("csv")).url.startswith("/agent/login/")


@pytest.mark.django_db(transaction=True)
def test_no_visitor_is_erased_without(boss, team):
    guest = new_guest(team)
    group = batches.post(guest.draft("my secret"))["group"]
    place, form = f"/agent/c/{group}/visitor/", {"action": "erase", "sure": "1"}
    answer = boss.post(place, form, HTTP_ACCEPT="application/json")
    assert answer.status_code == 403 and answer.json()["confirm"] == CONFIRM
    assert boss.post(place, form).url == CONFIRM
    assert not Visitor.objects.get(uuid=guest.uuid).is_erased
    assert boss.post(place, {"action": "edit", "name": "Li"}).status_code == 302, "needs none"
    confirm(boss)
    boss.post(place, form)
    assert Visitor.objects.get(uuid=guest.uuid).is_erased


def test_no_secret_is_made_without(boss, enterprise):
    place = f"/admin/accounts/enterprise/{enterprise.pk}/identity/"
    before = enterprise.identity_secret
    assert boss.post(place, {"former": "keep", "sure": "on"}).url == CONFIRM
    enterprise.refresh_from_db()
    assert enterprise.identity_secret == before
    confirm(boss)
    boss.post(place, {"former": "keep", "sure": "on"})
    enterprise.refresh_from_db()
    assert enterprise.identity_secret != before
