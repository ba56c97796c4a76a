"""Two server processes, renewed under load."""

import asyncio
import json
import random
import signal
from collections import Counter
from itertools import chain

import pytest
import websockets
from django.conf import settings

from chat.models import GroupMessage
from tests.chat.helpers import check_ledger, database, new_guest, new_id, within

from .fleet import LOST, Fleet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="several processes need MariaDB and Redis"),
]
WITHIN = 180


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def fleet(request, django_db_setup, tmp_path_factory):
    one = Fleet(request.param, tmp_path_factory.mktemp("fleet"))
    yield one.start()
    one.stop()


class Client:
    """A visitor's page that reconnects, and sends again under the same id until it is told that
    the message is stored; and beside it a browser that posts by HTTP, once each."""

    def __init__(self, fleet: Fleet, guest, number: int):
        self.fleet, self.guest, self.number = fleet, guest, number
        self.stored: dict[str, dict] = {}
        self.closes = Counter()
        self.failed_requests: list[str] = []
        self.done = asyncio.Event()

    async def by_socket(self) -> None:
        client_id = None
        while client_id or not self.done.is_set():
            try:
                wire = await self.fleet.connect(self.guest)
                await wire.until("hello")
                while client_id or not self.done.is_set():
                    client_id = client_id or new_id()
                    answer = await wire.say(client_id, client_id=client_id)
                    assert answer["type"] == "message.accepted", answer
                    self.stored[client_id] = answer
                    client_id = None
                await wire.close()
            except websockets.ConnectionClosed as closed:
                self.closes[closed.rcvd.code if closed.rcvd else 1006] += 1
                await asyncio.sleep(random.random() / 20)
            except ConnectionRefusedError:
                self.closes["refused"] += 1
            except LOST as lost:
                self.closes[type(lost).__name__] += 1
                await asyncio.sleep(random.random() / 20)

    async def by_http(self) -> None:
        while not self.done.is_set():
            client_id = new_id()
            while client_id not in self.stored:
                try:
                    self.stored[client_id] = await asyncio.wait_for(self.post(client_id), 60)
                except ConnectionRefusedError:
                    self.closes["refused"] += 1
                except LOST as lost:
                    self.failed_requests.append(repr(lost))
            await asyncio.sleep(random.random() / 10)

    async def post(self, client_id: str) -> dict:
        path = f"/chat/{self.guest.enterprise.code}/messages/"
        fields = {"client_id": client_id, "content": client_id}
        status, body = await self.fleet.request("POST", path, self.guest.cookie, **fields)
        assert status == 200, body
        return json.loads(body)


async def under_load(fleet, team, work) -> list[Client]:
    """Runs `work` while clients write by socket and by HTTP; returns them, all at rest."""
    guests = [new_guest(team) for _ in range(8)]
    clients = [Client(fleet, guest, number) for number, guest in enumerate(guests)]
    tasks = [asyncio.create_task(client.by_socket()) for client in clients]
    tasks += [asyncio.create_task(client.by_http()) for client in clients[:4]]
    await sent(clients, 100)
    await asyncio.to_thread(work)
    await sent(clients, 100)
    for client in clients:
        client.done.set()
    await asyncio.gather(*tasks)
    return clients


async def sent(clients, count: int) -> None:
    """Waits until so many more messages are stored."""
    total = sum(len(client.stored) for client in clients) + count
    while sum(len(client.stored) for client in clients) < total:
        await asyncio.sleep(0.05)


def check_stored(clients) -> None:
    """What was acknowledged is there once, under the number that was told; nothing else is."""
    check_ledger()
    rows = list(GroupMessage.objects.exclude(sender=""))
    by_id = {row.client_id: row for row in rows}
    assert len(by_id) == len(rows)
    told = {client_id: answer for client in clients for client_id, answer in client.stored.items()}
    assert by_id.keys() == told.keys()
    for client_id, answer in told.items():
        row = by_id[client_id]
        assert (row.seq, row.id, row.message_content) == (answer["seq"], answer["id"], client_id)


@within(WITHIN)
async def test_renewing_every_process_under_load_is_unseen(fleet, team, alice):
    before = fleet.pids()

    def renew():
        times = fleet.count("worker 2 is renewed") + 1
        fleet.process.send_signal(signal.SIGHUP)
        fleet.until("worker 2 is renewed", times)

    clients = await under_load(fleet, team, renew)
    assert not set(fleet.pids()) & set(before)
    closes = sum((client.closes for client in clients), Counter())
    failed = list(chain.from_iterable(client.failed_requests for client in clients))
    print(fleet.server, dict(closes), f"{len(failed)} requests failed")
    assert closes["refused"] == 0
    if fleet.server == "uvicorn":
        # Daphne drops sockets without a code and cuts requests: its clients send again.
        assert closes.keys() == {1012} and failed == []
    await database(check_stored)(clients)
