"""Whatever changes settings, people or data, or lets data out, leaves its row: every form, action
and page of the administration, every other route that takes a form, every command."""

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.tokens import default_token_generator
from django.core.management import call_command, get_commands
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.audit import chains, origins
from accounts.models import AuditRow, AuthenticatorApp, Enterprise, Member, Provider, Team
from chat.models import CannedReply, QuickQuestion, Webhook
from chat.posting import batches
from tests.accounts.admin.page import GOOD
from tests.chat.helpers import draft_of, new_guest
from tests.conftest import PASSWORD

from . import doors
from .doors import act, delete
from .rows import newest, told

pytestmark = pytest.mark.django_db
ATTEMPTS = {
    "accessattempt": (AccessAttempt, {"failures_since_start": 1}),
    "accessfailurelog": (AccessFailureLog, {}),
    "accesslog": (AccessLog, {}),
}


def deleting(model, make) -> dict:
    """The two ways to delete what `make` makes."""
    label = model._meta.model_name
    return {
        f"{label}:delete": (lambda c: delete(c.root, make(c)), "deleted", label),
        f"{label}:delete_selected": (
            lambda c: act(c.root, model, "delete_selected", make(c)),
            "deleted",
            label,
        ),
    }


def closed(cast):
    Enterprise.objects.filter(pk=cast.enterprise.pk).update(status=Enterprise.Status.CLOSED)
    return cast.enterprise


def disabled(cast):
    Member.objects.filter(pk=cast.alice.pk).update(status=Member.Status.CLOSED)
    return cast.alice


def change_reply(cast):
    return doors.submit(cast.root, doors.edit(cast.reply()), title="other")


def change_question(cast):
    return doors.submit(cast.root, doors.edit(cast.question()), answer="other")


def change_member(cast):
    return doors.submit(cast.root, doors.edit(cast.alice), role="4")


ADMINISTRATION = {
    "enterprise:add": (doors.add_enterprise, "added", "enterprise"),
    "enterprise:change": (doors.change_enterprise, "changed", "enterprise"),
    "enterprise:identity": (doors.replace_secret, "changed", "enterprise"),
    "enterprise:close": (
        lambda c: act(c.root, Enterprise, "close", c.enterprise),
        "changed",
        "enterprise",
    ),
    "enterprise:open": (
        lambda c: act(c.root, Enterprise, "open", closed(c)),
        "changed",
        "enterprise",
    ),
    "team:add": (doors.add_team, "added", "team"),
    "team:change": (doors.change_team, "changed", "team"),
    **deleting(Team, lambda c: c.spare_team()),
    "member:add": (doors.add_member, "added", "member"),
    "member:change": (change_member, "changed", "member"),
    "member:password": (doors.set_password, "changed", "member"),
    "member:disable": (lambda c: act(c.root, Member, "disable", c.alice), "changed", "member"),
    "member:enable": (lambda c: act(c.root, Member, "enable", disabled(c)), "changed", "member"),
    "member:send_link": (
        lambda c: act(c.root, Member, "send_link", c.alice),
        "link_sent",
        "member",
    ),
    "member:invite": (doors.invite, "link_sent", "member"),
    "member:invitation": (doors.invite_again, "link_sent", "member"),
    **deleting(Member, lambda c: c.spare_member()),
    "visitor:change": (doors.change_visitor, "changed", "visitor"),
    "cannedreply:add": (doors.add_reply, "added", "cannedreply"),
    "cannedreply:change": (change_reply, "changed", "cannedreply"),
    **deleting(CannedReply, lambda c: c.reply()),
    "quickquestion:add": (doors.add_question, "added", "quickquestion"),
    "quickquestion:change": (change_question, "changed", "quickquestion"),
    **deleting(QuickQuestion, lambda c: c.question()),
    "conversation:demo": (doors.remove_demo, "erased", "demo"),
    "provider:add": (doors.add_provider, "added", "provider"),
    "provider:change": (doors.change_provider, "changed", "provider"),
    **deleting(Provider, doors.provider_of),
    "accesstoken:add": (doors.add_token, "added", "accesstoken"),
    "accesstoken:replace": (doors.replace_token, "added", "accesstoken"),
    "accesstoken:end": (doors.end_token, "changed", "accesstoken"),
    "webhook:add": (doors.add_webhook, "added", "webhook"),
    "webhook:change": (doors.change_webhook, "changed", "webhook"),
    "webhook:rotate": (doors.rotate_webhook, "changed", "webhook"),
    **deleting(Webhook, doors.hook_of),
    "auditrow:export": (doors.export_audit, "exported", "auditrow"),
    **{
        name: door
        for model, fields in ATTEMPTS.values()
        for name, door in deleting(model, lambda c, m=model, f=fields: c.attempt(m, **f)).items()
    },
}
UNAUDITED = {
    "enterprise:widget": "shows a line to paste",
    "webhook:test": "sends an event without content; the log of deliveries has it",
    "webhookdelivery:replay": "sends an event again; the log of deliveries has each try",
    "enterprise:preview": "shows an example",
    **{f"{name}:change": "every field is read-only" for name in ATTEMPTS},
}


@pytest.fixture
def cast(root, enterprise, team, alice):
    return doors.Cast(root, enterprise, team, alice)


def test_every_door_of_the_administration_is_known(superuser):
    assert doors.of_the_administration(superuser) == {*ADMINISTRATION, *UNAUDITED}


@pytest.mark.parametrize("door", ADMINISTRATION)
def test_whatever_the_administration_does_leaves_a_row(cast, door):
    do, action, kind = ADMINISTRATION[door]
    last = newest().pk
    answer = do(cast)
    assert answer.status_code in (200, 302), answer.content
    row = newest(pk__gt=last, action=action, kind=kind)
    assert row.actor_name == "root" and row.address == "127.0.0.1", told(row)
    assert (row.source.startswith("admin:") and kind.split("_")[0] in row.source) or kind == "demo"


def test_a_row_that_cannot_be_written_stops_the_change(cast, monkeypatch):
    def fails(entries):
        if entries:
            raise RuntimeError("no audit")

    cast.root.raise_request_exception = False
    monkeypatch.setattr(chains, "append", fails)
    assert doors.change_team(cast).status_code == 500
    cast.team.refresh_from_db()
    assert cast.team.name != "Help"


DONE = {"add": "added", "change": "changed", "act": "used"}
FORMS = {
    "profile": "changed",
    "password-change": "changed",
    "password-set": "changed",
    **dict.fromkeys(("agent-login", "sso"), "signed_in"),
    "second-step": "signed_in",
    **dict.fromkeys(("security-app", "security-codes", "security-passkeys"), "added"),
    **dict.fromkeys(("security-off", "security-sessions", "sso-logout"), "deleted"),
    "passkey-login": "signed_in",
    **dict.fromkeys(("canned-replies", "team-questions", "report-mail"), "added"),
    **{"archive-exports": "exported", "archive-export-cancel": "deleted"},
    **{"customer-imports": "added", "customer-import": "changed"},
    **{"articles:new": "added", "articles:article": "changed", "articles:import": "added"},
    **{"assistant": "changed", "assistant-model": "changed", "assistant-rehearsal": "added"},
    **{f"{of}-{do}": done for of in ("channel", "robot") for do, done in DONE.items()},
    **dict.fromkeys(("canned-reply", "team-question", "live-state"), "changed"),
    **{"visitor-erase": "erased", "visitor-transcript": "exported", "embeddings": "added"},
    "push": "added",
}
"""What is noted of other routes that take forms, in the test below or beside what they do."""
PERSONAL = {"set-language", "set-theme", "alerts", "agent-logout", "confirm"}
PERSONAL |= {"online-switch", "inbox-view", "archive-views", "archive-view-delete"}
"""What members choose for themselves, or their being there."""
TALK = {
    *("conversation-messages", "conversation-read", "conversation-actions", "conversation-recall"),
    *("conversation-edit", "conversation-visitor", "visitor-messages", "visitor-rating"),
    *("visitor-recall", "visitor-end", "visitor-handover", "visitor-back", "visitor-stop"),
    *("visitor-address", "visitor-identity", "articles:answers", "articles:proposals"),
    # By access tokens; tests/chat/api has what is noted of them.
    *("api:api-root", "api:visitors", "api:conversations", "api:conversation-files"),
    *("api:conversation-messages", "api:conversation-actions"),
    *("api:articles", "api:webhooks", "api:webhook-replay", "api:webhook-test"),
    # A preview, a picture that a text may name, and what readers do: figures are counted from it.
    *("articles:preview", "articles:picture", "help-seen", "help-helpful", "visitor-solved"),
    *("visitor-helpful", "assistant-test", "assistant-trial", "embeddings-test"),
    *("site-visit", "site-visit-invite", "password-forgotten", "test-mail", "several", "channel"),
    *("push-test", "new-mail", "customer-mail", "customer"),
}
"""What happens in a conversation has its notices there; mails to oneself change nothing.
That conversation-visitor erases is tested with the erasure (tests/chat/care/test_audit.py)."""


def test_every_route_that_takes_a_form_is_known():
    assert doors.of_the_urlconf() == {*FORMS, *PERSONAL, *TALK}


def test_members_forms_leave_a_row(browser_of, alice, client):
    browser, last = browser_of(alice), newest().pk
    browser.post("/agent/profile/", {"nickname": "Ally", "language": ""})
    assert newest(pk__gt=last, action="changed").source == "profile"
    words = {"old_password": PASSWORD, "new_password1": GOOD, "new_password2": GOOD}
    assert browser.post("/agent/password/", words).status_code == 302
    row = newest(source="password-change", action="changed", object_name="alice")
    assert row.details == '{"hidden": ["password"]}' and row.actor == alice.uuid
    client.post("/agent/login/", {"username": "alice", "password": GOOD})
    assert newest(action="signed_in").source == "agent-login"


def test_a_password_that_is_set_by_a_link_leaves_a_row(alice, client):
    alice.refresh_from_db()
    uid = urlsafe_base64_encode(force_bytes(alice.pk))
    link = f"/agent/password/set/{uid}/{default_token_generator.make_token(alice)}/"
    page = client.get(link, follow=True).request["PATH_INFO"]
    client.post(page, {"new_password1": GOOD, "new_password2": GOOD})
    row = newest(source="password-set", kind="member", action="changed")
    assert (row.action, row.actor, row.actor_name) == ("changed", alice.uuid, "alice")


def test_shared_replies_leave_rows_and_private_ones_none(browser_of, alice, manager):
    words, last = {"title": "hours", "content": "9 to 5"}, newest().pk
    browser_of(alice).post("/agent/replies/", words)
    boss = browser_of(manager)
    boss.post("/agent/replies/", words | {"whose": "all"})
    assert newest(action="added", kind="cannedreply").actor_name == "mona"
    shared = CannedReply.objects.get(owner=None)
    boss.post(f"/agent/replies/{shared.pk}/", words | {"whose": "all", "title": "times"})
    assert newest(action="changed", kind="cannedreply").object_name == "times"
    boss.post(f"/agent/replies/{shared.pk}/", {"delete": "1"})
    assert newest(action="deleted", kind="cannedreply").actor_name == "mona"
    assert AuditRow.objects.filter(pk__gt=last, kind="cannedreply").count() == 3


def test_a_leaders_quick_questions_leave_rows(browser_of, leader, team):
    browser = browser_of(leader)
    words = {"team": team.pk, "question": "When?", "answer": "At 9", "position": "0"}
    assert browser.post("/agent/questions/", words).status_code == 302
    row = newest(action="added", kind="quickquestion")
    assert (row.actor_name, row.source) == ("lena", "team-questions")
    place = f"/agent/questions/{row.object_id}/"
    assert browser.post(place, words | {"answer": "At 10"}).status_code == 302
    row = newest(action="changed", kind="quickquestion")
    assert "At 10" in row.details and row.source == "team-question"
    assert browser.post(place, {"delete": "1"}).status_code == 302
    assert newest(action="deleted", kind="quickquestion").actor_name == "lena"


def test_who_changes_a_colleagues_state_leaves_a_row(browser_of, manager, alice):
    answer = browser_of(manager).post("/admin/live/state/", {"member": "alice", "state": "busy"})
    assert answer.status_code == 302
    row = newest(source="live-state")
    assert (row.actor_name, row.object_name) == ("mona", "alice")
    assert row.details == '{"after": {"state": "busy"}}'


def test_reports_by_mail_leave_a_row_when_they_are_chosen(browser_of, manager):
    boss = browser_of(manager)
    boss.post("/admin/reports/mail/", {"every": "week"})
    assert newest(kind="reportmail").action == "added"
    boss.post("/admin/reports/mail/", {"every": ""})
    assert newest(kind="reportmail").action == "deleted"
    assert newest(kind="reportmail").source == "report-mail"


@pytest.mark.django_db(transaction=True)
def test_what_visitors_take_along_and_erase_leaves_rows(team, alice):
    guest = new_guest(team)
    group = batches.post(guest.draft("my secret"))["group"]
    batches.post(draft_of(alice, group, "an answer"))
    browser = guest.browser()
    for place in ("transcript/", "privacy/export/"):
        assert browser.get(f"/chat/acme/{place}").status_code == 200
    browser.post("/chat/acme/transcript/", {"email": "wang@example.com"})
    assert browser.post("/chat/acme/privacy/erase/", {"sure": "1"}).status_code == 302
    rows = list(AuditRow.objects.filter(visitor=guest.uuid).order_by("pk"))
    assert [(row.action, row.source) for row in rows] == [
        ("exported", "visitor-transcript"),
        ("exported", "visitor-export"),
        ("exported", "visitor-transcript"),
        ("erased", "visitor-erase"),
    ]
    assert all(row.actor == guest.uuid and not row.address for row in rows)
    assert [row.details is None for row in rows] == [True, True, True, False]


COMMANDS = {
    "create_enterprise": (["acme", "--name", "Acme"], "enterprise"),
    "create_member": (["nora", "--enterprise", "home", "--role", "agent"], "member"),
    "team": (["sales", "--enterprise", "home"], "team"),
    "enterprise": (["home", "--push-text", "on"], "enterprise"),
    "attribute": (["home", "plan", "--kind", "text"], "attribute"),
    "assistant": (["home", "--when", "closed"], "assistant"),
    "embeddings": (["home", "--model", "m", "--off"], "embeddings"),
    "create_token": (["crm", "--enterprise", "home"], "accesstoken"),
    "revoke_token": (["old", "--enterprise", "home"], "accesstoken"),
    "demo": (["--empty"], "member"),
    "prepare": (["--demo"], "member"),
    "createsuperuser": (["--name", "boss", "--noinput"], "member"),
    "changepassword": (["sven"], "member"),
    "reset_factors": (["sven"], "authenticatorapp"),
}
ELSEWHERE = {
    **dict.fromkeys(("export_enterprise", "import_enterprise"), "as tests/chat/portability does"),
    "assistant_rehearsal": "asks a model; tests/chat/assistant/test_rehearsal.py sees its row",
    "adopt": "needs another database; tests/chat/adoption/test_seed.py sees what it notes",
    **dict.fromkeys(("channel", "robot"), "as tests/chat/channels, tests/chat/notifications do"),
    "knowledge": "needs a folder; tests/chat/knowledge/test_files.py sees what it notes",
}
HARMLESS = {
    "mcp": "what it does, it has the API do",
    "knowledge_evaluate": "what it writes is not kept",
    **dict.fromkeys(("audit", "doctor", "routing_replay"), "only reads"),
    "rollup": "counts for reports again what is stored",
    "migrate": "Django's, which changes tables",
}


def test_every_command_of_ours_is_known():
    ours = {name for name, app in get_commands().items() if app in ("accounts", "chat", "kefu")}
    assert ours | {"createsuperuser", "changepassword"} == {*COMMANDS, *ELSEWHERE, *HARMLESS}


@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_a_command_does_leaves_a_row(name, monkeypatch, capsys):
    call_command("create_enterprise", "home", "--name", "Home")
    call_command("create_member", "sven", "--enterprise", "home", "--role", "agent")
    call_command("create_token", "old", "--enterprise", "home")
    arguments, kind = COMMANDS[name]
    AuthenticatorApp.objects.create(member=Member.objects.get(name="sven"), sealed="x")
    monkeypatch.setattr("sys.argv", ["manage.py", name])
    monkeypatch.setattr("getpass.getpass", lambda prompt: GOOD)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    last = newest().pk
    call_command(name, *arguments)
    source = "demo" if name == "prepare" else name
    row = newest(pk__gt=last, kind=kind, source=f"manage.py {source}")
    assert row.actor == "" and row.actor_name == origins.system_user()
