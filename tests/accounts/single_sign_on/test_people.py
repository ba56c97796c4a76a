"""Who somebody is whom the provider vouches for: linked, found or made, and with which rights."""

import json
from itertools import product

import pytest
from django.contrib.auth import get_user
from django.test import Client

from accounts import setup
from accounts.models import AuditRow, Enterprise, Member, MemberSession, ProviderAccount
from accounts.single_sign_on.mapping import mapped
from tests.accounts.audit.rows import newest
from tests.conftest import PASSWORD, hire

from .way import BACK, LOGOUT, START, go, refused, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
LINES = """
boss: manager
kf-sales: agent, sales, service
kf: agent, service
numbers: analyst
"""


@pytest.fixture
def groups(provider, enterprise):
    """The provider says by `groups` who may what; a function says which somebody has."""
    setup.find_or_create_team(enterprise, "sales")
    provider.claim, provider.roles = "groups", LINES
    provider.save()
    return lambda idp, *names: idp.person.update(groups=[*names])


def test_a_stranger_becomes_a_member_and_is_the_same_the_next_time(client, idp, enterprise):
    idp.person |= {"name": "王芳", "email": "Wang@Example.com"}
    assert sign_in(client, idp).url == "/agent/"
    member = Member.objects.get()
    assert (member.name, member.email, member.nickname) == ("wang@example.com",) * 2 + ("王芳",)
    assert member.enterprise == enterprise and member.role == Member.Role.AGENT
    assert not member.has_usable_password()
    row = newest(kind="member", action="added")
    assert (row.source, row.object_name) == ("sso-back", "wang@example.com")
    assert newest(action="signed_in").source == "sso-back"
    idp.person |= {"email": "married@example.com"}
    again = Client()
    assert sign_in(again, idp).status_code == 302
    assert get_user(again) == member and Member.objects.count() == 1


def test_an_address_that_is_not_verified_makes_and_links_nobody(client, idp, alice):
    emails = "alice@example.com", "new@example.com"
    for email, verified in product(emails, (False, None, "false", 1, "yes")):
        idp.person |= {"email": email, "email_verified": verified}
        assert "not verified" in refused(sign_in(client, idp)), (email, verified)
    assert Member.objects.count() == 1 and not ProviderAccount.objects.exists()


def test_a_refusal_is_in_the_log_and_once_a_minute_in_the_audit(client, idp, provider, caplog):
    idp.person |= {"email": "new@example.com", "email_verified": False}
    for _ in range(2):
        answer = client.get(go(client, idp), headers={"Accept-Language": "zh-hans"})
        assert "not verified" not in refused(answer)
    reason = "The provider has not verified your e-mail address."
    assert caplog.messages.count(f"single sign-on at acme was refused: {reason}") == 2
    (row,) = AuditRow.objects.filter(action="sign_in_failed")
    assert (row.chain, row.kind, row.source) == (provider.enterprise_id, "provider", "sso-back")
    assert json.loads(row.details) == {"reason": reason, "account": "new@example.com"}
    refused(client.get(f"{BACK}?state=x&code=a-secret"))
    row = newest(action="sign_in_failed")
    assert "took too long" in row.details and "secret" not in row.details + caplog.text


def test_an_address_that_is_none_makes_nobody(client, idp):
    for email in (None, 1, "", "x", "a@b", ["a@example.com"], "a" * 200 + "@b.cc"):
        idp.person["email"] = email
        refused(sign_in(client, idp))
    assert not Member.objects.exists()


def test_the_one_member_with_the_address_is_linked_and_keeps_everything(client, idp, alice):
    idp.person["email"] = "ALICE@example.com"
    assert sign_in(client, idp).status_code == 302
    assert get_user(client) == alice
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD) and alice.nickname == "小艾"
    assert newest(kind="provideraccount", action="added").object_name == "alice"


@pytest.mark.parametrize(
    ("own", "email"),
    [
        ("alice@example.com", "alicé@example.com"),
        ("alice@example.com", "alice@exámple.com"),
        ("alick@example.com", "alic\N{KELVIN SIGN}@example.com"),
    ],
)
def test_an_address_that_only_looks_the_same_links_nobody(client, idp, alice, own, email):
    Member.objects.filter(pk=alice.pk).update(email=own)
    idp.person["email"] = email
    sign_in(client, idp)
    assert not ProviderAccount.objects.filter(member=alice).exists()


def test_two_with_the_address_are_a_managers_business(client, idp, alice, bob):
    Member.objects.filter(pk=bob.pk).update(email="alice@example.com")
    idp.person["email"] = "alice@example.com"
    assert "Several members" in refused(sign_in(client, idp))


def test_a_second_account_there_does_not_take_a_linked_member_over(client, idp, alice):
    idp.person["email"] = "alice@example.com"
    sign_in(client, idp)
    idp.person["sub"] = "2"
    assert "Another account" in refused(sign_in(Client(), idp))


def test_members_of_other_enterprises_and_superusers_are_never_linked(
    client, idp, outsider, enterprise
):
    Member.objects.filter(pk=outsider.pk).update(email="oscar@example.com")
    idp.person["email"] = "oscar@example.com"
    sign_in(client, idp)
    assert get_user(client).enterprise == enterprise != outsider.enterprise
    root = hire("root", enterprise, email="root@example.com", is_superuser=True)
    idp.person |= {"sub": "3", "email": "root@example.com"}
    assert "signs in with its password" in refused(sign_in(Client(), idp))
    Member.objects.filter(pk=root.pk).update(is_superuser=False)
    assert sign_in(Client(), idp).status_code == 302
    Member.objects.filter(pk=root.pk).update(is_superuser=True)
    refused(sign_in(Client(), idp))


def test_an_account_of_that_name_elsewhere_is_no_way_in(client, idp, other_enterprise):
    hire("wang@example.com", other_enterprise)
    assert "could not be set up" in refused(sign_in(client, idp))


def test_who_is_disabled_here_stays_out(client, idp, alice):
    idp.person["email"] = "alice@example.com"
    sign_in(client, idp)
    Member.objects.filter(pk=alice.pk).update(status=Member.Status.CLOSED)
    assert "disabled" in refused(sign_in(Client(), idp))


def test_a_closed_enterprise_or_a_provider_that_is_off_has_no_door(client, provider, enterprise):
    provider.is_on = False
    provider.save()
    assert client.get(START).status_code == 404
    provider.is_on = True
    provider.save()
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert client.get(START).status_code == 404
    assert client.get("/agent/sso/umbrella/").status_code == 404


def teams_of(member) -> set[str]:
    return set(member.places.values_list("team__slug", flat=True))


def test_groups_give_role_and_teams_and_take_them_again(client, idp, groups, enterprise):
    other = setup.find_or_create_team(enterprise, "other")
    groups(idp, "staff", "kf-sales")
    sign_in(client, idp)
    member = Member.objects.get()
    assert member.role == Member.Role.AGENT and teams_of(member) == {"sales", "service"}
    setup.join_team(member, other)
    groups(idp, "kf")
    sign_in(Client(), idp)
    assert teams_of(member) == {"service", "other"}
    groups(idp, "boss")
    sign_in(Client(), idp)
    member.refresh_from_db()
    assert member.role == Member.Role.MANAGER and teams_of(member) == {"other"}
    assert newest(kind="member", action="changed").details.count("role") == 2


@pytest.mark.parametrize("claim", [None, True, [None, False], {"None": 1}, [["None"]], 1.5, []])
def test_a_claim_that_is_missing_or_of_another_form_fits_no_line(provider, claim):
    provider.claim = "groups"
    provider.roles = "None: manager\nTrue: manager\nFalse: manager\n1.5: manager\n['None']: manager"
    assert mapped(provider, {}) is None and mapped(provider, {"groups": claim}) is None


def test_a_claim_may_be_one_text_or_number_or_a_list_of_them(provider):
    provider.claim, provider.roles = "groups", "None: analyst\n7: agent"
    for claim in ("None", ["x", "None"]):
        assert mapped(provider, {"groups": claim}).value == "None"
    for claim in (7, "7", [True, 7]):
        assert mapped(provider, {"groups": claim}).value == "7"


def test_an_analyst_has_no_place(client, idp, groups, enterprise):
    groups(idp, "kf")
    sign_in(client, idp)
    # No line names this team: their place there is not the provider's as long as they serve.
    setup.join_team(Member.objects.get(), setup.find_or_create_team(enterprise, "vip"))
    groups(idp, "kf")
    sign_in(Client(), idp)
    assert teams_of(Member.objects.get()) == {"service", "vip"}
    groups(idp, "numbers")
    assert sign_in(Client(), idp).status_code == 302
    member = Member.objects.get()
    assert member.role == Member.Role.ANALYST and teams_of(member) == set()


def test_who_fits_no_line_stays_out(client, idp, groups):
    for value in ([], ["staff"], None, "bos", {"boss": 1}, 7, [["boss"]]):
        idp.person["groups"] = value
        assert "no access here" in refused(sign_in(client, idp)), value
    assert not Member.objects.exists()


def test_the_providers_sign_in_stands_for_both_steps_and_is_fresh(client, idp, enterprise):
    enterprise.second_factor_roles = [Member.Role.AGENT]
    enterprise.save()
    sign_in(client, idp)
    assert client.get("/agent/").status_code == 200
    assert client.get("/agent/security/app/").status_code == 200


@pytest.mark.parametrize("linked", [True, False])
def test_who_has_no_password_is_mailed_none(client, idp, mailoutbox, linked):
    sign_in(client, idp)
    if not linked:
        ProviderAccount.objects.all().delete()
    Client().post("/agent/password/forgotten/", {"email": "wang@example.com"})
    from accounts.mails import background

    background.submit(lambda: None).result(60)
    assert mailoutbox == []


def test_a_fresh_proof_is_asked_for_at_the_provider(client, idp, alice):
    from tests.accounts.factors.apps import CONFIRM, grow_old

    sign_in(client, idp)
    grow_old(client)
    page = client.get(CONFIRM).content.decode()
    assert f"{START}oidc/?again=1" in page
    assert sign_in(client, idp, "oidc/?again=1&next=/agent/profile/").url == "/agent/profile/"
    assert client.get("/agent/security/app/").status_code == 200
    grow_old(client)
    idp.change = {"auth_time": 1_000_000}
    assert "asked you anew" in refused(sign_in(client, idp, "oidc/?again=1"))
    idp.change = {"auth_time": None}
    refused(sign_in(client, idp, "oidc/?again=1"))
    idp.change = {}
    idp.person |= {"sub": "9", "email": "alice@example.com"}
    assert "somebody else" in refused(sign_in(client, idp, "oidc/?again=1"))
    assert client.get("/agent/security/app/").url.startswith(CONFIRM)


def test_a_provider_that_asked_nothing_has_proved_nothing(client, idp):
    from tests.accounts.factors.apps import CONFIRM, grow_old

    sign_in(client, idp)
    assert client.get("/agent/security/app/").status_code == 200
    grow_old(client)
    assert sign_in(client, idp).status_code == 302
    assert client.get("/agent/security/app/").url.startswith(CONFIRM)


def test_the_end_at_the_provider_ends_the_sessions_here(client, idp, alice, browser_of):
    here, there, by_password = client, Client(), browser_of(alice)
    idp.person |= {"email": "alice@example.com", "sid": "one"}
    sign_in(here, idp)
    idp.person["sid"] = "two"
    sign_in(there, idp)
    token = {"logout_token": idp.logout_token(sid="one")}
    answer = Client(enforce_csrf_checks=True).post(LOGOUT, token)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert here.get("/agent/").status_code == 302
    assert there.get("/agent/").status_code == by_password.get("/agent/").status_code == 200
    row = newest(kind="membersession")
    assert (row.action, row.source, row.details) == ("deleted", "sso-logout", '{"count": 1}')
    Client().post(LOGOUT, {"logout_token": idp.logout_token(sub="1")})
    assert there.get("/agent/").status_code == 302
    assert by_password.get("/agent/").status_code == 200, "not by the provider"


def test_a_session_under_a_new_key_is_still_the_providers(client, idp, alice):
    from accounts.sign_ins import sessions

    idp.person |= {"email": "alice@example.com", "sid": "one"}
    sign_in(client, idp)
    new = dict.fromkeys(("new_password1", "new_password2"), "six big horses")
    client.post("/agent/password/", {"old_password": PASSWORD, **new})
    assert client.get("/agent/").status_code == 200
    assert MemberSession.objects.get().sid == "one"
    sessions.noted.clear()
    Client().post(LOGOUT, {"logout_token": idp.logout_token(sid="one")})
    assert client.get("/agent/").status_code == 302


WRONG = {
    "an ID token": {"events": None, "nonce": "x", "sub": "1"},
    "with a nonce": {"sub": "1", "nonce": "x"},
    "of nobody": {},
    "another event": {"sub": "1", "events": {"x": {}}},
    "events that are a list": {"sub": "1", "events": []},
    "for another client": {"sub": "1", "aud": "another"},
    "of another issuer": {"sub": "1", "iss": "https://evil.example"},
    "of yesterday": {"sub": "1", "iat": 1_700_000_000},
}


def test_what_is_no_logout_token_ends_nothing(client, idp):
    sign_in(client, idp)
    for what, facts in WRONG.items():
        answer = Client().post(LOGOUT, {"logout_token": idp.logout_token(**facts)})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), what
    assert Client().post(LOGOUT).status_code == 400
    assert Client().post(LOGOUT, {"logout_token": "x"}).status_code == 400
    assert client.get("/agent/").status_code == 200
    assert not AuditRow.objects.filter(kind="membersession").exists()
