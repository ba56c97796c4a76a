"""A model behind an OpenAI-compatible endpoint, for the assistant. It answers each request with a
quote of the first passage that it is given."""

import asyncio
import json
from collections.abc import Callable

import orjson

ALLOWED = "127.0.0.0/8"
"""AI_ALLOW: the model is on this machine."""
PRESENT = 2
"""Seconds after which the assistant of a new server, on which sockets are open, is there."""
PIECES = 25
"""Pieces of an answer."""


def ignore(text: str) -> None:
    pass


class Model:
    """Between two pieces of an answer it waits for `pause` seconds."""

    def __init__(self):
        self.pause = 0.0
        self.on_request: Callable[[str], None] = ignore
        self.on_end: Callable[[str], None] = ignore
        """Called with what the visitor has said last, when a request comes and is answered."""

    async def listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self.answer, "127.0.0.1", port, backlog=500)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        request = orjson.loads(await reader.readexactly(length))
        asked = orjson.loads(request["messages"][-1]["content"])
        question = asked["conversation"][-1]["text"]
        self.on_request(question)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        content = quote_of(asked["passages"][0])
        step = len(content) // PIECES + 1
        for start in range(0, len(content), step):
            await asyncio.sleep(self.pause)
            writer.write(event({"delta": {"content": content[start : start + step]}}))
        self.on_end(question)
        writer.write(event({"delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()


def quote_of(passage: dict) -> str:
    quote = max(passage["text"].splitlines(), key=len)
    sentence = {"text": quote, "proofs": [{"id": passage["id"], "quote": quote}]}
    return json.dumps({"sentences": [sentence]}, ensure_ascii=False)


def event(choice: dict) -> bytes:
    return b"data: " + orjson.dumps({"choices": [{"index": 0, **choice}]}) + b"\n\n"
