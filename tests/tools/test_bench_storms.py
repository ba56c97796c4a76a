"""The pages of bin/bench's storms."""

import asyncio
from types import SimpleNamespace

from bench import storm_pages, wire


async def test_a_page_whose_greeting_comes_with_the_handshake_is_open_once_it_has_its_socket(
    monkeypatch,
):
    early = []

    async def connect(port, path, cookie, received, ended):
        received(b"[{}]")
        for _ in range(3):
            await asyncio.sleep(0)
            early.append(page.open.is_set())
        return SimpleNamespace(frames=1)

    monkeypatch.setattr(wire, "connect", connect)
    page = storm_pages.Page(1, "/ws/agent/", "", None)
    await page.connect()
    assert early == [False] * 3 and page.open.is_set() and page.socket.frames == 1
