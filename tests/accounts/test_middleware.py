"""What holds on every page: dismissed members are out, and pages cost few queries."""

import pytest
from django.contrib.auth import get_user

from accounts.models import Enterprise, Member

pytestmark = pytest.mark.django_db
PAGE = "/agent/profile/"


def test_a_disabled_member_is_signed_out_and_told_so(browser_of, alice):
    client = browser_of(alice)
    assert client.get(PAGE).status_code == 200
    Member.objects.filter(pk=alice.pk).update(status=Member.Status.CLOSED)
    told = client.get(PAGE)
    assert told.status_code == 403
    assert "disabled" in told.content.decode()
    assert get_user(client).is_anonymous
    assert client.get(PAGE).url.startswith("/agent/login/")


def test_the_members_of_a_closed_enterprise_too(browser_of, alice, manager, superuser):
    clients = [browser_of(alice), browser_of(manager)]
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    for client, accepted in zip(clients, ("application/json", "Application/JSON"), strict=True):
        answer = client.get(PAGE, headers={"Accept": accepted})
        assert answer.status_code == 401
        assert answer.json()["error"] == "forbidden"
    assert browser_of(superuser).get("/admin/").status_code == 200


def test_a_superuser_outlives_the_own_enterprise(browser_of, superuser, enterprise):
    superuser.enterprise = enterprise
    superuser.save()
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert browser_of(superuser).get("/admin/accounts/enterprise/").status_code == 200


def test_a_deleted_member_is_out(browser_of, alice):
    client = browser_of(alice)
    Member.objects.filter(pk=alice.pk).delete()
    assert client.get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_faces_and_health_cost_nothing(browser_of, alice, django_assert_num_queries):
    client = browser_of(alice)
    with django_assert_num_queries(0):
        client.get("/health/live/")
        client.get(f"/agent/avatar/{'0' * 32}.png")
