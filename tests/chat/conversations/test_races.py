"""The group's races: many at once, each with a connection of its own, as in several processes."""

import pytest

from chat.models import ChatGroup, Conversation
from chat.posting import batches
from chat.posting.items import Mark
from tests.chat.actions import check_seats, facts, notices, seated
from tests.chat.helpers import act_of, check_ledger, draft_of, new_guest, rows_of
from tests.chat.threads import at_once, put
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_sixteen_who_claim_at_once_one_wins_and_all_others_hear_who(team, guest, enterprise):
    agents = [hire(f"agent{number}", enterprise, team=team) for number in range(16)]
    group = batches.post(guest.draft())["group"]
    for _ in range(3):
        answers = at_once(
            *[lambda who=who: put(act_of("claim", who.uuid, group)) for who in agents]
        )
        winner = facts(group).claimed_by
        assert answers.count(None) == 1
        assert agents[answers.index(None)].uuid == winner
        lost = [answer for answer in answers if answer]
        assert {(answer["code"], answer["claimed_by"]) for answer in lost} == {("claimed", winner)}
        assert put(act_of("release", winner, group)) is None
    assert notices(group) == ["opened"] + ["claimed", "released"] * 3
    assert check_ledger()


@pytest.mark.parametrize("round", range(4))
def test_a_transfer_while_closing_ends_in_one_of_two_ways(
    guest, alice, bob, carol, sales, group, round
):
    way = {"member": carol.uuid} if round % 2 else {"team": "sales"}
    moved, closed = at_once(
        lambda: put(act_of("transfer", alice.uuid, group, **way)),
        lambda: put(act_of("close", bob.uuid, group)),
    )
    check_seats(group)
    assert check_ledger()
    found = facts(group)
    if moved is None and "team" in way and closed:
        assert closed["code"] == "not_found", "bob sat there no more"
        assert found.open and found.team.slug == "sales"
    elif moved is None:
        assert closed is None and not found.open and carol.uuid in seated(group)
    else:
        assert moved["code"] == "conflict" and not found.open
        assert carol.uuid not in seated(group)


@pytest.mark.parametrize("round", range(4))
def test_one_who_leaves_while_sending_sent_or_is_told_that_it_was_not(alice, bob, group, round):
    sent, left = at_once(
        lambda: put(draft_of(alice, group, "last words")),
        lambda: put(act_of("leave", alice.uuid, group)),
    )
    assert left is None and alice.uuid not in seated(group)
    stored = [row for row in rows_of(group) if row.message_content == "last words"]
    assert len(stored) == (sent["type"] == "message.accepted")
    assert stored or sent["code"] == "not_found"
    check_seats(group)
    assert check_ledger()


def test_one_removed_while_reading_leaves_no_seat_behind(alice, bob, manager, guest, group):
    for _ in range(4):
        put(guest.draft("?", group=group))
        _read, removed, _written = at_once(
            lambda: put(Mark(alice.uuid, group, 99)),
            lambda: put(act_of("remove", manager.uuid, group, member=alice.uuid)),
            lambda: put(guest.draft("!", group=group)),
        )
        assert removed is None and alice.uuid not in seated(group)
        check_seats(group)
        assert put(act_of("invite", bob.uuid, group, member=alice.uuid)) is None
    assert check_ledger()


def test_the_visitor_writes_while_it_is_closed_and_nothing_is_lost(alice, bob, guest, group):
    for number in range(4):
        said, _closed = at_once(
            lambda number=number: put(guest.draft(f"{number}", group=group)),
            lambda: put(act_of("close", alice.uuid, group)),
        )
        assert said["type"] == "message.accepted"
        check_seats(group)
        put(act_of("reopen", alice.uuid, group))
    assert check_ledger()
    assert [row.message_content for row in rows_of(group) if row.sender == guest.uuid][1:] == [
        *"0123"
    ]


def test_actions_and_messages_in_many_groups_at_once_keep_everything_exact(
    team, alice, bob, carol, sales
):
    guests = [new_guest(team) for _ in range(3)]
    groups = [batches.post(guest.draft())["group"] for guest in guests]

    def write(number):
        for count in range(6):
            order = range(3) if number % 2 else (2, 1, 0)
            for at in order:
                put(guests[at].draft(f"{number} {count}", group=groups[at]))

    def act(number):
        names = ("claim", "close", "reopen", "release", "transfer", "invite", "leave")
        for count in range(14):
            name, group = names[(count + number) % 7], groups[(count * number) % 3]
            who = (alice, bob, carol)[number % 3]
            teams = ("sales", "service")
            fields = {"team": teams[count % 2]} if name == "transfer" else {"member": alice.uuid}
            answer = put(act_of(name, who.uuid, group, **fields))
            assert (
                answer is None
                or answer["type"] == "conversation"
                or answer["code"] in (*("claimed", "conflict", "not_found", "forbidden"),)
            ), answer

    at_once(*[lambda n=n: write(n) for n in (0, 1)], *[lambda n=n: act(n) for n in (1, 2, 3, 4)])
    assert check_ledger()
    for group in groups:
        check_seats(group)
    assert Conversation.objects.count() == 3
    assert ChatGroup.objects.exists()
