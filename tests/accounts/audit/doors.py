"""Everything by which the administration, forms and commands change something, and how to do it."""

from django.contrib import admin
from django.test import RequestFactory
from django.utils import timezone

from accounts import setup, tokens
from accounts.models import AccessToken, Member, Provider, Team
from chat.models import CannedReply, Conversation, QuickQuestion, Visitor, Webhook
from chat.stream.types import TYPES
from chat.webhooks import hooks
from tests.accounts.admin.page import ENTERPRISES, GOOD, MEMBERS, TEAMS, edit, submit
from tests.chat import matrix
from tests.conftest import hire

STANDARD = {"changelist", "add", "change", "delete", "history", ""}
"""The pages that Django gives each model; the nameless one only leads on."""


def of_the_administration(superuser) -> set[str]:
    """Model:door for each form, action and further page that a superuser has."""
    request = RequestFactory().get("/admin/")
    request.user = superuser
    found = set()
    for model, pages in admin.site._registry.items():
        label = model._meta.model_name
        allowed = {
            "add": pages.has_add_permission(request),
            "change": pages.has_change_permission(request),
            "delete": pages.has_delete_permission(request),
        }
        found |= {f"{label}:{name}" for name, may in allowed.items() if may}
        found |= {f"{label}:{name}" for name in pages.get_actions(request)}
        names = {(one.name or "").rpartition("_")[2] for one in pages.get_urls()}
        found |= {f"{label}:{name}" for name in names - STANDARD}
    return found


def of_the_urlconf() -> set[str]:
    """The routes outside of the administration's own that answer a POST to some of the cast."""
    rows = matrix.read_table("routes.txt")
    posts = [
        row for row in rows if row["method"] == "POST" and not row["route"].startswith("admin")
    ]
    return {row["route"] for row in posts if {row[who] for who in matrix.PEOPLE} != {"405"}}


def act(browser, model, action, *rows, **fields):
    place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    keys = {"_selected_action": [row.pk for row in rows], "action": action}
    return browser.post(place, {**keys, "post": "yes", "confirmed": "yes", **fields})


def delete(browser, row):
    return browser.post(edit(row).replace("/change/", "/delete/"), {"post": "yes"})


class Cast:
    """What a door needs: the superuser's browser, and rows of acme."""

    def __init__(self, root, enterprise, team, alice):
        self.root, self.enterprise, self.team, self.alice = root, enterprise, team, alice

    def spare_team(self) -> Team:
        return setup.find_or_create_team(self.enterprise, "spare")

    def spare_member(self, **fields) -> Member:
        return hire("sven", self.enterprise, team=self.team, email="sven@example.com", **fields)

    def reply(self) -> CannedReply:
        return CannedReply.objects.create(enterprise=self.enterprise, title="a", content="b")

    def question(self) -> QuickQuestion:
        return QuickQuestion.objects.create(team=self.team, question="When?", answer="Now")

    def visitor(self) -> Visitor:
        return Visitor.objects.create(ent_id="acme", label="Wang", secret_hash="s")

    def attempt(self, model, **fields):
        return model.objects.create(username="x", ip_address="203.0.113.7", **fields)


def add_enterprise(cast):
    answers = {"code": "bolt", "name": "Bolt", "manager_account": "boris"}
    return submit(cast.root, f"{ENTERPRISES}add/", **answers)


def change_enterprise(cast):
    return submit(cast.root, edit(cast.enterprise), name="Acme & Sons")


def replace_secret(cast):
    place = f"{ENTERPRISES}{cast.enterprise.pk}/identity/"
    return cast.root.post(place, {"former": "keep", "sure": "on"})


def add_team(cast):
    answers = {"enterprise": cast.enterprise.pk, "slug": "sales", "name": "Sales"}
    return submit(cast.root, f"{TEAMS}add/", **answers)


def change_team(cast):
    return submit(cast.root, edit(cast.team), name="Help", capacity="7")


def add_member(cast):
    answers = {"name": "nora", "enterprise": cast.enterprise.pk, "first_password": GOOD}
    return submit(cast.root, f"{MEMBERS}add/", **answers)


def invite(cast):
    words = {"addresses": "nora@x.io", "role": "2"}
    return cast.root.post(f"{MEMBERS}invite/?enterprise={cast.enterprise.code}", words)


def invite_again(cast):
    invite(cast)
    nora = Member.objects.get(name="nora@x.io")
    return cast.root.post(f"{MEMBERS}{nora.pk}/invitation/")


def set_password(cast):
    words = {"new_password1": GOOD, "new_password2": GOOD}
    return cast.root.post(f"{MEMBERS}{cast.alice.pk}/password/", words)


def change_visitor(cast):
    return submit(cast.root, edit(cast.visitor()), label="Li")


def add_reply(cast):
    answers = {"enterprise": cast.enterprise.pk, "title": "hours", "content": "9 to 5"}
    return submit(cast.root, "/admin/chat/cannedreply/add/", **answers)


def add_question(cast):
    answers = {"team": cast.team.pk, "question": "Where?", "answer": "Here"}
    return submit(cast.root, "/admin/chat/quickquestion/add/", **answers)


def token_of(cast) -> AccessToken:
    token = AccessToken(member=tokens.service_account(cast.enterprise, "crm"), name="crm")
    tokens.issue(token)
    return token


def add_token(cast):
    answers = {"enterprise": cast.enterprise.pk, "name": "crm", "kind": "service"}
    answers |= {"scopes": ["messages:read"], "days": "30"}
    return submit(cast.root, "/admin/accounts/accesstoken/add/", **answers)


def replace_token(cast):
    place = f"/admin/accounts/accesstoken/{token_of(cast).pk}/replace/"
    return cast.root.post(place, {"former": "0", "days": "30"})


def end_token(cast):
    return cast.root.post(f"/admin/accounts/accesstoken/{token_of(cast).pk}/end/")


def hook_of(cast) -> Webhook:
    return hooks.create(cast.enterprise, "https://crm.example.com/", TYPES)


def add_webhook(cast):
    answers = {"enterprise": cast.enterprise.pk, "url": "https://crm.example.com/"}
    return submit(cast.root, "/admin/chat/webhook/add/", events=TYPES, **answers)


def change_webhook(cast):
    return submit(cast.root, edit(hook_of(cast)), url="https://other.example.com/")


def rotate_webhook(cast):
    return cast.root.post(f"/admin/chat/webhook/{hook_of(cast).pk}/rotate/")


def remove_demo(cast):
    visitor = cast.visitor()
    Conversation.objects.create(
        ent_id="acme", visitor=visitor, team=cast.team, origin="demo", last_activity=timezone.now()
    )
    return cast.root.post(f"/admin/chat/conversation/demo/{cast.enterprise.pk}/")


def export_audit(cast):
    return cast.root.get("/admin/accounts/auditrow/export/")


PROVIDER = {"name": "Acme login", "issuer": "https://login.example.com", "client_id": "kefu"}


def add_provider(cast):
    answers = {**PROVIDER, "enterprise": cast.enterprise.pk, "default_role": "2", "is_on": "on"}
    return submit(cast.root, "/admin/accounts/provider/add/", **answers)


def provider_of(cast) -> Provider:
    return Provider.objects.create(enterprise=cast.enterprise, **PROVIDER)


def change_provider(cast):
    return submit(cast.root, edit(provider_of(cast)), name="Other login")
