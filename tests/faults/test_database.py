"""Guarantee 12: a database that is locked, away or full is told, and is all right afterwards."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.chat.helpers import new_id, within
from tests.plugins.services import DATABASE

from .conftest import Home, accepted_in_the_end

LOCKED = 12
"""Seconds: a writer gives up after 5."""
LONG = "满" * 9_000


@within(90)
async def test_a_lock_of_many_seconds_is_unavailable_and_passes(house):
    visitor, agent = await house.connect(house.visitor()), await house.connect(house.agents[0])
    group = (await visitor.say("before"))["group"]
    client_ids = [new_id(), new_id()]
    with house.connection() as cursor:
        if house.kind == "sqlite":
            cursor.execute("BEGIN EXCLUSIVE")
        else:
            cursor.execute("START TRANSACTION")
            cursor.execute("SELECT id FROM conversation FOR UPDATE")
        end = asyncio.get_running_loop().time() + LOCKED
        while asyncio.get_running_loop().time() < end:
            for wire, client_id, fields in (
                (visitor, client_ids[0], {}),
                (agent, client_ids[1], {"group": group}),
            ):
                answer = await wire.say("locked out", client_id=client_id, **fields)
                assert (answer["type"], answer["code"]) == ("error", "unavailable")
        cursor.execute("ROLLBACK")
    first = await accepted_in_the_end(visitor, "locked out", client_ids[0])
    second = await accepted_in_the_end(agent, "locked out", client_ids[1], group=group)
    # The answer claims what nobody holds, and the notice of that stands before it.
    assert (first["seq"], second["seq"]) == (3, 5)
    assert await visitor.missed(group) == [1, 2, 3, 4, 5]


@pytest.mark.skipif(DATABASE == "sqlite", reason="SQLite is no server")
@within(90)
async def test_mariadb_may_go_and_come_back_under_open_sockets(house):
    visitor, agent = await house.connect(house.visitor()), await house.connect(house.agents[0])
    group = (await visitor.say("before"))["group"]
    house.database.kill()
    client_id = new_id()
    for _ in range(3):
        answer = await visitor.say("while it is away", client_id=client_id)
        assert answer["code"] == "unavailable"
    await agent.send("sync", groups={group: 0})
    assert (await agent.until("error"))["code"] == "unavailable"
    house.database.start()
    await house.database.ready()
    answer = await accepted_in_the_end(visitor, "while it is away", client_id)
    assert answer["seq"] == 3, "once, on the socket that has been open all the time"
    assert await agent.missed(group) == [1, 2, 3]


@pytest.fixture
def small_disk():
    """A folder on a file system of its own, 400 MB with MariaDB in it, 40 MB else: static
    files take 12, and SQLite's log of changes grows to 16."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-disk-"))
    size = "40m" if DATABASE == "sqlite" else "400m"
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@within(90)
async def test_a_full_disk_is_unavailable_and_what_was_accepted_is_there(small_disk):
    house = Home(DATABASE, "daphne", small_disk / "house", workers=1)
    try:
        await house.begin()
        visitor = await house.connect(house.visitor())
        group = (await visitor.say("before"))["group"]
        filler = small_disk / "filler"
        with filler.open("wb") as file:
            file.truncate()
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - 2**20)
        accepted = []
        for number in range(2_000):
            client_id = new_id()
            answer = await visitor.say(f"{number} {LONG}", client_id=client_id)
            if answer["type"] == "error":
                break
            accepted.append(answer["seq"])
        assert answer["code"] == "unavailable", answer
        assert (await visitor.heard()) is not None, "the socket stays"
        filler.unlink()
        if house.database:
            # MariaDB 11.8 gives up by itself; who runs it, as systemd does, starts it again.
            house.database.kill()
            house.database.start()
            await house.database.ready()
        last = await accepted_in_the_end(visitor, f"{number} {LONG}", client_id)
        assert accepted == list(range(3, 3 + number)) and last["seq"] == 3 + number
        with house.snapshot() as select:
            rows = select("SELECT seq FROM group_message WHERE group_id = %s ORDER BY seq", [group])
        assert [seq for (seq,) in rows] == [1, 2, *accepted, last["seq"]]
    finally:
        house.close()
