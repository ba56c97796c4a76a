"""Chats of a Live Helper Chat, from a database with its public schema."""

from datetime import datetime, timezone

import pytest
from django.core.management import CommandError

from accounts.models import Member
from chat.models import ChatGroup, Conversation, GroupMessage, Origin

from .comparing import adopt, assert_consistent, everything
from .seed_database import SeedDatabase

pytestmark = pytest.mark.django_db
TABLES = (
    "CREATE TABLE lh_chat (id BIGINT AUTO_INCREMENT PRIMARY KEY, nick VARCHAR(100) NOT NULL,"
    " status INT NOT NULL DEFAULT 0, time INT NOT NULL, user_id INT NOT NULL DEFAULT 0,"
    " dep_id INT NOT NULL DEFAULT 0, email VARCHAR(100) NOT NULL DEFAULT '',"
    " phone VARCHAR(100) NOT NULL DEFAULT '', ip VARCHAR(100) NOT NULL DEFAULT '')",
    "CREATE TABLE lh_msg (id BIGINT AUTO_INCREMENT PRIMARY KEY, msg LONGTEXT,"
    " time INT NOT NULL, chat_id BIGINT NOT NULL DEFAULT 0, user_id BIGINT NOT NULL DEFAULT 0,"
    " name_support VARCHAR(100) NOT NULL DEFAULT '', meta_msg LONGTEXT, KEY (chat_id, id))",
    "CREATE TABLE lh_users (id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(80) NOT NULL,"
    " password VARCHAR(200) NOT NULL, email VARCHAR(100) NOT NULL, name VARCHAR(100) NOT NULL,"
    " surname VARCHAR(100) NOT NULL, disabled TINYINT NOT NULL DEFAULT 0)",
    "CREATE TABLE lh_departament (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL)",
)
NOON = 1_700_000_000


@pytest.fixture
def chats(theirs, team) -> SeedDatabase:
    for table in ("member", "chat_group", "group_member", "group_message"):
        theirs.run(f"DROP TABLE {table}")
    for sql in TABLES:
        theirs.run(sql)
    theirs.insert("lh_departament", [{"id": 3, "name": "Sales"}])
    common = {"password": "$2y$10$hash", "surname": "Smith"}
    theirs.insert(
        "lh_users",
        [
            {"id": 1, "username": "ann", "email": "ann@example.com", "name": "Ann", **common},
            {"id": 2, "username": "bob", "email": "", "name": "Bob", **common},
        ],
    )
    chat = {"id": 7, "nick": "Wang", "status": 2, "time": NOON, "user_id": 1, "dep_id": 3}
    theirs.insert("lh_chat", [chat | {"email": "wang@example.com", "phone": "+86 1"}])
    say(theirs, 0, "hello", 1)
    say(theirs, -1, "Ann has accepted the chat!", 2)
    say(theirs, 1, "hi", 3, name_support="Ann")
    say(theirs, -2, "How was it?", 4, name_support="Bot")
    return theirs


def say(there: SeedDatabase, who: int, text: str | None, after: int, **columns) -> None:
    row = {"chat_id": 7, "user_id": who, "msg": text, "time": NOON + after, **columns}
    there.insert("lh_msg", [row])


def test_a_chat_comes_with_its_operators_words_and_times(chats):
    out = adopt(chats)
    row = Conversation.objects.get()
    assert (row.open, row.origin, row.topic) == (False, Origin.IMPORTED, "Sales")
    assert (row.visitor.label, row.visitor.contact) == ("Wang", "wang@example.com +86 1")
    ann = Member.objects.get(name="ann")
    assert ann.nickname == "Ann Smith" and not ann.has_usable_password()
    said = GroupMessage.objects.filter(client_id__startswith="adopted:").order_by("seq")
    assert list(said.values_list("sender", "sender_name", "message_type", "message_content")) == [
        (row.visitor_id, "Wang", 1, "hello"),
        ("", "", 2, "Ann has accepted the chat!"),
        (ann.uuid, "Ann", 1, "hi"),
        ("", "Bot", 1, "How was it?"),
    ]
    assert said[0].created_at == datetime.fromtimestamp(NOON + 1, timezone.utc)
    assert set(ChatGroup.objects.values_list("member_id", flat=True)) == {row.visitor_id, ann.uuid}
    assert "Live Helper Chat" in out
    assert_consistent()


def test_a_second_run_changes_nothing_and_a_later_one_takes_what_came(chats):
    adopt(chats)
    before = everything()
    adopt(chats)
    assert everything() == before
    say(chats, 0, "one more thing", 5)
    say(chats, 2, "yes?", 6, name_support="Bob")
    chats.run("INSERT INTO lh_chat (nick, status, time) VALUES ('Li', 1, %s)", NOON)
    adopt(chats)
    assert Conversation.objects.count() == 2
    said = GroupMessage.objects.filter(client_id__startswith="adopted:")
    assert said.filter(message_content__in=["one more thing", "yes?"]).count() == 2
    assert ChatGroup.objects.filter(member_id=Member.objects.get(name="bob").uuid).exists()
    assert_consistent()


def test_what_belongs_to_nothing_is_named(chats):
    say(chats, 0, "lost", 1, chat_id=99)
    say(chats, 5, "I have left", 1, name_support="Eve")
    say(chats, 0, None, -NOON)
    out = adopt(chats)
    for line in (
        "1  messages of a group in which nobody sits",
        "1  messages of somebody who is no member",
        "1  seats of somebody who is no member",
        "1  messages without content",
        "1  rows without a time",
    ):
        assert line in out


def test_there_is_no_choice_of_enterprises(chats):
    with pytest.raises(CommandError, match="one enterprise only"):
        adopt(chats, "--yes", "--their-enterprise", "1")


def test_half_a_database_is_refused(chats):
    chats.run("DROP TABLE lh_msg")
    with pytest.raises(CommandError, match="lh_msg"):
        adopt(chats)
