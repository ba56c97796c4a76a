"""Reading by the API while others write, in threads of their own, on each database."""

import threading

import pytest

from chat.models import Visitor
from chat.posting import batches
from tests.chat.helpers import act_of, check_ledger, draft_of, new_guest
from tests.chat.signed_visitors import exchange, session_guest, signed
from tests.chat.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def begin(team, number: int) -> list[str]:
    return [batches.post(new_guest(team).draft(f"{one}"))["group"] for one in range(number)]


def test_pages_neither_skip_nor_repeat_while_conversations_begin_and_change(program, team, alice):
    before, done, found = begin(team, 12), threading.Event(), []

    def write():
        try:
            for number in range(6):
                begin(team, 1)
                batches.post(draft_of(alice, before[number], "an answer"))
                batches.do(act_of("close", alice.uuid, before[number]))
        finally:
            done.set()

    def read():
        while True:
            pages = program.pages("conversations/", limit=2)
            found.append([one["group"] for page in pages for one in page["conversations"]])
            if done.is_set():
                return

    at_once(write, read)
    for walked in found:
        assert len(walked) == len(set(walked))
        assert [one for one in walked if one in before] == before[::-1]
    assert len(found[-1]) >= 12


def test_one_who_is_given_signs_in_and_writes_at_once_is_one_visitor(
    program, guest, group, enterprise, team, alice
):
    """Two programs, the first message of a browser that is signed in, and another browser whose
    thread without a name joins."""
    person, browser, statuses = session_guest(enterprise, team, "4711"), guest.browser(), []

    def give():
        answer = program.post("visitors/", {"identity": "4711", "email": "crm@example.com"})
        statuses.append(answer.status_code)

    at_once(
        give,
        give,
        lambda: batches.post(person.draft("first")),
        lambda: exchange(browser, signed(enterprise, "4711", name="Wang")),
    )
    assert sorted(statuses) in ([200, 200], [200, 201])
    found = Visitor.objects.filter(identity__id="4711")
    assert found.count() == 1 and Visitor.objects.count() == 1
    assert person.uuid == found.get().uuid
    check_ledger()
