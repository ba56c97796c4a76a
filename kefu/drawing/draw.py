"""Has a picture drawn anew by program.py: one at a time that is quick, and one that is not.

A quick picture never waits for a slow one. Whether a picture is quick is found out by trying: the
size of a hostile file says nothing about the time it takes.
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
PATIENCE = 60
"""Seconds that a picture waits for its turn, and then for the program."""
QUICK_BYTES = 1024 * 1024
QUICK_PIXELS = 4_000_000
QUICK_SECONDS = 1
"""What a quick picture has at most. A screenshot of 2 million pixels takes 0.4 s."""
MOST = {"address": 16, "visitor": 4, "member": 4, "process": 64}
"""Quick pictures that wait or are drawn at once, and the same again of others. A page sends one at
a time; 16 is an office behind one address. Each keeps a thread of the server, but neither a
database connection nor memory."""
RETRY_AFTER = 5
"""Seconds after which one who was refused may try again: a few pictures have been drawn by then."""

quick, slow = Turns(MOST), Turns(MOST)


class NotDrawn(Exception):
    """`reason` is "busy" (too many at once; `scope` names the bound), "broken" (the server cannot
    draw now), "large" (too many pixels), "late" (it took too long) or "unreadable"."""

    def __init__(self, reason: str, scope: str = ""):
        super().__init__(reason, scope)
        self.reason = reason
        self.scope = scope


@dataclass(slots=True)
class Drawn:
    format: str
    width: int
    height: int
    content: bytes
    small: bytes


def draw(file: BinaryIO, keys: Mapping[str, str], limits: dict) -> Drawn:
    """The picture in `file`, made anew within `limits` (see program.py). `keys` names its sender
    by scope: those of MOST are counted, others are passed over. Raises NotDrawn.

    Closes this thread's database connection, unless a transaction is open: whoever waits here
    would take one of the few that a database has. Django opens another when it is needed.
    """
    if not connection.in_atomic_block:
        connection.close()
    senders = tuple((scope, keys[scope]) for scope in MOST if scope in keys)
    until = time.monotonic() + PATIENCE
    try:
        answer = try_quickly(file, senders, limits, until)
        if answer is None:
            with slow.turn(senders, until):
                answer = run(file, limits, PATIENCE)
    except Full as full:
        raise NotDrawn("busy", full.scope) from full
    except subprocess.TimeoutExpired as error:
        raise NotDrawn("late") from error
    except OSError as error:
        raise NotDrawn("broken") from error
    if answer.returncode:
        raise NotDrawn("large" if answer.returncode == TOO_LARGE else "unreadable")
    return drawn_of(answer.stdout)


def try_quickly(
    file: BinaryIO, senders: tuple[Key, ...], limits: dict, until: float
) -> subprocess.CompletedProcess | None:
    """None for a picture that is not quick."""
    if file.seek(0, 2) > QUICK_BYTES:
        return None
    pixels = ("pixels", "jpeg_pixels")
    limits = limits | {name: min(limits[name], QUICK_PIXELS) for name in pixels}
    with quick.turn(senders, until):
        try:
            answer = run(file, limits, QUICK_SECONDS)
        except subprocess.TimeoutExpired:
            return None
    return None if answer.returncode == TOO_LARGE else answer


def run(file: BinaryIO, limits: dict, seconds: float) -> subprocess.CompletedProcess:
    # Read when its turn has come, so that those that wait take no memory.
    file.seek(0)
    command = [*PROGRAM, json.dumps(limits)]
    return subprocess.run(command, input=file.read(), capture_output=True, timeout=seconds)


def drawn_of(output: bytes) -> Drawn:
    head, _, rest = output.partition(b"\n")
    facts = json.loads(head)
    content, small = rest[: facts["size"]], rest[facts["size"] :]
    return Drawn(facts["format"], facts["width"], facts["height"], content, small)
