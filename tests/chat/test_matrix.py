"""Every route × method × person, from the URLconf itself: what is not in routes.txt fails."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import AccessToken, AuditRow, Enterprise, Provider
from chat.channels import sealed
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.limits import limits
from chat.models import (
    ArchiveExport,
    AssistantTask,
    CannedReply,
    Channel,
    Conversation,
    CustomerImport,
    LegalHold,
    QuickQuestion,
    Robot,
    SavedView,
    SiteVisit,
    Visitor,
)
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks

from .addresses import ADDRESSES, FORMS
from .helpers import new_id, session_cookie
from .matrix import PEOPLE, attempt, read_table, routes, stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def cast(
    guest, alice, bob, carol, leader, supervisor, analyst, manager, outsider, other_manager,
    superuser, group, team,
):  # fmt: skip
    people = [alice, carol, leader, supervisor, analyst, manager]
    people += [outsider, other_manager, superuser]
    members = dict(zip(PEOPLE[2:], people, strict=True))
    cookies = {"anonymous": {}, "visitor": guest.browser().cookies}
    for name, member in members.items():
        browser = Client()
        browser.cookies.load(session_cookie(member))
        cookies[name] = browser.cookies
    ids = {
        "nothing": 999_999_999,
        "group": group,
        "member": bob.pk,
        "team": team.pk,
        "enterprise": team.enterprise_id,
    }
    ids["cannedreply"] = CannedReply.objects.create(
        enterprise=team.enterprise, title="hours", content="9 to 5"
    ).pk
    program = tokens.service_account(team.enterprise, "crm")
    token = AccessToken(member=program, name="crm")
    tokens.issue(token)
    ids["accesstoken"] = token.pk
    hook = hooks.create(team.enterprise, "https://crm.example.com/hook", TYPES)
    ids["webhook"], ids["webhookdelivery"] = hook.pk, deliveries.send_test(hook).pk
    told = {"name": "Acme login", "issuer": "https://login.example.com", "client_id": "kefu"}
    ids["provider"] = Provider.objects.create(enterprise=team.enterprise, is_on=False, **told).pk
    ids["auditrow"] = AuditRow.objects.filter(chain=team.enterprise_id).first().pk
    words = {"question": "When?", "answer": "9 to 5"}
    ids["quickquestion"] = QuickQuestion.objects.create(team=team, **words).pk
    articles.put(team.enterprise, "tea", "en", Text("Tea", "Text."))
    Enterprise.objects.update(visits_told=True)
    # Still there however long all of this takes.
    there = {"began_at": timezone.now(), "seen_at": timezone.now() + timedelta(hours=1)}
    told = {"key": "0" * 32, "url": "https://shop.example/", **there}
    ids["sitevisit"] = SiteVisit.objects.create(enterprise=team.enterprise, **told).pk
    other = Visitor.objects.create(ent_id=team.enterprise.code, label="Li", secret_hash="s")
    kept = {"ent_id": other.ent_id, "visitor": other, "group_id": new_id(), "reason": "x"}
    ids["legalhold"] = LegalHold.objects.create(**kept).pk
    ids["savedview"] = SavedView.objects.create(
        member=manager, enterprise=team.enterprise, name="y", fields={"q": "x"}
    ).pk
    ids["export"] = ArchiveExport.objects.create(
        member=supervisor, enterprise=team.enterprise, kind="csv"
    ).pk
    ids["customerimport"] = CustomerImport.objects.create(
        enterprise=team.enterprise, state="ready", shape={"columns": [], "unknown": []}
    ).pk
    asked = {"ent_id": team.enterprise.code, "kind": AssistantTask.Kind.TRIAL}
    ids["assistanttask"] = AssistantTask.objects.create(**asked).pk
    bot = {"ent_id": team.enterprise.code, "kind": "telegram", "name": "Telegram", "team": team}
    ids["channel"] = Channel.objects.create(**bot, sealed=sealed.seal({"token": "1:a"})).key
    group_chat = {"ent_id": team.enterprise.code, "kind": "slack", "name": "Group"}
    ids["robot"] = Robot.objects.create(**group_chat, causes=["late"]).pk
    ids["conversation"] = Conversation.objects.get(uuid=group).pk
    ids["guest"] = guest.uuid
    ids["visitor"] = Visitor.objects.get(uuid=guest.uuid).pk
    return SimpleNamespace(cookies=cookies, ids=ids, members=members)


TABLE = {(row.pop("route"), row.pop("method")): row for row in read_table("routes.txt")}


def form_of(name: str) -> dict:
    return {"post": "yes"} if name.endswith("_delete") else FORMS.get(name, {})


def test_every_route_of_the_urlconf_is_listed_and_no_other():
    listed = {name for name, _method in TABLE}
    assert {name for name, _path in routes()} == listed == set(ADDRESSES)
    assert all((name, method) in TABLE for name in listed for method in ("GET", "POST"))
    assert all(set(row) == set(PEOPLE) for row in TABLE.values())
    looks = [row for (_name, method), row in TABLE.items() if method == "GET"]
    assert not any("*" in value for row in looks for value in row.values()), (
        "a look changes nothing"
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_route_does_for_everyone_what_is_listed(cast, method):
    wrong, before = [], stored()
    for name, address in ADDRESSES.items():
        limits.clear()
        for who, wanted in TABLE[name, method].items():
            path = address.format(**cast.ids)
            outcome, changed = attempt(cast.cookies[who], before, method, path, form_of(name))
            found = f"{outcome}{'*' * changed}"
            if found != wanted:
                wrong.append(f"{method} {path} ({name}) by {who}: {found}, not {wanted}")
    assert not wrong, "\n".join(wrong)


LIKE_DELETE = [
    pytest.param(name, marks=pytest.mark.release) for name in ("PUT", "PATCH", "OPTIONS", "HEAD")
]


@pytest.mark.parametrize("method", ["DELETE", *LIKE_DELETE])
def test_other_methods_change_nothing(cast, method):
    before = stored()
    for name, address in ADDRESSES.items():
        for who in ("anonymous", "alice", "superuser"):
            path = address.format(**cast.ids)
            if method == "DELETE" and name == "agent-logout":
                continue
            outcome, changed = attempt(cast.cookies[who], before, method, path, {})
            assert not changed and outcome != 500, f"{method} {path} by {who}: {outcome}"


def test_a_changed_address_is_not_found_and_never_an_error(cast):
    group, before = cast.ids["group"], stored()
    for path in (
        *("/agent/c/x/", f"/agent/c/{group[:-1]}/", f"/agent/c/{group.upper()}/"),
        *(f"/agent/c/{group}", f"/agent/c/{group}/more/", "/agent/c/", "/chat/", "/chat/a b/"),
        *("/chat/../admin/", "/chat/%00/", "/chat/acme/messages/1/", "/widget.js/", "/ws/agent/"),
    ):
        for who in PEOPLE:
            outcome, changed = attempt(cast.cookies[who], before, "GET", path, {})
            assert outcome in (404, "on") and not changed, path
