"""Setting single sign-on up: by superusers alone, with addresses that the server may ask."""

import pytest

from accounts import encryption
from accounts.models import AuditRow, MemberSession, Provider, ProviderAccount
from tests.accounts.admin.page import submit_each
from tests.accounts.audit.doors import edit, submit

pytestmark = pytest.mark.django_db
PLACE = "/admin/accounts/provider/"
GOOD = {"name": "Acme login", "issuer": "https://login.example.com/realms/acme"}
GOOD |= {"client_id": "kefu", "secret": "hush", "default_role": "2", "is_on": "on"}


def test_a_superuser_sets_it_up_and_the_secret_is_shown_nowhere(root, enterprise):
    answer = submit(root, f"{PLACE}add/", enterprise=enterprise.pk, **GOOD)
    assert answer.status_code == 302, answer.content
    row = Provider.objects.get()
    assert encryption.unseal(row.sealed) == "hush"
    page = root.get(edit(row)).content.decode()
    assert "hush" not in page and row.sealed not in page
    for place in ("", "back/", "logout/"):
        assert f"http://testserver/agent/sso/acme/{place}</code>" in page
    told = AuditRow.objects.filter(kind="provider").get()
    assert told.action == "added" and "hush" not in told.details and row.sealed not in told.details
    submit(root, edit(row), secret="", client_id="other")
    row.refresh_from_db()
    assert (encryption.unseal(row.sealed), row.client_id) == ("hush", "other")


ISSUERS = [
    *("http://login.example.com", "login.example.com", "javascript:x", "https://", "https:///x"),
    *("https://user@login.example.com", "https://login.example.com/?x=1", "https://x:99999/"),
    *("file:///etc/passwd", "https://login.example.com/#x", "https://[::1"),
]
LINES = [
    *(("groups", "boss"), ("groups", "boss: king"), ("groups", ": manager")),
    *(("groups", "kf: agent, nowhere"), ("groups", "kf: agent,"), ("", "boss: manager")),
    *(("groups", ""), ("groups", "x: bot"), ("groups", "x: analyst, service")),
]


def test_issuers_that_the_server_must_not_ask_and_lines_that_mean_nothing_are_refused(
    root, enterprise
):
    wrong = [{"issuer": issuer} for issuer in ISSUERS]
    wrong += [{"claim": claim, "roles": roles} for claim, roles in LINES]
    changes = [GOOD | {"enterprise": enterprise.pk} | one for one in wrong]
    for one, answer in zip(wrong, submit_each(root, f"{PLACE}add/", *changes), strict=True):
        assert answer.status_code == 200, one
    assert not Provider.objects.exists()


def test_another_issuer_forgets_who_was_who_and_signs_them_out(root, provider, alice, settings):
    ProviderAccount.objects.create(provider=provider, member=alice, subject="1", key="x")
    MemberSession.objects.create(provider=provider, member=alice, key="y")
    submit(root, edit(provider), name="Other")
    assert ProviderAccount.objects.exists() and alice.sessions.exists()
    submit(root, edit(provider), issuer="https://other.example.com")
    assert not ProviderAccount.objects.exists() and not alice.sessions.exists()


def test_the_sign_in_page_leads_there_with_one_query_more(
    client, provider, django_assert_num_queries
):
    with django_assert_num_queries(2):
        page = client.get("/agent/login/?next=/agent/profile/").content.decode()
    assert "Acme login" in page and "/agent/sso/acme/oidc/?next=%2Fagent%2Fprofile%2F" in page
    Provider.objects.update(is_on=False)
    assert "Acme login" not in client.get("/agent/login/").content.decode()
    Provider.objects.all().delete()
    with django_assert_num_queries(2):
        assert "Acme login" not in client.get("/agent/login/").content.decode()


def test_strangers_do_not_learn_who_uses_it_among_several(client, provider, other_enterprise):
    assert "Acme login" not in client.get("/agent/login/").content.decode()
