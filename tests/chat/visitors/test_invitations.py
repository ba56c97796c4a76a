"""What visitors read before they write, by rule or from an agent, and what becomes of it."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import setup
from accounts.models import GreetingRule
from chat import transcripts
from chat.mail import answers
from chat.models import ChatGroup, Conversation, GroupMessage, SiteVisit, Visitor
from chat.posting import batches
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.introduction import Introduction
from chat.visitors import cookies, invitations
from tests.accounts.admin.page import errors_of, submit
from tests.chat.helpers import (
    JSON,
    check_ledger,
    database,
    draft_of,
    new_guest,
    new_id,
    refused,
    rows_of,
    seat_of,
)
from tests.chat.spam import LINKS, row_of

from .site_visits import SHOP, invite, new_key, tell, told

LOOK, WRITE = "/chat/acme/widget/", "/chat/acme/messages/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(enterprise):
    enterprise.sites, enterprise.visits_told = SHOP, True
    enterprise.save()
    return enterprise


@pytest.fixture
def rule(shop):
    return GreetingRule.objects.create(enterprise=shop, text="Which plan?", page="/pricing*")


def inviting(**query) -> dict | None:
    response = Client().get(LOOK, query, headers={"Origin": SHOP})
    return json.loads(response.content).get("inviting")


def texts() -> list[str]:
    return [rule["text"] for rule in inviting()["rules"]]


def write(browser, **fields):
    return browser.post(WRITE, {"content": "yes, please", **fields}, **JSON)


def test_a_site_is_told_its_rules_in_their_order_and_nothing_where_there_are_none(
    shop, rule, other_enterprise
):
    GreetingRule.objects.create(enterprise=other_enterprise, text="Ours")
    GreetingRule.objects.create(enterprise=shop, text="Off", active=False)
    GreetingRule.objects.create(enterprise=shop, text="Last", position=2, only_staffed=False)
    GreetingRule.objects.update(only_staffed=False)
    assert texts() == ["Which plan?", "Last"]
    told = {"rule": rule.pk, "page": "/pricing*", "text": "Which plan?"}
    assert inviting()["rules"][0] == told | {"seconds": 20, "visits": 1, "staffed": False}
    assert inviting()["told"] is True and inviting()["queries"] is False
    shop.visits_told = False
    shop.save()
    assert inviting()["told"] is False, "greetings need no telling"
    GreetingRule.objects.update(active=False)
    assert inviting() is None


def test_a_rule_for_when_somebody_is_there_waits_for_that(shop, rule, alice, team):
    assert texts() == []
    leases.renew([alice.uuid])
    assert texts() == ["Which plan?"]
    today = timezone.now().date().isoformat()
    team.hours = {"zone": "UTC", "week": [[]] * 7, "holidays": [[today, "a holiday"]]}
    team.save()
    assert texts() == [], "outside of the working hours"


@pytest.mark.parametrize(
    ("field", "value"),
    [("page", "pricing"), ("page", "https://x/"), ("visits", 0), ("text", ""), ("text", "x" * 301)],
)
def test_a_rule_that_cannot_be_meant_is_refused(enterprise, field, value):
    rule = GreetingRule(enterprise=enterprise, **{"text": "Hi", field: value})
    with pytest.raises(Exception, match=field):
        rule.full_clean()


def test_a_manager_writes_rules_of_the_own_enterprise_alone(
    enterprise, other_enterprise, manager, other_manager, browser_of
):
    settings = f"/admin/accounts/enterprise/{enterprise.pk}/change/"
    page = f"{settings}?section=greetings"
    form = {
        **{"rules-TOTAL_FORMS": "1", "rules-0-text": "Hello", "rules-0-page": "/a*"},
        **{"rules-0-seconds": "5", "rules-0-visits": "1", "rules-0-position": "0"},
        **{"rules-0-active": "on"},
    }
    assert browser_of(other_manager).post(page, form).status_code == 302
    assert not GreetingRule.objects.exists()
    unstaffed = {"rules-0-only_staffed": None}
    assert submit(browser_of(manager), page, **form, **unstaffed).status_code == 302
    submit(browser_of(manager), f"{settings}?section=chat", visits_told="on")
    rule = GreetingRule.objects.get()
    assert (rule.enterprise, rule.page, rule.only_staffed) == (enterprise, "/a*", False)
    enterprise.refresh_from_db()
    assert enterprise.visits_told and not enterprise.queries_told


def test_more_rules_than_sites_are_told_of_are_refused(enterprise, manager, browser_of):
    page = f"/admin/accounts/enterprise/{enterprise.pk}/change/?section=greetings"
    rows = [GreetingRule(enterprise=enterprise, text=f"{number}") for number in range(50)]
    idle = GreetingRule(enterprise=enterprise, text="-", active=False)
    GreetingRule.objects.bulk_create([*rows, idle])
    form = {
        **{"rules-TOTAL_FORMS": "52", "rules-51-text": "Hi"},
        **{"rules-51-page": "*", "rules-51-seconds": "5", "rules-51-visits": "1"},
        **{"rules-51-position": "0", "rules-51-active": "on"},
    }
    response = submit(browser_of(manager), page, **form)
    assert "At most 50 site greetings can be active" in str(errors_of(response)["rules"])
    assert GreetingRule.objects.count() == 51
    for less in ({"rules-0-active": None}, {"rules-0-DELETE": "on"}):
        kept = {**form, "rules-51-text": f"Hi {less}"}
        assert submit(browser_of(manager), page, **kept, **less).status_code == 302
        assert GreetingRule.objects.filter(active=True).count() == 50
        GreetingRule.objects.filter(text__startswith="Hi").delete()
        GreetingRule.objects.filter(text="0").update(active=True)


def test_what_a_rule_said_is_the_first_message_of_a_visitor_who_answers(shop, rule, guest, alice):
    assert write(guest.browser(), rule=str(rule.pk)).status_code == 200
    opened, words, own = rows_of(guest.group)
    assert (words.message_content, words.sender, words.sender_name) == ("Which plan?", "", "Acme")
    assert words.data == {"automatic": True} and own.message_content == "yes, please"
    assert opened.data["event"] == "opened"
    conversation = Conversation.objects.get()
    assert conversation.waiting_since and conversation.reception.first_reply_at is None
    assert seat_of(alice, guest.group).unread == 2
    check_ledger()
    write(guest.browser(), rule=str(rule.pk))
    assert len(rows_of(guest.group)) == 4, "said once"


def test_what_an_agent_said_is_theirs_and_they_sit_there(
    shop, guest, agent, alice, bob, carol, browser_of
):
    for member in (alice, carol):
        key = new_key()
        visit = told(key=key)
        invite(browser_of(member), visit, "Shall I help?")
        caller = new_guest(guest.team)
        assert write(caller.browser(), visit=key).status_code == 200
        words = rows_of(caller.group)[1]
        facts = words.sender, words.sender_name, words.message_content
        assert facts == (member.uuid, member.display_name, "Shall I help?")
        assert seat_of(member, caller.group).unread == 1
        assert answer_of(caller, key) is None, "who has written is not invited any more"
        number = cookies.default_name(key)
        assert Visitor.objects.get(uuid=caller.uuid).label == number, "as the list called them"
        assert rows_of(caller.group)[2].sender_name == number
    check_ledger()


@pytest.fixture
def invited(shop, agent) -> str:
    """The key of a visit that alice has invited, where messages with links are quarantined."""
    shop.hold = shop.Hold.BOTH
    shop.save()
    key = new_key()
    invite(agent, told(key=key), "Shall I help?")
    return key


def test_a_visit_key_lets_one_visitor_past_the_spam_hold(invited, team, alice):
    first, second = new_guest(team), new_guest(team)
    for caller in (first, second):
        assert write(caller.browser(), content=LINKS, visit=invited).status_code == 200
    assert not row_of(first).quarantined_since
    assert row_of(second).quarantined_for == "links"
    texts = [row.message_content for row in rows_of(second.group)[1:]]
    assert texts == [LINKS], "alice has said nothing to the second one"
    assert SiteVisit.objects.get(key=invited).visitor_id == first.uuid, "and it stays the first's"
    number = cookies.default_name(invited)
    assert Visitor.objects.get(uuid=second.uuid).label != number
    elsewhere = setup.find_or_create_team(team.enterprise, "sales")
    answered = {"content": LINKS, "visit": invited}
    page = f"{WRITE}?team={elsewhere.slug}"
    assert first.browser().post(page, answered, **JSON).status_code == 200
    assert not Conversation.objects.filter(visitor_id=first.uuid, quarantined_since__isnull=False)
    check_ledger()


def test_of_two_visitors_with_one_visit_key_in_one_batch_the_first_is_let_in(
    invited, shop, team, alice
):
    words = invitations.shown_text(shop, Introduction(visit=invited), "")
    drafts = [new_guest(team).draft(LINKS) for _ in range(2)]
    for draft in drafts:
        draft.opening.suspicion, draft.opening.visit, draft.opening.words = "links", invited, words
    batches.settle(drafts)
    first, second = (Conversation.objects.get(uuid=draft.group) for draft in drafts)
    assert (first.quarantined_for, second.quarantined_for) == ("", "links")
    assert len(rows_of(first.uuid)) == 3 and len(rows_of(second.uuid)) == 2
    check_ledger()


def test_an_invitation_is_no_answer_to_anything(shop, team, agent, alice, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    key, guest = new_key(), new_guest(team)
    invite(agent, told(key=key), "Shall I help?")
    assert write(guest.browser(), visit=key).status_code == 200
    conversation = Conversation.objects.get(uuid=guest.group)
    own = seat_of(guest, guest.group)
    assert (own.unread, own.read_seq) == (0, 2), "they read it before they wrote"
    Visitor.objects.filter(uuid=guest.uuid).update(contact="li@example.com")
    later = timezone.now() + timedelta(minutes=5)
    assert answers.take_due(later) == [], "a mail would tell of nothing new"
    with pytest.raises(Refused):
        transcripts.check_answered(conversation)
    check_ledger()
    batches.post(draft_of(alice, guest.group, "The green one."))
    ChatGroup.objects.for_member(guest.uuid).update(read_seq=0, unread=2)
    transcripts.check_answered(conversation)
    (reminder,) = answers.take_due(later)
    assert "The green one." in reminder.mails[0].body and "Shall I" not in reminder.mails[0].body


def answer_of(caller, key):
    return json.loads(tell(browser=caller.browser(), key=key).content)["invitation"]


def test_words_that_are_nowhere_lose_no_message(shop, rule, team, alice, other_enterprise):
    foreign = GreetingRule.objects.create(enterprise=other_enterprise, text="Ours")
    idle = GreetingRule.objects.create(enterprise=shop, text="A draft", active=False)
    for said in (
        {"rule": str(foreign.pk)},
        {"rule": str(idle.pk)},
        {"rule": "999999"},
        {"visit": new_key()},
        {"visit": "x"},
    ):
        caller = new_guest(team)
        assert write(caller.browser(), **said).status_code == 200
        assert len(rows_of(caller.group)) == 2
    for said in ({"rule": "x"}, {"rule": "-1"}, {"visit": "x" * 33}):
        assert refused(write(new_guest(team).browser(), **said))[1] in ("bad_field", "too_long")


def test_an_agent_who_has_left_is_not_named(shop, guest, agent, alice, browser_of):
    key = new_key()
    invite(agent, told(key=key), "Shall I help?")
    alice.status = 1
    alice.save()
    assert invitations.shown_text(shop, Introduction(visit=key), guest.uuid).sender == ""
    unknown = Introduction(visit=str(uuid.uuid4()))
    assert invitations.shown_text(shop, unknown, guest.uuid) is None


def test_a_greeting_is_no_message_to_whom_has_written_before(shop, rule, guest, group):
    other = setup.find_or_create_team(shop, "sales")
    assert GroupMessage.objects.filter(message_content="Which plan?").count() == 0
    response = guest.browser().post(
        f"{WRITE}?team={other.slug}", {"content": "x", "rule": str(rule.pk)}, **JSON
    )
    assert response.status_code == 200
    assert not GroupMessage.objects.filter(message_content="Which plan?").exists()


@pytest.mark.django_db(transaction=True)
async def test_by_socket_the_words_come_before_the_first_message(connect, shop, rule, guest, alice):
    agent = await connect(alice)
    socket = await connect(guest)
    accepted = await socket.say("yes", introduction={"rule": rule.pk})
    assert accepted["seq"] == 3
    seen = [(await socket.until("message.posted"))["message"] for _ in range(3)]
    assert [one["content"] for one in seen[1:]] == ["Which plan?", "yes"]
    assert seen[1]["sender_role"] == "agent" and seen[1]["automatic"] is True
    assert (await agent.until("message.posted"))["message"]["seq"] == 1
    assert await database(GroupMessage.objects.count)() == 3


@pytest.mark.django_db(transaction=True)
async def test_a_first_message_without_the_invitation_does_not_take_that_of_an_earlier_try(
    invited, team, connect
):
    """Both are on their way before either is answered; the socket stays open."""
    guest = await database(new_guest)(team)
    socket = await connect(guest)
    named = {"introduction": {"visit": invited}, "content": "hi"}
    await socket.send("message.send", client_id=new_id(), **named)
    answer = await socket.say(LINKS)
    assert answer["type"] == "message.accepted"
    assert await database(SiteVisit.objects.filter(key=invited).count)() == 1
    assert await database(Conversation.objects.filter(visitor_id=guest.uuid).count)() == 1
