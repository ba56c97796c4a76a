"""Pictures that are uploaded in forms and shown to everybody: avatars, and an enterprise's logo and
cover. Each is drawn anew, small."""

import re
import secrets
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.drawing import draw

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
"""Read from the file's header before decoding; 64 MB of memory at 4 bytes a pixel."""
SIDE = 128
"""Pixels of each side of an avatar."""
BOUNDS = {
    "pixels": MAX_PIXELS,
    "jpeg_pixels": MAX_PIXELS,
    "side": 30_000,
    # Cameras write one scan, progressive JPEGs about ten; one of 16 million pixels takes 0.2 s.
    "scans": 100,
    "seconds": 10,
    # As in chat/files/pictures.py; 16 million pixels need a third of it.
    "memory": 1536 * 1024 * 1024,
}
LIMITS = BOUNDS | {"face": SIDE}
LOGO = BOUNDS | {"box": [256, 256]}
COVER = BOUNDS | {"box": [1440, 720]}
"""Limits for the drawing process of an avatar, a logo and a cover, see kefu/drawing/program.py."""
NAME = re.compile(r"[0-9a-f]{32}\.(png|webp)")
TYPES = {"png": "image/png", "webp": "image/webp"}
ENDINGS = {"PNG": "png", "WEBP": "webp"}


def store(upload, sender: str, limits: dict = LIMITS) -> str:
    """Stores an uploaded picture and returns the path of its address.

    `sender` identifies who uploads it, for the limits of kefu/drawing/draw.py. The stored file is
    drawn anew within `limits`, under a random name, without EXIF or other data of the upload. Old
    avatars are kept, because messages show the one that was current when they were sent. Raises
    ValidationError.
    """
    if not hasattr(upload, "drawn"):
        draw_anew(upload, sender, limits)
    if isinstance(upload.drawn, ValidationError):
        raise upload.drawn
    return store_drawn(upload.drawn.content, ENDINGS[upload.drawn.format])


def store_drawn(content: bytes, ending: str = "png") -> str:
    """Stores a picture that is drawn already; returns the path of its address."""
    name = f"{secrets.token_hex(16)}.{ending}"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / name).write_bytes(content)
    return reverse("avatar", args=[name])


def draw_anew(upload, sender: str, limits: dict = LIMITS) -> None:
    """Draws the picture and sets `upload.drawn` for `store`: a draw.Drawn, or a ValidationError.

    Call it before a transaction that calls `store`, because drawing may take a minute.
    """
    try:
        upload.drawn = redraw(upload, sender, limits)
    except ValidationError as error:
        upload.drawn = error


def redraw(upload, sender: str, limits: dict) -> draw.Drawn:
    """The picture, drawn within `limits`. Raises ValidationError."""
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large. The limit is 2 MB."))
    try:
        return draw.draw(upload.file, {"member": sender}, limits)
    except draw.NotDrawn as error:
        raise ValidationError(error_text(error.reason)) from error


def error_text(reason: str) -> str:
    """What a member reads about the reason of a `draw.NotDrawn`."""
    if reason == "large":
        return _("This picture has too many pixels. The limit is 16 million.")
    if reason in ("busy", "broken", "late"):
        return _("The picture cannot be processed right now. Choose it again in a moment.")
    return _("This file is not a picture. Use PNG, JPEG, GIF or WebP.")


def read(name: str) -> bytes | None:
    """The stored picture with this name, or None."""
    path = folder() / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    return path.read_bytes()


def remove(address: str) -> None:
    """Deletes the picture at the path that `store` returned; an empty path is none."""
    name = address.rpartition("/")[2]
    if NAME.fullmatch(name):
        (folder() / name).unlink(missing_ok=True)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "avatars"
