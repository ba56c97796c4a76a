"""What the endpoint sends back, in one piece or as a stream of server-sent events, within bounds.

Whatever it is, what comes out is a Reply or a Failed.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from chat.webhooks import sender
from chat.webhooks.sender import Answer

from .causes import Cause
from .shapes import Failed, Reply

MAX_BODY, MAX_ERROR = 2_000_000, 16_384
"""Bytes that are read of an answer, and of one that is an error."""
MAX_CONTENT = 100_000
"""Characters: many times what a request asks for."""
MOST_TOKENS = 10_000_000
"""A count beyond what any model reads is no count."""


def failed(text: str) -> Failed:
    return Failed(Cause.ENDPOINT, text)


class Refusal(Failed):
    """The endpoint answered with an error."""

    def __init__(self, status: int, body: bytes = b""):
        super().__init__(Cause.ENDPOINT, words_of(status))
        self.status, self.body = status, body
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        error = found.get("error") if isinstance(found, dict) else None
        self.error = error if isinstance(error, dict) else {"message": error}

    @property
    def said(self) -> str:
        """The endpoint's own words. They may repeat what it was asked, and its key."""
        text = self.error.get("message")
        return "".join(filter(str.isprintable, text)) if isinstance(text, str) else ""

    def names_of(self, sent: set[str]) -> set[str]:
        """Which of the parameters that were sent it names."""
        if self.status not in (400, 422):
            return set()
        param = str(self.error.get("param")).partition(".")[0]
        if param in sent:
            return {param}
        text = self.body.decode("utf-8", "replace")
        return {name for name in sent if re.search(rf"(?<![a-z_]){name}(?![a-z_])", text)}


def words_of(status: int) -> str:
    if 300 <= status < 400:
        text = _("It redirects elsewhere, which is not followed (%(status)d).")
    elif status in (401, 403):
        text = _("It does not accept the key (%(status)d).")
    elif status == 404:
        text = _("It has no such address, or no such model (%(status)d).")
    elif status in (402, 429):
        text = _("It takes no more for now, or has not been paid (%(status)d).")
    else:
        text = _("It reports an error (%(status)d).")
    return text % {"status": status}


def read(answer: Answer, began: float) -> Reply:
    """The reply in an answer to what was sent at `began` of time.monotonic. Raises Failed, and what
    Answer.pieces raises."""
    if not 200 <= answer.status < 300:
        raise Refusal(answer.status, sender.beginning(answer, MAX_ERROR))
    pieces, start = bounded(answer.pieces()), b""
    while not start.strip():
        start = next(pieces, b"")
        if not start:
            raise failed(_("It answers nothing."))
    # By what comes, since not every endpoint says it in the head.
    if start.lstrip().startswith(b"{"):
        return whole(b"".join([start, *pieces]), began)
    return streamed(events(lines(chain([start], pieces))), began)


def bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BODY:
            raise failed(_("Its answer does not end."))
        yield piece


def whole(body: bytes, began: float) -> Reply:
    found = parsed(body)
    choice = choice_of(found)
    if choice is None:
        raise failed(_("Its answer is not one to a chat."))
    seconds = time.monotonic() - began
    return reply_of([text_of(choice, "message")], found.get("usage"), seconds, seconds)


def streamed(events: Iterable[bytes], began: float) -> Reply:
    texts, first, finished, usage = [], None, False, None
    for data in events:
        if data.strip() == b"[DONE]":
            finished = True
            break
        found = parsed(data)
        usage = found.get("usage") or usage
        choice = choice_of(found) or {}
        if text := text_of(choice, "delta"):
            first = first or time.monotonic() - began
            texts.append(text)
        finished = finished or bool(choice.get("finish_reason"))
    if not finished:
        raise failed(_("Its answer ends in the middle."))
    seconds = time.monotonic() - began
    return reply_of(texts, usage, first or seconds, seconds)


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, which may end in LF, CR or both, and anywhere in a piece; at last an
    empty one."""
    line, held = [], b""
    for piece in pieces:
        piece = held + piece
        # Half of an end, perhaps.
        held = b"\r" if piece.endswith(b"\r") else b""
        ends = piece.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = ends.split(b"\n")
        line.append(first)
        for other in others:
            yield b"".join(line)
            line = [other]
    yield b"".join(line)
    yield b""


def events(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event in these lines."""
    data = []
    for line in lines:
        name, _colon, value = line.partition(b":")
        if name == b"data":
            data.append(value)
        elif not line and data:
            yield b"\n".join(data)
            data = []


def parsed(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise failed(_("Its answer is not one to a chat."))
    if found.get("error"):
        raise Refusal(500, data)
    return found


def choice_of(found: dict) -> dict | None:
    choices = found.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def text_of(choice: dict, name: str) -> str:
    """The content; what a model thinks aloud beside it is none."""
    message = choice.get(name)
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""


def reply_of(texts: list[str], usage: Any, first: float, seconds: float) -> Reply:
    # Halves of a character, which a stream may cut apart, are put together; a lone one is no text.
    content = "".join(texts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(content) > MAX_CONTENT:
        raise failed(_("Its answer does not end."))
    counts = usage if isinstance(usage, dict) else {}
    prompt, completion = (count_of(counts, f"{name}_tokens") for name in ("prompt", "completion"))
    return Reply(content, prompt, completion, round(first, 3), round(seconds, 3))


def count_of(usage: dict, name: str) -> int | None:
    count = usage.get(name)
    return count if type(count) is int and 0 <= count <= MOST_TOKENS else None
