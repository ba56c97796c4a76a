"""The live view's socket: who may open it, what it tells, and that it makes nobody online."""

import pytest

from accounts.models import Member
from chat.background import upkeep
from chat.models import Presence
from chat.posting import batches
from tests.chat.conftest import unopened
from tests.chat.helpers import act_of, database, draft_of, new_guest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("house")]

LIVE = "/ws/live/"


async def heard(socket) -> list[str]:
    """The types of what came up to now."""
    await socket.send("ping")
    types = []
    while (event := await socket.next())["type"] != "pong":
        types.append(event["type"])
        assert set(event) == {"type"}, "it has no contents"
    return types


async def test_who_may_see_the_live_view_may_open_it(
    connect, manager, supervisor, alice, leader, analyst, outsider
):
    for reader in (manager, supervisor):
        socket = await connect(reader, path=LIVE)
        assert socket.hello == {"type": "hello"}
    for other in (alice, leader, analyst):
        socket = await unopened(other, path=LIVE)
        await socket.accepted()
        assert await socket.closed() == 4403, other.name
    stranger = await unopened(manager, path=LIVE, cookie="")
    await stranger.accepted()
    assert await stranger.closed() == 4401
    assert not await (await unopened(manager, path=LIVE, origin="https://evil.example")).accepted()


async def test_it_tells_that_counts_changed_and_not_what(connect, manager, team, alice):
    socket = await connect(manager, path=LIVE)
    await heard(socket)
    guest = await database(new_guest)(team)
    group = (await database(batches.post)(guest.draft("hello")))["group"]
    assert await heard(socket) == ["changed"]
    await database(batches.post)(guest.draft("and more"))
    assert await heard(socket) == [], "no count changed"
    await database(batches.do)(act_of("claim", alice.uuid, group))
    assert await heard(socket) == ["changed"]
    await database(batches.post)(draft_of(alice, group, "an answer"))
    await heard(socket)
    await database(batches.do)(act_of("close", alice.uuid, group))
    assert await heard(socket) == ["changed"]


async def test_it_tells_that_somebody_came(connect, manager, alice):
    socket = await connect(manager, path=LIVE)
    await heard(socket)
    await connect(alice)
    await socket.until("changed")


async def test_another_enterprise_is_not_told(connect, manager, other_guest):
    socket = await connect(manager, path=LIVE)
    await heard(socket)
    await database(batches.post)(other_guest.draft("hello"))
    assert await heard(socket) == []


async def test_it_makes_nobody_online(connect, manager):
    await connect(manager, path=LIVE)
    await upkeep.current().tick(10**9)
    assert not await database(Presence.objects.filter(who=manager.uuid).exists)()


async def test_it_takes_nothing_but_pings(connect, manager, group):
    socket = await connect(manager, path=LIVE)
    await heard(socket)
    await socket.send("message.send", client_id="a" * 8, group=group, content="hello")
    await socket.send("sync", groups={group: 0})
    for _ in range(2):
        assert (await socket.until("error"))["code"] in ("forbidden", "bad_field")


async def test_it_ends_with_the_right(connect, manager):
    socket = await connect(manager, path=LIVE)
    await database(Member.objects.filter(pk=manager.pk).update)(role=Member.Role.AGENT)
    upkeep.soon()
    assert await socket.closed() == 4403
