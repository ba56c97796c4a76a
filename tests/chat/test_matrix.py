"""Every route × method × person, from the URLconf itself: what is not in routes.txt fails."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from accounts.models import Enterprise
from chat.models import CannedReply, Conversation, QuickQuestion, SiteVisit, Visitor

from .helpers import session_cookie
from .matrix import PEOPLE, attempt, routes, stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ADDRESSES = {
    "home": "/",
    "favicon": "/favicon.ico",
    "set-language": "/language/",
    "health-live": "/health/live/",
    "health-ready": "/health/ready/",
    "metrics": "/metrics",
    "agent-login": "/agent/login/",
    "agent-logout": "/agent/logout/",
    "profile": "/agent/profile/",
    "avatar": "/agent/avatar/0123456789abcdef0123456789abcdef.png",
    "password-change": "/agent/password/",
    "password-forgotten": "/agent/password/forgotten/",
    "password-set": "/agent/password/set/MQ/set-password/",
    "file": "/files/0123456789abcdef0123456789abcdef/",
    "file-small": "/files/0123456789abcdef0123456789abcdef/small/",
    "visitor": "/chat/acme/",
    "visitor-messages": "/chat/acme/messages/",
    "workspace": "/agent/",
    "inbox": "/agent/inbox/",
    "inbox-counts": "/agent/inbox/counts/",
    "closing-reasons": "/agent/reasons/",
    "tags": "/agent/tags/",
    "search": "/agent/search/?q=x",
    "online-switch": "/agent/online/",
    "conversation": "/agent/c/{group}/",
    "conversation-messages": "/agent/c/{group}/messages/",
    "conversation-read": "/agent/c/{group}/read/",
    "conversation-actions": "/agent/c/{group}/actions/",
    "conversation-recall": "/agent/c/{group}/recall/",
    "conversation-visitor": "/agent/c/{group}/visitor/",
    "canned-replies": "/agent/replies/",
    "canned-reply": "/agent/replies/{cannedreply}/",
    "alerts": "/agent/alerts/",
    "colleagues": "/agent/colleagues/",
    "widget": "/widget.js",
    "widget-beside": "/beside.js",
    "widget-inviting": "/inviting.js",
    "site-visit": "/chat/acme/visit/",
    "site-visits": "/agent/visitors/",
    "site-visit-invite": "/agent/visitors/{sitevisit}/invite/",
    "widget-look": "/chat/acme/widget/",
    "widget-unread": "/chat/acme/unread/",
    "visitor-privacy": "/chat/acme/privacy/",
    "visitor-export": "/chat/acme/privacy/export/",
    "visitor-erase": "/chat/acme/privacy/erase/",
    "visitor-identity": "/chat/acme/identity/",
    "visitor-back": "/chat/acme/back/x/",
    "visitor-stop": "/chat/acme/stop/x/",
    "visitor-rating": "/chat/acme/rating/",
    "visitor-recall": "/chat/acme/recall/",
    "visitor-end": "/chat/acme/end/",
    "visitor-transcript": "/chat/acme/transcript/",
    "admin:index": "/admin/",
    "admin:login": "/admin/login/",
    "admin:logout": "/admin/logout/",
    "admin:password_change": "/admin/password_change/",
    "admin:password_change_done": "/admin/password_change/done/",
    "admin:autocomplete": "/admin/autocomplete/",
    "admin:jsi18n": "/admin/jsi18n/",
    "admin:view_on_site": "/admin/r/1/1/",
    "admin:app_list": "/admin/chat/",
    "admin:admin/(?P<url>.*)$": "/admin/nothing",
    "admin:accounts_member_password": "/admin/accounts/member/{member}/password/",
    "admin:accounts_enterprise_widget": "/admin/accounts/enterprise/{enterprise}/widget/",
    "admin:accounts_enterprise_identity": "/admin/accounts/enterprise/{enterprise}/identity/",
    "admin:accounts_enterprise_preview": "/admin/accounts/enterprise/{enterprise}/widget/preview/",
}
VIEWS = {
    "changelist": "",
    "add": "add/",
    "change": "{%s}/change/",
    "delete": "{%s}/delete/",
    "history": "{%s}/history/",
}
for model in admin.site._registry:
    meta = model._meta
    place = f"/admin/{meta.app_label}/{meta.model_name}/"
    own = meta.model_name if meta.app_label != "axes" else "nothing"
    for view, rest in VIEWS.items():
        name = f"admin:{meta.app_label}_{meta.model_name}_{view}"
        ADDRESSES[name] = place + (rest % own if "%" in rest else rest)
    ADDRESSES[f"admin:{place[1:]}<path:object_id>/"] = f"{place}1/"

FORMS = {
    "set-language": {"language": "zh-hans"},
    "visitor-messages": {"content": "x"},
    "conversation-messages": {"content": "x"},
    "conversation-read": {"seq": "2"},
    "conversation-actions": {"action": "close"},
    "conversation-recall": {"seq": "3"},
    "conversation-visitor": {"action": "edit", "name": "x"},
    "canned-replies": {"title": "x", "content": "y"},
    "canned-reply": {"title": "x", "content": "y"},
    "site-visit-invite": {"text": "x"},
    "alerts": {"sound": "mine"},
    "visitor-rating": {"score": "5"},
    "visitor-recall": {"seq": "2"},
    "visitor-transcript": {"email": "x"},
    "visitor-erase": {"sure": "1"},
    "online-switch": {"online": "0"},
    "admin:accounts_member_password": {
        "new_password1": "six horses in a row",
        "new_password2": "six horses in a row",
    },
    "profile": {"nickname": "x", "language": ""},
}


@pytest.fixture
def cast(guest, alice, bob, carol, manager, outsider, other_manager, superuser, group, team):
    members = {
        "alice": alice,
        "carol": carol,
        "manager": manager,
        "outsider": outsider,
        "other_manager": other_manager,
        "superuser": superuser,
    }
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
    words = {"question": "When?", "answer": "9 to 5"}
    ids["quickquestion"] = QuickQuestion.objects.create(team=team, **words).pk
    Enterprise.objects.update(visits_told=True)
    now = timezone.now()
    told = {"key": "0" * 32, "url": "https://shop.example/", "began_at": now, "seen_at": now}
    ids["sitevisit"] = SiteVisit.objects.create(enterprise=team.enterprise, **told).pk
    ids["conversation"] = Conversation.objects.get(uuid=group).pk
    ids["visitor"] = Visitor.objects.get(uuid=guest.uuid).pk
    return SimpleNamespace(cookies=cookies, ids=ids, members=members)


def expected() -> dict[tuple[str, str], list[str]]:
    """routes.txt as {(route, method): what comes of it for each of PEOPLE}."""
    table = {}
    for line in (Path(__file__).parent / "routes.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, method, *values = line.split()
        if len(values) == 1:
            values *= len(PEOPLE)
        elif "|" in values:
            other, _, manager, other_manager, superuser = values
            values = [other] * 4 + [manager, other, other_manager, superuser]
        table[name, method] = values
    return table


TABLE = expected()


def form_of(name: str) -> dict:
    return {"post": "yes"} if name.endswith("_delete") else FORMS.get(name, {})


def test_every_route_of_the_urlconf_is_listed_and_no_other():
    listed = {name for name, _method in TABLE}
    assert {name for name, _path in routes()} == listed == set(ADDRESSES)
    assert all((name, method) in TABLE for name in listed for method in ("GET", "POST"))
    assert all(len(values) == len(PEOPLE) for values in TABLE.values())
    looks = [values for (_name, method), values in TABLE.items() if method == "GET"]
    assert not any("*" in value for values in looks for value in values), "a look changes nothing"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_route_does_for_everyone_what_is_listed(cast, method):
    wrong, before = [], stored()
    for name, address in ADDRESSES.items():
        for who, wanted in zip(PEOPLE, TABLE[name, method], strict=True):
            path = address.format(**cast.ids)
            outcome, changed = attempt(cast.cookies[who], before, method, path, form_of(name))
            found = f"{outcome}{'*' * changed}"
            if found != wanted:
                wrong.append(f"{method} {path} ({name}) by {who}: {found}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
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
