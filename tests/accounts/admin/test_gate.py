"""Who sees what in the admin: every page of every model, for everybody."""

from itertools import product

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import setup
from accounts.models import AccessToken, AuditRow, Enterprise, Member, Team, TeamMember
from chat.models import (
    CannedReply,
    Conversation,
    LegalHold,
    QuickQuestion,
    Visitor,
    Webhook,
    WebhookDelivery,
)
from tests.conftest import hire, stored

from .conftest import rows_of
from .page import address

pytestmark = [pytest.mark.once, pytest.mark.django_db]
OURS = [Enterprise, Team, Member, Conversation, Visitor, CannedReply, QuickQuestion, AuditRow]
OURS += [AccessToken, LegalHold, Webhook, WebhookDelivery]
REFUSED = (302, 403, 404)


def pages_of(model, row):
    return [address(model, page, row.pk) for page in ("change", "delete", "history")]


def test_every_registered_model_is_ours_or_for_superusers_only(browser_of, manager):
    """A model that somebody registers later must be thought about, here."""
    client = browser_of(manager)
    for model in admin.site._registry:
        status = client.get(address(model, "changelist") + "?q=").status_code
        assert (status == 200) is (model in OURS), model
        if model not in OURS:
            assert client.get(address(model, "add")).status_code == 403, model
    offered = {
        entry["object_name"]
        for app in client.get("/admin/").context["available_apps"]
        for entry in app["models"]
    }
    assert offered == {model.__name__ for model in OURS}


def test_a_manager_lists_and_opens_the_own_rows_only(browser_of, manager, rows):
    client = browser_of(manager)
    for model in OURS:
        own, foreign = rows[model]
        listed = client.get(address(model, "changelist") + "?q=")
        keys = {row.pk for row in listed.context["cl"].queryset}
        assert own.pk in keys and foreign.pk not in keys, model
        assert client.get(address(model, "change", own.pk)).status_code == 200, model
        for url in pages_of(model, foreign):
            assert client.get(url).status_code in REFUSED, url
            assert client.post(url, {"post": "yes"}).status_code in REFUSED, url
        assert model.objects.filter(pk=foreign.pk).exists(), model


def test_searching_and_filtering_tell_nothing_foreign(browser_of, manager, rows):
    client = browser_of(manager)
    words = ["oscar", "umbrella", "Visitor of oscar"]
    filters = [f"q={word}" for word in words]
    filters += [f"team={rows[Team][1].pk}", f"enterprise={rows[Enterprise][1].pk}"]
    filters += ["ent_id=umbrella", f"enterprise__id__exact={rows[Enterprise][1].pk}", "team=x"]
    for model, query in product([Team, Conversation, Member, Visitor, Enterprise], filters):
        answer = client.get(f"{address(model, 'changelist')}?{query}", follow=True)
        assert answer.status_code in (200, 400), (model, query)
        if answer.status_code == 200:
            assert rows[model][1] not in answer.context["cl"].queryset, (model, query)
            assert "Umbrella" not in answer.content.decode(), (model, query)


SECRETS = [
    (Member, "password__startswith=m"),
    (Member, "enterprise__identity_secret__startswith=a"),
    (Member, "places__member__password__startswith=a"),
    (Enterprise, "identity_secret__startswith=a"),
    (AccessToken, "digest__startswith=a"),
    (Webhook, "secret__startswith=w"),
    (Webhook, "former_secret__startswith=w"),
    (WebhookDelivery, "webhook__secret__startswith=w"),
    (Member, "access_tokens__digest__startswith=a"),
    (Visitor, "secret_hash__startswith=s"),
    (Conversation, "visitor__secret_hash__startswith=s"),
]


def test_secrets_cannot_be_spelled_out_by_filters(browser_of, superuser, manager):
    for member in (superuser, manager):
        client = browser_of(member)
        for model, lookup in SECRETS:
            answer = client.get(f"{address(model, 'changelist')}?{lookup}")
            assert answer.status_code == 400, (member.name, lookup)


def test_autocompletion_offers_the_own_members_only(browser_of, manager, superuser, rows):
    query = {"app_label": "accounts", "model_name": "teammember", "field_name": "member"}
    own = browser_of(manager).get(reverse("admin:autocomplete"), query).json()["results"]
    assert {entry["text"] for entry in own} == {"小艾", "mona", "crm-alice"}
    every = browser_of(superuser).get(reverse("admin:autocomplete"), query).json()["results"]
    assert {"小艾", "oscar", "root"} <= {entry["text"] for entry in every}


def test_autocompletion_of_other_fields_offers_nothing_foreign(browser_of, manager, rows):
    client = browser_of(manager)
    foreign = {str(pair[1]) for pair in rows.values()}
    for app, model, field in [
        ("accounts", "member", "enterprise"),
        ("accounts", "teammember", "team"),
        ("chat", "conversation", "visitor"),
        ("chat", "conversation", "team"),
        ("admin", "logentry", "user"),
        ("admin", "logentry", "content_type"),
    ]:
        query = {"app_label": app, "model_name": model, "field_name": field}
        answer = client.get(reverse("admin:autocomplete"), query)
        if answer.status_code == 200:
            assert len(answer.json()["results"]) <= 3
            # Both default teams have one name, so the number tells as much as the texts.
            texts = {entry["text"] for entry in answer.json()["results"]}
            assert not texts & (foreign - {"Customer service"}), (app, model, field)
            keys = {entry["id"] for entry in answer.json()["results"]}
            assert field != "team" or keys == {str(rows[Team][0].pk)}
        else:
            assert answer.status_code in (403, 404)


def test_the_redirect_to_the_site_names_nobody_elses_enterprise(browser_of, manager, rows):
    client = browser_of(manager)
    for model in (Enterprise, Team):
        kind = ContentType.objects.get_for_model(model)
        answer = client.get(f"/admin/r/{kind.pk}/{rows[model][1].pk}/")
        assert answer.status_code == 404


def test_a_superuser_in_the_enterprise_is_nobodys_to_manage(browser_of, manager, superuser, team):
    superuser.enterprise = team.enterprise
    superuser.save()
    TeamMember.objects.create(team=team, member=superuser)
    client = browser_of(manager)
    assert superuser not in client.get(address(Member, "changelist")).context["cl"].queryset
    for url in [
        *pages_of(Member, superuser),
        reverse("admin:accounts_member_password", args=[superuser.pk]),
    ]:
        assert client.get(url).status_code in REFUSED
        assert client.post(url, {"new_password1": "x", "post": "yes"}).status_code in REFUSED
    for action in ("disable", "send_link"):
        fields = {"action": action, "_selected_action": [superuser.pk]}
        client.post(address(Member, "changelist"), fields)
    assert stored(superuser).is_active


def test_actions_do_nothing_to_foreign_rows(
    browser_of, manager, rows, mailoutbox, django_capture_on_commit_callbacks
):
    client = browser_of(manager)
    oscar = rows[Member][1]
    Member.objects.filter(pk=oscar.pk).update(email="oscar@example.com")
    attempts = [
        (Member, "disable"),
        (Member, "send_link"),
        (Member, "delete_selected"),
        (Team, "delete_selected"),
        (Enterprise, "close"),
        (Enterprise, "delete_selected"),
        (Visitor, "delete_selected"),
        (Conversation, "delete_selected"),
    ]
    for model, action in attempts:
        for row in rows[model]:
            if row in (rows[Member][0], rows[Team][0]) and action != "delete_selected":
                continue
            fields = {"action": action, "_selected_action": [row.pk]}
            fields |= {"post": "yes", "confirmed": "yes"}
            with django_capture_on_commit_callbacks(execute=True):
                client.post(address(model, "changelist"), fields)
            assert model.objects.filter(pk=row.pk).exists(), (model, action)
    assert stored(oscar).is_active
    assert mailoutbox == []
    assert not Enterprise.objects.exclude(status=Enterprise.Status.OPEN).exists()


def test_lists_cost_the_same_for_few_and_for_many(browser_of, superuser, team, rows):
    """For a superuser who manages an enterprise, and sees the columns of both."""
    superuser.enterprise, superuser.role = team.enterprise, Member.Role.MANAGER
    superuser.save()
    browser = browser_of(superuser)

    def costs() -> dict[str, int]:
        found = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as queries:
                answer = browser.get(address(model, "changelist"), {"q": ""})
            assert answer.status_code == 200, model
            found[model.__name__] = len(queries)
        return found

    few = costs()
    for number in range(3):
        other = setup.create_enterprise(f"other{number}", "Other").teams.get()
        for place in (team, other):
            rows_of(hire(f"agent{number}-{place.pk}", place.enterprise, team=place))
    assert costs() == few
