"""Every frame type × person: what comes back, and that nothing of others is touched."""

import pytest

from chat.protocol import checks

from .conftest import unopened
from .helpers import check_ledger, database, new_id, posted, rows_of

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

PEOPLE = ("visitor", "alice", "carol", "manager", "outsider", "other_manager", "other_visitor")
FRAMES = {
    "message.send": (
        {"type": "message.send", "client_id": None, "content": "x", "group": "group"},
        "stored stored not_found not_found not_found not_found not_found",
    ),
    "message.send as a note": (
        {"type": "message.send", "client_id": None, "content": "x", "group": "group", "note": True},
        "bad_field stored not_found stored not_found not_found bad_field",
    ),
    "message.send with seen": (
        {"type": "message.send", "client_id": None, "content": "x", "group": "group", "seen": 2},
        "bad_field stored not_found not_found not_found not_found bad_field",
    ),
    "message.send in answer": (
        {
            **{"type": "message.send", "client_id": None, "content": "x", "group": "group"},
            "reply_to": 2,
        },
        "stored stored not_found not_found not_found not_found not_found",
    ),
    "message.send as a note that calls": (
        {
            **{"type": "message.send", "client_id": None, "content": "x", "group": "group"},
            **{"note": True, "mentions": ["bob", "outsider"]},
        },
        "bad_field stored not_found stored not_found not_found bad_field",
    ),
    "message.recall": (
        {"type": "message.recall", "group": "group", "seq": 2},
        "changed forbidden not_found forbidden not_found not_found not_found",
    ),
    "message.read": (
        {"type": "message.read", "group": "group", "seq": 2},
        "quiet quiet not_found not_found not_found not_found not_found",
    ),
    "typing a text": (
        {"type": "typing", "group": "group", "draft": "x"},
        "quiet bad_field bad_field bad_field bad_field bad_field not_found",
    ),
    "typing true": (
        {"type": "typing", "group": "group", "draft": True},
        "quiet quiet not_found not_found not_found not_found not_found",
    ),
    "sync": (
        {"type": "sync", "groups": "group"},
        "2 2 0 0 0 0 0",
    ),
    "sync with the inbox": (
        {"type": "sync", "groups": "group", "inbox": True},
        "bad_field 2 0 0 0 0 bad_field",
    ),
    "conversation.claim": (
        {"type": "conversation.claim", "group": "group"},
        "forbidden changed not_found forbidden not_found not_found forbidden",
    ),
    "conversation.release": (
        {"type": "conversation.release", "group": "group"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "conversation.close": (
        {"type": "conversation.close", "group": "group"},
        "forbidden changed not_found quiet not_found not_found forbidden",
    ),
    "conversation.reopen": (
        {"type": "conversation.reopen", "group": "group"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "conversation.leave": (
        {"type": "conversation.leave", "group": "group"},
        "forbidden changed not_found quiet not_found not_found forbidden",
    ),
    "conversation.invite": (
        {"type": "conversation.invite", "group": "group", "member": "manager"},
        "forbidden changed not_found quiet not_found not_found forbidden",
    ),
    "conversation.invite of a stranger": (
        {"type": "conversation.invite", "group": "group", "member": "outsider"},
        "forbidden not_found not_found not_found not_found not_found forbidden",
    ),
    "conversation.remove": (
        {"type": "conversation.remove", "group": "group", "member": "bob"},
        "forbidden forbidden not_found changed not_found not_found forbidden",
    ),
    "conversation.transfer to a member": (
        {"type": "conversation.transfer", "group": "group", "member": "bob"},
        "forbidden changed not_found quiet not_found not_found forbidden",
    ),
    "conversation.transfer to the team that has it": (
        {"type": "conversation.transfer", "group": "group", "team": "service"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "conversation.tag": (
        {"type": "conversation.tag", "group": "group", "tag": "x"},
        "forbidden changed not_found quiet not_found not_found forbidden",
    ),
    "conversation.untag": (
        {"type": "conversation.untag", "group": "group", "tag": "x"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "conversation.snooze": (
        {"type": "conversation.snooze", "group": "group", "minutes": 60},
        "forbidden changed not_found changed not_found not_found forbidden",
    ),
    "conversation.wake": (
        {"type": "conversation.wake", "group": "group"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "conversation.spam of what is not held": (
        {"type": "conversation.spam", "group": "group"},
        "forbidden conflict not_found conflict not_found not_found forbidden",
    ),
    "conversation.not_spam of what is not held": (
        {"type": "conversation.not_spam", "group": "group"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "rate": (
        {"type": "rate", "group": "group", "score": 5},
        "changed forbidden forbidden forbidden forbidden forbidden not_found",
    ),
    "page": (
        {"type": "page", "url": "https://shop.example.com/"},
        "quiet forbidden forbidden forbidden forbidden forbidden quiet",
    ),
    "queue": (
        {"type": "queue"},
        "quiet forbidden forbidden forbidden forbidden forbidden not_found",
    ),
    "team": (
        {"type": "team"},
        "quiet forbidden forbidden forbidden forbidden forbidden quiet",
    ),
    "presence": (
        {"type": "presence", "away": False},
        "forbidden quiet quiet quiet quiet quiet forbidden",
    ),
    "viewing": (
        {"type": "viewing", "group": "group"},
        "forbidden quiet not_found quiet not_found not_found forbidden",
    ),
    "viewing nothing": (
        {"type": "viewing", "group": None},
        "forbidden quiet quiet quiet quiet quiet forbidden",
    ),
    "ping": ({"type": "ping", "got": 1}, "quiet quiet quiet quiet quiet quiet quiet"),
}
"""For each person, one after another: an error code; `stored`; `changed`: a notice came;
`quiet`: no error; or how many messages came."""


@pytest.fixture
def cast(guest, alice, bob, carol, manager, outsider, other_manager, other_guest, group):
    members = (guest, alice, carol, manager, outsider, other_manager, other_guest)
    return dict(zip(PEOPLE, members, strict=True)) | {"bob": bob}


def test_every_frame_type_is_in_the_table():
    assert {frame["type"] for frame, _ in FRAMES.values()} == set(checks.CHECKS)


@pytest.mark.parametrize("name", FRAMES)
async def test_a_frame_does_for_everyone_what_is_listed(connect, cast, group, name):
    frame, outcomes = FRAMES[name]
    if frame.get("member"):
        frame = frame | {"member": cast[frame["member"]].uuid}
    if frame.get("mentions"):
        frame = frame | {"mentions": [cast[who].uuid for who in frame["mentions"]]}
    for who, wanted in zip(PEOPLE, outcomes.split(), strict=True):
        socket = await connect(cast[who])
        before = len(await database(rows_of)(group))
        await socket.send(**fill(frame, group))
        if wanted == "stored":
            await socket.until("message.accepted")
        elif wanted == "changed":
            gone = name == "conversation.leave"
            await socket.until("conversation.left" if gone else "message.posted")
        elif not wanted.isdecimal() and wanted != "quiet":
            assert (await socket.until("error"))["code"] == wanted, who
        events = await socket.all()
        assert not [event for event in events if event["type"] == "error"], (who, events)
        if wanted.isdecimal():
            assert len(posted(events)) == int(wanted), who
        after = len(await database(rows_of)(group))
        assert after - before == (wanted in ("stored", "changed")), who
        await socket.leave()
    await database(check_ledger)()


def fill(frame: dict, group: str) -> dict:
    frame = dict(frame)
    if "client_id" in frame:
        frame["client_id"] = new_id()
    if frame.get("group"):
        frame["group"] = group
    if frame.get("groups"):
        frame["groups"] = {group: 0, new_id(): 0}
    return frame


async def test_those_who_may_not_connect_send_nothing(guest, alice, superuser, group, house):
    frame = fill(FRAMES["message.send"][0], group)
    for socket in (
        await unopened(alice, cookie=""),
        await unopened(guest, cookie=""),
        await unopened(superuser),
    ):
        await socket.wire.connect()
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
        await socket.wire.connect()
        assert await socket.closed() == 4401
