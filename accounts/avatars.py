"""Faces: any picture a member uploads becomes a small PNG of our own making."""

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
"""Told by the file's head, before anything is decoded: 64 MB of memory at the most."""
SIDE = 128
LIMITS = {
    "face": SIDE,
    "pixels": MAX_PIXELS,
    "jpeg_pixels": MAX_PIXELS,
    "side": 30_000,
    # Cameras make one scan, the web ten; each of 16 million pixels takes 0.2 s.
    "scans": 100,
    "seconds": 10,
    # As much as chat/files/pictures.py gives, of which 16 million pixels need a third.
    "memory": 1536 * 1024 * 1024,
}
"""See kefu/drawing/program.py."""
NAME = re.compile(r"[0-9a-f]{32}\.png")


def store(upload, sender: str) -> str:
    """Keeps an uploaded picture, and returns the path that avatars are addressed by.

    The file is new, 128 × 128, without EXIF or anything else of the upload but its pixels,
    under a random name. Old ones stay: messages show the face they were sent under. `sender` is
    the uuid of the member who uploads it. Raises ValidationError.
    """
    if not hasattr(upload, "face"):
        draw_face(upload, sender)
    if isinstance(upload.face, ValidationError):
        raise upload.face
    name = f"{secrets.token_hex(16)}.png"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / name).write_bytes(upload.face)
    return reverse("avatar", args=[name])


def draw_face(upload, sender: str) -> None:
    """Draws the picture, and leaves the PNG, or the ValidationError, as `upload.face` for `store`.
    Whoever stores within a transaction calls this before: drawing may take a minute."""
    try:
        upload.face = redraw(upload, sender)
    except ValidationError as error:
        upload.face = error


def redraw(upload, sender: str) -> bytes:
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large. The limit is 2 MB."))
    try:
        return draw.draw(upload.file, {"member": sender}, LIMITS).content
    except draw.NotDrawn as error:
        raise ValidationError(words(error.reason)) from error


def words(reason: str) -> str:
    """What a member reads of draw.NotDrawn."""
    if reason == "large":
        return _("This picture has too many pixels. The limit is 16 million.")
    if reason in ("busy", "broken"):
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
