"""Who gets in with an account of the directory, and as whom."""

import pytest
from django.contrib.auth import get_user
from django.test import Client

from accounts import setup
from accounts.models import Member, MemberSession, Provider
from accounts.passwords import attempts
from tests.accounts.audit.rows import newest
from tests.accounts.factors.apps import CONFIRM, Phone, grow_old
from tests.conftest import PASSWORD, hire

from . import slapd
from .door import LOGIN, sign_in, told
from .slapd import BOSS, WANG, WANG_PASSWORD

pytestmark = [pytest.mark.ldap, pytest.mark.django_db, pytest.mark.usefixtures("directory")]
JSON = {"Accept": "application/json"}


def test_a_stranger_becomes_a_member_and_is_the_same_the_next_time(client, enterprise, people):
    assert sign_in(client).url == "/agent/"
    member = Member.objects.get()
    assert get_user(client) == member and member.enterprise == enterprise
    assert (member.name, member.email, member.nickname) == ("wang@example.com",) * 2 + ("王芳",)
    assert member.role == Member.Role.AGENT and not member.has_usable_password()
    assert newest(kind="member", action="added").source == "agent-login"
    assert newest(action="signed_in").object_name == "wang@example.com"
    people.change(WANG, mail=["married@example.com"])
    people.rename(WANG, "uid=wang-li")
    for account in ("wang-li", "WANG-LI", "married@example.com", "wang@example.com"):
        again = Client()
        assert sign_in(again, account).status_code == 302, account
        assert get_user(again) == member
    assert "Wrong account" in told(sign_in(Client(), "wang"))
    assert Member.objects.count() == 1


def test_the_one_member_with_the_address_is_linked_and_both_passwords_count(client, enterprise):
    alice = hire("alice", enterprise, email="wang@example.com")
    assert sign_in(client).status_code == 302 and get_user(client) == alice
    for account, password in [("alice", PASSWORD), ("alice", WANG_PASSWORD)]:
        assert sign_in(Client(), account, password).status_code == 302
    assert MemberSession.objects.filter(provider=None).count() == 1


def test_a_superuser_is_nobody_of_the_directory(client, enterprise):
    hire("root", enterprise, email="wang@example.com", is_superuser=True)
    assert "signs in with its password" in told(sign_in(client))


WRONG = [
    *(("wang", "wrong"), ("nobody", WANG_PASSWORD), ("*", WANG_PASSWORD), ("wan*", WANG_PASSWORD)),
    *(("wang)(uid=*", WANG_PASSWORD), ("\\2a", WANG_PASSWORD), ("wang\\00", WANG_PASSWORD)),
    # Other writings, some of which slapd takes for the same.
    *(("wáng", WANG_PASSWORD), ("wa ng", WANG_PASSWORD), ("w\u200bang", WANG_PASSWORD)),
    *((WANG, WANG_PASSWORD), ("wang", f" {WANG_PASSWORD}"), ("wang", WANG_PASSWORD.upper())),
]


@pytest.mark.parametrize(("account", "password"), WRONG)
def test_whoever_is_refused_reads_the_same(client, account, password):
    assert told(sign_in(client, account, password)) == "Wrong account or password."
    assert get_user(client).is_anonymous and not Member.objects.exists()


def test_who_is_not_there_is_tried_as_who_is(client, monkeypatch):
    from accounts.directory import connections

    tried = []
    real = connections.accepts
    monkeypatch.setattr(connections, "accepts", lambda *all: tried.append(all[1]) or real(*all))
    for account in ("wang", "nobody"):
        sign_in(client, account, "wrong")
    assert tried[0] == WANG and tried[1].endswith(slapd.BASE) and len(tried) == 2


@pytest.mark.parametrize("password", ["", " ", "\0", "\xad", "\ud800"])
def test_an_empty_password_opens_nothing_although_the_directory_takes_it(
    client, directory, people, password
):
    from accounts.directory import connections

    assert people.takes_no_password(WANG)
    assert not connections.accepts(directory, WANG, password)
    if password != "\ud800":  # No form can send it.
        assert sign_in(client, password=password).status_code == 200
    assert get_user(client).is_anonymous


def test_two_entries_of_one_account_are_nobody(client, people):
    with people.as_root() as root:
        twin = {"cn": "x", "sn": "x", "userPassword": WANG_PASSWORD, "uid": "wang"}
        root.add(f"cn=twin,ou=people,{slapd.BASE}", ["inetOrgPerson"], twin)
    assert "Wrong account" in told(sign_in(client))


def test_an_entry_without_an_address_makes_nobody(client, people):
    people.change(WANG, mail=[])
    assert "no e-mail address" in told(sign_in(client))
    assert not Member.objects.exists()


def test_the_tenth_wrong_password_locks_and_a_right_one_counts_anew(client):
    def fail(times):
        return [sign_in(client, password=f"wrong {n}").status_code for n in range(times)]

    assert fail(9) == [200] * 9
    assert sign_in(Client()).status_code == 302
    assert fail(10) == [200] * 9 + [429]
    assert sign_in(client).status_code == 429
    assert sign_in(client, "li").status_code == 302


def test_whoever_signs_in_by_the_directory_does_not_clear_the_tries_of_a_namesake(
    client, enterprise
):
    hire("wang", enterprise, email="other@example.com")
    assert [sign_in(client, password="wrong").status_code for _n in range(9)] == [200] * 9
    assert sign_in(Client()).status_code == 302
    assert get_user(client).is_anonymous
    assert sign_in(client, password="wrong").status_code == 429


@pytest.fixture
def groups(directory, enterprise):
    setup.find_or_create_team(enterprise, "sales")
    directory.claim = "memberOf"
    directory.roles = f"{BOSS}: manager\nCN=KF, OU=groups, {slapd.BASE}: agent, service, sales\n"
    directory.save()


def teams_of(member) -> set[str]:
    return set(member.places.values_list("team__slug", flat=True))


def test_groups_decide_role_and_teams_at_each_sign_in(client, groups, people):
    sign_in(client)
    member = Member.objects.get()
    assert member.role == Member.Role.AGENT and teams_of(member) == {"service", "sales"}
    people.add(BOSS, ["groupOfUniqueNames"], uniqueMember=WANG)
    sign_in(Client())
    member.refresh_from_db()
    assert member.role == Member.Role.MANAGER and teams_of(member) == set()
    assert "no access here" in told(sign_in(Client(), "li"))
    assert Member.objects.count() == 1


def test_a_group_of_the_same_name_elsewhere_gives_nothing(client, groups, people):
    people.add(f"cn=boss,ou=people,{slapd.BASE}", ["groupOfNames"], member=WANG)
    sign_in(client)
    assert Member.objects.get().role == Member.Role.AGENT


def test_unix_groups_and_attributes_of_the_person_count_too(client, groups, directory, people):
    people.add(BOSS, ["posixGroup"], memberUid="li", gidNumber=7)
    assert sign_in(client, "li").status_code == 302
    assert Member.objects.get().role == Member.Role.MANAGER
    directory.claim, directory.roles = "employeeType", "Support: analyst"
    directory.save()
    people.change(WANG, employeeType=["guest", "support"])
    assert sign_in(Client()).status_code == 302
    assert Member.objects.get(name="wang@example.com").role == Member.Role.ANALYST


def test_the_second_step_follows_and_the_session_is_the_directorys(client, directory):
    sign_in(Client())
    member = Member.objects.get()
    phone = Phone(member)
    MemberSession.objects.all().delete()
    answer = sign_in(client)
    assert answer.url.startswith("/agent/login/second/") and get_user(client).is_anonymous
    assert client.post(answer.url, {"code": phone.code()}).status_code == 302
    assert get_user(client) == member
    assert MemberSession.objects.get().provider == directory


def test_a_fresh_proof_is_the_directorys_password(client):
    sign_in(client)
    grow_old(client)
    page = client.get(CONFIRM).content.decode()
    assert "/sso/" not in page and 'name="password"' in page
    assert "Wrong password" in client.post(CONFIRM, {"password": "x"}).content.decode()
    assert client.post(CONFIRM, {"password": WANG_PASSWORD}).status_code == 302
    assert client.get("/agent/security/app/").status_code == 200


def test_a_compulsory_second_factor_is_asked_for(client, enterprise):
    enterprise.second_factor_roles = [Member.Role.AGENT]
    enterprise.save()
    sign_in(client)
    assert client.get("/agent/").url.startswith("/agent/security/app/")


def test_the_sign_in_page_tells_of_it_and_the_workspace_may_sign_in_again(client):
    assert "Acme&#x27;s directory work here, too" in client.get(LOGIN).content.decode()
    fields = {"username": "wang", "password": WANG_PASSWORD}
    assert client.post(LOGIN, fields, headers=JSON).json() == {"ok": True}
    # The dialog has the account that the member has here.
    fields["username"] = "wang@example.com"
    assert client.post(LOGIN, fields, headers=JSON).json() == {"ok": True}
    assert client.post("/agent/sso/acme/", fields, headers=JSON).json() == {"ok": True}


def test_with_several_enterprises_only_a_page_of_its_own_asks_it(client, other_enterprise):
    page = client.get(LOGIN).content.decode()
    assert "directory" not in page
    assert "Wrong account" in told(sign_in(client))
    own = client.get("/agent/sso/acme/?next=/agent/profile/")
    assert "Acme&#x27;s directory" in own.content.decode()
    assert client.get("/agent/sso/umbrella/").status_code == 404
    assert client.post("/agent/sso/umbrella/").status_code == 404
    assert client.get("/agent/sso/acme/ldap/").status_code == 404
    answer = sign_in(client, door="/agent/sso/acme/", next="/agent/profile/")
    assert answer.url == "/agent/profile/"


def test_a_directory_that_is_off_is_not_asked(client):
    Provider.objects.update(is_on=False)
    assert "Wrong account" in told(sign_in(client))


def test_the_administration_asks_it_too(client, groups, people):
    door = "/admin/login/"
    assert "Please enter the correct" in told(sign_in(client, door=door))
    people.add(BOSS, ["groupOfNames"], member=WANG)
    assert sign_in(client, door=door).url == "/admin/"


def test_a_browser_is_known_by_the_account_that_was_typed(client, monkeypatch):
    monkeypatch.setattr(attempts, "MOST", 3)
    assert sign_in(client).status_code == 302
    client.post("/agent/logout/")
    for number in range(3):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong")
    assert sign_in(Client()).status_code == 429
    assert sign_in(client).status_code == 302
