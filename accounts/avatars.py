"""Faces: any picture a member uploads becomes a small PNG of our own making."""

import re
import secrets
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
"""Told by the file's head, before anything is decoded: 64 MB of memory at the most."""
SIDE = 128
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
NAME = re.compile(r"[0-9a-f]{32}\.png")


def store(upload) -> str:
    """Keeps an uploaded picture, and returns the path that avatars are addressed by.

    The file is new, 128 × 128, without EXIF or anything else of the upload but its pixels,
    under a random name. Old ones stay: messages show the face they were sent under.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large: 2 MB at the most."))
    try:
        face = redraw(upload)
    except ValidationError:
        raise
    except Exception as error:  # Decoders of hostile files fail in every way there is.
        raise ValidationError(_("This is no picture: PNG, JPEG, GIF or WebP, please.")) from error
    name = f"{secrets.token_hex(16)}.png"
    folder().mkdir(parents=True, exist_ok=True)
    face.save(folder() / name, format="PNG", optimize=True)
    return reverse("avatar", args=[name])


def redraw(file) -> Image.Image:
    """The picture upright, cut square and small."""
    with Image.open(file, formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValidationError(_("This picture has too many pixels: 16 million at the most."))
        # Made smaller in place first, so that no step after it copies all the pixels.
        picture.draft("RGB", (SIDE * 4, SIDE * 4))
        if not picture.mode.startswith("I"):  # 16-bit greys: Pillow cannot resize them.
            picture.thumbnail((SIDE * 4, SIDE * 4))
        upright = ImageOps.exif_transpose(picture)
        square = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE))
    face = Image.new("RGBA", (SIDE, SIDE))
    face.paste(square)
    return face


def read(name: str) -> bytes | None:
    """The stored picture with this name, or None."""
    path = folder() / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    return path.read_bytes()


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "avatars"
