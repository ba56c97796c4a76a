"""Long service without faults, `bin/crash --soak MINUTES`: people come, write, send pictures, read
pages, lose their connection and leave, and what the server processes hold must not grow."""

import asyncio
import io
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image

from bench.measure import memory_kib
from bench.storm_pages import jar, request

from . import habits
from .line import post_body
from .page import Page
from .services import System

PICTURES, READERS = 2, 4
"""Pictures that are sent, and people who open pages by HTTP, in a cycle."""
GROWTH = {"memory": (1.1, 0), "handles": (1.05, 5), "threads": (1.05, 3)}
"""How much more the last quarter of the cycles may have than the second: so many times as much, and
some besides. The first is left out: caches fill, and threads start when they are first needed."""
PATIENCE = 60
"""Seconds for the answer to one request."""
UNITS = {"memory": "MiB", "handles": "open files", "threads": "threads"}


async def life(system: System, pages: list[Page], chance: Random) -> None:
    """What happens in a cycle: no fault, but half of the pages lose their connection."""
    await asyncio.sleep(chance.uniform(0.5, 1.5))
    for page in chance.sample(pages, len(pages) // 2):
        page.reload() if chance.random() < 0.2 else page.cut()
    senders = [page for page in pages if page.active_groups()]
    work = [(send_picture, page) for page in chance.sample(senders, min(PICTURES, len(senders)))]
    work += [(read_pages, page) for page in chance.sample(pages, READERS)]
    await asyncio.gather(*(attempt(step, page) for step, page in work))
    await asyncio.sleep(chance.uniform(0.5, 1.5))


async def attempt(step: Callable, page: Page) -> None:
    """Does something by HTTP. That it fails is told, and ends nothing."""
    try:
        await asyncio.wait_for(step(page), PATIENCE)
    except (OSError, ValueError, IndexError, asyncio.TimeoutError) as error:
        page.book.refusals.append(f"{step.__name__}: {error!r}")


async def send_picture(page: Page) -> None:
    """Sends a message with a picture by HTTP."""
    frame = habits.new_message(page)
    page.book.files.add(frame["client_id"])
    picture = io.BytesIO()
    Image.frombytes("L", (64, 64), page.chance.randbytes(64 * 64)).save(picture, "PNG")
    boundary = frame["client_id"]
    fields = {name: frame[name] for name in ("client_id", "content")}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'
    parts.append(f"--{boundary}\r\n{head}Content-Type: image/png\r\n\r\n".encode())
    body = b"".join([*parts, picture.getvalue(), f"\r\n--{boundary}--\r\n".encode()])
    server = page.chance.choice(page.servers)
    path = page.person.messages.format(group=frame.get("group"))
    kind = f"multipart/form-data; boundary={boundary}"
    answer = await post_body(server, path, page.cookie, kind, body)
    if "error" in answer:
        page.book.refusals.append(f"a picture: {answer}")
    else:
        page.on_accepted(answer)


async def read_pages(page: Page) -> None:
    """Opens the pages that this person has, as a browser does."""
    groups = page.active_groups()
    if page.person.is_visitor:
        addresses = [page.person.messages.replace("messages/", "")]
    else:
        addresses = ["/agent/", *(f"/agent/c/{group}/" for group in groups[:1])]
    port = int(page.chance.choice(page.servers).rpartition(":")[2])
    for address in addresses:
        status, _body = await request(port, address, jar(page.cookie))
        if status != 200:
            page.book.refusals.append(f"{address} was answered by {status}")


def use(system: System) -> dict[str, float]:
    """What all server processes hold now: MiB of memory, open files, and threads."""
    pids = [worker.running.pid for worker in system.workers]
    return {
        "memory": sum(map(memory_kib, pids)) / 1024,
        "handles": sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids),
        "threads": sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids),
    }


def growth(rows: list[dict]) -> list[str]:
    """A sentence for each thing that grew from the second to the last quarter of the cycles."""
    quarter = len(rows) // 4
    early, late = rows[quarter : 2 * quarter], rows[-quarter:]
    found = []
    if not quarter:
        return ["grown: who knows, for less than four cycles; let it take longer"]
    for name, (times, besides) in GROWTH.items():
        before, after = (statistics.median(row[name] for row in part) for part in (early, late))
        if after > before * times + besides:
            found.append(f"grown: {before:,.0f} {UNITS[name]} became {after:,.0f}")
    return found
