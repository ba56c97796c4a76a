"""What agents do together: each action, by whom it may be done, what it stores and who hears."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.background import upkeep
from chat.conversations import claims
from chat.models import Conversation, GroupMember, Reception
from chat.posting import batches
from chat.posting.actions import Rating
from chat.presence import leases
from chat.reading import inbox
from tests.chat.actions import do, facts, make_leader, notices, seated
from tests.chat.helpers import NOTE, check_ledger, draft_of, new_guest, rows_of, seat_of

pytestmark = pytest.mark.django_db(transaction=True)


def rate(guest, group: str, score: int, comment: str = ""):
    answer = batches.run([Rating(guest.uuid, group, score, comment)])[0]
    return answer["code"] if answer and answer["type"] == "error" else answer


def last(group: str) -> dict:
    return rows_of(group)[-1].data


def test_a_claim_is_one_members_until_it_is_released(alice, bob, group):
    assert do("claim", alice, group) is None
    assert facts(group).claimed_by == alice.uuid and facts(group).claimed_at
    assert last(group) == {"event": "claimed", "member": alice.uuid, "name": "小艾"}
    assert do("claim", bob, group) == "claimed"
    answer = do("claim", alice, group)
    assert answer["claimed_by"] == alice.uuid and answer["version"] == 3, "as it is already"
    assert do("release", bob, group) == "claimed"
    assert do("release", alice, group) is None
    assert facts(group).claimed_by == "" and facts(group).claimed_at is None
    assert do("release", alice, group)["claimed_by"] is None
    assert do("claim", bob, group) is None
    assert notices(group) == ["opened", "claimed", "released", "claimed"]
    assert check_ledger() == 5


def test_who_leads_takes_over_but_only_by_saying_so(alice, bob, manager, team, group):
    do("claim", alice, group)
    assert do("claim", bob, group, take_over=True) == "claimed", "an agent leads nobody"
    make_leader(bob, team, group)
    assert do("claim", bob, group) == "claimed"
    assert do("claim", bob, group, take_over=True) is None
    taken = {"from": alice.uuid, "from_name": "小艾"}
    assert last(group) == {"event": "taken_over", "member": bob.uuid, "name": "小博", **taken}
    assert do("claim", manager, group, take_over=True) == "forbidden", "no seat"
    assert do("invite", manager, group, member=manager.uuid) is None
    assert do("claim", manager, group, take_over=True) is None
    assert facts(group).claimed_by == manager.uuid
    assert do("release", bob, group) is None, "a leader frees what another holds"
    assert last(group)["event"] == "freed" and last(group)["by"] == bob.uuid
    assert check_ledger()


def test_closing_ends_the_reception_and_the_visitors_next_message_begins_another(
    guest, alice, bob, carol, team, group
):
    do("claim", alice, group)
    assert facts(group).waiting_since
    assert do("close", bob, group, note="sold") is None
    found = facts(group)
    assert (found.open, found.claimed_by, found.waiting_since) == (False, "", None)

    first = found.reception
    assert first.closed_at and first.closed_by == bob.uuid
    assert [row.message_type for row in rows_of(group)][-1] == NOTE
    assert rows_of(group)[-1].message_content == "sold"
    assert do("close", alice, group)["open"] is False

    for name in ("claim", "transfer"):
        assert do(name, alice, group, member=bob.uuid) == "conflict"
    batches.post(draft_of(alice, group, "one more thing"))
    assert facts(group).open is False, "an agent's message opens nothing"

    join_team(carol, team)
    assert carol.uuid not in seated(group), "a closed one waits for nobody"
    batches.run([guest.draft("again", group=group), guest.draft("and", group=group)])
    found = facts(group)
    assert found.open and found.waiting_since and found.reception != first
    assert notices(group) == ["opened", "claimed", "closed", "reopened"]

    notice = [row for row in rows_of(group) if row.data][-1]
    assert notice.data["by"] == guest.uuid
    assert carol.uuid in seated(group), "the team of now joins those who sat there"
    assert seat_of(carol, group).unread == 2 and seat_of(alice, group).unread == 4
    assert Reception.objects.count() == 2

    batches.post(draft_of(carol, group))
    assert facts(group).reception.first_reply_at and not first.first_reply_at
    assert check_ledger()


def test_a_retry_of_a_stored_message_reopens_nothing(guest, alice, group):
    draft = guest.draft("once", group=group)
    first = batches.post(draft)
    do("close", alice, group)
    assert batches.post(guest.draft("once", draft.client_id, group)) == first
    assert facts(group).open is False and notices(group) == ["opened", "closed"]


def test_an_agent_reopens_and_nobody_waits(alice, group):
    do("close", alice, group)
    # Within ten seconds it would be undone, and the visitor would wait as before.
    Reception.objects.update(closed_at=timezone.now() - timedelta(minutes=1))
    assert do("reopen", alice, group) is None
    assert facts(group).open and facts(group).waiting_since is None
    assert last(group) == {"event": "reopened", "by": alice.uuid, "by_name": "小艾"}
    assert do("reopen", alice, group)["open"] is True
    assert Reception.objects.count() == 2 and check_ledger() == 4


def test_inviting_seats_a_colleague_who_reads_all_and_has_nothing_unread(
    alice, carol, outsider, superuser, guest, group
):
    assert do("invite", alice, group, member=carol.uuid) is None
    seat = seat_of(carol, group)
    assert (seat.unread, seat.read_seq) == (0, 3)
    by = {"by": alice.uuid, "by_name": "小艾"}
    assert last(group) == {"event": "invited", "member": carol.uuid, "name": "小卡", **by}
    assert do("invite", alice, group, member=carol.uuid)["open"] is True
    for stranger in (outsider, superuser, guest):
        assert do("invite", alice, group, member=stranger.uuid) == "not_found"
    Member.objects.filter(pk=carol.pk).update(status=Member.Status.CLOSED)
    do("leave", carol, group)
    assert do("invite", carol, group, member=alice.uuid) == "not_found", "disabled"
    assert check_ledger() == 3


def test_leaving_frees_the_claim_and_the_last_one_stays_while_it_is_open(alice, bob, group):
    do("claim", alice, group)
    assert do("leave", alice, group) is None
    assert facts(group).claimed_by == "" and seated(group) >= {bob.uuid}
    assert alice.uuid not in seated(group)
    assert not GroupMember.objects.filter(group_id=group, member_id=alice.uuid).exists()
    assert last(group) == {"event": "left", "member": alice.uuid, "name": "小艾"}
    assert do("leave", alice, group) == "not_found"
    assert do("leave", bob, group) == "conflict"
    do("close", bob, group)
    assert do("leave", bob, group) is None


def test_a_bot_is_nobody_with_whom_a_visitor_is_left(bot, alice, bob, manager, group):
    assert do("leave", bob, group) is None
    assert do("leave", alice, group) == "conflict"
    assert do("remove", manager, group, member=alice.uuid) == "conflict"
    assert do("remove", manager, group, member=bot.uuid) is None
    assert seated(group) >= {alice.uuid} and not seated(group) & {bob.uuid, bot.uuid}


def test_a_team_of_bots_alone_is_handed_nothing(bot, alice, enterprise, group):
    night = find_or_create_team(enterprise, "night", "Night")
    join_team(bot, night)
    before = seated(group)
    assert do("transfer", alice, group, team="night") == "conflict"
    assert seated(group) == before and facts(group).team.slug == "service"


def test_only_leaders_and_managers_remove(alice, bob, carol, manager, team, guest, group):
    assert do("remove", alice, group, member=bob.uuid) == "forbidden"
    make_leader(alice, team, group)
    do("claim", bob, group)
    assert do("remove", alice, group, member=bob.uuid, note="shift is over") is None
    assert facts(group).claimed_by == "" and bob.uuid not in seated(group)
    assert rows_of(group)[-1].message_content == "shift is over"
    assert do("remove", alice, group, member=bob.uuid)["open"] is True
    assert do("remove", alice, group, member=guest.uuid) == "not_found"
    assert do("remove", manager, group, member=alice.uuid) == "conflict", "the last one"
    do("invite", manager, group, member=carol.uuid)
    assert do("remove", manager, group, member=alice.uuid) is None
    assert [name for name in notices(group) if name == "removed"] == ["removed"] * 2
    assert check_ledger()


def test_a_transfer_to_a_member_seats_and_claims_for_them(alice, bob, carol, group):
    do("claim", alice, group)
    assert do("transfer", bob, group, member=carol.uuid) == "claimed"
    assert do("transfer", alice, group, member=carol.uuid, note="knows refunds") is None
    assert facts(group).claimed_by == carol.uuid and alice.uuid in seated(group)
    rows = rows_of(group)
    by = {"by": alice.uuid, "by_name": "小艾"}
    assert rows[-2].data == {"event": "transferred", "member": carol.uuid, "name": "小卡", **by}
    assert (rows[-1].message_type, rows[-1].sender) == (NOTE, alice.uuid)
    assert seat_of(carol, group).unread == 1, "the note is for them"
    assert do("transfer", carol, group, member=carol.uuid)["claimed_by"] == carol.uuid
    assert check_ledger() == 5


def test_a_transfer_to_a_team_changes_seats_team_and_claim(
    guest, alice, bob, carol, team, sales, group
):
    do("claim", alice, group)
    join_team(bob, sales)
    assert do("transfer", alice, group, team="sales", note="a big order") is None
    found = facts(group)
    assert (found.team, found.door, found.claimed_by) == (sales, team, "")
    assert seated(group) == {guest.uuid, bob.uuid, carol.uuid}, "bob is in both"
    assert seat_of(carol, group).unread == 1
    assert do("transfer", bob, group, team="sales")["open"] is True
    assert do("transfer", bob, group, team="nowhere") == "not_found"
    assert do("transfer", alice, group, team="service") == "not_found", "she sits there no more"
    assert check_ledger() == 5


def test_the_visitor_goes_on_in_the_same_thread_wherever_it_was_handed(
    guest, visitor, alice, carol, team, sales, group
):
    do("transfer", alice, group, team="sales")
    assert batches.post(guest.draft("still here?"))["group"] == group
    assert "still here?" in visitor.get("/chat/acme/").content.decode()
    assert "still here?" in visitor.get("/chat/acme/?team=sales").content.decode()
    there = type(guest)(guest.enterprise, sales, guest.token)
    assert batches.post(there.draft("from the other page"))["group"] == group
    assert Conversation.objects.count() == 1
    do("transfer", carol, group, team="service")
    assert facts(group).team == team and seat_of(alice, group).unread == 0
    assert there.group is None, "the thread went home"


def test_a_transfer_where_the_visitor_writes_already_or_nobody_works_is_a_conflict(
    guest, alice, enterprise, sales, group
):
    there = type(guest)(guest.enterprise, sales, guest.token)
    batches.post(there.draft("hello sales"))
    assert do("transfer", alice, group, team="sales") == "conflict"
    find_or_create_team(enterprise, "night", "Night")
    assert do("transfer", alice, group, team="night") == "conflict"
    assert facts(group).team.slug == "service" and check_ledger() == 4


def test_a_rating_stays_with_its_reception_and_the_newest_counts(guest, alice, group):
    assert rate(guest, group, 4) is None
    assert rate(guest, group, 5, "很快,谢谢") is None
    assert rate(guest, group, 5, "很快,谢谢") is None, "said already"
    first = facts(group).reception
    assert (first.score, first.comment) == (5, "很快,谢谢")
    assert last(group) == {"event": "rated", "score": 5, "comment": "很快,谢谢"}
    assert inbox.page(alice)[0][0]["rating"] == {"score": 5, "comment": "很快,谢谢"}
    do("close", alice, group)
    batches.post(guest.draft("back", group=group))
    assert facts(group).reception.score is None
    assert inbox.page(alice)[0][0]["rating"] is None
    assert rate(alice, group, 1) == rate(new_guest(guest.team), group, 1) == "not_found"
    assert check_ledger()


def test_a_manager_without_a_seat_acts_and_whispers_but_does_not_claim(
    manager, alice, bob, carol, sales, group
):
    assert do("claim", manager, group) == "forbidden"
    assert do("leave", manager, group)["open"] is True, "nothing to leave"
    assert batches.settle([draft_of(manager, group, "be kind", note=True)]).answers[0]["seq"] == 3
    assert batches.settle([draft_of(manager, group)]).answers[0]["code"] == "not_found"
    for step in (
        ("close", {}),
        ("reopen", {}),
        ("invite", {"member": carol.uuid}),
        ("remove", {"member": bob.uuid}),
        ("transfer", {"member": alice.uuid}),
        ("release", {}),
        ("transfer", {"team": "sales"}),
    ):
        assert do(step[0], manager, group, **step[1]) is None, step
    assert manager.uuid not in seated(group) and check_ledger()


def test_a_claim_ends_when_its_holder_is_away_for_too_long(alice, bob, group, monkeypatch):
    do("claim", alice, group)
    claims.expire()
    assert facts(group).claimed_by == alice.uuid, "just claimed"
    past = timezone.now() - claims.AWAY * 2
    Conversation.objects.update(claimed_at=past)
    leases.renew([alice.uuid])
    claims.expire()
    assert facts(group).claimed_by == alice.uuid, "here"
    leases.release([alice.uuid])
    claims.expire()
    assert facts(group).claimed_by == alice.uuid, "only just gone"
    monkeypatch.setattr(claims, "AWAY", claims.AWAY * 0)
    since = facts(group).waiting_since
    Conversation.objects.update(waiting_since=None)
    claims.expire()
    claims.free_if_away(group, alice.uuid)
    assert facts(group).claimed_by == alice.uuid, "the visitor was answered"
    Conversation.objects.update(waiting_since=since)
    claims.expire()
    assert facts(group).claimed_by == ""
    assert last(group) == {"event": "expired", "member": alice.uuid, "name": "小艾"}
    claims.expire()
    claims.free_if_away(group, alice.uuid)
    assert notices(group).count("expired") == 1 and check_ledger() == 4
    assert upkeep.RENEWAL < 60


def test_after_an_outage_the_holders_first_have_time_to_renew_their_leases(alice, group):
    do("claim", alice, group)
    Conversation.objects.update(claimed_at=timezone.now() - claims.AWAY * 2)
    looks = claims.Looks()

    def later(seconds: float) -> str:
        looks.last, looks.began = looks.last - seconds, looks.began - seconds
        claims.expire(looks)
        return facts(group).claimed_by

    assert [later(seconds) for seconds in (15, 180, 15)] == [alice.uuid] * 3
    assert later(15) == "", "she is away"
    do("claim", alice, group)
    Conversation.objects.update(claimed_at=timezone.now() - claims.AWAY * 2)
    assert [later(60), later(60)] == [alice.uuid, ""], "also where all looks are late"
