"""Keeping conversations for so many days: what goes, what stays, and that numbers stay whole."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError
from django.db.models import F
from django.utils import timezone

from accounts import setup
from accounts.models import AuditRow
from chat.care import retention
from chat.models import Attachment, Conversation, GroupMessage, Reception, Visitor
from chat.posting import batches
from chat.posting.actions import Rating
from chat.posting.visitor_actions import VisitorAction
from chat.presence import leases
from tests.chat.customers.people import visitor
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    Guest,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    refused,
    rows_of,
    seat_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(enterprise):
    """The enterprise keeps conversations for 30 days."""
    enterprise.retention_days = 30
    enterprise.save()
    return enterprise


def close(member, group: str) -> None:
    batches.do(act_of("close", member.uuid, group))


def age(group: str, days: int) -> None:
    """As if all that is there had happened so many days earlier."""
    ago = timedelta(days=days)
    GroupMessage.objects.filter(group_id=group).update(created_at=F("created_at") - ago)
    Conversation.objects.filter(uuid=group).update(last_activity=F("last_activity") - ago)
    closed = Reception.objects.filter(group_id=group, closed_at__isnull=False)
    closed.update(closed_at=F("closed_at") - ago)


def said(group: str) -> list[str]:
    return [row.message_content for row in rows_of(group) if row.message_content]


def test_what_is_young_or_open_or_of_who_keeps_all_stays(
    month, guest, group, alice, other_group, outsider
):
    age(group, 31)
    close(outsider, other_group)
    age(other_group, 3_000)
    assert retention.expire(0) == 0
    assert "first" in said(group), "it is open"
    close(alice, group)
    Conversation.objects.filter(uuid=group).update(last_activity=timezone.now())
    GroupMessage.objects.filter(group_id=group).update(created_at=timezone.now())
    age(group, 29)
    retention.expire(0)
    assert "first" in said(group) and "elsewhere" in said(other_group)
    age(group, 2)
    retention.expire(0)
    assert "first" not in said(group) and "elsewhere" in said(other_group)


def test_a_visitor_who_has_not_come_for_so_long_is_erased_whole(
    month, guest, group, alice, visitor, django_capture_on_commit_callbacks
):
    upload = SimpleUploadedFile("a.txt", b"text of a file", "text/plain")
    visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    batches.do(Rating(guest.uuid, group, 5, "good"))
    close(alice, group)
    age(group, 31)
    with django_capture_on_commit_callbacks(execute=True):
        retention.expire(0)
    row = Visitor.objects.get()
    assert row.is_erased and row.label == "Erased visitor" and not Attachment.objects.exists()
    last = rows_of(group)[-1]
    assert last.data == {"event": "erasure", "by": "", "by_name": "", "why": "days", "days": 30}
    assert Reception.objects.get().comment == ""
    assert visitor.get(visitor.place, **JSON).status_code == 401
    count = check_ledger()
    age(group, 100)
    assert retention.expire(0) == 0 and retention.expire(0) == 0
    assert check_ledger() == count, "once"


def test_of_one_who_came_again_only_what_is_old_goes(month, guest, group, alice, bob, visitor):
    batches.post(draft_of(alice, group, "old answer"))
    batches.post(draft_of(alice, group, "old note", note=True, mentions=(bob.uuid,)))
    close(alice, group)
    Reception.objects.update(summary="about them", reason="done")
    age(group, 31)
    batches.post(guest.draft("new"))
    close(alice, group)
    retention.expire(0)
    assert said(group)[-2:] == ["new", rows_of(group)[-1].message_content]
    assert "old answer" not in said(group) and "old note" not in said(group)
    assert not Visitor.objects.get().is_erased

    kinds = [row.message_type for row in rows_of(group)]
    assert kinds[3] == AGENT_NOTICE, "what was a note stays out of the visitor's sight"
    assert seat_of(bob, group).mentioned_seq == 0 and seat_of(bob, group).unread == 1
    old, new = Reception.objects.order_by("id")
    assert (old.summary, old.reason) == ("", "") and new.closed_at

    check_ledger()
    told = json.loads(visitor.get(visitor.place, **JSON).content)["messages"]
    assert next(m["content"] for m in told if m["content"]).endswith("reopened it")
    age(group, 31)
    Conversation.objects.update(last_activity=timezone.now())
    retention.expire(0)
    assert "new" not in said(group) and Conversation.objects.get().message_seq == 0

    check_ledger()
    batches.post(guest.draft("newest"))
    assert said(group)[-1] == "newest"
    check_ledger()


def test_older_rows_behind_younger_ones_take_none_of_those_along(month, guest, group, alice):
    batches.post(guest.draft("young", group=group))
    batches.post(guest.draft("old, and joined after it", group=group))
    close(alice, group)
    rows = GroupMessage.objects.filter(group_id=group)
    old = timezone.now() - timedelta(days=31)
    rows.exclude(message_content="young").update(created_at=old)
    retention.expire(0)
    assert "first" not in said(group) and "young" in said(group)
    assert "old, and joined after it" in said(group), "it goes when what stands before it does"
    check_ledger()


def test_a_visitor_with_one_young_conversation_keeps_name_and_cookie(
    month, guest, group, alice, visitor, sales
):
    batches.post(Guest(month, sales, guest.token).draft("to sales"))
    close(alice, group)
    age(group, 31)
    retention.expire(0)
    assert "first" not in said(group)
    assert not Visitor.objects.get().is_erased
    assert visitor.get(visitor.place + "?team=sales", **JSON).status_code == 200


def test_it_is_done_in_bites_that_lose_nothing(month, team, alice, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 3)
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "ROWS", 2)
    groups = []
    for number in range(5):
        guest = new_guest(team)
        group = batches.post(guest.draft(f"old {number}"))["group"]
        for each in range(6):
            batches.post(draft_of(alice, group, f"answer {each}"))
        close(alice, group)
        age(group, 31)
        batches.post(guest.draft("young"))
        close(alice, group)
        groups.append(group)
    after = 0
    for _step in range(50):
        before = GroupMessage.objects.filter(data={"event": "erased"}).count()
        after = retention.expire(after)
        done = GroupMessage.objects.filter(data={"event": "erased"}).count() - before
        assert done <= 2 * 2, "no more in a step"
    for group in groups:
        assert said(group)[-2] == "young"
        assert not [text for text in said(group) if text.startswith(("old", "answer"))]
    check_ledger()


def test_no_more_visitors_than_a_bite_are_erased_in_a_step(month, team, alice, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(3):
        group = batches.post(new_guest(team).draft(f"old {number}"))["group"]
        close(alice, group)
        age(group, 31)
    after = retention.expire(0)
    assert Visitor.objects.filter(secret_hash="").count() == 2
    retention.expire(after)
    assert Visitor.objects.filter(secret_hash="").count() == 3


def test_a_conversation_that_cannot_be_emptied_holds_up_no_other(
    month, team, alice, guest, group, monkeypatch
):
    second = batches.post(new_guest(team).draft("also old"))["group"]
    for each in (group, second):
        close(alice, each)
        age(each, 31)
    monkeypatch.setattr(retention, "BATCH", 2)
    lock = retention.ledger.lock
    lock_all = retention.ledger.lock_all_of

    def fails_for_one(groups):
        if group in groups:
            raise DataError("cannot be")
        return lock(groups)

    def fails_for_its_visitor(visitor):
        if visitor.uuid == guest.uuid:
            raise DataError("cannot be")
        return lock_all(visitor)

    monkeypatch.setattr(retention.ledger, "lock", fails_for_one)
    monkeypatch.setattr(retention.ledger, "lock_all_of", fails_for_its_visitor)
    after = 0
    for _ in range(3):
        after = retention.expire(after)
    assert "first" in said(group) and "also old" not in said(second)


def test_under_the_lock_it_is_asked_again(month, guest, group, alice):
    """Another process was first, or the visitor has written meanwhile."""
    close(alice, group)
    age(group, 31)
    before = timezone.now() - timedelta(days=30)
    batches.post(guest.draft("back"))
    assert retention.forget(guest.uuid, retention.days_by_team()) is False
    assert retention.empty(group, before) is False
    assert "first" in said(group)
    close(alice, group)
    assert retention.empty(group, before) is False and "first" not in said(group)
    count = check_ledger()
    assert retention.empty(group, before) is False and check_ledger() == count
    assert retention.forget("nobody", retention.days_by_team()) is False
    assert retention.empty("nothing", before) is False


def test_nothing_is_asked_of_conversations_where_all_is_kept(
    group, django_assert_num_queries, enterprise
):
    with django_assert_num_queries(1):
        assert retention.expire(0) == 0


def test_a_message_that_was_emptied_can_be_neither_recalled_nor_sent_again(
    month, guest, group, alice, visitor
):
    number = rows_of(group)[1].client_id
    close(alice, group)
    age(group, 31)
    Conversation.objects.update(last_activity=timezone.now())
    retention.expire(0)
    answer = visitor.post(visitor.place, {"content": "first", "client_id": number}, **JSON)
    assert answer.status_code == 200, "a retry finds its row, and brings nothing back"
    assert "first" not in said(group)
    assert refused(visitor.post("/chat/acme/recall/", {"seq": "1"}, **JSON))[0] == 403


def test_a_team_keeps_its_conversations_for_its_own_days(
    month, guest, group, alice, bob, team, outsider, other_group
):
    """Longer or shorter than the enterprise; a visitor stays until the last of theirs is old."""
    sales = setup.find_or_create_team(month, "sales")
    setup.join_team(alice, sales)
    sold = batches.post(Guest(month, sales, guest.token).draft("a price"))["group"]
    sales.retention_days, team.retention_days = 7, 90
    sales.save()
    team.save()
    for each in (group, sold):
        close(alice, each)
        age(each, 31)
    retention.expire(0)
    assert "a price" not in said(sold) and "first" in said(group)
    assert not Visitor.objects.get(uuid=guest.uuid).is_erased
    age(group, 60)
    retention.expire(0)
    assert "first" not in said(group) and Visitor.objects.get(uuid=guest.uuid).is_erased
    assert rows_of(group)[-1].data["days"] == 90
    check_ledger()


def test_a_visitor_without_a_conversation_goes_when_they_have_not_come_for_so_long(
    month, other_enterprise, guest, group, manager, monkeypatch
):
    now = timezone.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    gone, back, here, held, _fresh, _foreign, last = (
        visitor(of, created_at=at, last_seen_at=seen)
        for of, at, seen in (
            *((month, old, None), (month, old, young), (month, old, None), (month, old, old)),
            *((month, young, None), (other_enterprise, old, old), (month, old, old)),
        )
    )
    Visitor.objects.filter(uuid=guest.uuid).update(created_at=old, last_seen_at=old)
    leases.renew([here.uuid])
    form = {"reason": "a lawsuit", "whole": True, "visitor": held.uuid}
    batches.do(VisitorAction("hold", manager.uuid, "", **form))
    assert retention.forget(gone.uuid, retention.days_by_team()) is False
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "STEP", 4)
    after = 0
    for _step in range(20):
        after = retention.expire_silent(after)
    erased = Visitor.objects.filter(secret_hash="").values_list("pk", flat=True)
    assert (
        set(erased) == {gone.pk, last.pk} and AuditRow.objects.filter(action="erased").count() == 2
    )
    assert "first" in said(group)
    for who in (guest.uuid, back.uuid, here.uuid, held.uuid, gone.uuid, "nobody"):
        assert not retention.forget_silent(who, 30), "under the lock it is asked again"


def test_a_team_keeps_for_some_days_where_the_enterprise_keeps_for_ever(guest, group, alice, team):
    close(alice, group)
    age(group, 400)
    assert retention.expire(0) == 0
    assert "first" in said(group)
    team.retention_days = 30
    team.save()
    retention.expire(0)
    assert "first" not in said(group)
