"""Has program.py draw a picture: one quick and one slow picture at a time.

A quick picture never waits for a slow one. Whether it is quick is found out by trying, because the
size of a hostile file says nothing about the time that it takes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import connection

from .turns import Full, Key, Turns

PROGRAM = [sys.executable, "-I", str(Path(__file__).with_name("program.py"))]
TOO_LARGE = 3
"""The program's exit code for too many pixels."""
TIMEOUT = 60
"""Seconds that a picture may wait for its turn, and then for the program."""
QUICK_BYTES = 1024 * 1024
QUICK_PIXELS = 4_000_000
QUICK_SECONDS = 1
"""Limits of a quick picture. A screenshot of 2 million pixels takes 0.4 s."""
MAX_WAITING = {"address": 16, "visitor": 4, "member": 4, "process": 64}
"""Quick pictures that may wait or be drawn at once, by the scope of their sender, and as many slow
ones. A page sends one at a time; 16 is an office behind one address. Each blocks a thread of the
server, but holds no database connection and no memory."""
RETRY_AFTER = 5
"""Seconds after which a refused sender may try again: time to draw a few pictures."""

quick, slow = Turns(MAX_WAITING), Turns(MAX_WAITING)


class NotDrawn(Exception):
    """A picture was not drawn. `reason` is "busy" (too many at once; `scope` is the limit that was
    reached), "broken" (the server cannot draw now), "large" (too many pixels), "late" (it took too
    long) or "unreadable"."""

    def __init__(self, reason: str, scope: str = ""):
        super().__init__(reason, scope)
        self.reason = reason
        self.scope = scope


@dataclass(slots=True)
class Drawn:
    """A picture that was drawn: its format as Pillow names it, its pixels, the file, and the file
    of its thumbnail, which is empty for an avatar."""

    format: str
    width: int
    height: int
    content: bytes
    small: bytes


def draw(file: BinaryIO, keys: Mapping[str, str], limits: dict) -> Drawn:
    """Draws the picture in `file` anew, within `limits` (see program.py). Raises NotDrawn.

    `keys` identifies the sender by scope. The scopes of MAX_WAITING are limited, others ignored.

    Unless a transaction is open, this closes the thread's database connection, so that those who
    wait here do not hold the few connections of a database. Django opens another when needed.
    """
    if not connection.in_atomic_block:
        connection.close()
    senders = tuple((scope, keys[scope]) for scope in MAX_WAITING if scope in keys)
    until = time.monotonic() + TIMEOUT
    try:
        answer = try_quickly(file, senders, limits, until)
        if answer is None:
            with slow.turn(senders, until):
                answer = run_program(file, limits, TIMEOUT)
    except Full as full:
        raise NotDrawn("busy", full.scope) from full
    except subprocess.TimeoutExpired as error:
        raise NotDrawn("late") from error
    except OSError as error:
        raise NotDrawn("broken") from error
    if answer.returncode:
        raise NotDrawn("large" if answer.returncode == TOO_LARGE else "unreadable")
    return parse_output(answer.stdout)


def try_quickly(
    file: BinaryIO, senders: tuple[Key, ...], limits: dict, until: float
) -> subprocess.CompletedProcess | None:
    """Draws the picture within the limits of a quick one. None if it is not quick."""
    if file.seek(0, 2) > QUICK_BYTES:
        return None
    pixels = ("pixels", "jpeg_pixels")
    limits = limits | {name: min(limits[name], QUICK_PIXELS) for name in pixels}
    with quick.turn(senders, until):
        try:
            answer = run_program(file, limits, QUICK_SECONDS)
        except subprocess.TimeoutExpired:
            return None
    return None if answer.returncode == TOO_LARGE else answer


def run_program(file: BinaryIO, limits: dict, seconds: float) -> subprocess.CompletedProcess:
    # Read it only now, so that pictures that wait need no memory.
    file.seek(0)
    command = [*PROGRAM, json.dumps(limits)]
    return subprocess.run(command, input=file.read(), capture_output=True, timeout=seconds)


def parse_output(output: bytes) -> Drawn:
    """Parses the output of program.py."""
    head, _, rest = output.partition(b"\n")
    facts = json.loads(head)
    content, small = rest[: facts["size"]], rest[facts["size"] :]
    return Drawn(facts["format"], facts["width"], facts["height"], content, small)
