"""Joining a thread with its person while others write and look on."""

import time
from itertools import chain

import pytest

from chat.background import upkeep
from chat.care import joins
from chat.models import Conversation, GroupMessage, Visitor
from chat.posting import batches
from chat.visitors.identities import Person
from tests.chat.helpers import JSON, check_ledger, database, draft_of, new_guest, new_id, within
from tests.chat.signed_visitors import WANG, exchange, sign_in, signed, texts
from tests.chat.threads import in_threads, insist

PLACE = "/chat/acme/messages/"


@pytest.mark.django_db(transaction=True)
def test_who_writes_while_two_threads_become_one_loses_nothing(customer, guest, alice, bob):
    """What is acknowledged is there, once; what comes too late for the one that is gone is
    refused, and its sender keeps it."""
    loose = batches.post(guest.draft("help"))["group"]
    kept = customer.group

    def work(number):
        if number == 0:
            time.sleep(0.05)
            joins.join(guest.uuid, guest.enterprise, Person("7", "Wang"))
            return []
        told = []
        for count in range(25):
            text = f"{number}: {count}"
            draft = {
                1: lambda text=text: guest.draft(text, group=loose),
                2: lambda text=text: draft_of(alice, loose, text),
                3: lambda text=text: draft_of(bob, kept, text),
            }[number]()
            told.append((text, *insist([draft])))
        return told

    answers = list(chain.from_iterable(in_threads(4, work)))
    stored = [row.message_content for row in GroupMessage.objects.all()]
    for text, answer in answers:
        assert stored.count(text) == (answer["type"] == "message.accepted"), (text, answer)
    refusals = {answer["code"] for _text, answer in answers if answer["type"] == "error"}
    assert refusals <= {"not_found", "merged"}
    assert Conversation.objects.get().uuid == kept
    check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_see_where_the_conversation_is_now(connect, customer, guest, alice, bob):
    watching = await connect(alice)
    group = await database(lambda: customer.group)()
    loose = (await database(batches.post)(guest.draft("help")))["group"]
    window = await connect(guest)
    await watching.until("message.posted")
    await database(sign_in)(guest)
    left = await watching.until("conversation.left", group=loose)
    assert left["into"] == group
    event = await watching.until("conversation", group=group)
    assert event["open"] is True and event["last"]["excerpt"] == "help"
    await watching.until("visitor", name="Wang")
    await watching.send("sync", groups={group: 4})
    rows = [(await watching.until("message.posted"))["message"] for _ in range(3)]
    assert "help" in [row["content"] for row in rows]
    assert await window.closed() == 4401


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_first_message_on_its_way_at_a_sign_in_is_the_persons_once(
    connect, guest, team, alice, monkeypatch
):
    monkeypatch.setattr(upkeep, "soon", lambda: None)
    browser, client_id = guest.browser(), new_id()
    socket = await connect(guest)
    token = signed(team.enterprise, "7", **WANG)
    await database(exchange)(browser, token)
    event = await socket.say("help", client_id=client_id)
    assert (event["type"], event["code"]) == ("error", "not_found"), "its page keeps it for this:"
    form = {"content": "help", "client_id": client_id}
    assert (await database(browser.post)(PLACE, form, **JSON)).status_code == 200
    await database(exchange)(browser, token)
    assert await database(texts)(browser) == ["help"]
    assert await database(Visitor.objects.count)() == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_sign_in_and_a_first_message_at_once_one_finds_the_other(
    enterprise, team, alice, customer
):
    for number in range(8):
        guest = new_guest(team)

        def work(which, guest=guest, number=number):
            if which:
                return [insist([guest.draft(f"{number}")])[0]]
            joins.join(guest.uuid, enterprise, Person("7", "Wang"))
            return []

        (answer,) = chain.from_iterable(in_threads(2, work))
        stored = GroupMessage.objects.filter(message_content=f"{number}")
        if answer["type"] == "error":
            assert answer["code"] == "not_found" and not stored.exists()
        else:
            assert stored.get().group_id == customer.group
    assert Visitor.objects.get().identity["id"] == "7"
    check_ledger()


@pytest.mark.django_db
def test_a_cookie_that_was_left_behind_by_a_sign_in_opens_nothing_and_is_no_dead_end(guest, alice):
    token = signed(guest.enterprise, "7", **WANG)
    exchange(guest.browser(), token)
    # The answer that takes the cookie away is lost.
    left = guest.browser()
    assert left.get(PLACE, **JSON).status_code == 401
    page = left.get("/chat/acme/").content.decode()
    assert guest.uuid not in page and left.post(PLACE, {"content": "hi"}, **JSON).status_code == 200
    again = guest.browser()
    exchange(again, token)
    assert f'data-former="{guest.uuid}"' in again.get("/chat/acme/").content.decode()
