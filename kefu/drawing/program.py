"""Draws one picture anew from its pixels: a program that draw.py runs, with limits of time and
memory. It imports nothing else of this project, so that it starts quickly.

A hostile file may cause an endless loop in a decoder, use up the memory or crash it: here only this
process ends. A decoder may also block for half a second, which in a server's process would delay
messages.

    program.py LIMITS < upload > output

LIMITS is JSON: `seconds` of CPU time, `memory` in bytes, `pixels` and `jpeg_pixels`, the longest
`side` in pixels, `scans` of a JPEG; see also chat/files/pictures.py and accounts/avatars.py.

The output is a line of JSON (`format`, `width`, `height`, and `size` of the picture in bytes), the
picture, and its thumbnail. Exit code 3 means too many pixels, another one except 0 that the picture
cannot be drawn. With `face` in the limits, in pixels, the picture becomes a square PNG with sides
of that length; with `box`, a width and a height, it is reduced until it fits into it and becomes a
WebP. Both have no thumbnail. With `old` no WebP is made of a picture, for who takes none.
"""

import io
import json
import os
import resource
import sys

from PIL import Image, ImageOps, ImageSequence

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
STILL = {
    "JPEG": {"format": "JPEG", "quality": 85},
    "PNG": {"format": "PNG", "compress_level": 3},
    "GIF": {"format": "PNG", "compress_level": 3},
    "WEBP": {"format": "WEBP", "quality": 85, "method": 2},
}
"""How still pictures of each format are saved. compress_level 3 needs a third of the time of 6, for
3 % more bytes."""
WITHIN = {"format": "WEBP", "quality": 80, "method": 4}
SMALL = {"format": "WEBP", "quality": 75, "method": 2}
MOVING = {"format": "WEBP", "quality": 75, "method": 0, "loop": 0, "save_all": True}
"""How animations are saved: WebP needs a third of GIF's time and a tenth of its bytes."""
OLD_MOVING = {"format": "GIF", "disposal": 2, "loop": 0, "save_all": True}
WEBP_SIDE = 16_383
"""The longest side of a WebP, in pixels."""
TOO_LARGE = 3
"""The exit code for too many pixels."""


def main() -> None:
    limits = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    os.nice(10)
    upload = sys.stdin.buffer.read()
    with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
        check(picture, upload, limits)
        draw = draw_avatar if "face" in limits else draw_within if "box" in limits else draw_picture
        facts, content, small = draw(picture, limits)
    head = json.dumps(facts | {"size": len(content)}).encode()
    sys.stdout.buffer.write(head + b"\n" + content + small)


def check(picture: Image.Image, upload: bytes, limits: dict) -> None:
    """Checks the picture by its header, before it is decoded. Exits if it exceeds a limit."""
    form = format_of(picture)
    most = limits["jpeg_pixels"] if form == "JPEG" else limits["pixels"]
    if picture.width * picture.height > most or max(picture.size) > limits["side"]:
        sys.exit(TOO_LARGE)
    # These two bytes begin a scan, and hardly occur elsewhere in a JPEG.
    if form == "JPEG" and upload.count(b"\xff\xda") > limits["scans"]:
        sys.exit("too many scans")


def format_of(picture: Image.Image) -> str:
    """Pillow's name of the format. Cameras and phones put further pictures behind a JPEG (a
    preview, a gain map); Pillow calls that MPO, and its first picture is an ordinary JPEG."""
    return "JPEG" if picture.format == "MPO" else picture.format


def draw_avatar(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes]:
    """A small square PNG of the picture, turned upright."""
    side = limits["face"]
    # Shrink in place first, so that later steps do not copy all pixels.
    picture.draft("RGB", (side * 4, side * 4))
    if not picture.mode.startswith("I"):  # Pillow cannot resize 16-bit greyscale.
        picture.thumbnail((side * 4, side * 4))
    upright = ImageOps.exif_transpose(picture)
    square = without_metadata(ImageOps.fit(upright.convert("RGBA"), (side, side)))
    options = {"format": "PNG", "optimize": True}
    return facts_of(square, options), encode(square, options), b""


def draw_within(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes]:
    """The picture (of an animation the first frame), turned upright, no larger than the box."""
    width, height = limits["box"]
    larger = max(width, height)
    picture.draft("RGB", (larger * 2, larger * 2))
    plain = decode(picture)
    # Shrink in place before it is copied; which side is the longer one is not known yet.
    plain.thumbnail((larger * 2, larger * 2))
    ImageOps.exif_transpose(plain, in_place=True)
    plain.thumbnail((width, height))
    mode = "RGBA" if plain.mode in ("RGBA", "LA") else "RGB"
    plain = without_metadata(plain.convert(mode))
    return facts_of(plain, WITHIN), encode(plain, WITHIN), b""


def draw_picture(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes]:
    form = format_of(picture)
    if getattr(picture, "is_animated", False) and form in ("GIF", "WEBP"):
        if moving := draw_animation(picture, limits):
            return moving
        picture.seek(0)
    kept = limits["kept"]
    if picture.width * picture.height > 2 * kept:
        # A JPEG can be halved while it is decoded; other formats ignore this.
        picture.draft(None, (picture.width // 2, picture.height // 2))
    plain = decode(picture)
    # Shrink in place, before later steps copy it.
    if plain.width * plain.height > kept:
        scale = (kept / (plain.width * plain.height)) ** 0.5
        plain.thumbnail((max(1, int(plain.width * scale)), max(1, int(plain.height * scale))))
    ImageOps.exif_transpose(plain, in_place=True)
    options = STILL[form]
    if "old" in limits:
        options = STILL["PNG" if plain.mode in ("RGBA", "LA") else "JPEG"]
    if options["format"] == "JPEG" and plain.mode not in ("RGB", "L"):
        plain = plain.convert("RGB")
    plain = without_metadata(plain)
    return facts_of(plain, options), encode(plain, options), draw_thumbnail(plain, limits)


def facts_of(picture: Image.Image, options: dict) -> dict:
    return {"format": options["format"], "width": picture.width, "height": picture.height}


def decode(picture: Image.Image) -> Image.Image:
    """Decodes a picture to the mode RGB, RGBA, L or LA. It keeps its EXIF orientation."""
    if picture.mode.startswith("I"):  # convert() would clip 16-bit greyscale at 255.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("RGB", "RGBA", "L", "LA"):
        picture.load()
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def without_metadata(picture: Image.Image) -> Image.Image:
    """A copy of the pixels alone, because Pillow saves the metadata that a picture has."""
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    return clean


def encode(picture: Image.Image, options: dict) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def draw_animation(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes] | None:
    """Draws all frames, as a WebP or GIF. None if there are too many; to count a million of them
    before would take a minute."""
    most = min(limits["frames"], limits["animation"] // (picture.width * picture.height))
    if most < 2 or max(picture.size) > WEBP_SIDE:
        return None
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        if len(frames) == most:
            return None
        frames.append(without_metadata(frame.convert("RGBA")))
        # Of a WebP it is known once the frame was drawn.
        durations.append(min(max(int(frame.info.get("duration") or 100), 20), 10_000))
    first, *rest = frames
    options = OLD_MOVING if "old" in limits else MOVING
    content = encode(first, options | {"append_images": rest, "duration": durations})
    return facts_of(first, options), content, draw_thumbnail(first, limits)


def draw_thumbnail(picture: Image.Image, limits: dict) -> bytes:
    """The thumbnail for the conversation, as a WebP. A long page is cropped to its top, a wide
    picture to its middle."""
    slimmest, side = limits["slimmest"], limits["thumbnail"]
    width, height = picture.size
    if width < height * slimmest:
        picture = picture.crop((0, 0, width, max(1, round(width / slimmest))))
    elif height < width * slimmest:
        across = max(1, round(height / slimmest))
        left = (width - across) // 2
        picture = picture.crop((left, 0, left + across, height))
    else:
        picture = picture.copy()
    picture.thumbnail((side, side))
    mode = "RGBA" if picture.mode in ("RGBA", "LA") else "RGB"
    return encode(without_metadata(picture.convert(mode)), SMALL)


if __name__ == "__main__":
    main()
