"""Draws one picture anew from its pixels: a program that draw.py runs, with limits of time and
memory. It knows nothing else of this project, so that it starts quickly.

Whatever a hostile file does to a decoder ends here: an endless loop, all memory, a crash. And what
decoders do in one go, up to half a second, holds up no message, as it would in a server's process.

    program.py LIMITS < upload > answer

The answer is a line of JSON (`format`, `width`, `height`, and `size` of the picture in bytes), then
the picture, then the small one. Exit code 3: too many pixels; any other but 0: it cannot be drawn.
With `face` in the limits, a number of pixels, it is a PNG cut to a square of that side, and there
is no small one.
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
"""What each format becomes. compress_level 3 takes a third of the time of 6, for 3 % more bytes."""
SMALL = {"format": "WEBP", "quality": 75, "method": 2}
MOVING = {"format": "WEBP", "quality": 75, "method": 0, "loop": 0, "save_all": True}
"""A third of GIF's time, a tenth of its bytes."""
WEBP_SIDE = 16_383
TOO_LARGE = 3


def main() -> None:
    limits = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    os.nice(10)
    upload = sys.stdin.buffer.read()
    with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
        check(picture, upload, limits)
        make = face if "face" in limits else drawn
        facts, content, small = make(picture, limits)
    head = json.dumps(facts | {"size": len(content)}).encode()
    sys.stdout.buffer.write(head + b"\n" + content + small)


def check(picture: Image.Image, upload: bytes, limits: dict) -> None:
    """By what the head says, before anything is decoded."""
    most = limits["jpeg_pixels"] if picture.format == "JPEG" else limits["pixels"]
    if picture.width * picture.height > most or max(picture.size) > limits["side"]:
        sys.exit(TOO_LARGE)
    # Outside of a scan's beginning these two bytes hardly stand in a JPEG.
    if picture.format == "JPEG" and upload.count(b"\xff\xda") > limits["scans"]:
        sys.exit("too many scans")


def face(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes]:
    """The picture upright, cut square and small."""
    side = limits["face"]
    # Made smaller in place first, so that no step after it copies all the pixels.
    picture.draft("RGB", (side * 4, side * 4))
    if not picture.mode.startswith("I"):  # 16-bit greys: Pillow cannot resize them.
        picture.thumbnail((side * 4, side * 4))
    upright = ImageOps.exif_transpose(picture)
    square = bare(ImageOps.fit(upright.convert("RGBA"), (side, side)))
    options = {"format": "PNG", "optimize": True}
    return facts_of(square, options), encoded(square, options), b""


def drawn(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes]:
    form = picture.format
    if getattr(picture, "is_animated", False) and form in ("GIF", "WEBP"):
        if moving := animated(picture, limits):
            return moving
        picture.seek(0)
    kept = limits["kept"]
    if picture.width * picture.height > 2 * kept:
        # JPEG's own way to halve, before all of it is decoded; other formats know none.
        picture.draft(None, (picture.width // 2, picture.height // 2))
    plain = pixels(picture)
    # Made smaller before anything copies it, and in its place.
    if plain.width * plain.height > kept:
        scale = (kept / (plain.width * plain.height)) ** 0.5
        plain.thumbnail((max(1, int(plain.width * scale)), max(1, int(plain.height * scale))))
    ImageOps.exif_transpose(plain, in_place=True)
    options = STILL[form]
    if options["format"] == "JPEG" and plain.mode not in ("RGB", "L"):
        plain = plain.convert("RGB")
    plain = bare(plain)
    return facts_of(plain, options), encoded(plain, options), small(plain, limits)


def facts_of(picture: Image.Image, options: dict) -> dict:
    return {"format": options["format"], "width": picture.width, "height": picture.height}


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


def animated(picture: Image.Image, limits: dict) -> tuple[dict, bytes, bytes] | None:
    """Every frame anew. None where that is too much; frames are not counted before, since that
    alone takes a minute for a million."""
    most = min(limits["frames"], limits["animation"] // (picture.width * picture.height))
    if most < 2 or max(picture.size) > WEBP_SIDE:
        return None
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        if len(frames) == most:
            return None
        durations.append(min(max(int(frame.info.get("duration") or 100), 20), 10_000))
        frames.append(bare(frame.convert("RGBA")))
    first, *rest = frames
    content = encoded(first, MOVING | {"append_images": rest, "duration": durations})
    return facts_of(first, MOVING), content, small(first, limits)


def small(picture: Image.Image, limits: dict) -> bytes:
    """A still to show in the thread; of a long page it has the top."""
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
    return encoded(bare(picture.convert(mode)), SMALL)


if __name__ == "__main__":
    main()
