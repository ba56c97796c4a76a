"""Pictures that people send: drawn anew from their pixels, with a small one to show in the thread.

Nothing else of the upload survives: no EXIF with the place it was taken, no profile, no comment,
nothing that stands behind the pixels. Sizes are read from the head before anything is decoded.
"""

import io
import threading
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps, ImageSequence

from . import kinds
from .errors import Refused
from .kinds import Kind

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = {"JPEG": 50_000_000}
MOST_PIXELS = 36_000_000
"""What a telephone of today makes, as JPEG, which is halved while it is read; of other formats,
what the largest screen shows."""
MAX_SIDE = 30_000
"""Pixels of one side: a long page photographed from a screen."""
KEPT_PIXELS = 16_000_000
"""A larger picture is made this small: more than any screen shows."""
MAX_SCANS = 100
"""Passes that a JPEG may be drawn in; cameras make one, the web ten. Each takes a second at 50
million pixels, and 10 MiB have room for thousands."""
MAX_FRAMES = 500
ANIMATION = 40_000_000
"""Pixels of all frames together that are drawn anew, 3 s of a processor and 160 MB; of a longer
animation, of more than MAX_FRAMES or of one beyond WEBP_SIDE, the first frame is kept."""
WEBP_SIDE = 16_383
THUMBNAIL = 480
"""Pixels of a small picture's longer side: twice of what the page shows."""
SLIMMEST = 0.4
"""Width by height of the slimmest small picture; what is slimmer, or flatter, is cropped."""
ONCE = threading.BoundedSemaphore(2)
"""Pictures that a process draws at a time: a WebP of 36 million pixels took 570 MiB for a moment, a
PNG 430, a JPEG of 50 million 190."""
PATIENCE = 20
"""Seconds that an upload waits for its turn."""


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
        with Image.open(file, formats=FORMATS) as picture:
            check_size(picture)
            if picture.format == "JPEG":
                check_scans(file)
            return drawn(picture)
    except Refused:
        raise
    except Exception as error:  # Decoders of hostile files fail in every way there is.
        raise Refused("bad_kind", "This picture cannot be read.") from error
    finally:
        ONCE.release()


def check_size(picture: Image.Image) -> None:
    most = MAX_PIXELS.get(picture.format, MOST_PIXELS)
    if picture.width * picture.height > most or max(picture.size) > MAX_SIDE:
        raise Refused("bad_kind", f"This picture has too many pixels: {most:,} at the most.")


def check_scans(file: BinaryIO) -> None:
    """Outside of a scan's beginning these two bytes hardly stand in a JPEG."""
    at = file.tell()
    file.seek(0)
    scans = file.read().count(b"\xff\xda")
    file.seek(at)
    if scans > MAX_SCANS:
        raise Refused("bad_kind", "This picture would take too long to draw.")


def drawn(picture: Image.Image) -> Picture:
    form = picture.format
    if getattr(picture, "is_animated", False) and form != "PNG":
        if moving := animated(picture):
            return moving
        picture.seek(0)
    if picture.width * picture.height > 2 * KEPT_PIXELS:
        # JPEG's own way to halve, before all of it is decoded; other formats know none.
        picture.draft(None, (picture.width // 2, picture.height // 2))
    plain = pixels(picture)
    # Made smaller before anything copies it, and in its place.
    if plain.width * plain.height > KEPT_PIXELS:
        scale = (KEPT_PIXELS / (plain.width * plain.height)) ** 0.5
        plain.thumbnail((max(1, int(plain.width * scale)), max(1, int(plain.height * scale))))
    ImageOps.exif_transpose(plain, in_place=True)
    kind, options = STILL[form]
    if kind is kinds.JPEG and plain.mode not in ("RGB", "L"):
        plain = plain.convert("RGB")
    plain = bare(plain)
    return Picture(encoded(plain, options), kind, *plain.size, thumbnail(plain))


STILL = {
    "JPEG": (kinds.JPEG, {"format": "JPEG", "quality": 85, "optimize": True}),
    "PNG": (kinds.PNG, {"format": "PNG", "compress_level": 3}),
    "GIF": (kinds.PNG, {"format": "PNG", "compress_level": 3}),
    "WEBP": (kinds.WEBP, {"format": "WEBP", "quality": 85, "method": 2}),
}
"""What each format becomes. compress_level 3 takes a third of the time of 6, for 3 % more bytes."""


def pixels(picture: Image.Image) -> Image.Image:
    """Decoded, as RGB, RGBA, L or LA; what EXIF says of its direction still with it."""
    if picture.mode.startswith("I"):  # 16-bit greys, which convert() would cut off at 255.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("RGB", "RGBA", "L", "LA"):
        picture.load()
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def bare(picture: Image.Image) -> Image.Image:
    """The same pixels in a picture that knows nothing else: writers put out what they find."""
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    return clean


def encoded(picture: Image.Image, options: dict) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def animated(picture: Image.Image) -> Picture | None:
    """Every frame anew, as WebP: a third of GIF's time, a tenth of its bytes. None where that is
    too much; frames are not counted before, since that alone takes a minute for a million."""
    most = min(MAX_FRAMES, ANIMATION // (picture.width * picture.height))
    if most < 2 or max(picture.size) > WEBP_SIDE:
        return None
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        if len(frames) == most:
            return None
        durations.append(min(max(int(frame.info.get("duration") or 100), 20), 10_000))
        frames.append(bare(frame.convert("RGBA")))
    first, *rest = frames
    how = {"format": "WEBP", "quality": 75, "method": 0, "loop": 0, "save_all": True}
    content = encoded(first, how | {"append_images": rest, "duration": durations})
    return Picture(content, kinds.WEBP, *first.size, thumbnail(first))


def thumbnail(picture: Image.Image) -> bytes:
    """The small one, a still. Of a long page it shows the top."""
    width, height = picture.size
    if width < height * SLIMMEST:
        picture = picture.crop((0, 0, width, max(1, round(width / SLIMMEST))))
    elif height < width * SLIMMEST:
        across = max(1, round(height / SLIMMEST))
        left = (width - across) // 2
        picture = picture.crop((left, 0, left + across, height))
    else:
        picture = picture.copy()
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    mode = "RGBA" if picture.mode in ("RGBA", "LA") else "RGB"
    return encoded(bare(picture.convert(mode)), {"format": "WEBP", "quality": 75, "method": 2})


def shown(width: int, height: int) -> tuple[int, int]:
    """How large the thread shows a picture of this size, as static/js/attachment.js reckons it."""
    ratio = min(max(width / height, SLIMMEST), 1 / SLIMMEST)
    width = min(width, height / SLIMMEST)
    height = width / ratio
    scale = min(1, THUMBNAIL / 2 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
