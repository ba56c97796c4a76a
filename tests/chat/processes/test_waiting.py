"""Programs that wait for events at bin/serve with two processes."""

import asyncio
import json

import pytest
from django.conf import settings

from chat.posting import batches
from chat.stream import sequencer
from tests.chat.api.program import Program, program_of
from tests.chat.helpers import database, draft_of, within

from .fleet import WITHIN, Fleet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="several processes need MariaDB and Redis"),
]


@pytest.fixture(params=["daphne", "uvicorn"])
def fleet(request, django_db_setup, tmp_path):
    one = Fleet(request.param, tmp_path)
    yield one.start()
    one.stop()


async def call(fleet: Fleet, program: Program, query: str) -> dict:
    """The answer to a request for events on a line of its own. Raises where it is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", fleet.port)
    writer.write(
        f"GET /api/v1/events/?{query} HTTP/1.0\r\nHost: 127.0.0.1:{fleet.port}\r\n"
        f"Authorization: Bearer {program.text}\r\n\r\n".encode()
    )
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    assert head.split()[1] == b"200", head
    return json.loads(body)


def answered(fleet: Fleet) -> float:
    return fleet.figure('kefu_http_request_seconds_count{status="2xx"}')


async def waiting(fleet: Fleet, programs: list[Program]) -> list[asyncio.Task]:
    """A request of each behind all that there is, whichever process has it, once all wait."""
    cursor = (await call(fleet, programs[0], "limit=1000"))["cursor"]
    awaited = 1 + len(programs) + await asyncio.to_thread(answered, fleet)
    query = f"wait=25&after={cursor}"
    tasks = [asyncio.create_task(call(fleet, program, query)) for program in programs]
    # A request that waits has had its view; and each look at the figure is a request, too.
    while await asyncio.to_thread(answered, fleet) < awaited:
        awaited += 1
    return tasks


@within(4 * WITHIN)
async def test_every_process_answers_when_something_comes_and_when_it_ends(
    fleet, enterprise, group, alice
):
    await database(sequencer.look)()
    programs = [await database(program_of)(enterprise, name=f"crm-{n}") for n in range(8)]
    tasks = await waiting(fleet, programs)
    await database(batches.post)(draft_of(alice, group, "at last"))
    for told in await asyncio.gather(*tasks):
        assert told["events"][-1]["data"]["message"]["content"] == "at last"
    tasks = await waiting(fleet, programs)
    fleet.process.terminate()
    for told in await asyncio.gather(*tasks):
        assert told["events"] == []
