"""Reading by the API while others write, in threads of their own, on each database."""

import threading

import pytest

from chat.posting import batches
from tests.chat.helpers import act_of, check_ledger, draft_of, new_guest, new_id
from tests.chat.threads import at_once

from .program import program_of

pytestmark = pytest.mark.django_db(transaction=True)


def begin(team, number: int) -> list[str]:
    return [batches.post(new_guest(team).draft(f"{one}"))["group"] for one in range(number)]


def insist(send):
    """As clients do: what is `unavailable` is sent again."""
    for _again in range(50):
        answer = send()
        if answer.status_code != 503:
            return answer
    raise AssertionError("the database never took it")


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
            walked, cursor = [], None
            while True:
                page = program.get("conversations/", limit=2, cursor=cursor).json()
                walked += [one["group"] for one in page["conversations"]]
                if (cursor := page["cursor"]) is None:
                    break
            found.append(walked)
            if done.is_set():
                return

    at_once(write, read)
    for walked in found:
        assert len(walked) == len(set(walked))
        assert [one for one in walked if one in before] == before[::-1]
    assert len(found[-1]) >= 12


def test_history_has_no_gap_while_people_and_programs_write(program, enterprise, group, alice):
    other, numbers, done = program_of(enterprise, name="shop"), [], threading.Event()
    place = f"conversations/{group}/messages/"

    def write():
        try:
            for number in range(15):
                batches.post(draft_of(alice, group, f"{number}"))
                body = {"content": f"news {number}", "client_id": new_id()}
                assert insist(lambda body=body: other.post(place, body)).status_code == 200
        finally:
            done.set()

    def read():
        last = 0
        while True:
            over = done.is_set()
            page = program.get(place, after=last, limit=7).json()
            numbers.extend(one["seq"] for one in page["messages"])
            last = numbers[-1] if numbers else 0
            if over and not page["more"]:
                return

    at_once(write, read)
    assert numbers == list(range(1, 33))
    check_ledger()


def test_the_same_message_sent_at_once_is_stored_once(program, group):
    body, answers = {"content": "news", "client_id": new_id()}, []

    def send():
        place = f"conversations/{group}/messages/"
        answers.append(insist(lambda: program.post(place, body)).json())

    at_once(*[send] * 4)
    assert len({answer["seq"] for answer in answers}) == 1 and len(answers) == 4
    assert check_ledger() == 3
