"""Reading by the API while others write, in threads of their own, on each database."""

import threading

import pytest

from chat.posting import batches
from tests.chat.helpers import act_of, draft_of, new_guest
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
