"""What needs a proof that is younger than 15 minutes: nothing leaves, goes or is made without."""

import pytest

from accounts.models import AuditRow, Enterprise, Member, Provider
from chat.archive import exports
from chat.models import ArchiveExport, Visitor
from chat.posting import batches
from tests.accounts.admin.page import ENTERPRISES, GOOD, MEMBERS, edit, form_of
from tests.chat.archive.making import ask_for, made
from tests.chat.helpers import new_guest
from tests.conftest import PASSWORD, stored

from .apps import CONFIRM, grow_old

pytestmark = pytest.mark.django_db
EXPORTS = "/admin/archive/exports/"
REPORT = "/admin/reports/export.{}?metric=receptions"
PROVIDERS = "/admin/accounts/provider/"
PROVIDER = {"name": "Acme login", "issuer": "https://login.example.com/realms/acme"}
PROVIDER |= {"client_id": "kefu", "secret": "hush", "default_role": "2", "is_on": "on"}
OIDC = {"name": "Login", "issuer": "https://login.example.com", "client_id": "kefu"}
DELETE = {"action": "delete_selected", "post": "yes"}
DOORS = {
    "a new manager": lambda cast: (
        f"{MEMBERS}add/",
        {"name": "nina", "role": 1, "enterprise": cast["enterprise"].pk},
    ),
    "a role": lambda cast: (edit(cast["alice"]), {"role": 1}),
    "a superuser": lambda cast: (edit(cast["alice"]), {"is_superuser": "on"}),
    "another's e-mail": lambda cast: (edit(cast["alice"]), {"email": "eve@example.com"}),
    "the own e-mail": lambda cast: (edit(cast["manager"]), {"email": "eve@example.com"}),
    "another's password": lambda cast: (
        f"{MEMBERS}{cast['alice'].pk}/password/",
        {"new_password1": GOOD, "new_password2": GOOD},
    ),
    "an enterprise with its manager": lambda cast: (
        f"{ENTERPRISES}add/",
        {"code": "zeta", "name": "Zeta", "manager_account": "zoe"},
    ),
    "a closed enterprise": lambda cast: (
        ENTERPRISES,
        {"action": "open", "confirmed": "yes", "_selected_action": [closed(cast["enterprise"]).pk]},
    ),
    "compulsory second factors": lambda cast: (
        f"{edit(cast['enterprise'])}?section=sign-in",
        {"second_factor_roles": [1, 2]},
    ),
    "a new provider": lambda cast: (
        f"{PROVIDERS}add/",
        PROVIDER | {"enterprise": cast["other_enterprise"].pk},
    ),
    "a provider": lambda cast: (edit(cast["provider"]), {"issuer": "https://evil.example.com"}),
    "a provider's end": lambda cast: (
        edit(cast["provider"]).replace("/change/", "/delete/"),
        {"post": "yes"},
    ),
    "providers' end": lambda cast: (
        PROVIDERS,
        DELETE | {"_selected_action": [cast["provider"].pk]},
    ),
}
"""By what is done: the form and what is changed in it. Only superusers see some of them."""


def closed(enterprise):
    enterprise.status = Enterprise.Status.CLOSED
    enterprise.save()
    return enterprise


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
    assert stored(enterprise).identity_secret == before
    confirm(boss)
    boss.post(place, {"former": "keep", "sure": "on"})
    assert stored(enterprise).identity_secret != before


@pytest.mark.parametrize("model", ["accounts/accesstoken", "chat/webhook"])
def test_no_key_of_a_program_is_made_without(boss, model):
    place = f"/admin/{model}/add/"
    assert boss.get(place).url.startswith(CONFIRM)
    assert boss.post(place, {}).url == CONFIRM
    confirm(boss)
    assert boss.post(place, {}).status_code == 200, "the form is looked at"


@pytest.mark.parametrize("what", DOORS)
def test_nobody_gets_another_way_in_without(browser_of, superuser, request, what):
    names = ("alice", "manager", "enterprise", "other_enterprise")
    cast = {name: request.getfixturevalue(name) for name in names}
    cast["provider"] = Provider.objects.create(enterprise=cast["enterprise"], **OIDC)
    browser = browser_of(superuser)
    place, changes = DOORS[what](cast)
    form = changes if "action" in changes else form_of(browser.get(place)) | changes
    before = state()
    grow_old(browser)
    answer = browser.post(place, form, HTTP_REFERER=f"http://testserver{place}")
    assert answer.url.startswith(f"{CONFIRM}?next="), "back to the form, which is sent anew"
    assert state() == before
    confirm(browser)
    assert browser.post(place, form).status_code in (200, 302)
    assert state() != before


def state() -> list:
    """What decides who may sign in, and as what."""
    members = Member.objects.order_by("pk").values_list("name", "role", "is_superuser", "email")
    found = [*members, *Member.objects.order_by("pk").values_list("password")]
    found += Enterprise.objects.order_by("pk").values_list("code", "status", "second_factor_roles")
    return [*found, *Provider.objects.order_by("pk").values_list("pk", "issuer")]


def test_what_lets_nobody_in_needs_none(boss, alice):
    form = form_of(boss.get(edit(alice))) | {"tel": "123"}
    assert boss.post(edit(alice), form).url == MEMBERS
    assert stored(alice).tel == "123"


def test_rows_of_a_report_are_shown_but_not_given_without(boss):
    place = "/admin/reports/rows/?metric=receptions"
    assert boss.get(place).status_code == 200
    answer = boss.get(place, HTTP_ACCEPT="application/json")
    assert answer.status_code == 403 and answer.json()["confirm"].startswith(CONFIRM)
    assert boss.get(f"{place}&format=json").url.startswith(CONFIRM)
    confirm(boss)
    assert boss.get(f"{place}&format=json").json()["rows"] == []
