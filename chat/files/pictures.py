"""Pictures that people send: drawn anew from their pixels, with a small one to show in the thread.

Nothing else of the upload survives: no EXIF with the place it was taken, no profile, no comment,
nothing that stands behind the pixels. A process of its own draws (kefu/drawing).
"""

from dataclasses import dataclass
from typing import BinaryIO

from chat import metrics
from chat.protocol.errors import Refused
from kefu.drawing import draw

from . import kinds
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

DRAWN = {"PNG": kinds.PNG, "JPEG": kinds.JPEG, "WEBP": kinds.WEBP}


@dataclass(slots=True)
class Picture:
    content: bytes
    kind: Kind
    width: int
    height: int
    thumbnail: bytes


REFUSALS = {
    "large": ("bad_kind", "This picture has too many pixels."),
    "late": ("bad_kind", "This picture takes too long to draw."),
    "unreadable": ("bad_kind", "This picture cannot be read."),
    "broken": (
        "unavailable",
        "The server cannot draw pictures now; nothing was stored. Send it again.",
    ),
}

# Series that are there from the start, see metrics.py.
for scope in draw.MAX_WAITING:
    metrics.LIMITED.labels("drawing", scope)


def redraw(file: BinaryIO, keys: dict[str, str]) -> Picture:
    """The picture in `file`, made anew; `keys` names its sender (limits.py). Refuses with bad_kind
    what is none, is too large or takes too long, and with rate_limited when too many are waiting
    already. Gives back the database connection, see kefu/drawing/draw.py."""
    try:
        drawn = draw.draw(file, keys, limits())
    except draw.NotDrawn as error:
        raise refusal(error) from error
    kind = DRAWN[drawn.format]
    return Picture(drawn.content, kind, drawn.width, drawn.height, drawn.small)


def refusal(error: draw.NotDrawn) -> Refused:
    if error.reason != "busy":
        return Refused(*REFUSALS[error.reason])
    metrics.LIMITED.labels("drawing", error.scope).inc()
    detail = "Too many pictures at once; nothing was stored. Wait, then send it again."
    return Refused("rate_limited", detail, retry_after=draw.RETRY_AFTER)


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
    """How large the thread shows a picture of this size.

    static/js/thread/attachment.js computes the same.
    """
    ratio = min(max(width / height, SLIMMEST), 1 / SLIMMEST)
    width = min(width, height / SLIMMEST)
    height = width / ratio
    scale = min(1, THUMBNAIL / 2 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
