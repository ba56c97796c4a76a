"""The faults, one for each cycle. Every function gets the system, the pages of its clients and a
random generator. It causes the fault, and returns when everything is running again."""

import asyncio
from random import Random

from .galera import Galera, Node
from .page import Page
from .services import Process, System


async def kill(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9 of one server process."""
    await kill_for(chance.choice(system.workers), chance.uniform(0, 0.3))


async def kill_for(process: Process, seconds: float) -> None:
    process.kill()
    await asyncio.sleep(seconds)
    process.start()
    await process.ready()


async def kill_all(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9 of all server processes at once."""
    for worker in system.workers:
        worker.running.kill()
    for worker in system.workers:
        worker.kill()
        worker.start()
    for worker in system.workers:
        await worker.ready()


async def kill_again(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9, and again while the pages reconnect."""
    worker = chance.choice(system.workers)
    for _ in range(2):
        await kill_for(worker, 0)
        await asyncio.sleep(chance.uniform(0, 0.4))
    await kill_for(worker, 0)


async def freeze(system: System, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of a server process, and SIGCONT after a while."""
    await freeze_for(chance.choice(system.workers), chance)


async def freeze_for(process: Process, chance: Random) -> None:
    process.freeze()
    await asyncio.sleep(chance.uniform(0.3, 2))
    process.thaw()


async def restart(system: System, pages: list[Page], chance: Random) -> None:
    """SIGTERM of one server process after the other, as for an upgrade."""
    for worker in system.workers:
        await worker.end()
        worker.start()
        await worker.ready()


async def cut(system: System, pages: list[Page], chance: Random) -> None:
    """Half of the clients lose their connection, three times; some pages are reloaded."""
    for _ in range(3):
        for page in chance.sample(pages, len(pages) // 2):
            page.reload() if chance.random() < 0.2 else page.cut()
        await asyncio.sleep(chance.uniform(0.1, 0.4))


async def lock(system: System, pages: list[Page], chance: Random) -> None:
    """Another program holds a lock on every conversation."""
    with system.connection() as cursor:
        if system.kind == "sqlite":
            cursor.execute("BEGIN EXCLUSIVE")
        else:
            await lock_conversations(cursor)
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        cursor.execute("ROLLBACK")


async def lock_conversations(cursor) -> None:
    """Locks all rows of `conversation` in MariaDB, in an order that causes deadlocks. If this
    transaction is the victim, it tries again."""
    import MySQLdb

    while True:
        cursor.execute("START TRANSACTION")
        try:
            cursor.execute("SELECT id FROM conversation FOR UPDATE")
            return
        except MySQLdb.OperationalError:
            await asyncio.sleep(0.05)


async def database_kill(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9 of MariaDB or MySQL."""
    await kill_for(system.database, chance.uniform(0, 0.3))


async def database_freeze(system: System, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of MariaDB or MySQL."""
    await freeze_for(system.database, chance)


async def everything(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9 of the database, Redis and all server processes, as in a power cut."""
    for process in (system.database, system.redis, *system.workers):
        process.kill()
    for process in (system.database, system.redis, *system.workers):
        process.start()
    for process in (system.database, system.redis, *system.workers):
        await process.ready()


async def redis_kill(system: System, pages: list[Page], chance: Random) -> None:
    """kill -9 of Redis, which starts again after a while."""
    await kill_for(system.redis, chance.uniform(0.2, 1.5))


async def redis_freeze(system: System, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of Redis."""
    await freeze_for(system.redis, chance)


async def redis_flush(system: System, pages: list[Page], chance: Random) -> None:
    """FLUSHALL, and closes all connections to Redis, and with them all subscriptions."""
    import redis

    with system.redis.place(), redis.Redis(port=system.redis.port) as client:
        client.flushall()
        for kind in ("normal", "pubsub"):
            client.client_kill_filter(_type=kind, skipme=True)


async def first_node_kill(system: Galera, pages: list[Page], chance: Random) -> None:
    """kill -9 of the cluster's first node. Alone, the second one refuses everything."""
    await kill_nodes(system, system.nodes[:1], chance)


async def second_node_kill(system: Galera, pages: list[Page], chance: Random) -> None:
    """kill -9 of the cluster's second node. The first one goes on."""
    await kill_nodes(system, system.nodes[1:], chance)


async def cluster_kill(system: Galera, pages: list[Page], chance: Random) -> None:
    """kill -9 of all nodes at once. They remember who was there, and begin again by themselves."""
    await kill_nodes(system, system.nodes, chance)


async def kill_nodes(system: Galera, nodes: list[Node], chance: Random) -> None:
    """They come back after a while."""
    for node in nodes:
        node.kill()
    await asyncio.sleep(chance.uniform(0, 1))
    for node in nodes:
        node.start()
    for node in system.nodes:
        await node.ready()


async def node_freeze(system: Galera, pages: list[Page], chance: Random) -> None:
    """SIGSTOP of one node of the cluster."""
    node = chance.choice(system.nodes)
    await freeze_for(node, chance)
    await node.ready()


ANYWHERE = (kill, kill_all, kill_again, freeze, restart, cut, lock)
FAULTS = {
    # With one process `kill_all` is `kill`.
    "sqlite": tuple(fault for fault in ANYWHERE if fault is not kill_all),
    "mysql": (
        *ANYWHERE,
        *(database_kill, database_freeze, everything, redis_kill, redis_freeze, redis_flush),
    ),
}
FAULTS["mysql8"] = FAULTS["mysql"]
# No lock of one node keeps another one from writing.
FAULTS["galera"] = (
    *(fault for fault in ANYWHERE if fault is not lock),
    *(first_node_kill, second_node_kill, node_freeze, cluster_kill),
    *(redis_kill, redis_freeze, redis_flush),
)
