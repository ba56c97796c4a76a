"""Redraws uploaded pictures from their pixels, and draws a thumbnail for the thread.

Nothing else of the upload is kept: no EXIF with the place, no colour profile, no comment, no data
after the picture. A separate process does it (kefu/drawing).
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
"""Pixels of a JPEG, which is reduced while it is read: phones make 50 million. Pixels of other
formats: the largest screens show 36 million."""
MAX_SIDE = 30_000
"""Pixels of one side: a screenshot of a long page."""
KEPT_PIXELS = 16_000_000
"""Pixels that are kept: a larger picture is reduced to this."""
MAX_SCANS = 100
"""Scans of a progressive JPEG: cameras make one, web tools ten. A scan takes up to a second, and
10 MiB have room for thousands."""
MAX_FRAMES = 500
MAX_ANIMATION_PIXELS = 40_000_000
"""Frames of an animation, and pixels of all its frames together: 3 s of processor time. Of a longer
animation only the first frame is kept."""
THUMBNAIL = 480
"""Pixels of a thumbnail's longer side: twice what the page shows, for sharp screens."""
MIN_RATIO = 0.4
"""The smallest ratio of the shorter to the longer side of a thumbnail; others are cropped."""
MAX_SECONDS = 30
"""Seconds of processor time for one picture. The largest took 3."""
MAX_MEMORY = 1536 * 1024 * 1024
"""Bytes of address space. A WebP of 36 million pixels needs 570 MB, a PNG 430 MB, a JPEG of 50
million pixels 190 MB."""

KINDS_BY_FORMAT = {"PNG": kinds.PNG, "JPEG": kinds.JPEG, "GIF": kinds.GIF, "WEBP": kinds.WEBP}


@dataclass(slots=True)
class Picture:
    """A redrawn picture: its file, its size in pixels, and the file of its thumbnail."""

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

# These series exist from the start, see metrics.py.
for scope in draw.MAX_WAITING:
    metrics.LIMITED.labels("drawing", scope)


def redraw(file: BinaryIO, keys: dict[str, str], *, old: bool = False) -> Picture:
    """The picture in `file`, redrawn; if `old`, as PNG, JPEG or GIF, for who takes no WebP. `keys`
    are the sender's (limits.py). Refuses with bad_kind a file that is no picture, is too large or
    takes too long, with rate_limited if too many pictures wait already, and with unavailable if the
    drawing process fails. Closes the thread's database connection while it waits, see
    kefu/drawing/draw.py."""
    try:
        drawn = draw.draw(file, keys, drawing_limits() | ({"old": True} if old else {}))
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
    """The width and height in CSS pixels at which the thread shows a picture of this size.
    static/js/thread/attachment.js computes the same."""
    ratio = min(max(width / height, MIN_RATIO), 1 / MIN_RATIO)
    width = min(width, height / MIN_RATIO)
    height = width / ratio
    scale = min(1, THUMBNAIL / 2 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
