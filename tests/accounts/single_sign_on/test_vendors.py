"""企业微信, 钉钉 and 飞书: who gets in, as whom, and everything that may be wrong on the way."""

from itertools import product

import pytest
from django.contrib.auth import get_user
from django.test import Client

from accounts import encryption, setup
from accounts.models import Member, Provider, ProviderAccount
from accounts.single_sign_on import dingtalk, feishu, flow, wecom
from tests.accounts.audit.doors import edit, submit
from tests.accounts.factors.apps import CONFIRM, grow_old
from tests.conftest import hire

from . import fake_vendors
from .fake_vendors import APP, CORPORATION, SECRET

pytestmark = pytest.mark.django_db
VENDORS = {
    "wecom": (fake_vendors.Wecom, "WangFang", "biz_mail", "department"),
    "dingtalk": (fake_vendors.Dingtalk, "union1", "org_email", "dept_id_list"),
    "feishu": (fake_vendors.Feishu, "ou_1", "enterprise_email", "department_ids"),
}


@pytest.fixture(params=VENDORS)
def kind(request) -> str:
    return request.param


@pytest.fixture
def vendor(kind, settings, monkeypatch):
    settings.OIDC_PLAIN_HTTP = True
    running = VENDORS[kind][0]()
    for module, names in [(wecom, ("LOGIN", "API")), (dingtalk, ("LOGIN", "API", "OLD_API"))]:
        for name in names:
            monkeypatch.setattr(module, name, running.place)
    for name in ("LOGIN", "API"):
        monkeypatch.setattr(feishu, name, f"{running.place}/open-apis")
    yield running
    running.close()


@pytest.fixture
def provider(kind, enterprise):
    issuer = "feishu.cn" if kind == "feishu" else ""
    told = {"organisation": CORPORATION, "client_id": APP, "sealed": encryption.seal(SECRET)}
    return Provider.objects.create(
        enterprise=enterprise, kind=kind, name="Acme", issuer=issuer, **told
    )


def go(client, vendor, provider, query: str = "") -> str:
    """Where the vendor sends the browser back to."""
    answer = client.get(f"/agent/sso/acme/{provider.kind}/{query}")
    assert answer.status_code == 302, answer.content
    assert answer.url.startswith(vendor.place)
    back = vendor.authorize(answer.url)
    place = f"/agent/sso/acme/{provider.kind}/back/"
    assert back.startswith(f"http://testserver{place}?")
    return back.removeprefix("http://testserver")


def sign_in(client, vendor, provider, query: str = ""):
    return client.get(go(client, vendor, provider, query))


def refused(answer) -> str:
    assert answer.status_code == 403, answer.status_code
    return answer.content.decode()


def test_a_stranger_becomes_a_member_and_is_the_same_the_next_time(client, vendor, provider, kind):
    _fake, subject, email, _departments = VENDORS[kind]
    answer = sign_in(client, vendor, provider, "?next=/agent/profile/")
    assert answer.url == "/agent/profile/"
    member = Member.objects.get()
    assert get_user(client) == member and not member.has_usable_password()
    assert (member.name, member.email, member.nickname) == ("wang@acme.example",) * 2 + ("王芳",)
    assert member.role == Member.Role.AGENT
    assert ProviderAccount.objects.get().subject == subject
    vendor.person[email] = ""
    again = Client()
    sign_in(again, vendor, provider)
    assert get_user(again) == member


def test_without_a_mailbox_of_the_corporation_nobody_is_linked(
    client, vendor, provider, kind, enterprise
):
    alice = hire("alice", enterprise, email="private@example.com")
    vendor.person[VENDORS[kind][2]] = ""
    assert sign_in(client, vendor, provider).status_code == 302
    member = get_user(client)
    assert member != alice and member.email == ""
    account = {"wecom": "wangfang", "dingtalk": "0123", "feishu": "7be3"}[kind]
    assert member.name == f"{account}@acme"


def test_the_member_with_the_mailbox_is_linked(client, vendor, provider, enterprise):
    alice = hire("alice", enterprise, email="wang@acme.example")
    sign_in(client, vendor, provider)
    assert get_user(client) == alice


def test_departments_decide_role_and_teams(client, vendor, provider, enterprise, kind):
    setup.find_or_create_team(enterprise, "sales")
    provider.claim, provider.roles = "department", "9: manager\n7: agent, sales"
    provider.save()
    sign_in(client, vendor, provider)
    member = Member.objects.get()
    assert member.role == Member.Role.AGENT
    assert set(member.places.values_list("team__slug", flat=True)) == {"sales"}
    vendor.person[VENDORS[kind][3]] = [2]
    assert "no access here" in refused(sign_in(Client(), vendor, provider))


def test_somebody_of_another_corporation_is_refused(client, vendor, provider):
    vendor.corporation = "corp2"
    refused(sign_in(client, vendor, provider))
    assert get_user(client).is_anonymous and not Member.objects.exists()


GONE = {"wecom": {"status": 2}, "dingtalk": {"active": False}}
GONE["feishu"] = {"status": {"is_resigned": True}}


def test_who_is_disabled_there_is_refused(client, vendor, provider, kind):
    sign_in(client, vendor, provider)
    vendor.person |= GONE[kind]
    assert "is disabled" in refused(sign_in(Client(), vendor, provider))


def test_a_partner_in_the_address_book_is_no_member(client, vendor, provider, kind):
    if kind != "dingtalk":
        vendor.person = {}
        vendor.corporation = "corp2"
    vendor.contact_type = 1
    refused(sign_in(client, vendor, provider))


def test_an_answer_counts_once_and_in_one_browser(client, vendor, provider):
    back = go(client, vendor, provider)
    refused(Client().get(back))
    assert client.get(back).status_code == 302
    refused(client.get(back))


def test_a_code_that_was_used_elsewhere_is_refused(client, vendor, provider):
    back = go(client, vendor, provider)
    vendor.codes.clear()
    refused(client.get(back))
    assert get_user(client).is_anonymous


def test_who_says_no_there_is_not_let_in(client, vendor, provider, kind):
    go(client, vendor, provider)
    state = client.session[flow.KEY]["state"]
    answer = client.get(f"/agent/sso/acme/{kind}/back/?state={state}")
    assert "has not let you in" in refused(answer)


def test_a_state_of_one_provider_does_not_count_for_another(client, vendor, provider, kind):
    other = next(name for name in VENDORS if name != kind)
    Provider.objects.create(enterprise=provider.enterprise, kind=other, name="Other")
    back = go(client, vendor, provider).replace(f"/{kind}/", f"/{other}/")
    refused(client.get(back))


def test_a_wrong_secret_lets_nobody_in(client, vendor, provider):
    provider.sealed = encryption.seal("another")
    provider.save()
    refused(sign_in(client, vendor, provider))


def test_nonsense_lets_nobody_in(client, vendor, provider):
    nonsense = {}, [], "x", {"errcode": "0"}, {"errcode": True}, {"code": []}
    back = go(client, vendor, provider)
    sign_in(Client(), vendor, provider)
    Member.objects.all().delete()
    for path, answer in product(sorted(set(vendor.asked)), nonsense):
        vendor.change = {path: answer}
        refused(client.get(back))
        assert not Member.objects.exists(), (path, answer)
        back = go(client, vendor, provider)


def test_the_sign_in_page_leads_to_all_of_them_and_confirming_to_none(client, vendor, provider):
    told = {"issuer": "https://login.example.com", "client_id": "kefu"}
    Provider.objects.create(enterprise=provider.enterprise, name="Other login", **told)
    page = client.get("/agent/login/").content.decode()
    assert f"/agent/sso/acme/{provider.kind}/" in page and "/agent/sso/acme/oidc/" in page
    sign_in(client, vendor, provider)
    assert client.get("/agent/security/app/").status_code == 200
    grow_old(client)
    assert "/sso/" not in client.get(CONFIRM).content.decode()


def test_a_single_one_is_led_to_at_once(client, vendor, provider):
    assert client.get("/agent/sso/acme/").url.startswith(vendor.place)


FORM = {"name": "Acme", "secret": "hush", "default_role": "2", "client_id": "app", "is_on": "on"}


def test_a_superuser_sets_it_up(root, enterprise, kind):
    form = FORM | {"enterprise": enterprise.pk, "roles": "7: agent"}
    form |= {"issuer": "larksuite.com"} if kind == "feishu" else {"organisation": "corp"}
    answer = submit(root, f"/admin/accounts/provider/add/?kind={kind}", **form)
    assert answer.status_code == 302, answer.context["errors"]
    row = Provider.objects.get()
    assert (row.kind, row.claim, row.client_id) == (kind, "department", "app")
    page = root.get(edit(row)).content.decode()
    assert f"/agent/sso/acme/{kind}/back/</code>" in page and "hush" not in page
    submit(root, edit(row), roles="", secret="")
    row.refresh_from_db()
    assert row.claim == "" and encryption.unseal(row.sealed) == "hush"


def test_what_is_missing_is_asked_for(root, enterprise, kind):
    form = FORM | {"enterprise": enterprise.pk, "issuer": "feishu.cn", "organisation": "corp"}
    for missing in ("client_id", "secret", "issuer" if kind == "feishu" else "organisation"):
        answer = submit(root, f"/admin/accounts/provider/add/?kind={kind}", **form | {missing: ""})
        assert answer.status_code == 200, missing
    assert not Provider.objects.exists()


def test_another_corporation_forgets_who_was_who(root, provider, kind, enterprise):
    alice = hire("alice", enterprise)
    ProviderAccount.objects.create(provider=provider, member=alice, subject="1", key="x")
    changed = {"issuer": "larksuite.com"} if kind == "feishu" else {"organisation": "corp2"}
    submit(root, edit(provider), name="Other")
    assert ProviderAccount.objects.exists()
    submit(root, edit(provider), **changed)
    assert not ProviderAccount.objects.exists()
