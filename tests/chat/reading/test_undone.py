"""A close that is undone at once: what a visitor's page and transcript show of it, and when."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from django.core import mail
from django.utils import timezone as clock

from chat.mail import jobs
from chat.models import GroupMessage
from chat.posting import batches
from chat.reading.undone import Leaving
from tests.chat.helpers import JSON, PAGE, act_of, draft_of, rows_of

BEGIN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LATER = BEGIN + timedelta(days=1)


def row(seq: int, second: float, event: str = "", **data) -> dict:
    at = BEGIN + timedelta(seconds=second)
    return {"seq": seq, "created_at": at, "data": {"event": event, **data} if event else None}


def closed(seq: int, second: float, by: str = "alice") -> dict:
    return row(seq, second, "closed", by=by)


def reopened(seq: int, second: float, by: str = "alice") -> dict:
    return row(seq, second, "reopened", by=by)


def claimed(seq: int, second: float, member: str = "alice") -> dict:
    return row(seq, second, "claimed", member=member)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(1, 0), closed(2, 1), reopened(3, 11)], {2, 3}),
        ([closed(2, 1), reopened(3, 11.001)], set()),
        ([closed(2, 1), reopened(3, 2, "bob")], set()),
        ([closed(2, 1, "me"), reopened(3, 2, "me")], set()),
        ([closed(2, 1, ""), reopened(3, 2, "")], set()),
        ([reopened(3, 2)], set()),
        ([closed(2, 1), row(3, 2), reopened(4, 3), closed(5, 4), reopened(6, 5)], {2, 4, 5, 6}),
        ([closed(2, 1), reopened(3, 2), claimed(4, 2)], {2, 3, 4}),
        ([closed(2, 1), reopened(3, 2), claimed(4, 2, "bob")], {2, 3}),
        ([closed(2, 1), reopened(3, 2), claimed(4, 13)], {2, 3}),
        ([closed(2, 1), reopened(3, 2), row(4, 2), claimed(5, 3)], {2, 3}),
        ([closed(2, 1), {**reopened(3, 2), "data": {"event": "reopened"}}], set()),
    ],
)
def test_a_pair_of_one_member_within_ten_seconds_is_left_out(rows, expected):
    assert Leaving("me", LATER).read(rows).left_out == expected


def test_a_close_is_left_out_until_it_is_ten_seconds_old_unless_the_visitor_ended_it():
    for second, held in ((0, True), (10.999, True), (11, False)):
        leaving = Leaving("me", BEGIN + timedelta(seconds=second)).read([closed(2, 1)])
        assert (leaving.left_out == {2}) is held and leaving.ends is held
    assert Leaving("me", BEGIN).read([closed(2, 3600)]).left_out == set(), "a clock that was wrong"
    now = BEGIN + timedelta(seconds=2)
    assert Leaving("me", now).read([closed(2, 1, "me")]).left_out == set()
    assert Leaving("me", now).read([closed(2, 1, "")]).left_out == {2}
    followed = Leaving("me", now).read([closed(2, 1), reopened(3, 2, "me")])
    assert followed.left_out == {2} and not followed.ends


def page_of(visitor) -> str:
    return visitor.get("/chat/acme/", **PAGE).content.decode().partition("<template")[0]


def shown(page: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', page)]


def is_ended(page: str) -> bool:
    form = page.partition('<form class="rating"')[2].partition(">")[0]
    assert ("data-closed" in page) is (" hidden" not in form)
    return "data-closed" in page


def age(group: str, seconds: float) -> None:
    """Lets everything have happened so many seconds earlier."""
    for one in rows_of(group):
        before = one.created_at - timedelta(seconds=seconds)
        GroupMessage.objects.filter(pk=one.pk).update(created_at=before)


@pytest.mark.django_db
def test_the_page_shows_a_close_and_asks_for_a_rating_once_it_cannot_be_undone(
    visitor, guest, alice, group
):
    batches.do(act_of("close", alice.uuid, group))
    page = page_of(visitor)
    assert shown(page) == [2] and not is_ended(page)
    assert "closed the conversation" not in page and 'data-last-seq="3"' in page
    _opened, left_out = re.findall(r'class="left-out" hidden value="([^"]*)"', page)
    told = json.loads(left_out.replace("&quot;", '"'))
    assert (told["seq"], told["data"]["event"], told["content"]) == (3, "closed", "")
    age(group, 10)
    page = page_of(visitor)
    assert shown(page) == [2, 3] and is_ended(page)
    assert "小艾 closed the conversation" in page and page.count("left-out") == 1


@pytest.mark.django_db
def test_what_was_undone_is_on_no_page_and_in_no_transcript_and_in_all_rows(
    visitor, agent, guest, alice, group
):
    for name in ("claim", "close", "reopen", "claim"):
        batches.do(act_of(name, alice.uuid, group))
    batches.post(draft_of(alice, group, "here I am"))
    for seconds in (0, 60):
        age(group, seconds)
        page = page_of(visitor)
        assert shown(page) == [2, 3, 7] and not is_ended(page)
        assert page.count("is helping you") == 1
        text = visitor.get("/chat/acme/transcript/").content.decode()
        assert "closed" not in text and "reopened" not in text and "here I am" in text
    history = visitor.get(visitor.place, **JSON).json()
    assert [one["seq"] for one in history["messages"]] == [1, 2, 3, 4, 5, 6, 7]
    assert history["last_seq"] == 7
    desk = agent.get(agent.page).content.decode()
    assert "closed the conversation" in desk and "reopened the conversation" in desk


@pytest.mark.django_db
def test_a_mailed_transcript_leaves_out_a_new_close_and_has_it_later(visitor, alice, group):
    batches.post(draft_of(alice, group, "an answer"))
    batches.do(act_of("close", alice.uuid, group))
    for expected in (False, True):
        visitor.post("/chat/acme/transcript/", {"email": "me@example.com"}, **JSON)
        jobs.POST.submit(int).result()
        assert ("closed the conversation" in mail.outbox[-1].body) is expected
        age(group, 11)


@pytest.mark.django_db
def test_a_page_that_begins_between_the_two_shows_neither(visitor, guest, alice, group):
    batches.do(act_of("close", alice.uuid, group))
    batches.post(draft_of(alice, group, "on another page"))
    batches.post(draft_of(alice, group, "first of the page"))
    batches.do(act_of("reopen", alice.uuid, group))
    for number in range(48):
        batches.post(draft_of(alice, group, f"{number}"))
    age(group, 60)
    page = page_of(visitor)
    (reopening,) = [
        one.seq for one in rows_of(group) if (one.data or {}).get("event") == "reopened"
    ]
    assert "first of the page" in page and "on another page" not in page
    assert reopening not in shown(page) and reopening - 1 in shown(page)


@pytest.mark.django_db
def test_a_colleague_who_reopens_and_a_visitor_who_writes_undo_nothing(
    visitor, guest, alice, bob, group
):
    batches.do(act_of("close", alice.uuid, group))
    batches.do(act_of("reopen", bob.uuid, group))
    assert shown(page_of(visitor)) == [2, 4], "the close is shown when its time has come"
    age(group, 10)
    assert shown(page_of(visitor)) == [2, 3, 4]
    batches.do(act_of("close", alice.uuid, group))
    batches.post(guest.draft("one more thing", group=group))
    assert shown(page_of(visitor))[3:] == [6, 7] and not is_ended(page_of(visitor))
    age(group, (clock.now() - rows_of(group)[4].created_at).total_seconds() + 10)
    assert shown(page_of(visitor)) == [2, 3, 4, 5, 6, 7]
