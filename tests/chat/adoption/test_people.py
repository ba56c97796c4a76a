"""Who signs in there signs in here, with the same password, and as nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRow, Member
from accounts.passwords.hashers import Argon2OfMD5
from chat.models import AdoptedGroup, AdoptedMember, ChatGroup, Conversation, GroupMessage
from tests.conftest import hire

from .comparing import adopt
from .seed_database import md5

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(theirs, team):
    """A group in which somebody sits, as an enterprise needs one."""
    theirs.member(1, "ann")
    theirs.group("g1", "v1", "agent-1")
    theirs.say("g1", "agent-1", "hello")
    return theirs


def sign_in(account: str, password: str) -> int:
    return Client().post("/agent/login/", {"username": account, "password": password}).status_code


def test_the_password_holds_and_the_md5_is_kept_nowhere(there):
    adopt(there)
    ann = Member.objects.get(name="ann")
    digest = md5("secret of ann")
    assert ann.password.startswith("argon2_md5$argon2id$") and len(ann.password) <= 128
    assert digest not in ann.password
    assert sign_in("ann", digest) == 200, "the md5 itself opens nothing"
    assert sign_in("ann", "secret of ann") == 302
    ann.refresh_from_db()
    assert not ann.password.startswith("argon2_md5$"), "hashed anew"
    assert sign_in("ann", "secret of ann") == 302


def test_two_hashes_of_one_md5_differ():
    hasher, digest = Argon2OfMD5(), md5("x")
    assert hasher.encode_md5(digest) != hasher.encode_md5(digest)
    assert hasher.verify("x", hasher.encode_md5(digest.upper()))
    assert not hasher.verify("y", hasher.encode_md5(digest))


@pytest.mark.parametrize("password", ["", "plain", "$2y$10$abcdefghijklmnopqrstuv", "0" * 31])
def test_what_is_no_md5_is_no_password_here(there, password):
    there.run("UPDATE member SET password = %s", password)
    out = adopt(there)
    assert not Member.objects.get(name="ann").has_usable_password()
    assert "members without a password here" in out
    assert sign_in("ann", password) == 200


def test_the_account_of_a_colleague_is_that_colleague(there, team):
    ann = hire("ann", team.enterprise, team=team, nickname="here before")
    password = ann.password
    out = adopt(there)
    ann.refresh_from_db()
    assert (ann.nickname, ann.password) == ("here before", password)
    assert GroupMessage.objects.filter(sender=ann.uuid).count() == 1
    assert AdoptedMember.objects.get().member == ann.uuid
    assert "have the account of one of this enterprise" in out


def test_the_account_of_somebody_else_gets_a_number(there, outsider, superuser):
    there.member(2, "Oscar")
    there.member(3, "root")
    adopt(there)
    made = Member.objects.filter(name__in=["oscar-2", "root-2"])
    assert made.count() == 2 and not made.filter(is_superuser=True).exists()
    outsider.refresh_from_db()
    assert outsider.enterprise.code == "umbrella"
    assert AdoptedMember.objects.filter(member__in=[outsider.uuid, superuser.uuid]).count() == 0


def test_accounts_that_are_none_become_some(there):
    there.run("ALTER TABLE member DROP INDEX idx_name")
    for id, name in enumerate(["Two Words", "two_words", "", "ANN", "客服 一"], 2):
        there.member(id, name)
    out = adopt(there)
    names = set(Member.objects.values_list("name", flat=True))
    assert names == {"ann", "ann-2", "two_words", "two_words-2", "member-4", "客服_一"}
    assert "accounts with another name here" in out


def test_a_disabled_member_stays_disabled_and_has_no_seat(there, team):
    there.member(2, "ben", status=1)
    there.group("g2", "v2", "agent-2")
    there.say("g2", "agent-2", "bye")
    out = adopt(there)
    ben = Member.objects.get(name="ben")
    assert ben.status == Member.Status.CLOSED and not ben.teams.exists()
    assert sign_in("ben", "secret of ben") == 200
    assert GroupMessage.objects.filter(sender=ben.uuid).exists()
    assert "seats of members who are disabled" in out


def test_who_was_removed_here_does_not_come_back(there):
    adopt(there)
    Member.objects.get(name="ann").delete()
    there.say("g1", "v1", "still there?", 3)
    adopt(there)
    assert not Member.objects.filter(name="ann").exists()


def test_members_are_noted_in_the_audit(there):
    adopt(there)
    row = AuditRow.objects.get(kind="member", object_name="ann")
    assert (row.action, row.source) == ("added", "manage.py adopt")
    rows = AuditRow.objects.filter(kind="adoption").order_by("pk")
    assert [row.details for row in rows] == [
        '{"source": "seed theirs/1"}',
        '{"conversations": 1, "messages": 1}',
    ]


def test_their_faces_and_crooked_addresses_are_left(there):
    there.run("UPDATE member SET avator = 'https://x.example/a.png', email = 'nobody'")
    out = adopt(there)
    ann = Member.objects.get(name="ann")
    assert (ann.avator, ann.email) == ("", "")
    assert "avatars: they are addresses of another site" in out
    assert "e-mail addresses that are none" in out


def test_who_comes_with_a_later_run_sits_only_where_they_sit_there(there, team):
    now = timezone.now().replace(tzinfo=None)
    for group in ("g2", "g3"):
        there.group(group, f"v-{group}", "agent-1")
        there.say(group, f"v-{group}", "hello", created_at=now - timedelta(hours=1))
    adopt(there)
    assert Conversation.objects.filter(team=team, open=True).count() == 2
    rows = GroupMessage.objects.count()
    there.member(2, "ben")
    there.insert("chat_group", [{"uuid": "g3", "member_id": "agent-2", "ent_id": "1"}])
    out = adopt(there)
    ben = Member.objects.get(name="ben")
    assert ben.teams.get() == team
    seat = ChatGroup.objects.for_member(ben.uuid).get()
    assert AdoptedGroup.objects.get(group=seat.uuid).theirs == "g3"
    assert GroupMessage.objects.count() == rows, "nobody joined today"
    assert "1  members\n              such as ben\n" in out
