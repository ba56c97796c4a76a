"""Conversations whose visitor does not answer: warned, closed, and by one process alone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import Enterprise
from accounts.setup import find_or_create_team
from chat.conversations import idle, snoozes
from chat.models import Conversation, GroupMessage, Reception
from chat.posting import batches
from chat.posting.actions import Recall
from tests.chat.helpers import (
    NOTICE,
    act_of,
    check_ledger,
    database,
    do_task,
    draft_of,
    new_guest,
    rows_of,
    within,
)
from tests.chat.threads import in_threads

pytestmark = pytest.mark.django_db

HOURS, MINUTES = 2, 30


def look(hours: float, minutes: float = 0) -> None:
    idle.look(timezone.now() + timedelta(hours=hours, minutes=minutes, seconds=1))


def many(team, member, count: int) -> None:
    """Conversations that a member answered three hours ago."""
    before = timezone.now() - timedelta(hours=3)
    for number in range(count):
        group = batches.post(new_guest(team).draft(f"number {number}"))["group"]
        batches.post(draft_of(member, group))
    Conversation.objects.update(last_activity=before)
    Reception.objects.update(opened_at=before)


@pytest.fixture
def closing(team):
    """The team closes what is idle for two hours, and warns half an hour before."""
    team.idle_hours, team.warn_minutes = HOURS, MINUTES
    team.save()
    return team


@pytest.fixture
def answered(closing, alice, group):
    batches.post(draft_of(alice, group, "an answer"))
    return group


def of(group: str) -> Conversation:
    return Conversation.objects.select_related("reception").get(uuid=group)


def last_event(group: str) -> str | None:
    return (rows_of(group)[-1].data or {}).get("event")


def warned(group: str) -> str:
    """The warning as it stands there by now."""
    look(HOURS, -MINUTES)
    assert last_event(group) == "idle"
    return group


def act(member, group: str, name: str, **more) -> None:
    batches.do(act_of(name, member.uuid, group, **more))


def test_who_does_not_answer_is_warned_and_the_conversation_closes(answered, guest, alice):
    act(alice, answered, "claim")
    look(HOURS, -MINUTES - 1)
    assert last_event(answered) == "claimed"
    look(HOURS, -MINUTES)
    warning = rows_of(answered)[-1]
    assert warning.message_type == NOTICE, "the visitor sees it"
    told = [warning.data[name] for name in ("event", "minutes", "words")]
    assert told == ["idle", MINUTES, ""]
    look(HOURS, -1)
    assert of(answered).open and rows_of(answered)[-1].seq == warning.seq
    look(HOURS)
    found = of(answered)
    assert (found.open, found.claimed_by, found.closing_at) == (False, "", None)
    assert (found.reception.reason, found.reception.closed_by) == ("idle", "")
    assert found.reception.closed_at
    closed = rows_of(answered)[-1]
    assert closed.data == {"event": "closed", "by": "", "by_name": "", "words": ""}
    look(10 * HOURS)
    assert rows_of(answered)[-1].seq == closed.seq, "once"
    batches.post(guest.draft("here again", group=answered))
    assert of(answered).open and of(answered).reception.reason == ""
    assert check_ledger() == 8


def test_nobody_who_waits_is_closed(closing, alice, guest, group):
    look(100 * HOURS)
    assert last_event(group) is None, "nobody has answered the visitor"
    batches.post(draft_of(alice, group, "a note", note=True))
    look(100 * HOURS)
    assert last_event(group) is None
    seq = batches.post(draft_of(alice, group, "an answer"))["seq"]
    batches.do(Recall(alice.uuid, group, seq))
    look(100 * HOURS)
    assert last_event(group) == "recall", "the answer is gone, the question is there"
    batches.post(draft_of(alice, group, "an answer"))
    batches.post(guest.draft("and another question", group=group))
    look(100 * HOURS)
    assert of(group).open and of(group).closing_at is None


def test_what_anybody_writes_takes_the_warning_back(answered, alice, guest):
    writers = (
        guest.draft("wait", group=answered),
        draft_of(alice, answered, "are you there?"),
        draft_of(alice, answered, "calls them later", note=True),
    )
    for draft in writers:
        Conversation.objects.filter(uuid=answered).update(waiting_since=None)
        if draft.sender == alice.uuid:
            batches.post(draft_of(alice, answered, "the last word"))
        warned(answered)
        batches.post(draft)
        assert of(answered).closing_at is None
        look(HOURS, -MINUTES - 1)
        assert of(answered).open and last_event(answered) is None, draft.content
    assert check_ledger()


def test_a_snooze_and_a_hand_that_reopens_begin_the_time_anew(answered, alice):
    warned(answered)
    act(alice, answered, "snooze", minutes=60)
    assert of(answered).closing_at is None
    look(50 * HOURS)
    assert last_event(answered) == "snoozed"
    Conversation.objects.update(snoozed_until=timezone.now())
    snoozes.expire()
    look(HOURS, -MINUTES - 1)
    assert last_event(answered) == "back"
    act(alice, answered, "close")
    Conversation.objects.update(last_activity=timezone.now() - timedelta(days=3))
    act(alice, answered, "reopen")
    look(HOURS, -MINUTES - 1)
    assert last_event(answered) == "reopened"
    warned(answered)


def test_only_a_team_that_wants_it_and_an_enterprise_that_is_open_close(answered, closing):
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    look(HOURS)
    assert last_event(answered) is None
    Enterprise.objects.update(status=Enterprise.Status.OPEN)
    warned(answered)
    closing.idle_hours = None
    closing.save()
    look(100 * HOURS)
    assert of(answered).open and of(answered).closing_at is None
    assert last_event(answered) == "idle"


def test_other_teams_keep_their_own_time(answered, enterprise, closing, alice):
    other = find_or_create_team(enterprise, "sales", "Sales")
    group = batches.post(new_guest(other).draft("hello"))["group"]
    Conversation.objects.filter(uuid=group).update(waiting_since=None)
    GroupMessage.objects.in_group(group).filter(message_type=1).update(sender="")
    look(HOURS, -MINUTES)
    assert last_event(answered) == "idle" and of(group).closing_at is None
    other.idle_hours = HOURS
    other.save()
    look(HOURS, -MINUTES)
    assert last_event(group) == "idle", "an automatic answer is nobody's wait, either"


def test_the_warning_is_given_its_time_however_late_it_comes(answered):
    look(500)
    assert of(answered).open
    look(500, MINUTES - 1)
    assert of(answered).open
    look(500, MINUTES)
    assert not of(answered).open


def tally() -> dict[str, int]:
    events = [row.data["event"] for row in GroupMessage.objects.exclude(data=None)]
    return {event: events.count(event) for event in ("idle", "closed")}


@pytest.mark.django_db(transaction=True)
def test_of_several_processes_that_look_at_once_one_warns_and_one_closes(closing, alice):
    many(closing, alice, 6)
    for hours, closed in ((0, 0), (1, 6)):
        in_threads(4, lambda _number, hours=hours: look(hours))
        assert tally() == {"idle": 6, "closed": closed}
    assert Reception.objects.filter(reason="idle").count() == 6
    check_ledger()


def test_one_look_takes_so_many(closing, alice, monkeypatch):
    monkeypatch.setattr(idle, "BATCH", 2)
    many(closing, alice, 3)
    look(0)
    assert Conversation.objects.exclude(closing_at=None).count() == 2
    look(0)
    assert Conversation.objects.exclude(closing_at=None).count() == 3
    look(HOURS)
    assert Conversation.objects.filter(open=False).count() == 2
    look(HOURS)
    assert not Conversation.objects.filter(open=True).exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"idle_hours": 0}, "idle_hours"),
        ({"idle_hours": 8761}, "idle_hours"),
        ({"idle_hours": 1, "warn_minutes": 0}, "warn_minutes"),
        ({"idle_hours": 1, "warn_minutes": 60}, "warn_minutes"),
        ({"idle_hours": 1, "warn_minutes": None}, "warn_minutes"),
        ({"warning": "x" * 501}, "warning"),
        ({"farewell": "x" * 501}, "farewell"),
    ],
)
def test_what_is_no_time_and_no_text_is_refused(team, fields, wrong):
    for name, value in fields.items():
        setattr(team, name, value)
    with pytest.raises(ValidationError) as caught:
        team.full_clean()
    assert set(caught.value.message_dict) == {wrong}


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_it_is_one_of_the_periodic_tasks_and_all_pages_hear(
    closing, alice, guest, group, connect, monkeypatch
):
    page, visitor = await connect(alice), await connect(guest)
    await database(batches.post)(draft_of(alice, group))
    before = timezone.now() - timedelta(hours=HOURS)
    await database(Conversation.objects.update)(last_activity=before)
    await database(Reception.objects.update)(opened_at=before)
    await do_task(idle.look)
    for socket in (page, visitor):
        while (await socket.until("message.posted"))["message"]["kind"] != "notice":
            pass
    await database(Conversation.objects.update)(closing_at=timezone.now())
    await do_task(idle.look)
    event = await page.until("conversation", group=group)
    assert event["open"] is False
    told = await visitor.until("message.posted")
    assert told["message"]["data"]["event"] == "closed"
    assert "小艾" not in str(told), "nobody's doing"


def test_what_is_due_is_found_by_indexes(closing, alice):
    many(closing, alice, 3)
    now = timezone.now()
    if connection.vendor == "sqlite":
        plan = idle.due(closing, now).explain()
        assert "conversation_idle" in plan and "SCAN" not in plan, plan
        plan = Conversation.objects.filter(closing_at__lte=now).explain()
        assert "closing_at" in plan, plan
