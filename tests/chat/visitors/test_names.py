"""Whom visitors see: members by their nicknames, never by accounts; teams in their own language."""

import json
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Member
from accounts.setup import find_or_create_team
from chat.ledger import visible_names
from chat.models import GroupMessage, Visitor
from chat.posting import batches
from tests.chat.helpers import JSON, act_of, database, draft_of, new_guest, within
from tests.chat.mail.answered import BASE, look
from tests.conftest import hire

ACCOUNT = "xhboss"
WORDS = {"en": "Support agent", "zh-hans": "客服"}


@pytest.fixture
def boss(team):
    """A member without a nickname."""
    return hire(ACCOUNT, team.enterprise, team=team)


@pytest.fixture
def spoken(boss, guest, group):
    """The boss has claimed the guest's conversation and answered; the guest has quoted that."""
    batches.do(act_of("claim", boss.uuid, group))
    seq = batches.post(draft_of(boss, group, "At your service."))["seq"]
    draft = guest.draft("Thanks!", group=group)
    draft.reply_to = seq
    batches.post(draft)
    return group


@pytest.mark.django_db
@pytest.mark.parametrize("language", WORDS)
def test_no_page_names_an_account(boss, guest, spoken, language, settings):
    settings.PUBLIC_URL = BASE
    Visitor.objects.update(contact="li@example.com", contact_by="visitor", language=language)
    batches.post(draft_of(boss, spoken, "Anything else?"))
    said = {"headers": {"Accept-Language": language}}
    browser = guest.browser(headers={"Accept-Language": language})
    page = browser.get("/chat/acme/").content.decode()
    assert f'<span class="name">{WORDS[language]}</span>' in page
    assert f"<b>{WORDS[language]}</b>" in page, "where the visitor has quoted"
    for path in ("messages/", "transcript/", "privacy/export/", "news/", ""):
        answered = browser.get(f"/chat/acme/{path}", **said)
        assert answered.status_code == 200 and ACCOUNT not in answered.content.decode(), path
    assert ACCOUNT not in look(60)[0].body and WORDS[language] in mail.outbox[0].body


@pytest.mark.django_db
def test_colleagues_without_a_nickname_are_counted(boss, alice, team):
    hire("second", team.enterprise, team=team)
    page = Client().get("/chat/acme/").content.decode()
    assert "小艾 and 2 other agents</b>" in page
    alice.teams.remove(team)
    for number in range(4):
        hire(f"more{number}", team.enterprise, team=team)
    assert "6 agents</b>" in Client().get("/chat/acme/").content.decode()


@pytest.mark.django_db
def test_a_nickname_that_came_later_is_shown(boss, guest, spoken):
    boss.nickname = "老板"
    boss.save()
    rows = guest.browser().get("/chat/acme/messages/", **JSON).json()["messages"]
    assert {row["sender_name"] for row in rows if row["sender"] == boss.uuid} == {"老板"}
    assert ACCOUNT not in json.dumps(rows)


@pytest.mark.django_db
def test_whoever_was_deleted_keeps_no_name_that_may_be_an_account(boss, guest, spoken, alice):
    draft = draft_of(alice, spoken, "hello")
    draft.sender_name = "Anna Li"
    batches.post(draft)
    imported = GroupMessage.objects.filter(pk=batches.post(draft_of(alice, spoken))["id"])
    imported.update(sender=str(uuid5(NAMESPACE_URL, "them")), sender_name="Ben")
    Member.objects.filter(pk__in=[boss.pk, alice.pk]).delete()
    visible_names.kept.clear()
    rows = guest.browser().get("/chat/acme/messages/", **JSON).json()["messages"]
    assert ACCOUNT not in json.dumps(rows)
    assert {row["sender_name"] for row in rows if row["sender"] == boss.uuid} == {""}
    assert {"Anna Li", "Ben"} < {row["sender_name"] for row in rows}
    assert ACCOUNT not in guest.browser().get("/chat/acme/").content.decode()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_no_socket_of_a_visitor_names_an_account(connect, boss, guest, spoken, alice):
    page, desk, own = await connect(guest), await connect(alice), await connect(boss)
    assert ACCOUNT not in str(page.hello)
    await page.send("sync", groups={spoken: 0})
    await own.send("typing", group=spoken, draft=True)
    await database(batches.do)(act_of("release", boss.uuid, spoken))
    await database(batches.post)(draft_of(boss, spoken, "Still here."))
    heard = [await page.next()]
    while heard[-1].get("message", {}).get("content") != "Still here.":
        heard.append(await page.next())
    assert ACCOUNT not in str(heard) and heard[-1]["message"]["sender_name"] == ""
    event = await desk.until("message.posted")
    while event["message"]["content"] != "Still here.":
        event = await desk.until("message.posted")
    assert event["message"]["sender_name"] == ACCOUNT, "colleagues know whom they mean"


@pytest.mark.django_db
def test_that_somebody_has_written_connects_them_to_nobody(guest, alice, group):
    page = guest.browser().get("/chat/acme/").content.decode()
    thread = page.split('class="messages"')[1].split("</main>")[0]
    assert "Connected to" not in thread
    batches.do(act_of("claim", alice.uuid, group))
    assert "小艾 is helping you" in guest.browser().get("/chat/acme/").content.decode()
    assert "Connected to" not in guest.browser().get("/chat/acme/transcript/").content.decode()


@pytest.mark.django_db
def test_a_team_is_named_in_the_language_of_its_visitors(guest, alice, bob, group, team):
    team.translations = {"zh-hans": {"name": "售前"}}
    team.save()
    sales = find_or_create_team(team.enterprise, "sales", "Sales")
    sales.translations = {"zh-hans": {"name": "销售组"}}
    sales.offered = team.offered = True
    sales.save(), team.save()
    chinese = {"headers": {"Accept-Language": "zh-hans"}}
    choices = Client().get("/chat/acme/", **chinese).content.decode()
    assert "售前" in choices and "销售组" in choices and "Sales" not in choices
    sales.places.create(member=bob)
    batches.do(act_of("transfer", alice.uuid, group, team="sales"))
    page = guest.browser().get("/chat/acme/?team=service", **chinese).content.decode()
    assert page.count("销售组") > 1, "who serves, and the hand-on"
    assert "Sales" in guest.browser().get("/chat/acme/?team=service").content.decode()


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_a_socket_names_the_team_in_its_language(connect, team):
    team.translations = {"zh-hans": {"name": "售前"}}
    await database(team.save)()
    page = await connect(new_guest(team), query="?lang=zh-hans")
    assert page.hello["team"]["name"] == "售前"


@pytest.mark.django_db
def test_the_first_team_has_its_name_in_every_language(team):
    assert (team.name, team.translations) == ("Customer service", {"zh-hans": {"name": "在线客服"}})
