"""Pictures that people send: drawn anew from their pixels, with a small one to show in the thread.

Nothing else of the upload survives: no EXIF with the place it was taken, no profile, no comment,
nothing that stands behind the pixels. A process of its own draws (drawing.py).
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import kinds
from .errors import Refused
from .kinds import Kind

JPEG_PIXELS = 50_000_000
PIXELS = 36_000_000
"""What a telephone of today makes, as JPEG, which is halved while it is read; of other formats,
what the largest screen shows."""
SIDE = 30_000
"""Pixels of one side: a long page photographed from a screen."""
KEPT = 16_000_000
"""A larger picture is made this small: more than any screen shows."""
SCANS = 100
"""Passes that a JPEG may be drawn in; cameras make one, the web ten. Each takes up to a second,
and 10 MiB have room for thousands."""
FRAMES = 500
ANIMATION = 40_000_000
"""Frames, and pixels of all frames together, that are drawn anew: 3 s of a processor. Of a longer
animation the first frame is kept."""
THUMBNAIL = 480
"""Pixels of a small picture's longer side: twice of what the page shows."""
SLIMMEST = 0.4
"""Width by height of the slimmest small picture; what is slimmer, or flatter, is cropped."""
SECONDS = 30
"""Of a processor, for one picture. The largest took 3."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space; a WebP of 36 million pixels needs 570 MB, a PNG 430, a JPEG of 50 190."""
PATIENCE = 60
"""Seconds that an upload waits for its turn, and then for its picture."""
ONCE = threading.BoundedSemaphore(2)
"""Pictures that a process of the server has drawn at a time."""
PROGRAM = [sys.executable, "-I", str(Path(__file__).with_name("drawing.py"))]
TOO_LARGE = 3

DRAWN = {"PNG": kinds.PNG, "JPEG": kinds.JPEG, "WEBP": kinds.WEBP}


@dataclass(slots=True)
class Picture:
    content: bytes
    kind: Kind
    width: int
    height: int
    thumbnail: bytes


def redraw(file: BinaryIO) -> Picture:
    """The picture in `file`, made anew. Refuses with bad_kind what is none or is too large, and
    with unavailable when too many are drawn already."""
    if not ONCE.acquire(timeout=PATIENCE):
        raise Refused("unavailable", "Too many pictures at once; nothing was stored. Try again.")
    try:
        file.seek(0)
        answer = subprocess.run(
            [*PROGRAM, json.dumps(limits())],
            input=file.read(),
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("bad_kind", "This picture takes too long to draw.") from error
    except OSError as error:
        detail = "The server cannot draw pictures now; nothing was stored. Send it again."
        raise Refused("unavailable", detail) from error
    finally:
        ONCE.release()
    if answer.returncode == TOO_LARGE:
        raise Refused("bad_kind", "This picture has too many pixels.")
    if answer.returncode:
        raise Refused("bad_kind", "This picture cannot be read.")
    head, _, rest = answer.stdout.partition(b"\n")
    facts = json.loads(head)
    content, thumbnail = rest[: facts["size"]], rest[facts["size"] :]
    return Picture(content, DRAWN[facts["format"]], facts["width"], facts["height"], thumbnail)


def limits() -> dict:
    return {
        "jpeg_pixels": JPEG_PIXELS,
        "pixels": PIXELS,
        "side": SIDE,
        "kept": KEPT,
        "scans": SCANS,
        "frames": FRAMES,
        "animation": ANIMATION,
        "thumbnail": THUMBNAIL,
        "slimmest": SLIMMEST,
        "seconds": SECONDS,
        "memory": MEMORY,
    }


def shown(width: int, height: int) -> tuple[int, int]:
    """How large the thread shows a picture of this size, as static/js/attachment.js reckons it."""
    ratio = min(max(width / height, SLIMMEST), 1 / SLIMMEST)
    width = min(width, height / SLIMMEST)
    height = width / ratio
    scale = min(1, THUMBNAIL / 2 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
