"""Leases, and what is read of them: who came and went, however many stay."""

import asyncio
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.background import upkeep
from chat.conversations import claims
from chat.models import Conversation, Presence
from chat.posting import batches
from chat.presence import leases
from chat.presence.leases import EXPIRED_KEPT, LEASE, PAGES_NODE
from tests.chat.helpers import act_of, database, within

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "another process"


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(upkeep, "GRACE", 0.05)


def age(seconds: float, **which) -> None:
    """Makes leases older, as if time had passed."""
    for lease in Presence.objects.filter(**which):
        lease.taken_at -= timedelta(seconds=seconds)
        lease.expires_at -= timedelta(seconds=seconds)
        lease.save()


def changed(seconds: float = 10):
    now = timezone.now()
    return leases.changes(now - timedelta(seconds=seconds), now)


def test_those_who_stay_are_not_looked_at_again():
    staying = [f"stays {number}" for number in range(50)]
    leases.renew([*staying, "goes", "ends"])
    age(30)
    assert changed() == ({}, set())
    leases.renew(staying)
    leases.renew(["comes"])
    leases.release(["goes"])
    Presence.objects.filter(who="ends").update(expires_at=timezone.now() - timedelta(seconds=3))
    assert changed() == ({"comes": True, "goes": False, "ends": False}, set())
    assert leases.online({*staying, "comes", "goes", "ends"}) == {*staying, "comes"}


def test_who_has_another_lease_all_the_time_neither_comes_nor_goes():
    leases.renew(["reader", "mover"])
    leases.renew(["reader"], PAGES_NODE)
    age(30)
    Presence.objects.filter(node=PAGES_NODE).update(expires_at=timezone.now())
    leases.renew(["mover"], OTHER)
    assert changed() == ({"reader": True, "mover": True}, {"reader", "mover"})
    leases.release(["mover"])
    leases.release(["reader"])
    assert changed() == ({"reader": False, "mover": True}, set())


def test_a_page_takes_a_lease_once_and_anew_when_it_has_ended():
    leases.renew_page_lease("reader")
    age(30)
    leases.renew_page_lease("reader")
    assert changed() == ({}, set())
    assert Presence.objects.get().expires_at > timezone.now() + timedelta(seconds=55)
    age(61)
    leases.renew_page_lease("reader")
    assert changed() == ({"reader": True}, set())


def test_leases_that_ended_long_ago_are_dropped():
    leases.renew(["long ago", "lately"])
    age(LEASE.total_seconds() + 290)
    age(20, who="long ago")
    leases.delete_expired()
    assert [lease.who for lease in Presence.objects.all()] == ["lately"]


def test_nobody_is_asked_for_longer_ago_than_ended_leases_are_kept(guest):
    leases.renew([guest.uuid], OTHER)
    age(EXPIRED_KEPT.total_seconds())
    now = timezone.now()
    assert leases.connected_since({guest.uuid}, now - EXPIRED_KEPT + timedelta(seconds=1)) == {
        guest.uuid
    }
    with pytest.raises(ValueError, match="KEPT"):
        leases.connected_since({guest.uuid}, now - EXPIRED_KEPT - timedelta(seconds=1))


def test_a_claim_is_not_freed_by_what_presence_does_not_know(alice, group, monkeypatch):
    batches.do(act_of("claim", alice.uuid, group))
    monkeypatch.setattr(claims, "AWAY", EXPIRED_KEPT + timedelta(seconds=1))
    long_ago = timezone.now() - EXPIRED_KEPT * 2
    Conversation.objects.update(claimed_at=long_ago)
    with pytest.raises(ValueError, match="KEPT"):
        claims.expire()
    assert Conversation.objects.get().claimed_by == alice.uuid


def test_all_are_counted(alice, bob, carol, outsider, superuser, guest):
    bob.online_status = Member.OnlineStatus.OFFLINE
    bob.save()
    people = [one.uuid for one in (alice, bob, outsider, superuser, guest)]
    leases.renew([*people, "somebody", "gone"])
    leases.renew([alice.uuid, guest.uuid], OTHER)
    leases.release(["gone"])
    assert leases.count_online() == (2, 2)
    ours, theirs = {"acme": {alice.uuid: "online"}}, {"umbrella": {outsider.uuid: "online"}}
    assert leases.agents_by_enterprise({"acme", "umbrella"}) == ours | theirs
    assert leases.agents_by_enterprise({"acme", "none"}) == ours | {"none": {}}


@within(20)
async def test_only_enterprises_with_sockets_here_are_looked_at(
    connect, guest, alice, bob, outsider, other_manager
):
    agent, other = await connect(alice), await connect(outsider)
    beat = upkeep.current()
    assert beat.known.keys() == {"acme", "umbrella"}
    await other.leave()
    await connect(bob)
    assert (await agent.until("presence", member=bob.uuid))["online"] is True
    while beat.known != {"acme": {alice.uuid: "online", bob.uuid: "online"}}:
        await asyncio.sleep(0.02)
    await database(leases.renew)([other_manager.uuid], OTHER)
    other = await connect(outsider)
    await beat.tick(time.monotonic())
    events = [event for event in await other.heard() if event["type"] == "presence"]
    assert not any(event.get("member") == other_manager.uuid for event in events), "was there"
    assert beat.known["umbrella"][other_manager.uuid] == "online"


@within(20)
async def test_a_visitor_of_a_process_that_froze_is_seen_to_go_and_to_come_back(
    connect, guest, alice, group
):
    agent = await connect(alice)
    await database(leases.renew)([guest.uuid], OTHER)
    upkeep.soon()
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is True
    await database(age)(LEASE.total_seconds(), who=guest.uuid)
    upkeep.soon()
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is False
    await database(leases.renew)([guest.uuid], OTHER, restart=True)
    upkeep.soon()
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is True
    for _ in range(3):
        await database(leases.renew)([guest.uuid], OTHER)
        upkeep.soon()
        await asyncio.sleep(0.1)
    events = [event for event in await agent.heard() if event["type"] == "presence"]
    assert not any(event.get("visitor") == guest.uuid for event in events)


@within(20)
async def test_own_leases_that_ran_out_are_taken_anew(connect, guest, alice, group, monkeypatch):
    await connect(guest)
    beat = upkeep.current()
    while guest.uuid not in beat.leases:
        await asyncio.sleep(0.02)
    await database(age)(30, who=guest.uuid)
    before = await database(Presence.objects.get)(who=guest.uuid)
    await beat.renew({guest.uuid})
    renewed = await database(Presence.objects.get)(who=guest.uuid)
    assert renewed.taken_at == before.taken_at and renewed.expires_at > before.expires_at
    beat.leases[guest.uuid] = timezone.now()
    await beat.renew({guest.uuid})
    assert (await database(Presence.objects.get)(who=guest.uuid)).taken_at > before.taken_at


@within(20)
async def test_all_who_go_at_once_are_released_together(connect, alice, monkeypatch):
    await connect(alice)
    beat, released = upkeep.current(), []
    monkeypatch.setattr(leases, "release", released.append)
    gone = [f"gone {number}" for number in range(100)]
    for who in gone:
        beat.left(who, 0.1)
    while beat.leaving:
        await asyncio.sleep(0.02)
    assert sorted(who for some in released for who in some) == sorted(gone)
    assert len(released) < 10


@within(20)
async def test_who_went_before_their_lease_was_taken_gets_none(connect, alice):
    await connect(alice)
    beat = upkeep.current()
    beat.arriving.add("gone")
    await beat.tick(time.monotonic())
    assert "gone" not in beat.leases
    assert not await database(Presence.objects.filter(who="gone").exists)()
