"""Who is locked in the directory, or gone from it, is signed out here."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import directory as door
from accounts.directory.entries import Entry
from accounts.models import Member, MemberSession, Provider, ProviderAccount
from tests.accounts.audit.rows import newest
from tests.conftest import PASSWORD

from . import slapd
from .door import sign_in, told
from .slapd import KF, WANG

pytestmark = pytest.mark.django_db
LOCKED = "000001010000Z"


@pytest.fixture
def wang(client, directory):
    """The browser of who is signed in by the directory."""
    assert sign_in(client).status_code == 302
    return client


def is_in(browser) -> bool:
    return browser.get("/agent/profile/").status_code == 200


def look_after() -> None:
    Provider.objects.update(checked_at=None)
    door.look_after()


def vanish(people, directory):
    with people.as_root() as root:
        root.delete(KF)
        root.delete(WANG)


def lock(people, directory):
    people.change(WANG, pwdAccountLockedTime=[LOCKED])


def expire(people, directory):
    with people.as_root() as root:
        kinds = [("MODIFY_ADD", ["shadowAccount"])]
        root.modify(WANG, {"objectClass": kinds, "shadowExpire": [("MODIFY_ADD", ["1"])]})


def leave_the_group(people, directory):
    Provider.objects.update(claim="memberOf", roles=f"cn=other,ou=groups,{slapd.BASE}: agent")


def no_longer_fit_the_filter(people, directory):
    Provider.objects.update(person_filter="(&(uid={login})(employeeType=staff))")


@pytest.mark.ldap
@pytest.mark.parametrize("end", [vanish, lock, expire, leave_the_group, no_longer_fit_the_filter])
def test_who_has_no_access_there_any_more_is_signed_out_and_stays_out(wang, people, directory, end):
    look_after()
    assert is_in(wang)
    end(people, directory)
    look_after()
    assert not is_in(wang)
    assert not MemberSession.objects.exists()
    row = newest(kind="membersession")
    assert (row.action, row.source, row.object_name) == ("deleted", "directory", "wang@example.com")
    assert told(sign_in(Client()))


@pytest.mark.ldap
def test_wrong_passwords_of_whoever_guesses_sign_nobody_out(wang, people):
    people.change(WANG, pwdAccountLockedTime=[timezone.now().strftime("%Y%m%d%H%M%SZ")])
    look_after()
    assert is_in(wang)


@pytest.mark.ldap
def test_a_session_by_a_password_of_ours_is_not_the_directorys(wang, people, directory):
    member = Member.objects.get()
    member.set_password(PASSWORD)
    Member.objects.filter(pk=member.pk).update(password=member.password)
    own = Client()
    assert sign_in(own, "wang@example.com", PASSWORD).status_code == 302
    vanish(people, directory)
    look_after()
    assert is_in(own)


@pytest.mark.ldap
def test_a_directory_that_has_lost_its_base_signs_nobody_out(wang, directory):
    """As after a replica was restored empty, or a slip of the pen."""
    Provider.objects.update(base="ou=nowhere,dc=example,dc=com")
    look_after()
    assert is_in(wang)


@pytest.mark.ldap
@pytest.mark.parametrize("end", ["switched off", "deleted"])
def test_nobody_stays_whom_nobody_asks_about_any_more(wang, superuser, browser_of, directory, end):
    page = f"/admin/accounts/provider/{Provider.objects.get().pk}/"
    browser = browser_of(superuser)
    if end == "deleted":
        browser.post(f"{page}delete/", {"post": "yes"})
        assert not Provider.objects.exists()
    else:
        form = browser.get(f"{page}change/").context["adminform"].form
        fields = {name: form[name].value() or "" for name in form.fields if name != "is_on"}
        browser.post(f"{page}change/", {name: value for name, value in fields.items() if value})
        assert not Provider.objects.get().is_on
    assert not is_in(wang)


@pytest.mark.ldap
def test_who_is_linked_no_more_is_signed_out(wang):
    """As after another directory was entered."""
    ProviderAccount.objects.all().delete()
    look_after()
    assert not is_in(wang)


@pytest.mark.ldap
def test_an_entry_without_an_unchanging_id_is_nobody(client, directory, monkeypatch):
    monkeypatch.setattr(Entry, "IDS", ())
    assert "unmistakably" in told(sign_in(client))


@pytest.mark.ldap
def test_a_directory_that_is_away_signs_nobody_out(wang):
    Provider.objects.update(issuer="ldap://127.0.0.1:1")
    look_after()
    assert is_in(wang)


def test_it_is_asked_now_and_then_by_one_process(enterprise, monkeypatch):
    from accounts.directory import upkeep

    looked = []
    monkeypatch.setattr(upkeep, "look", lambda provider: looked.append(provider.pk))
    common = {"kind": "ldap", "issuer": "ldap://127.0.0.1:1"}
    provider = Provider.objects.create(enterprise=enterprise, **common)
    door.look_after()
    door.look_after()
    assert looked == [provider.pk]
    Provider.objects.update(checked_at=timezone.now() - upkeep.EVERY - timedelta(seconds=1))
    door.look_after()
    assert len(looked) == 2
    Provider.objects.update(checked_at=None, is_on=False)
    door.look_after()
    assert len(looked) == 2


@pytest.mark.parametrize(
    ("name", "value", "locked"),
    [
        *(("userAccountControl", "514", True), ("userAccountControl", "512", False)),
        *(("userAccountControl", "x", False), ("nsAccountLock", "TRUE", True)),
        *(("nsaccountlock", "false", False), ("pwdAccountLockedTime", LOCKED, True)),
        *(("pwdAccountLockedTime", "20260101000000Z", False), ("shadowExpire", "-1", False)),
        *(("shadowExpire", "0", True), ("shadowExpire", "99999", False), ("cn", "x", False)),
        *(("accountExpires", "0", False), ("accountExpires", str(2**63 - 1), False)),
        # Of the years 2024 and 3000.
        *(("accountExpires", "133485408000000000", True), ("accountExpires", "-1", False)),
        *(("accountExpires", "441481536000000000", False), ("accountExpires", "1", True)),
        *(("krbPrincipalExpiration", "20240101000000Z", True), ("accountExpires", "", False)),
        *(("krbPrincipalExpiration", f"{year}0101000000Z", False) for year in (1970, 3000)),
    ],
)
def test_directories_say_in_several_ways_that_an_entry_is_locked(name, value, locked):
    assert Entry("cn=x", {name: [value.encode()]}).is_locked is locked


def test_the_unchanging_id_is_found_in_several_places_and_may_be_binary():
    assert Entry("cn=x", {"ObjectGUID": [b"\x01\xff" * 8]}).subject == "objectGUID:" + "01ff" * 8
    assert Entry("cn=x", {"entryUUID": [b"abc"]}).subject == "entryUUID:abc"
    assert Entry("cn=x", {"cn": [b"\xff"]}).subject == ""
