"""Avatars: a picture that a member uploads is drawn anew as a small PNG."""

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
"""Pixels of each side of the PNG."""
LIMITS = {
    "face": SIDE,
    "pixels": MAX_PIXELS,
    "jpeg_pixels": MAX_PIXELS,
    "side": 30_000,
    # Cameras write one scan, progressive JPEGs about ten; one of 16 million pixels takes 0.2 s.
    "scans": 100,
    "seconds": 10,
    # As in chat/files/pictures.py; 16 million pixels need a third of it.
    "memory": 1536 * 1024 * 1024,
}
"""Limits for the drawing process, see kefu/drawing/program.py."""
NAME = re.compile(r"[0-9a-f]{32}\.png")


def store(upload, sender: str) -> str:
    """Stores an uploaded picture and returns the path of the avatar's address.

    `sender` is the uuid of the member who uploads it. The stored file is a new PNG of 128 × 128
    pixels under a random name, without EXIF or other data of the upload. Old avatars are kept,
    because messages show the one that was current when they were sent. Raises ValidationError.
    """
    if not hasattr(upload, "face"):
        draw_face(upload, sender)
    if isinstance(upload.face, ValidationError):
        raise upload.face
    return store_png(upload.face)


def store_png(content: bytes) -> str:
    """Stores a picture that is drawn already; returns the path of the avatar's address."""
    name = f"{secrets.token_hex(16)}.png"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / name).write_bytes(content)
    return reverse("avatar", args=[name])


def draw_face(upload, sender: str) -> None:
    """Draws the picture and sets `upload.face` for `store`: the PNG, or a ValidationError.

    Call it before a transaction that calls `store`, because drawing may take a minute.
    """
    try:
        upload.face = redraw(upload, sender)
    except ValidationError as error:
        upload.face = error


def redraw(upload, sender: str) -> bytes:
    """The picture as a PNG. Raises ValidationError."""
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large. The limit is 2 MB."))
    try:
        return draw.draw(upload.file, {"member": sender}, LIMITS).content
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


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "avatars"
