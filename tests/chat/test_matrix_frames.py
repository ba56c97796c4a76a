"""Every frame type × person: what comes back, and that nothing of others is touched."""

import pytest

from chat.protocol import checks

from .conftest import unopened
from .frames import FRAMES
from .helpers import check_ledger, database, new_id, posted, rows_of
from .matrix import read_table

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

PEOPLE = (
    *("visitor", "alice", "carol", "supervisor", "manager"),
    *("outsider", "other_manager", "other_visitor"),
)
"""alice sits in the group, carol is an agent of the same enterprise outside of it; the outsider and
all others are of another enterprise."""
TABLE = {row.pop("frame"): row for row in read_table("frames.txt")}
CHANGING = [name for name, row in TABLE.items() if {"stored", "changed"} & {*row.values()}]
OTHERS = [name for name in FRAMES if name not in CHANGING]
"""These change nothing, whoever sends them: they are tried one after the other."""


@pytest.fixture
def cast(
    guest, alice, bob, carol, supervisor, manager, outsider, other_manager, other_guest, group
):
    members = (guest, alice, carol, supervisor, manager, outsider, other_manager, other_guest)
    return dict(zip(PEOPLE, members, strict=True)) | {"bob": bob}


def test_every_frame_type_is_in_the_table():
    assert {frame["type"] for frame in FRAMES.values()} == set(checks.CHECKS)
    assert set(TABLE) == set(FRAMES)
    assert all(set(row) == set(PEOPLE) for row in TABLE.values())


@pytest.mark.parametrize(
    "names", [*([name] for name in CHANGING), OTHERS], ids=[*CHANGING, "all others"]
)
async def test_a_frame_does_for_everyone_what_is_listed(connect, cast, group, names):
    for who in PEOPLE:
        socket = await connect(cast[who])
        for name in names:
            what, wanted = (name, who), TABLE[name][who]
            before = len(await database(rows_of)(group))
            await socket.send(**fill(FRAMES[name], group, cast))
            if wanted == "stored":
                await socket.until("message.accepted")
            elif wanted == "changed":
                gone = name == "conversation.leave"
                await socket.until("conversation.left" if gone else "message.posted")
            elif not wanted.isdecimal() and wanted != "quiet":
                assert (await socket.until("error"))["code"] == wanted, what
            events = await socket.all()
            assert not [event for event in events if event["type"] == "error"], (what, events)
            if wanted.isdecimal():
                assert len(posted(events)) == int(wanted), what
            after = len(await database(rows_of)(group))
            assert after - before == (wanted in ("stored", "changed")), what
        await socket.leave()
    await database(check_ledger)()


def fill(frame: dict, group: str, cast: dict) -> dict:
    frame = dict(frame)
    if frame.get("member"):
        frame["member"] = cast[frame["member"]].uuid
    if frame.get("mentions"):
        frame["mentions"] = [cast[who].uuid for who in frame["mentions"]]
    if "client_id" in frame:
        frame["client_id"] = new_id()
    if frame.get("group"):
        frame["group"] = group
    if frame.get("groups"):
        frame["groups"] = {group: 0, new_id(): 0}
    return frame


async def test_those_who_may_not_connect_send_nothing(guest, alice, superuser, group, house):
    frame = fill(FRAMES["message.send"], group, {})
    for socket in (
        await unopened(alice, cookie=""),
        await unopened(guest, cookie=""),
        await unopened(superuser),
    ):
        await socket.accepted()
        await socket.send(**frame)
        assert await socket.closed() in (4401, 4403)
    assert len(await database(rows_of)(group)) == 2


async def test_an_agents_login_opens_no_visitors_socket_nor_the_other_way_round(
    guest, alice, house
):
    agent = await unopened(alice)
    cookie = dict(agent.headers)[b"cookie"].decode()
    for socket in (
        await unopened(guest, cookie=cookie),
        await unopened(alice, cookie=guest.cookie),
    ):
        await socket.accepted()
        assert await socket.closed() == 4401
