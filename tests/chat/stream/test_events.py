"""What is in a stream, and how it tells it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.care import joins, quarantine
from chat.conversations import changes
from chat.models import Conversation, Origin, StreamEvent, StreamHead, StreamPlace
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.reports import counting
from chat.stream import reader, sequencer
from chat.stream.types import TYPES
from chat.visitors.identities import Person
from tests.chat.helpers import act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db


def told(events) -> list[tuple]:
    return [(each["type"], each["data"].get("seq")) for each in events]


def test_what_happens_in_a_conversation_is_told_in_the_order_of_its_numbers(
    read, enterprise, group, alice, bob, guest
):
    batches.do(act_of("claim", alice.uuid, group))
    batches.post(draft_of(alice, group, "a note", note=True))
    batches.do(act_of("tag", alice.uuid, group, tag="vip"))
    batches.do(act_of("untag", alice.uuid, group, tag="vip"))
    batches.do(act_of("transfer", alice.uuid, group, member=bob.uuid))
    batches.do(act_of("release", bob.uuid, group))
    batches.do(act_of("close", bob.uuid, group))
    batches.post(guest.draft("again", group=group))
    events = [each for each in read(enterprise.code) if "seq" in each["data"]]
    seqs = [each["data"]["seq"] for each in events]
    assert seqs == sorted(seqs)
    assert [each["type"] for each in events] == [
        "conversation.opened",
        "message.posted",
        "conversation.claimed",
        "message.posted",
        "conversation.tagged",
        "conversation.untagged",
        "conversation.transferred",
        "conversation.released",
        "conversation.closed",
        "conversation.reopened",
        "message.posted",
    ]
    ids = [each["id"] for each in events]
    assert ids == sorted(set(ids))
    claimed = events[2]["data"]
    whose = {"team", "state", "visitor", "identity", "channel"}
    assert claimed.keys() == {"group", "seq", "notice"} | whose
    assert claimed["notice"]["member"] == alice.uuid


def test_an_edit_and_a_recall_are_told_and_change_what_was_told_before(
    read, enterprise, group, alice
):
    first = batches.post(draft_of(alice, group, "secret one"))
    second = batches.post(draft_of(alice, group, "secret two"))
    read(enterprise.code)
    batches.run([Edit(alice.uuid, group, first["seq"], "better")])
    batches.run([Recall(alice.uuid, group, second["seq"])])
    events = read(enterprise.code)
    assert [each["type"] for each in events[-2:]] == ["message.edited", "message.recalled"]
    assert events[-2]["data"]["notice"]["of"] == first["seq"]
    assert events[-2]["data"]["message"]["current"]["content"] == "better"
    assert "secret" not in str(events)


def test_another_name_of_a_visitor_and_their_erasure_are_told(
    read, enterprise, group, guest, manager
):
    batches.run([VisitorAction("edit", manager.uuid, group, "Wang", "wang@example.com")])
    events = read(enterprise.code)
    assert events[-1]["type"] == "visitor.updated"
    assert events[-1]["data"]["visitor"] == guest.uuid
    assert events[-1]["data"]["name"] == "Wang"
    batches.run([VisitorAction("erase", manager.uuid, group)])
    events = read(enterprise.code)
    assert [each["type"] for each in events].count("visitor.erased") == 1
    assert events[-1]["type"] == "visitor.erased"
    assert "Wang" not in str(events)
    assert "first" not in str(events)


def test_what_is_in_quarantine_enters_when_it_is_released(read, enterprise, group, guest, alice):
    caught = hold(new_guest(guest.team))
    before = read(enterprise.code)
    assert caught.uuid not in str(before)
    batches.post(draft_of(alice, group, "meanwhile"))
    newest = read(enterprise.code)[-1]["id"]
    batches.run([VisitorAction("not_spam", alice.uuid, caught.uuid)])
    events = [each for each in read(enterprise.code) if each["data"].get("group") == caught.uuid]
    assert told(events)[:2] == [("conversation.opened", 1), ("message.posted", 2)]
    assert all(each["id"] > newest for each in events)


def hold(guest) -> Conversation:
    batches.post(guest.draft("buy"))
    Conversation.objects.filter(uuid=guest.group).update(
        quarantined_for="links", quarantined_since=timezone.now()
    )
    return Conversation.objects.get(uuid=guest.group)


def test_what_is_erased_in_quarantine_never_enters(read, enterprise, guest, alice, bob, manager):
    caught = hold(guest)
    batches.run([VisitorAction("erase", manager.uuid, caught.uuid)])
    assert [each["type"] for each in read(enterprise.code)] == ["visitor.erased"]


def test_the_demo_is_in_no_stream(read, enterprise, group, guest, manager):
    Conversation.objects.update(origin=Origin.DEMO)
    batches.run([VisitorAction("edit", manager.uuid, group, "Wang", "")])
    counting.count()
    assert read(enterprise.code) == []


@pytest.mark.parametrize("counts_first", [True, False])
def test_what_the_reports_count_first_is_taken_in_all_the_same(
    read, enterprise, group, alice, counts_first
):
    for text in ("one", "two"):
        batches.post(draft_of(alice, group, text))
        if counts_first:
            counting.count()
            assert not Conversation.objects.filter(uncounted=1).exists()
        else:
            sequencer.look()
            counting.count()
    assert told(read(enterprise.code))[-2:] == [("message.posted", 3), ("message.posted", 4)]


def test_merged_rows_keep_their_places(read, enterprise, group, guest, customer):
    before = read(enterprise.code)
    joins.join(guest.uuid, enterprise, Person("7", "Wang"))
    assert not Conversation.objects.filter(uuid=group).exists()
    after = read(enterprise.code)
    assert [each["id"] for each in after[: len(before)]] == [each["id"] for each in before]
    rows = [each["data"]["message"]["id"] for each in after if "message" in each["data"]]
    assert len(rows) == len(set(rows))


def test_what_was_in_quarantine_and_is_joined_enters_once(read, enterprise, guest, customer):
    before = len(read(enterprise.code))
    caught = hold(guest)
    counting.count()
    read(enterprise.code)
    joins.join(guest.uuid, enterprise, Person("7", "Wang"))
    new = read(enterprise.code)[before:]
    told = [each["data"] for each in new]
    assert [data["message"]["content"] for data in told if "message" in data] == ["buy"]
    of_it = [data for data in told if data.get("group") == caught.uuid]
    assert [data["into"] for data in of_it] == [customer.group]
    assert read(enterprise.code)[before:] == new


def test_a_cursor_stays_where_nothing_comes(read, enterprise, group, alice):
    _, none = reader.page(enterprise.code, None, 10, TYPES)
    read(enterprise.code)
    events, cursor = reader.page(enterprise.code, none, 10, TYPES)
    assert len(events) == 2
    assert reader.page(enterprise.code, cursor, 10, TYPES) == ([], cursor)
    batches.post(draft_of(alice, group, "new"))
    assert len(read(enterprise.code, cursor)) == 1


@pytest.mark.parametrize("cursor", ["1", "x", "1:forged", "-1:x", "\x00", "9" * 5000])
def test_a_cursor_that_was_made_up_is_refused(enterprise, cursor):
    with pytest.raises(Refused) as refused:
        reader.page(enterprise.code, cursor, 10, TYPES)
    assert refused.value.code == "bad_field"


def test_events_are_deleted_after_thirty_days_and_older_cursors_are_refused(
    read, enterprise, group, alice
):
    _, beginning = reader.page(enterprise.code, None, 1, TYPES)
    read(enterprise.code)
    old = timezone.now() - timedelta(days=31)
    StreamEvent.objects.update(at=old)
    _, behind = reader.page(enterprise.code, None, 10, TYPES)
    batches.post(draft_of(alice, group, "new"))
    sequencer.look()
    sequencer.delete_old()
    assert StreamEvent.objects.count() == 1
    assert len(read(enterprise.code)) == 1
    assert len(read(enterprise.code, behind)) == 1
    with pytest.raises(Refused):
        reader.page(enterprise.code, beginning, 10, TYPES)


def test_a_cursor_ahead_of_a_restored_database_is_refused(read, enterprise, group):
    read(enterprise.code)
    _, cursor = reader.page(enterprise.code, None, 10, TYPES)
    StreamHead.objects.update(last=1)
    with pytest.raises(Refused):
        reader.page(enterprise.code, cursor, 10, TYPES)


def test_nothing_is_stored_where_the_transaction_fails(read, enterprise, group, guest):
    with pytest.raises(ZeroDivisionError), changes.begin() as change:
        thread = change.lock_one(group)
        quarantine.lift(thread)
        change.write()
        raise ZeroDivisionError
    assert told(read(enterprise.code)) == [("conversation.opened", 1), ("message.posted", 2)]
    assert StreamPlace.objects.get(pk=group).seq == 2


def test_a_cursor_of_another_enterprise_is_refused(
    read, enterprise, group, other_enterprise, other_group
):
    read(enterprise.code)
    _, cursor = reader.page(enterprise.code, None, 1, TYPES)
    with pytest.raises(Refused):
        reader.page(other_enterprise.code, cursor, 10, TYPES)
