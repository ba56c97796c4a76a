"""The line in which visitors wait: counted from rows, kept for a moment, told to its visitor."""

import asyncio
import threading
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import DataError
from django.db.models import F
from django.utils import timezone

from accounts.setup import find_or_create_team, join_team
from chat.database import run_or_refuse
from chat.models import Conversation, Reception
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.presence import leases, visitor_queue
from chat.protocol.errors import Refused
from tests.chat.helpers import act_of, database, draft_of, new_guest, within

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    forget()
    yield
    forget()


def forget() -> None:
    visitor_queue.queues.clear()
    visitor_queue.usual_times.clear()


def comes(team, text="hello") -> str:
    return batches.post(new_guest(team).draft(text))["group"]


def before(group) -> int | None:
    """As the line stands now."""
    visitor_queue.queues.clear()
    return visitor_queue.read_queue("acme").place(group)["before"]


def answered_after(team, *seconds, ago=timedelta()) -> None:
    """Receptions of the team with their first reply after so many seconds."""
    for each in seconds:
        group = comes(team)
        begun = timezone.now() - ago
        reply = begun + timedelta(seconds=each)
        rows = Reception.objects.filter(group_id=group)
        rows.update(opened_at=begun, first_reply_at=reply)
        Conversation.objects.filter(uuid=group).update(waiting_since=None)


def usual(group) -> int | None:
    forget()
    return visitor_queue.read_queue("acme").place(group)["usual"]


def test_the_time_with_a_bot_is_no_wait(team, alice):
    answered_after(team, 600, 600, 600, 600, 600)
    rows = Reception.objects.filter(ent_id="acme")
    rows.update(handed_at=F("first_reply_at") - timedelta(seconds=30))
    leases.renew([alice.uuid])
    assert usual(comes(team)) == 30


def test_each_waits_behind_those_who_came_before(team, alice):
    groups = [comes(team) for _ in range(4)]
    assert [before(group) for group in groups] == [0, 1, 2, 3]
    batches.post(draft_of(alice, groups[1]))
    assert [before(group) for group in groups] == [0, None, 1, 2]


def test_only_who_waits_for_anybody_stands_in_line(team, alice, manager):
    last = [comes(team) for _ in range(6)][-1]
    groups = list(Conversation.objects.order_by("id").values_list("uuid", flat=True))
    assert before(last) == 5
    batches.do(act_of("claim", alice.uuid, groups[0]))
    assert (before(groups[0]), before(last)) == (None, 4)
    batches.do(act_of("close", alice.uuid, groups[1]))
    assert (before(groups[1]), before(last)) == (None, 3)
    batches.do(act_of("snooze", alice.uuid, groups[2], minutes=5))
    assert (before(groups[2]), before(last)) == (None, 2)
    batches.do(VisitorAction("block", alice.uuid, groups[3], reason="spam"))
    assert (before(groups[3]), before(last)) == (None, 1)


def test_each_team_and_enterprise_has_a_line_of_its_own(team, other_team, alice, outsider):
    sales = find_or_create_team(team.enterprise, "sales")
    join_team(alice, sales)
    first, foreign, second = comes(team), comes(other_team), comes(sales)
    assert (before(first), before(second), before(foreign)) == (0, 0, None)


def test_the_usual_time_is_the_median_of_the_newest_receptions(team, alice):
    leases.renew([alice.uuid])
    answered_after(team, 10, 20, 30, 1000)
    group = comes(team)
    assert usual(group) is None, "four are an accident"
    answered_after(team, 40)
    assert usual(group) == 30
    answered_after(team, *[90] * visitor_queue.MAX_PER_TEAM)
    assert usual(group) == 90, "older ones are not counted any more"


def test_what_was_usual_weeks_ago_is_not_told(team, alice):
    leases.renew([alice.uuid])
    answered_after(team, *[10] * 6, ago=timedelta(days=20))
    assert usual(comes(team)) is None


def test_no_time_is_promised_that_somebody_has_waited_beyond(team, alice, bob):
    leases.renew([alice.uuid])
    answered_after(team, *[30] * 6)
    group, first = comes(team), comes(team)
    row = Conversation.objects.filter(uuid=first)

    def after(seconds: int, **more) -> int | None:
        row.update(waiting_since=timezone.now() - timedelta(seconds=seconds), **more)
        return usual(group)

    assert (after(50), after(65)) == (30, None), "within a minute is what visitors read"
    assert after(65, claimed_by=bob.uuid) is None, "a claim is no answer"
    assert visitor_queue.usual_wait("acme", team.pk) is None
    assert after(65, quarantined_since=timezone.now()) == 30
    assert after(65, quarantined_since=None) is None
    Reception.objects.filter(group_id=first).update(first_reply_at=timezone.now())
    assert usual(group) == 30, "a further reply is none that is promised"


def test_where_nobody_is_there_no_time_is_promised(team, alice, bob):
    answered_after(team, *[10] * 6)
    group = comes(team)
    assert usual(group) is None and before(group) == 0
    leases.renew([bob.uuid])
    assert usual(group) == 10
    leases.renew([bob.uuid], away={bob.uuid})
    assert usual(group) is None


def test_a_line_is_kept_for_a_moment(team, alice, django_assert_num_queries, monkeypatch):
    group = comes(team)
    visitor_queue.read_queue("acme")
    second = comes(team)
    with django_assert_num_queries(0):
        assert visitor_queue.cached_queue("acme").place(group)["before"] == 0
        assert visitor_queue.read_queue("acme").place(second)["before"] is None
    now = visitor_queue.time.monotonic()
    monkeypatch.setattr(
        visitor_queue.time, "monotonic", lambda: now + visitor_queue.QUEUE_CACHED + 0.1
    )
    assert visitor_queue.cached_queue("acme") is None
    assert visitor_queue.read_queue("acme").place(second)["before"] == 1


@pytest.mark.once
@within(20)
async def test_a_line_that_takes_long_is_read_once_and_keeps_nobody_else_from_reading(
    house, monkeypatch
):
    begun, go_on = threading.Event(), threading.Event()
    reads = []

    def slow(ent_id):
        reads.append(ent_id)
        if ent_id == "acme":
            begun.set()
            assert go_on.wait(60)
        return {}

    monkeypatch.setattr(visitor_queue, "read_places", slow)
    monkeypatch.setattr(visitor_queue, "usual_waits", lambda ent_id: {})
    monkeypatch.setattr(visitor_queue.leases, "staffed_teams", lambda codes: [])

    async def asked(ent_id: str):
        return await run_or_refuse(visitor_queue.read_queue, ent_id, by=visitor_queue.read_shared)

    many = [asyncio.create_task(asked("acme")) for _ in range(20)]
    assert await asyncio.to_thread(begun.wait, 60)
    await asked("globex")
    many.pop().cancel()
    go_on.set()
    assert len(set(map(id, await asyncio.gather(*many)))) == 1
    assert sorted(reads) == ["acme", "globex"]


@pytest.mark.once
@within(20)
async def test_a_line_that_cannot_be_read_refuses_each_who_asked_by_itself(house, monkeypatch):
    """A refusal is filled with what its own socket asked."""
    monkeypatch.setattr(visitor_queue, "read_places", Mock(side_effect=DataError("gone")))
    asking = [
        run_or_refuse(visitor_queue.read_queue, "acme", by=visitor_queue.read_shared)
        for _ in range(2)
    ]
    one, other = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(one, Refused) and isinstance(other, Refused) and one is not other
    assert one.facts is not other.facts


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_a_visitor_asks_by_a_frame_and_hears_only_of_the_own_place(
    guest, team, alice, other_guest, outsider, connect
):
    first = await database(comes)(team)
    page = await connect(guest)
    await page.send("queue")
    assert (await page.until("error"))["code"] == "not_found"
    group = (await page.say("hello"))["group"]
    await page.send("queue", group=first)
    told = await page.until("queue")
    assert told == {"type": "queue", "group": group, "before": 1, "usual": None}
    desk = await connect(alice)
    await desk.send("queue")
    assert (await desk.until("error"))["code"] == "forbidden"
    stranger = await connect(other_guest)
    await stranger.send("queue", group=group)
    assert (await stranger.until("error"))["code"] == "not_found"
    await desk.say("hi", group=group, seen=2)
    visitor_queue.queues.clear()
    await page.send("queue")
    assert (await page.until("queue"))["before"] is None
