"""Setting a directory up: by superusers alone, and what its form refuses."""

import pytest

from accounts import encryption
from accounts.models import Enterprise, Member, Provider
from tests.accounts.audit.doors import edit, submit

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/provider/add/?kind=ldap"
GOOD = {"name": "Acme", "issuer": "ldaps://ldap.example.com", "base": "dc=example,dc=com"}
GOOD |= {"client_id": "cn=kefu,dc=example,dc=com", "secret": "hush", "is_on": None}


@pytest.fixture
def form(enterprise):
    return GOOD | {"enterprise": enterprise.pk}


def test_a_superuser_sets_one_up_beside_another_provider(root, form, enterprise):
    told = {"issuer": "https://login.example.com", "client_id": "kefu"}
    Provider.objects.create(enterprise=enterprise, name="Acme login", **told)
    assert "?kind=ldap" in root.get("/admin/accounts/provider/add/").content.decode()
    page = root.get("/admin/accounts/provider/add/?enterprise=1").content.decode()
    assert "?enterprise=1&amp;kind=ldap" in page, "the enterprise stays chosen"
    answer = submit(root, ADD, **form)
    assert answer.status_code == 302, answer.context["errors"]
    row = Provider.objects.get(kind="ldap")
    assert encryption.unseal(row.sealed) == "hush" and row.authorities is None
    assert row.default_role == Member.Role.AGENT, "what the page begins with"
    assert row.person_filter == "(&(objectClass=person)(uid={login}))"
    page = root.get(edit(row)).content.decode()
    assert "hush" not in page and "/agent/sso/acme/</code>" in page and "sso/acme/back" not in page
    submit(root, edit(row), name="Acme's", is_on=None)
    row.refresh_from_db()
    assert (row.name, encryption.unseal(row.sealed)) == ("Acme's", "hush")


def test_an_enterprise_has_one_of_a_kind(root, form, other_enterprise):
    submit(root, ADD, **form)
    answer = submit(root, ADD, **form)
    assert "has one of this kind already" in answer.content.decode()
    assert submit(root, ADD, **form | {"enterprise": other_enterprise.pk}).status_code == 302
    assert Enterprise.objects.filter(providers__kind="ldap").count() == 2


WRONG = {
    "issuer": [
        *(
            "https://ldap.example.com",
            "ldap.example.com",
            "ldaps://",
            "ldapi:///",
            "ldaps://x/dc=x",
        ),
        *("ldaps://user@x", "ldaps://x:99999", "ldaps://[::1", "ldap://x?y"),
    ],
    "person_filter": [
        *(
            "",
            "uid=wang",
            "(uid=*)",
            "(uid={login}",
            "(uid={login}))",
            "(uid={name})",
            "({login}=x)",
        ),
        *("(&(uid={login})(x={0}))", "(uid=*{login}*)"),
    ],
    "authorities": ["x", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"],
    "base": [""],
    "roles": ["cn=kf: agent"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name in WRONG for value in WRONG[name]]
)
def test_what_means_nothing_is_refused(root, form, field, value):
    answer = submit(root, ADD, **form | {field: value})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not Provider.objects.exists()


def test_encrypted_and_unencrypted_at_once_is_refused(root, form):
    assert submit(root, ADD, **form | {"is_plain": "on"}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "warned"),
    [("ldap://ldap.invalid", True), ("ldap://127.0.0.1:1", False), ("ldap://localhost:1", False)],
)
def test_without_encryption_there_is_a_warning_but_for_this_machine(root, form, address, warned):
    changed = form | {"issuer": address, "is_plain": "on"}
    submit(root, ADD, **changed)
    page = root.get("/admin/accounts/provider/").content.decode()
    assert ("unencrypted" in page) is warned


@pytest.mark.django_db(transaction=True)
def test_who_saves_one_that_does_not_answer_is_told(root, form):
    submit(root, ADD, **form | {"issuer": "ldaps://127.0.0.1:1", "is_on": "on"})
    assert "does not answer" in root.get("/admin/accounts/provider/").content.decode()
