"""Members, groups, seats, unread counts, messages and times of the original schema's tables."""

import io
import random
from datetime import timedelta, timezone

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Member
from chat.models import (
    AdoptedGroup,
    ChatGroup,
    Conversation,
    GroupMember,
    GroupMessage,
    Origin,
    Reception,
)

from .comparing import (
    adopt,
    assert_consistent,
    digests_here,
    digests_there,
    everything,
    unread_here,
    unread_there,
)
from .seed_database import BEGIN, fill

pytestmark = pytest.mark.django_db


def test_a_conversation_comes_with_its_people_words_and_times(talk, team):
    out = adopt(talk)
    ann = Member.objects.get(name="ann")
    assert (ann.nickname, ann.role, ann.enterprise.code) == ("小安", Member.Role.AGENT, "acme")
    assert list(ann.teams.all()) == [team]
    conversation = Conversation.objects.get()
    assert (conversation.origin, conversation.open) == (Origin.IMPORTED, False)
    assert conversation.visitor.label == "访客 g1" and conversation.team == team
    said = GroupMessage.objects.filter(message_type=1).order_by("seq")
    moments = [BEGIN.replace(tzinfo=timezone.utc) + timedelta(minutes=n) for n in (1, 4, 5)]
    assert list(said.values_list("sender", "message_content", "created_at")) == [
        (conversation.visitor_id, "where is it", moments[0]),
        (ann.uuid, "on its way", moments[1]),
        (conversation.visitor_id, "thank you", moments[2]),
    ]
    seats = {seat.member_id: seat for seat in ChatGroup.objects.all()}
    assert seats[ann.uuid].member_type == 1 and len(seats) == GroupMember.objects.count() == 3
    assert [seat.unread for seat in seats.values()] == [1, 1, 1]
    assert "         2  members\n" in out and "         3  messages" in out
    assert_consistent()


def test_a_dry_run_reports_and_writes_nothing(talk):
    before = everything()
    out = adopt(talk, "--dry-run")
    assert "         1  conversations" in out and "What was done" not in out
    assert everything() == before


def test_without_an_answer_nothing_is_taken_over(talk, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("adopt", talk.url, "--enterprise", "acme", stdout=io.StringIO())
    assert not Conversation.objects.exists() and not AdoptedGroup.objects.exists()


def test_what_came_since_is_taken_by_the_next_run(talk):
    adopt(talk)
    talk.say("g1", "agent-2", "welcome", 60 * 24 * 3)
    talk.say("g1", "v1", "and now?", 60 * 24 * 5)
    talk.member(3, "cleo")
    talk.group("g2", "v2", "agent-3")
    talk.run("UPDATE chat_group SET unread = 0 WHERE member_id = 'agent-1' AND uuid = 'g1'")
    adopt(talk)
    assert digests_here(talk) == digests_there(talk)
    assert unread_here(talk) == unread_there(talk) | {("g1", "v1"): 1}
    group = AdoptedGroup.objects.get(theirs="g1").group
    assert Reception.objects.filter(group_id=group).count() == 3
    assert_consistent()


def test_what_was_committed_late_under_a_lower_id_is_found(talk):
    talk.say("g1", "v1", "late", 6, id=90)
    talk.say("g1", "v1", "later", 7, id=100)
    adopt(talk)
    talk.say("g1", "v1", "between", 6.5, id=95)
    out = adopt(talk)
    assert "committed late" in out
    assert digests_here(talk) == digests_there(talk)
    before = everything()
    adopt(talk)
    assert everything() == before


def test_what_was_deleted_there_stays_here(talk):
    adopt(talk)
    talk.run("DELETE FROM group_message WHERE message_content = 'on its way'")
    adopt(talk)
    assert GroupMessage.objects.filter(message_content="on its way").exists()
    before = everything()
    adopt(talk)
    assert everything() == before


RARE = [pytest.param(one, marks=pytest.mark.release) for one in ("latin1", "utf8mb3")]


@pytest.mark.parametrize("charset", ["utf8mb4", *RARE])
def test_whatever_years_have_left_is_taken_over_exactly(theirs, team, charset):
    chance = random.Random(7)
    fill(theirs, chance, 12, 120, 2_400)
    if charset != "utf8mb4":
        for table in ("member", "chat_group", "group_member", "group_message"):
            theirs.run(f"ALTER TABLE {table} CONVERT TO CHARACTER SET {charset}")
    dry = adopt(theirs, "--dry-run")
    out = adopt(theirs)
    assert out.partition("What was done:")[2] == dry.partition("acme/service:")[2]
    assert digests_here(theirs) == digests_there(theirs)
    assert_consistent()
    before = everything()
    adopt(theirs)
    assert everything() == before
    differs = 0
    here, there = unread_here(theirs), unread_there(theirs)
    for key, unread in here.items():
        differs += unread != max(there.get(key, 0), 0)
    assert f"{differs:>10,}  unread counts that differ" in out and differs < 20
