"""What becomes of a message, without any socket: stored once, numbered, counted, answered."""

import re

import pytest

from accounts.models import Member
from accounts.setup import find_or_create_team
from chat.models import ChatGroup, Conversation, GroupMember, Reception, Visitor
from chat.posting import batches
from chat.posting.items import Mark
from tests.chat.helpers import check_ledger, codes, draft_of, new_guest, new_id, rows_of, seat_of

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
pytestmark = pytest.mark.django_db


def test_the_first_message_opens_the_conversation_with_everyone_in_it(guest, team, alice, bob):
    answer = batches.post(guest.draft("hello"))
    assert set(answer) == {"type", "client_id", "group", "seq", "id", "created_at"}
    assert answer["type"] == "message.accepted" and UUID.match(answer["group"])
    assert answer["seq"] == 2 and answer["created_at"].tzinfo
    group = answer["group"]
    visitor = Visitor.objects.get()
    assert (visitor.uuid, visitor.ent_id, visitor.language) == (guest.uuid, "acme", "en")
    assert visitor.secret_hash not in guest.token and len(visitor.secret_hash) == 64
    conversation = Conversation.objects.get(uuid=group)
    assert (conversation.ent_id, conversation.visitor_id) == ("acme", guest.uuid)
    assert conversation.team == team and conversation.open and not conversation.claimed_by
    assert conversation.waiting_since == conversation.last_activity
    assert conversation.reception.group_id == group and not conversation.reception.closed_at
    people = {alice.uuid, bob.uuid, guest.uuid}
    assert {seat.member_id for seat in ChatGroup.objects.in_group(group)} == people
    assert {shown.member_id for shown in GroupMember.objects.filter(group_id=group)} == people
    assert {seat.group_name for seat in ChatGroup.objects.all()} == {visitor.label}
    notice, message = rows_of(group)
    assert set(notice.data.pop("members")) == {"小博", "小艾"}
    assert notice.data == {"event": "opened", "team": team.name}
    assert notice.sender == "" and notice.message_content
    assert (message.message_content, message.sender) == ("hello", guest.uuid)
    assert message.sender_name == visitor.label
    assert [seat_of(who, group).unread for who in (alice, bob, guest)] == [1, 1, 0]


def test_disabled_members_are_not_seated(guest, alice, bob):
    Member.objects.filter(pk=bob.pk).update(status=Member.Status.CLOSED)
    group = batches.post(guest.draft())["group"]
    assert not ChatGroup.objects.for_member(bob.uuid).exists()
    assert ChatGroup.objects.in_group(group).count() == 2


def test_a_conversation_opens_also_where_nobody_works(guest):
    group = batches.post(guest.draft())["group"]
    assert ChatGroup.objects.in_group(group).count() == 1
    assert check_ledger() == 2


def test_another_team_is_another_conversation_of_the_same_visitor(guest, enterprise, alice):
    first = batches.post(guest.draft())
    guest.team = find_or_create_team(enterprise, "sales")
    second = batches.post(guest.draft())
    assert first["group"] != second["group"] and Visitor.objects.count() == 1


def test_strangers_and_unknown_groups_are_not_found_and_nothing_is_stored(
    guest, alice, carol, manager, outsider, superuser, other_guest, group, other_group
):
    items = []
    for who in (carol, manager, outsider, superuser):
        items += [draft_of(who, group), Mark(who.uuid, group, 2)]
        if who is not manager:
            items.append(draft_of(who, group, note=True))
    items += [other_guest.draft(group=group), guest.draft(group=other_group)]
    items += [draft_of(alice, new_id()), draft_of(alice, other_group), Mark(alice.uuid, "", 1)]
    outcome = batches.settle(items)
    assert set(codes(outcome.answers)) == {"not_found"}
    assert check_ledger() == 4
    assert not any(a.events or a.unread for a in outcome.announcements)


def test_reading_and_writing_in_one_batch_count_in_their_order(guest, alice, bob, group):
    batches.run(
        [
            guest.draft("a", group=group),
            Mark(alice.uuid, group, 3),
            guest.draft("b", group=group),
            Mark(bob.uuid, group, 2),
            draft_of(bob, group, "c"),
            Mark(guest.uuid, group, 99),
        ]
    )
    assert [seat_of(who, group).unread for who in (alice, bob, guest)] == [2, 2, 0]
    assert [seat_of(who, group).read_seq for who in (alice, bob, guest)] == [3, 2, 5]
    assert check_ledger() == 5


def test_a_visitors_cursor_stops_at_what_they_may_see(guest, alice, group):
    batches.post(draft_of(alice, group, "n", note=True))
    batches.mark(guest.uuid, group, 3)
    assert seat_of(guest, group).read_seq == 2


def test_the_visitor_waits_from_the_first_unanswered_message_until_an_answer(guest, alice, group):
    def waiting():
        return Conversation.objects.get(uuid=group).waiting_since

    first = waiting()
    assert first == rows_of(group)[1].created_at
    batches.post(guest.draft("hello?", group=group))
    batches.post(draft_of(alice, group, "a note", note=True))
    assert waiting() == first
    batches.post(draft_of(alice, group, "an answer"))
    assert waiting() is None
    batches.post(guest.draft("and", group=group))
    assert waiting() == rows_of(group)[-1].created_at


def test_the_reception_keeps_the_time_of_the_first_reply_only(guest, alice, group):
    reception = Reception.objects.get(group_id=group)
    assert reception.opened_at == rows_of(group)[0].created_at and not reception.first_reply_at
    batches.post(draft_of(alice, group, "a note", note=True))
    reception.refresh_from_db()
    assert reception.first_reply_at is None
    batches.post(draft_of(alice, group, "an answer"))
    first = rows_of(group)[-1].created_at
    batches.run([guest.draft("and", group=group), draft_of(alice, group, "another")])
    reception.refresh_from_db()
    assert reception.first_reply_at == first


def test_messages_move_a_conversation_up_and_reading_and_notices_do_not(guest, alice, carol, group):
    from chat.conversations import seating

    def activity():
        return Conversation.objects.get(uuid=group).last_activity

    before = activity()
    batches.mark(alice.uuid, group, 2)
    seating.join(carol, [group])
    assert activity() == before
    batches.post(draft_of(alice, group, "n", note=True))
    assert activity() == rows_of(group)[-1].created_at > before


def test_one_message_several_a_note_and_an_answer_share_a_batch(team, alice, bob):
    guests = [new_guest(team) for _ in range(4)]
    one, two, noted, answered = groups = [batches.post(guest.draft())["group"] for guest in guests]
    items = [guests[0].draft("1"), guests[1].draft("1"), guests[1].draft("2")]
    items += [draft_of(alice, noted, "n", note=True), guests[2].draft("after a note")]
    items += [draft_of(alice, answered, "a")]
    answers = batches.run(items)
    assert [(answer["group"], answer["seq"]) for answer in answers] == [
        *((one, 3), (two, 3), (two, 4), (noted, 3), (noted, 4), (answered, 3))
    ]
    assert check_ledger() == 14
    for group in groups:
        found = Conversation.objects.get(uuid=group)
        assert found.last_activity == rows_of(group)[-1].created_at
        assert (found.waiting_since is None) == (group == answered)


def test_texts_come_back_as_they_went_in(guest, alice, group):
    texts = ["你好 👋🏽", "é é", "\u202e gpj.exe", "a\x00b", "'; DROP TABLE member; --", "%s %(x)s"]
    texts += ["  kept  ", "<script>alert(1)</script>", "\u200b", "x" * 10_000, "👋" * 10_000]
    batches.run([guest.draft(text, group=group) for text in texts])
    assert [row.message_content for row in rows_of(group)[2:]] == texts
