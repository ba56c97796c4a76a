"""Joining a thread with its person while others write and look on."""

import time

import pytest

from chat import joining, posting
from chat.identities import Person
from chat.models import Conversation, GroupMessage

from .helpers import check_ledger, database, draft_of, within
from .signing import sign_in
from .test_concurrency import in_threads, insist


@pytest.mark.django_db(transaction=True)
def test_who_writes_while_two_threads_become_one_loses_nothing(customer, guest, alice, bob):
    """What is acknowledged is there, once; what comes too late for the one that is gone is
    refused, and its sender keeps it."""
    loose = posting.post(guest.draft("help"))["group"]
    kept = customer.group

    def work(number):
        if number == 0:
            time.sleep(0.05)
            joining.join(guest.uuid, guest.enterprise, Person("7", "Wang"))
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

    answers = sum(in_threads(4, work), [])
    stored = [row.message_content for row in GroupMessage.objects.all()]
    for text, answer in answers:
        assert stored.count(text) == (answer["type"] == "message.accepted"), (text, answer)
    refusals = {answer["code"] for _text, answer in answers if answer["type"] == "error"}
    assert refusals <= {"not_found"}
    assert Conversation.objects.get().uuid == kept
    check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_see_where_the_conversation_is_now(connect, customer, guest, alice, bob):
    watching = await connect(alice)
    group = await database(lambda: customer.group)()
    loose = (await database(posting.post)(guest.draft("help")))["group"]
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
