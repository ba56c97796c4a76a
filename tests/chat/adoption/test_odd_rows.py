"""What is wrong there, named in the report, and what becomes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.bulk.adoption import run, spelling
from chat.bulk.adoption.texts import folded
from chat.care import personal_data
from chat.conversations import idle
from chat.mail import answers, reminders
from chat.models import (
    AdoptedGroup,
    ChatGroup,
    Conversation,
    GroupMessage,
    Origin,
    Reception,
    StreamEvent,
    Visitor,
)
from chat.stream import sequencer

from .comparing import adopt, digests_here, digests_there, everything
from .seed_database import BEGIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(theirs, team):
    theirs.member(1, "ann")
    theirs.member(2, "ben")
    return theirs


def visitor_of(theirs_group: str) -> str:
    return AdoptedGroup.objects.get(theirs=theirs_group).visitor


def uuid_of(theirs_group: str) -> str:
    # MariaDB would take other spellings for the same.
    return dict(AdoptedGroup.objects.values_list("theirs", "group"))[theirs_group]


def said() -> list[str]:
    rows = GroupMessage.objects.filter(client_id__startswith="adopted:").order_by("seq")
    return list(rows.values_list("message_content", flat=True))


def test_a_group_without_a_visitor_gets_one_without_a_name(there):
    there.group("g1", None, "agent-1", "agent-2")
    there.run("UPDATE chat_group SET group_name = ''")
    there.say("g1", "agent-1", "are you there?")
    out = adopt(there)
    assert "conversations without a visitor" in out
    assert Visitor.objects.get().label.startswith("Visitor ")
    assert digests_here(there) == digests_there(there)


def test_a_visitor_without_a_seat_is_known_from_their_words(there):
    there.group("g1", None, "agent-1")
    there.say("g1", "someone", "hello")
    out = adopt(there)
    assert "visitors without a seat" in out and visitor_of("g1") == "someone"
    row = GroupMessage.objects.get(message_content="hello")
    assert row.sender == Conversation.objects.get().visitor_id


def test_a_colleague_who_was_deleted_is_no_visitor(there):
    for n in range(3):
        there.group(f"g{n}", f"v{n}", "agent-1")
        there.insert("chat_group", [{"uuid": f"g{n}", "member_id": "gone", "ent_id": "1"}])
        there.say(f"g{n}", "gone", "I was here")
    out = adopt(there)
    assert {visitor_of(f"g{n}") for n in range(3)} == {"v0", "v1", "v2"}
    assert "3  seats of somebody who is no member" in out
    assert "3  messages of somebody who is no member" in out
    row = GroupMessage.objects.filter(message_content="I was here").first()
    assert row.sender_name == "name of gone" and not Member.objects.filter(uuid=row.sender).exists()


@pytest.mark.parametrize("column", ["uuid", "id", "name"])
def test_members_are_found_by_the_column_that_most_seats_agree_with(there, column):
    """A visitor whose id happens to be a member's in another column is still a visitor."""
    ((reference, other),) = there.rows(f"SELECT {column}, 2 FROM member WHERE id = 1")
    visitor = "ben" if column == "id" else str(other)
    for n in range(3):
        there.group(f"g{n}", f"v{n}", str(reference))
    there.group("g9", visitor, str(reference))
    there.say("g9", visitor, "hello")
    adopt(there)
    assert visitor_of("g9") == visitor
    ann = Member.objects.get(name="ann")
    assert ChatGroup.objects.for_member(ann.uuid).count() == 4


def test_a_visitor_with_two_groups_becomes_two(there):
    there.group("g1", "v1", "agent-1")
    there.group("g2", "v1", "agent-1")
    adopt(there)
    assert Visitor.objects.count() == Conversation.objects.count() == 2


def test_messages_without_a_time_have_that_of_the_one_before(there):
    there.group("g1", "v1", "agent-1")
    there.say("g1", "v1", "one", 5)
    there.say("g1", "v1", "two", created_at="0000-00-00 00:00:00")
    there.say("g1", "v1", None, created_at=None)
    there.say("g1", "v1", "odd", 9, message_type=3)
    out = adopt(there)
    rows = GroupMessage.objects.filter(client_id__startswith="adopted:").order_by("seq")
    at = BEGIN + timedelta(minutes=5)
    assert [row.created_at.replace(tzinfo=None) for row in rows][:3] == [at] * 3
    assert said() == ["one", "two", "", "odd"]
    assert [row.message_type for row in rows] == [1, 1, 1, 1], "none becomes a note"
    for words in ("2  rows without a time", "1  messages without content", "of an unknown type"):
        assert words in out


def test_utf8_in_latin1_is_repaired_and_latin1_stays(there):
    there.group("g1", "v1", "agent-1")
    for table in ("group_message", "chat_group", "group_member"):
        there.run(f"ALTER TABLE {table} CONVERT TO CHARACTER SET latin1")
    there.say("g1", "v1", "café", 1, sender_name="x")
    there.run("SET NAMES latin1")
    there.connection.set_character_set("latin1")
    there.connection.query(
        b"INSERT INTO group_message (ent_id, group_id, sender, message_content)"
        b" VALUES ('1', 'g1', 'v1', '" + "退款在哪".encode() + b"')"
    )
    there.connection.set_character_set("utf8mb4")
    out = adopt(there)
    assert said() == ["café", "退款在哪"] and "1  texts with UTF-8 in latin1" in out


def test_times_are_read_by_the_clock_that_is_named(there):
    there.group("g1", "v1", "agent-1")
    there.say("g1", "v1", "hello")
    adopt(there, "--yes", "--zone", "Asia/Shanghai")
    row = GroupMessage.objects.get(message_content="hello")
    assert row.created_at.isoformat() == "2023-03-01T01:00:00+00:00"


def test_what_was_erased_here_does_not_come_back(there, manager):
    there.group("g1", "v1", "agent-1")
    there.say("g1", "v1", "my secret")
    adopt(there)
    personal_data.erase(Conversation.objects.get().visitor_id)
    there.say("g1", "v1", "another secret", 3)
    before = everything()
    out = adopt(there)
    assert everything() == before and "secret" not in "".join(said())
    assert "removed or erased here since" in out
    row = AdoptedGroup.objects.get()
    assert (row.theirs, row.visitor) == ("", "")


def test_what_is_erased_during_a_run_stays_so(there, manager, monkeypatch):
    there.group("g1", "v1", "agent-1")
    there.say("g1", "v1", "my secret")
    adopt(there)
    for n, text in enumerate(("another secret", "the last secret"), 3):
        there.say("g1", "v1", text, n)
    remember = run.remember

    def erases(*args):
        remember(*args)
        personal_data.erase(Conversation.objects.get().visitor_id)

    monkeypatch.setattr(run, "BATCH", 1)
    monkeypatch.setattr(run, "remember", erases)
    out = adopt(there)
    assert "secret" not in "".join(said()) and "removed or erased here since" in out
    row = AdoptedGroup.objects.get()
    assert (row.theirs, row.visitor) == ("", "")


def test_who_has_read_further_here_has_still_read_it(there):
    there.group("g1", "v1", "agent-1", unread=2)
    there.say("g1", "v1", "one", 1)
    there.say("g1", "v1", "two", 2)
    adopt(there)
    ann = Member.objects.get(name="ann")
    seat = ChatGroup.objects.for_member(ann.uuid)
    assert seat.get().unread == 2
    seat.update(read_seq=Conversation.objects.get().last_seq, unread=0)
    there.say("g1", "v1", "three", 3)
    there.run("UPDATE chat_group SET unread = 3 WHERE member_id = 'agent-1'")
    adopt(there)
    assert seat.get().unread == 1


def test_nothing_waits_nothing_is_sent_and_reports_can_leave_it_out(there, team, mailoutbox):
    team.mail_minutes, team.mail_left, team.idle_hours = 1, True, 1
    team.save()
    now = timezone.now()
    there.group("g1", "v1", "agent-1", unread=1)
    there.say("g1", "v1", "anybody?", created_at=(now - timedelta(hours=5)).replace(tzinfo=None))
    adopt(there)
    row = Conversation.objects.get()
    assert row.open and row.origin == Origin.IMPORTED
    assert row.waiting_since is row.due_at is None and row.claimed_by == ""
    assert row.uncounted == 0, "the reports have it already"
    sequencer.look()
    assert not StreamEvent.objects.exists()
    assert Reception.objects.get().mailed_at
    for look in (reminders.take_due, answers.take_due):
        assert not look(now)
    idle.look(now + timedelta(hours=1))
    row.refresh_from_db()
    assert row.open and not mailoutbox


def test_a_time_in_the_future_is_not_believed_and_not_lost(there):
    there.group("g1", "v1", "agent-1")
    there.group("g2", "v2", "agent-1")
    there.say("g1", "v1", "one", 5)
    there.say("g1", "agent-1", "two", created_at="2038-01-19 03:14:07")
    there.say("g1", "v1", "three", 9)
    there.run("UPDATE chat_group SET created_at = '2038-01-19 03:14:07' WHERE uuid = 'g2'")
    out = adopt(there)
    first, second = (Conversation.objects.get(uuid=uuid_of(name)) for name in ("g1", "g2"))
    assert first.last_activity.replace(tzinfo=None) == BEGIN + timedelta(minutes=9)
    assert second.last_activity <= timezone.now() + timedelta(days=1)
    assert said() == ["one", "two", "three"] and not first.open
    row = GroupMessage.objects.get(message_content="two")
    assert row.created_at.replace(tzinfo=None) == BEGIN + timedelta(minutes=5)
    assert row.data == {"their_time": "2038-01-19T03:14:07+00:00"}
    assert "3  times in the future" in out and "message 2" in out
    before = everything()
    adopt(there)
    assert everything() == before


SPELLINGS = ("abc", "ABC", "abc ", "abç", "plain")


OF_MYSQL = {
    "utf8mb4_unicode_nopad_ci": "utf8mb4_0900_ai_ci",
    "utf8mb4_nopad_bin": "utf8mb4_0900_bin",
    "utf8mb4_uca1400_as_ci": "utf8mb4_0900_as_ci",
}
"""What compares like a collation that only MariaDB has."""


@pytest.fixture
def spelt(there):
    """A function that makes a group of each spelling, with three messages, in columns that compare
    by this collation."""

    def make(collation: str) -> None:
        if "MariaDB" not in there.rows("SELECT VERSION()")[0][0]:
            collation = OF_MYSQL.get(collation, collation)
        for table in ("member", "chat_group", "group_member", "group_message"):
            charset = collation.partition("_")[0]
            there.run(f"ALTER TABLE {table} CONVERT TO CHARACTER SET {charset} COLLATE {collation}")
        for group in SPELLINGS:
            there.group(group, f"v {group}", "agent-1")
            for n in range(3):
                there.say(group, f"v {group}", f"{group}: {n}", n)

    return make


def left_out(report: str) -> str:
    """That part of the last report, "" without one."""
    done = report.partition("What was done:")[2]
    return done.partition("left out:\n")[2].partition("imported otherwise")[0]


@pytest.mark.parametrize(
    "collation",
    [
        *("utf8mb4_bin", "latin1_swedish_ci", "utf8mb4_unicode_nopad_ci"),
        *(
            pytest.param(name, marks=pytest.mark.release)
            for name in ("utf8mb4_nopad_bin", "latin1_general_cs", "utf8mb4_general_ci")
        ),
        pytest.param("utf8mb4_uca1400_as_ci", marks=pytest.mark.release),
    ],
)
def test_ids_are_one_where_their_database_takes_them_for_one(there, spelt, collation):
    spelt(collation)
    ((groups,),) = there.rows("SELECT COUNT(DISTINCT uuid) FROM chat_group")
    out = adopt(there)
    assert Conversation.objects.count() == groups
    assert len(said()) == 15 and "message" not in left_out(out)
    for row in Conversation.objects.all():
        asked = AdoptedGroup.objects.get(group=row.uuid).theirs
        there_said = there.rows("SELECT id FROM group_message WHERE group_id = %s", asked)
        stored = GroupMessage.objects.filter(group_id=row.uuid, client_id__startswith="adopted:")
        assert stored.count() == len(there_said)
    before = everything()
    adopt(there)
    assert everything() == before


def test_what_was_imported_before_case_counted_is_still_known(there, spelt, monkeypatch):
    spelt("utf8mb4_bin")
    there.run("DELETE FROM chat_group WHERE uuid <> 'ABC' AND uuid <> 'plain'")
    with monkeypatch.context() as former:
        former.setattr(spelling, "rule", lambda database, *columns: folded)
        adopt(there)
    erased = Conversation.objects.get(uuid=uuid_of("plain"))
    personal_data.erase(erased.visitor_id)
    there.group("abc", "v 3", "agent-1")
    there.say("ABC", "v ABC", "later", 9)
    there.say("plain", "v plain", "a secret", 9)
    adopt(there)
    assert Conversation.objects.count() == 3 and "a secret" not in said()
    row = GroupMessage.objects.get(message_content="later")
    assert row.group_id == uuid_of("ABC") != uuid_of("abc")
    assert row.sender == Conversation.objects.get(uuid=row.group_id).visitor_id
