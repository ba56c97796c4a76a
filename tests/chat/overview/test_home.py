"""The administrators' home: who sees which, that its numbers are those of the rows, and what it
says is to be done."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import checklist, mails
from accounts.models import Enterprise, Member, Team
from accounts.setup import find_or_create_team
from chat import signals
from chat.conversations import receptions  # noqa: F401
from chat.models import Channel, Conversation, Origin
from chat.overview.page import greeting
from chat.posting import batches
from chat.presence import leases
from kefu import doctor
from kefu.doctor import run_checks
from kefu.doctor.finding import warning
from tests.chat.helpers import JSON, draft_of, new_guest
from tests.conftest import hire

pytestmark = pytest.mark.django_db

HOME = "/admin/"
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "Hello"), (5, "Good morning"), (12, "Good afternoon"), (18, "Good evening")],
)
def test_a_greeting_fits_the_hour(hour, words):
    assert greeting(datetime(2026, 3, 4, hour, 44)) == words


@pytest.fixture(autouse=True)
def healthy(monkeypatch):
    """An installation about which the doctor has nothing to say."""
    monkeypatch.setattr(doctor, "run_checks", lambda: iter(()))


@pytest.fixture
def page_of(browser_of):
    def fetch(reader, **fields):
        answer = browser_of(reader).get(HOME, fields)
        assert answer.status_code == 200
        return answer

    return fetch


@pytest.fixture
def answered(group, alice, team):
    batches.post(draft_of(alice, group, "an answer"))
    batches.post(new_guest(team).draft("nobody answers"))
    return group


def test_the_numbers_of_today_are_those_of_the_rows_that_they_lead_to(
    page_of, browser_of, manager, answered
):
    answer = page_of(manager)
    assert answer.context["waits"].n == 1 and answer.context["opened"] == 2
    links = {
        unescape(one) for one in re.findall(r'href="(/admin/reports/rows/[^"]*)"', text(answer))
    }
    assert len(links) >= 4
    for link in links:
        rows = browser_of(manager).get(link, **JSON).json()
        assert rows["n"] == len(rows["rows"]) > 0, link
    assert answer.context["receptions"].value == 2 and answer.context["first_reply"].n == 1


def text(answer) -> str:
    return answer.content.decode()


def test_nobody_sees_another_enterprise(
    page_of, browser_of, manager, other_manager, answered, outsider
):
    theirs = page_of(other_manager)
    assert theirs.context["waits"].n == theirs.context["opened"] == 0
    assert theirs.context["receptions"].value == 0 and "Acme" not in text(theirs)
    for code in ("acme", "nowhere"):
        answer = browser_of(other_manager).get(HOME, {"enterprise": code})
        assert answer.status_code == 404, code


def test_the_number_of_statements_is_bounded_whatever_the_sizes(
    browser_of, manager, enterprise, team
):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(HOME).status_code == 200
        return len(seen)

    def grow(number: int) -> None:
        other = find_or_create_team(enterprise, f"team-{number}")
        hired = hire(f"agent-{number}", enterprise, team=other)
        leases.renew([hired.uuid])
        for _conversation in range(3):
            group = batches.post(new_guest(other).draft("hello"))["group"]
        batches.post(draft_of(hired, group, "an answer"))

    Channel.objects.create(ent_id=enterprise.code, kind="mail", name="Mail", team=team)
    browser = browser_of(manager)
    grow(0)
    statements()
    before = statements()
    for number in range(1, 12):
        grow(number)
    assert len(browser.get(HOME).context["people"]) == 12
    assert statements() == before <= 34


def test_who_is_there_is_shown_with_what_they_hold(page_of, manager, alice, bob, answered):
    page = text(page_of(manager))
    assert "Nobody is online" in page and "No agent is online" in page and "free places" not in page
    leases.renew([alice.uuid])
    Conversation.objects.filter(uuid=answered).update(claimed_by=alice.uuid)
    (line,) = page_of(manager).context["people"]
    assert (line.person.member, line.person.state) == (alice, "online")
    assert (line.person.held, line.person.capacity, line.first_reply.n) == (1, 4, 1)
    alice.choose_state(False, True, timezone.now())
    assert page_of(manager).context["people"][0].person.state == "busy"


def test_the_checklist_ends_when_everything_is_set_up(
    page_of, browser_of, manager, enterprise, team, client, settings
):
    assert [one.done for one in checklist.steps(enterprise)] == [False] * 6
    page = text(page_of(manager))
    assert "0 of 6 done" in page and page.index("0 of 6 done") < page.index("Waiting now")
    for step in checklist.steps(enterprise)[:5]:
        assert step.href in page
    assert page_of(manager).context["next_step"].key == "sites"
    assert not step_of("mail").done and "PUBLIC_URL" in page
    assert step_of("names").href == f"/admin/accounts/member/{manager.pk}/change/#id_nickname"
    browser = browser_of(manager)
    assert "0 of 6 done" in text(browser.get(HOME))
    enterprise.sites = "https://shop.example"
    enterprise.save()
    client.get("/chat/acme/widget/", headers={"Origin": "https://elsewhere.example"})
    client.get("/chat/acme/widget/", headers={"Origin": "http://testserver"})
    client.get("/chat/acme/widget/")
    assert not step_of("widget").done, "no page of the sites"
    client.get("/chat/acme/widget/", headers={"Origin": "https://shop.example"})
    assert step_of("widget").done
    team.hours = {"zone": "UTC", "days": {"0": [[540, 1080]]}}
    team.save()
    hire("alice", enterprise, team=team)
    mails.keep_outcome(enterprise.pk, True)
    assert not step_of("mail").done and "of 6 done" not in text(page_of(manager))
    assert checklist.is_done(Enterprise.objects.get(pk=enterprise.pk)), "the server sends no mails"
    assert ["is set up" in text(browser.get(HOME)) for _time in "ab"] == [True, False], "said once"
    settings_of = f"/admin/accounts/enterprise/{enterprise.pk}/change/?section=before"
    for page in (settings_of, f"/admin/accounts/team/{team.pk}/change/"):
        assert "PUBLIC_URL" in text(browser_of(manager).get(page))
    settings.PUBLIC_URL = "https://chat.example.com"
    assert "PUBLIC_URL" not in text(browser_of(manager).get(settings_of))
    assert f"/member/{manager.pk}/change/#id_nickname" not in step_of("names").href, "alice, too"
    enterprise.members.update(nickname="Ally")
    assert all(one.done for one in checklist.steps(Enterprise.objects.get(pk=enterprise.pk)))
    assert checklist.is_done(Enterprise.objects.get(pk=enterprise.pk))
    assert "of 6 done" not in text(page_of(manager))


def test_who_serves_visitors_by_the_chat_page_alone_needs_no_sites(
    enterprise, team, answered, manager, monkeypatch
):
    monkeypatch.setattr(signals, "IN_USE", 1)

    def due() -> list[str]:
        return [one.key for one in checklist.steps(enterprise) if one.is_due]

    assert due() == ["hours"]
    Conversation.objects.update(origin=Origin.DEMO)
    assert due() == ["sites", "widget", "hours"]


def step_of(key: str) -> checklist.Step:
    return next(
        one for one in checklist.steps(Enterprise.objects.get(code="acme")) if one.key == key
    )


def test_that_the_widget_is_loaded_is_written_once_an_hour(client, enterprise):
    enterprise.sites = "https://shop.example"
    enterprise.save()
    origin = {"headers": {"Origin": "https://shop.example"}}
    client.get("/chat/acme/widget/", **origin)
    first = Enterprise.objects.get(code="acme").widget_seen_at
    client.get("/chat/acme/widget/", **origin)
    assert Enterprise.objects.get(code="acme").widget_seen_at == first
    Enterprise.objects.update(widget_seen_at=first - timedelta(hours=2))
    client.get("/chat/acme/widget/", **origin)
    assert Enterprise.objects.get(code="acme").widget_seen_at >= first


def test_mails_that_are_only_printed_are_not_taken_for_sent(browser_of, manager, settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    Member.objects.filter(pk=manager.pk).update(email="mona@example.com")
    browser = browser_of(manager)
    page = text(browser.post("/admin/test-mail/", follow=True))
    assert "No mail server is set" in page and "is on its way" not in page
    assert "To: mona@example.com" in capsys.readouterr().out
    assert not step_of("mail").done
    assert "No mail server is set" in step_of("mail").help
    page = text(browser.post("/admin/reports/mail/", {"every": "week"}, follow=True))
    assert "every Monday" in page and "No mail server is set" in page


def test_a_test_mail_shows_whether_mails_are_sent(
    browser_of, manager, superuser, alice, monkeypatch, settings
):
    settings.PUBLIC_URL = "https://chat.example.com"
    browser = browser_of(manager)
    assert browser.post("/admin/test-mail/").url == "/agent/profile/"
    assert not mail.outbox
    Member.objects.filter(pk=manager.pk).update(email="mona@example.com")
    assert browser.get("/admin/test-mail/").status_code == 405
    assert browser.post("/admin/test-mail/").url == HOME
    assert [one.to for one in mail.outbox] == [["mona@example.com"]]
    assert step_of("mail").done
    monkeypatch.setattr(mails, "deliver", lambda _mail: False)
    page = text(browser.post("/admin/test-mail/", follow=True))
    assert "could not be sent" in page and "E-mails are not sent" in page
    assert not step_of("mail").done
    monkeypatch.undo()
    browser.post("/admin/test-mail/")
    assert browser.post("/admin/test-mail/").status_code == 429, "somebody's mailbox is not flooded"
    assert step_of("mail").done and len(mail.outbox) == 2
    assert "Send a test e-mail" in text(browser.get(HOME)), "also when it is done"
    assert browser_of(alice).post("/admin/test-mail/").url.startswith("/admin/login/")
    assert browser_of(superuser).post("/admin/test-mail/", {"enterprise": "no"}).status_code == 404


def test_what_needs_a_decision_is_told_with_the_way_to_it(
    page_of, browser_of, manager, answered, guest, superuser, monkeypatch
):
    assert [one.key for one in page_of(manager).context["decisions"]] == ["unattended"]
    days = [(timezone.now() + timedelta(days=n)).date().isoformat() for n in (-1, 0, 1)]
    shut = {"week": [[[0, 1440]]] * 7, "holidays": [[day, ""] for day in days]}
    Team.objects.update(hours={"zone": "UTC", **shut})
    calm = page_of(manager).context["decisions"][0]
    assert calm.key == "closed" and calm.text.endswith("waits until working hours")
    waits = Conversation.objects.filter(waiting_since__isnull=False)
    waits.update(due_at=timezone.now() - timedelta(minutes=1))
    found = [one.text for one in page_of(manager).context["decisions"] if one.key == "late"]
    assert found == ["1 visitor has waited past the limit"]
    Conversation.objects.filter(uuid=answered).update(
        quarantined_since=timezone.now(), quarantined_for="links"
    )
    found = {one.key: one for one in page_of(manager).context["decisions"]}
    assert found["quarantined"].text == "1 conversation was caught as spam"
    listed = browser_of(manager).get(found["quarantined"].href).context["rows"]
    assert [one.group for one in listed] == [answered]
    assert (
        browser_of(manager)
        .get("/admin/chat/conversation/?quarantined=no")
        .context["cl"]
        .queryset.count()
        == 1
    )
    cache.clear()
    monkeypatch.setattr(
        doctor, "run_checks", lambda: iter([("disk", warning("it is full", "make room"))])
    )
    assert "it is full" in text(page_of(superuser)) and "make room" in text(page_of(superuser))
    assert "it is full" not in text(page_of(manager))


def test_what_the_doctor_finds_is_told_in_the_readers_language(
    page_of, superuser, monkeypatch, settings
):
    cache.clear()
    settings.RATE_LIMITS = False
    monkeypatch.setattr(doctor, "run_checks", run_checks)
    seen = {}
    for language in ("en", "zh-hans", "en"):
        Member.objects.filter(pk=superuser.pk).update(language=language)
        seen[language] = page_of(superuser).context["installation"]
    assert len(seen["en"]) == len(seen["zh-hans"]) > 1
    assert "RATE_LIMITS is off: anybody may flood the site" in [one.text for one in seen["en"]]
    assert not [one.text for one in seen["en"] if HAN.search(one.text + one.detail)]
    assert not [one.text for one in seen["zh-hans"] if not HAN.search(one.text)]


def test_an_invitation_that_has_expired_needs_somebody(
    page_of, browser_of, manager, other_manager, superuser, settings
):
    for enterprise in (manager.enterprise, other_manager.enterprise):
        name = f"ned-{enterprise.code}"
        Member.objects.create_user(name, enterprise=enterprise, email=f"{name}@a.example")
    for seconds, found in ((60, []), (-60, ["1 invitation has expired"])):
        settings.PASSWORD_RESET_TIMEOUT = seconds
        assert [one.text for one in page_of(manager).context["decisions"]] == found
    [one] = page_of(superuser, enterprise="acme").context["decisions"]
    listed = browser_of(superuser).get(one.href).context["cl"].queryset
    assert [member.name for member in listed] == ["ned-acme"]


def test_the_navigation_is_by_task_and_has_what_somebody_may_open(
    page_of, browser_of, manager, analyst, superuser
):
    tasks = text(page_of(manager)).split('id="tasks"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]*)"', tasks)
    assert 'aria-current="page"' in tasks and "Installation" not in tasks
    for link in links:
        assert browser_of(manager).get(link).status_code == 200, link
    reports = text(browser_of(analyst).get("/admin/reports/"))
    assert re.findall(r'href="([^"]*)" aria-current="page"', reports)[0] == "/admin/reports/"
    members = text(browser_of(manager).get("/admin/accounts/member/"))
    assert members.split('id="tasks"')[1].split("</nav>")[0].count('aria-current="page"') == 1
    assert "Installation" in text(page_of(superuser)).split('id="tasks"')[1]
