"""Answers that reach a visitor who has gone: one mail, in their language, and the way back."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import signing
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from accounts.models import Enterprise
from accounts.setup import find_or_create_team
from chat.care import erasure, joins
from chat.limits import limits, recipient_key
from chat.mail import answers
from chat.models import Conversation, Visitor
from chat.posting import batches
from chat.presence import leases
from chat.visitors import links
from chat.visitors.identities import Person
from tests.chat.helpers import JSON, PAGE, act_of, draft_of, new_guest, refused

from .answered import BASE, answer, link, look

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(guest, group, settings):
    """The group's visitor has left an address, and nobody's socket is open."""
    settings.PUBLIC_URL = BASE
    Visitor.objects.filter(uuid=guest.uuid).update(
        contact="li@example.com", contact_by="visitor", language="en"
    )
    return guest


def test_unread_answers_are_one_mail_and_none_is_mailed_twice(gone, alice, bob, group):
    answer(alice, group, "Your parcel is here.")
    answer(bob, group, "第二条")
    assert look(2) == [], "they may go on writing, and the visitor may come back"
    (message,) = look()
    assert message.to == ["li@example.com"] and message.subject == "Acme has answered you"
    assert "小艾: Your parcel is here." in message.body and "小博: 第二条" in message.body
    assert "first" not in message.body, "what the visitor wrote themselves"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert look() == []
    answer(alice, group, "And another")
    (message,) = look()
    assert "And another" in message.body and "parcel" not in message.body


def test_the_mail_speaks_the_visitors_language(gone, alice, group):
    Visitor.objects.update(language="zh-hans")
    answer(alice, group)
    (message,) = look()
    assert "Acme" in message.subject and "answered" not in message.subject
    assert "conversation" not in message.body


def test_notes_and_automatic_answers_are_not_mailed(gone, alice, group):
    batches.post(draft_of(alice, group, "a secret note", note=True))
    assert look() == []
    answer(alice, group)
    batches.post(draft_of(alice, group, "another secret", note=True))
    (message,) = look()
    assert "secret" not in message.body


def test_a_bots_answers_are_mailed_with_a_persons_alone(bot, gone, alice, group):
    answer(bot, group, "by a bot", bot=True, seen=9)
    assert look() == []
    batches.post(gone.draft("really?"))
    answer(bot, group, "by a bot again", bot=True, seen=9)
    answer(alice, group, "by a person")
    (message,) = look()
    assert "by a bot again" in message.body and "by a person" in message.body


def test_what_a_service_account_says_is_mailed_once_a_person_has_answered(gone, alice, bot, group):
    answer(bot, group, service=True)
    assert look() == []
    answer(alice, group)
    answer(bot, group, service=True)
    assert len(look()) == 1
    answer(bot, group, service=True)
    assert len(look()) == 1
    batches.do(act_of("close", alice.uuid, group))
    batches.post(gone.draft("me again"))
    answer(bot, group, service=True)
    assert look() == [], "in another reception"


def test_a_mailbox_gets_few_mails_that_no_person_wrote(gone, alice, bot, group, stopped):
    limits.clear()
    answer(alice, group)
    assert len(look()) == 1
    for wanted in (1, 1, 1, 0):
        answer(bot, group, service=True)
        assert len(look()) == wanted
    answer(alice, group, "by a person")
    assert len(look()) == 1, "what people write is not kept back"
    reader = recipient_key("Li+1@example.com")
    limits.take("automatic_mail", {"recipient": reader, "pair": f"umbrella:{reader}"})


def test_who_is_there_or_has_read_it_gets_no_mail(gone, alice, group, guest):
    seq = answer(alice, group)
    leases.renew([guest.uuid], life=timedelta(hours=1))
    assert look() == []
    leases.release([guest.uuid])
    assert look(2) == []
    batches.mark(guest.uuid, group, seq)
    assert look() == []


def test_who_has_stopped_it_or_is_answered_too_long_ago_gets_no_mail(gone, alice, group):
    answer(alice, group)
    Conversation.objects.update(mails_stopped=True)
    assert look() == []
    Conversation.objects.update(mails_stopped=False)
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert look() == []
    Enterprise.objects.update(status=Enterprise.Status.OPEN)
    assert look(60 * 25) == [], "a day later it is too late"
    assert len(look()) == 1


def test_without_an_address_of_our_own_no_mail_is_made(gone, alice, group, settings):
    settings.PUBLIC_URL = ""
    answer(alice, group)
    assert look() == []


def test_of_two_looks_one_takes_it(gone, alice, group, monkeypatch):
    answer(alice, group)
    stale = Conversation.objects.select_related("visitor").get()
    assert len(look()) == 1
    monkeypatch.setattr(answers, "due", lambda codes, now: [stale])
    assert look() == [], "another process had read the row before this one took it"


def test_who_signs_in_while_it_is_taken_is_not_mailed_their_own_words(
    gone, alice, group, monkeypatch
):
    person, take = Person("7", "Li"), answers.take
    known = new_guest(find_or_create_team(gone.enterprise, "sales"))
    batches.post(known.draft("elsewhere"))
    joins.join(known.uuid, gone.enterprise, person)
    answer(alice, group)

    def take_after(*facts):
        joins.join(gone.uuid, gone.enterprise, person)
        return take(*facts)

    monkeypatch.setattr(answers, "take", take_after)
    assert look() == []
    (message,) = look()
    assert "Your parcel is here." in message.body and "first" not in message.body


def test_who_cannot_be_mailed_keeps_nobody_else_from_it(gone, alice, bob, group, monkeypatch):
    monkeypatch.setattr(answers, "BATCH", 1)
    answer(alice, group)
    later = new_guest(gone.team)
    other = batches.post(later.draft("me too"))["group"]
    Visitor.objects.filter(uuid=later.uuid).update(contact="b@example.com", language="en")
    answer(bob, other)
    first = Visitor.objects.filter(uuid=gone.uuid)
    changes = [
        {"contact": "@wechat"},
        {"contact": "138 0000 0000"},
        {"contact": "li@wechat"},
        {"contact": "li@example.com", "blocked": True},
    ]
    for email in ("", "openid@wx"):
        identity = {"id": "7", "email": email}
        changes.append({"contact": "", "identity_key": "k" * 64, "identity": identity})
    for change in changes:
        first.update(**change)
        assert [message.to for message in look()] == [["b@example.com"]]
        Conversation.objects.update(mailed_seq=0)
        first.update(blocked=False)


def test_a_conversation_that_has_no_answer_left_to_mail_is_looked_at_once(
    gone, alice, bob, group, monkeypatch
):
    monkeypatch.setattr(answers, "BATCH", 1)
    answer(alice, group)
    assert len(look()) == 1
    batches.do(act_of("close", alice.uuid, group))
    later = new_guest(gone.team)
    other = batches.post(later.draft("me too"))["group"]
    Visitor.objects.filter(uuid=later.uuid).update(contact="b@example.com", language="en")
    answer(bob, other)
    assert look() == []
    assert [message.to for message in look()] == [["b@example.com"]]


@pytest.mark.parametrize(("code", "again"), [(550, False), (451, True)])
def test_an_address_that_the_mail_server_refuses_for_good_is_tried_once(
    gone, alice, group, monkeypatch, code, again
):
    def refuse(backend, messages):
        raise SMTPRecipientsRefused({"li@example.com": (code, b"no")})

    answer(alice, group)
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    look()
    monkeypatch.undo()
    assert bool(look()) == again


def test_many_answers_are_cut_and_counted(gone, alice, group):
    batches.run([draft_of(alice, group, f"line {number}.") for number in range(25)])
    (message,) = look()
    assert "line 19." in message.body and "line 20." not in message.body
    assert "and 5 more messages" in message.body


def test_the_link_opens_the_conversation_in_another_browser(gone, alice, group, guest):
    answer(alice, group)
    place = link(look()[0], "back")
    phone = Client()
    page = phone.get(place)
    assert page.status_code == 200 and "kefu_opened_acme" not in page.cookies
    assert "parcel" not in page.content.decode(), "a look at the link shows nothing yet"
    opened = phone.post(place)
    assert (opened.status_code, opened["Location"]) == (302, "/chat/acme/?team=service")
    cookie = opened.cookies["kefu_opened_acme"]
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"
    assert "Your parcel is here." in phone.get(opened["Location"]).content.decode()
    form = {"content": "from my phone"}
    assert phone.post("/chat/acme/messages/", form, **JSON).status_code == 200
    browser = guest.browser()
    assert "from my phone" in browser.get("/chat/acme/").content.decode()
    assert "kefu_opened_acme" not in browser.post(place).cookies, "it is open there already"


def test_a_scanner_that_follows_links_changes_nothing(gone, alice, group):
    answer(alice, group)
    (message,) = look()
    for what in ("back", "stop"):
        for method in (Client().get, Client().head):
            assert method(link(message, what)).status_code == 200
    assert not Conversation.objects.get().mails_stopped
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(message, "back")).status_code == 403


def test_a_forged_a_foreign_and_an_old_link_open_nothing(
    gone, alice, group, other_enterprise, monkeypatch
):
    answer(alice, group)
    (message,) = look()
    place = link(message, "back")
    token = place.rstrip("/").rpartition("/")[2]
    forged = signing.dumps([group, gone.uuid], salt="another")
    for path in (
        f"/chat/umbrella/back/{token}/",
        f"/chat/acme/back/{forged}/",
        f"/chat/acme/back/{token[:-1]}/",
        "/chat/acme/back/x/",
        "/chat/nowhere/back/x/",
        link(message, "stop").replace("/stop/", "/back/"),
        place.replace("/back/", "/stop/"),
    ):
        for method in ("get", "post"):
            page = getattr(Client(), method)(path)
            assert page.status_code == 404 and not page.cookies.get("kefu_opened_acme"), path
    monkeypatch.setattr(links, "LIFE", timedelta(seconds=-1))
    assert Client().post(place).status_code == 404
    assert Client().get(link(message, "stop")).status_code == 200, "this one never ends"


def test_nothing_opens_an_erased_visitor(gone, alice, group, manager):
    answer(alice, group)
    place = link(look()[0], "back")
    phone = Client()
    phone.post(place)
    visitor = Visitor.objects.get()
    erasure.empty_visitor(visitor)
    assert Client().post(place).status_code == 404
    answer_after = phone.get("/chat/acme/messages/", **JSON)
    assert refused(answer_after) == (401, "forbidden")


def test_whom_the_site_knows_signs_in_there(gone, alice, group):
    answer(alice, group)
    place = link(look()[0], "back")
    phone = Client()
    phone.post(place)
    visitor = Visitor.objects.get()
    visitor.identity_key, visitor.identity = "k" * 64, {"id": "7", "email": "signed@example.com"}
    visitor.save()
    assert Client().post(place).status_code == 404
    assert refused(phone.get("/chat/acme/messages/", **JSON)) == (401, "forbidden")
    answer(alice, group, "again")
    (message,) = look()
    assert message.to == ["signed@example.com"] and "/back/" not in message.body
    assert "sign in on the site of Acme" in message.body


def test_mails_of_a_conversation_end_by_a_button_or_by_the_mail_program(gone, alice, group):
    answer(alice, group)
    (message,) = look()
    place = link(message, "stop")
    assert message.extra_headers["List-Unsubscribe"] == f"<{BASE}{place}>"
    program = Client(enforce_csrf_checks=True)
    done = program.post(place, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200 and "kefu_opened_acme" not in done.cookies
    answer(alice, group, "again")
    assert look() == []
    other = new_guest(gone.team)
    elsewhere = batches.post(other.draft("me"))["group"]
    Visitor.objects.filter(uuid=other.uuid).update(contact="b@example.com", language="en")
    answer(alice, elsewhere)
    assert [message.to for message in look()] == [["b@example.com"]]


def test_a_closed_enterprise_opens_nothing(gone, alice, group):
    answer(alice, group)
    place = link(look()[0], "back")
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert Client().post(place, **PAGE).status_code == 404


def test_one_look_reads_as_much_for_many_conversations_as_for_few_until_there_is_something(
    gone, team, group, django_assert_max_num_queries
):
    for number in range(20):
        one = new_guest(team)
        batches.post(one.draft(f"{number}"))
        Visitor.objects.filter(uuid=one.uuid).update(contact=f"{number}@example.com")
    with django_assert_max_num_queries(2):
        assert answers.take_due(timezone.now() + timedelta(minutes=4)) == []
