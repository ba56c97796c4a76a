"""What goes wrong, one of these in each cycle. Every function takes the house, its clients'
pages and the chance, does the damage, and returns when all is running again."""

import asyncio
from random import Random

from .page import Page
from .services import House


async def kill(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9 of one server process."""
    worker = chance.choice(house.workers)
    worker.kill()
    await asyncio.sleep(chance.uniform(0, 0.3))
    worker.start()
    await worker.ready()


async def kill_all(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9 of all server processes at once."""
    for worker in house.workers:
        worker.running.kill()
    for worker in house.workers:
        worker.kill()
        worker.start()
    for worker in house.workers:
        await worker.ready()


async def kill_again(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9, and once more when the pages are just coming back."""
    worker = chance.choice(house.workers)
    for _ in range(2):
        worker.kill()
        worker.start()
        await worker.ready()
        await asyncio.sleep(chance.uniform(0, 0.4))
    worker.kill()
    worker.start()
    await worker.ready()


async def freeze(house: House, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of a server process; it goes on in the middle of what it was doing."""
    worker = chance.choice(house.workers)
    worker.freeze()
    await asyncio.sleep(chance.uniform(0.3, 2))
    worker.thaw()


async def restart(house: House, pages: list[Page], chance: Random) -> None:
    """SIGTERM of one server process after the other, as for an upgrade."""
    for worker in house.workers:
        await worker.end()
        worker.start()
        await worker.ready()


async def cut(house: House, pages: list[Page], chance: Random) -> None:
    """The network of half of the clients goes, three times; some pages are reloaded."""
    for _ in range(3):
        for page in chance.sample(pages, len(pages) // 2):
            page.reload() if chance.random() < 0.2 else page.cut()
        await asyncio.sleep(chance.uniform(0.1, 0.4))


async def lock(house: House, pages: list[Page], chance: Random) -> None:
    """Another program holds a lock on every conversation."""
    with house.connection() as cursor:
        if house.kind == "sqlite":
            cursor.execute("BEGIN EXCLUSIVE")
        else:
            await lock_conversations(cursor)
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        cursor.execute("ROLLBACK")


async def lock_conversations(cursor) -> None:
    """Locks all rows of MariaDB's `conversation`, in an order of its own, so that deadlocks come;
    where we are the one to give in, we try again."""
    import MySQLdb

    while True:
        cursor.execute("START TRANSACTION")
        try:
            cursor.execute("SELECT id FROM conversation FOR UPDATE")
            return
        except MySQLdb.OperationalError:
            await asyncio.sleep(0.05)


async def database_kill(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9 of MariaDB."""
    house.database.kill()
    await asyncio.sleep(chance.uniform(0, 0.3))
    house.database.start()
    await house.database.ready()


async def database_freeze(house: House, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of MariaDB."""
    house.database.freeze()
    await asyncio.sleep(chance.uniform(0.3, 2))
    house.database.thaw()


async def everything(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9 of MariaDB, Redis and all server processes, as when the power goes."""
    for process in (house.database, house.redis, *house.workers):
        process.kill()
    for process in (house.database, house.redis, *house.workers):
        process.start()
    for process in (house.database, house.redis, *house.workers):
        await process.ready()


async def redis_kill(house: House, pages: list[Page], chance: Random) -> None:
    """kill -9 of Redis, which is away for a while."""
    house.redis.kill()
    await asyncio.sleep(chance.uniform(0.2, 1.5))
    house.redis.start()
    await house.redis.ready()


async def redis_freeze(house: House, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of Redis."""
    house.redis.freeze()
    await asyncio.sleep(chance.uniform(0.3, 2))
    house.redis.thaw()


async def redis_flush(house: House, pages: list[Page], chance: Random) -> None:
    """FLUSHALL, and all of Redis' connections closed, which is what subscriptions hang on."""
    import redis

    with redis.Redis(port=house.redis.port) as client:
        client.flushall()
        for kind in ("normal", "pubsub"):
            client.client_kill_filter(_type=kind, skipme=True)


ANYWHERE = (kill, kill_all, kill_again, freeze, restart, cut, lock)
FAULTS = {
    # With one process `kill_all` is `kill`.
    "sqlite": tuple(fault for fault in ANYWHERE if fault is not kill_all),
    "mysql": (
        *ANYWHERE,
        *(database_kill, database_freeze, everything, redis_kill, redis_freeze, redis_flush),
    ),
}
