"""What the demo writes at once is what would stand there if all of it had happened."""

from django.db import connection

from chat.models import ChatGroup, Conversation, GroupMember, GroupMessage, Reception
from crash.book import Book
from crash.check import Findings, check

from .conftest import NOW

MESSAGE, NOTE = GroupMessage.Type.MESSAGE, GroupMessage.Type.NOTE


def select(sql: str, values=()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def findings() -> Findings:
    groups = list(Conversation.objects.values_list("uuid", flat=True))
    return check(select, groups, Book(), [])


def test_numbers_unread_counts_and_notices_agree_as_after_a_crash(full):
    found = findings()
    assert found.stored > 2_000 and found.notices > 1_000
    # Not `duplicated`: visitors of a shop ask the same.
    wrong = [found.gaps, found.unread, found.facts, found.lost]
    assert wrong == [[], [], [], []]


def replay(group: str, visitor: str) -> dict:
    """Receptions and waiting, computed from the rows of a conversation alone."""
    receptions, waiting, opened = [], None, True
    for row in GroupMessage.objects.in_group(group).order_by("seq"):
        event = (row.data or {}).get("event")
        automatic = {"question", "automatic", "bot"} & set(row.data or ())
        if event in ("opened", "reopened"):
            opened = True
            receptions.append([row.created_at, None, None, None])
        elif event == "closed":
            opened, waiting = False, None
            receptions[-1][2] = row.created_at
        elif event == "rated":
            receptions[-1][3] = row.data["score"]
        elif row.message_type == MESSAGE and not automatic:
            if row.sender == visitor:
                waiting = waiting or row.created_at
            else:
                receptions[-1][1] = receptions[-1][1] or row.created_at
                waiting = None
    return {"receptions": receptions, "waiting": waiting, "open": opened}


def test_receptions_and_waits_are_those_of_the_messages(full):
    receptions = {}
    for row in Reception.objects.order_by("id"):
        figures = [row.opened_at, row.first_reply_at, row.closed_at, row.score]
        receptions.setdefault(row.group_id, []).append(figures)
    for row in Conversation.objects.all():
        found = replay(row.uuid, row.visitor_id)
        assert found["receptions"] == receptions[row.uuid]
        assert found["waiting"] == row.waiting_since and found["open"] == row.open
        last = Reception.objects.filter(group_id=row.uuid).order_by("id").last()
        assert row.reception_id == last.pk
        spoken = GroupMessage.objects.in_group(row.uuid).filter(message_type__in=(MESSAGE, NOTE))
        assert row.last_activity == spoken.order_by("seq").last().created_at


def test_rows_stand_in_the_order_of_their_times_and_none_lies_ahead(full):
    for rows, column in ((GroupMessage, "created_at"), (Reception, "opened_at")):
        times = list(rows.objects.order_by("id").values_list(column, flat=True))
        assert times == sorted(times) and times[-1] <= NOW
    for group in Conversation.objects.values_list("uuid", flat=True):
        rows = GroupMessage.objects.in_group(group).order_by("seq")
        times = list(rows.values_list("created_at", flat=True))
        assert times == sorted(times)


def test_everybody_with_a_seat_is_shown_and_nobody_else(full):
    seats = set(ChatGroup.objects.values_list("uuid", "member_id", "member_type"))
    assert seats == set(GroupMember.objects.values_list("group_id", "member_id", "member_type"))
    for row in Conversation.objects.exclude(claimed_by=""):
        assert (row.uuid, row.claimed_by) in {seat[:2] for seat in seats}
