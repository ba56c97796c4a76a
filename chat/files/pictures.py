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

MAX_JPEG_PIXELS = 50_000_000
MAX_PIXELS = 36_000_000
"""What a telephone of today makes, as JPEG, which is halved while it is read; of other formats,
what the largest screen shows."""
MAX_SIDE = 30_000
"""Pixels of one side: a long page photographed from a screen."""
KEPT_PIXELS = 16_000_000
"""A larger picture is made this small: more than any screen shows."""
MAX_SCANS = 100
"""Passes that a JPEG may be drawn in; cameras make one, the web ten. Each takes up to a second,
and 10 MiB have room for thousands."""
MAX_FRAMES = 500
MAX_ANIMATION_PIXELS = 40_000_000
"""Frames, and pixels of all frames together, that are drawn anew: 3 s of a processor. Of a longer
animation the first frame is kept."""
THUMBNAIL = 480
"""Pixels of a small picture's longer side: twice of what the page shows."""
MIN_RATIO = 0.4
"""Width by height of the slimmest small picture; what is slimmer, or flatter, is cropped."""
MAX_SECONDS = 30
"""Of a processor, for one picture. The largest took 3."""
MAX_MEMORY = 1536 * 1024 * 1024
"""Bytes of address space; a WebP of 36 million pixels needs 570 MB, a PNG 430, a JPEG of 50 190."""

KINDS_BY_FORMAT = {"PNG": kinds.PNG, "JPEG": kinds.JPEG, "WEBP": kinds.WEBP}


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
for scope in draw.MOST:
    metrics.LIMITED.labels("drawing", scope)


def redraw(file: BinaryIO, keys: dict[str, str]) -> Picture:
    """The picture in `file`, made anew; `keys` names its sender (limits.py). Refuses with bad_kind
    what is none, is too large or takes too long, and with rate_limited when too many are waiting
    already. Gives back the database connection, see kefu/drawing/draw.py."""
    try:
        drawn = draw.draw(file, keys, drawing_limits())
    except draw.NotDrawn as error:
        raise refusal(error) from error
    kind = KINDS_BY_FORMAT[drawn.format]
    return Picture(drawn.content, kind, drawn.width, drawn.height, drawn.small)


def refusal(error: draw.NotDrawn) -> Refused:
    if error.reason != "busy":
        return Refused(*REFUSALS[error.reason])
    metrics.LIMITED.labels("drawing", error.scope).inc()
    detail = "Too many pictures at once; nothing was stored. Wait, then send it again."
    return Refused("rate_limited", detail, retry_after=draw.RETRY_AFTER)


def drawing_limits() -> dict:
    return {
        "jpeg_pixels": MAX_JPEG_PIXELS,
        "pixels": MAX_PIXELS,
        "side": MAX_SIDE,
        "kept": KEPT_PIXELS,
        "scans": MAX_SCANS,
        "frames": MAX_FRAMES,
        "animation": MAX_ANIMATION_PIXELS,
        "thumbnail": THUMBNAIL,
        "slimmest": MIN_RATIO,
        "seconds": MAX_SECONDS,
        "memory": MAX_MEMORY,
    }


def display_size(width: int, height: int) -> tuple[int, int]:
    """How large the thread shows a picture of this size.

    static/js/thread/attachment.js computes the same.
    """
    ratio = min(max(width / height, MIN_RATIO), 1 / MIN_RATIO)
    width = min(width, height / MIN_RATIO)
    height = width / ratio
    scale = min(1, THUMBNAIL / 2 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
