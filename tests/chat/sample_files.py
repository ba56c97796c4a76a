"""Files to send: sound ones of each kind, and hostile ones."""

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
PLACE = b"51.5007N 0.1246W"
"""What a telephone writes into its photographs."""


def upload(name: str, content: bytes, mime: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, mime)


def picture(form: str = "PNG", size=(60, 40), mode="RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 50).convert(mode).save(file, format=form, **options)
    return file.getvalue()


def clear() -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (60, 40)).save(file, format="WEBP")
    return file.getvalue()


def photograph(size=(60, 40)) -> bytes:
    """A JPEG lying on its side, with a place, a comment and a profile."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn it clockwise.
    exif[0x9286] = PLACE
    exif[0x010E] = PLACE.decode()
    return picture("JPEG", size, exif=exif, comment=PLACE, icc_profile=PLACE * 20)


def animation(form: str = "GIF", size=(40, 30), frames: int = 4) -> bytes:
    drawn = [Image.effect_noise(size, 10 + number).convert("RGB") for number in range(frames)]
    file = io.BytesIO()
    drawn[0].save(file, format=form, save_all=True, append_images=drawn[1:], duration=50, loop=0)
    return file.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def bomb() -> bytes:
    """A zip of 200 KB that unpacks to 200 MB."""
    return packed({"zeros": bytes(200_000_000)})


def huge(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises so many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def scans() -> bytes:
    """A JPEG that is drawn in far too many passes."""
    content = picture("JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 200 + content[-2:]


PIXELS = bytes(range(200))
"""Stands for what only a decoder of HEIC understands."""


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def versioned(kind: bytes, version: int, *parts: bytes) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)), *parts)


def heic(
    notes: dict[bytes, bytes] | None = None,
    brand: bytes = b"heic",
    version: int = 0,
    method: int = 0,
    entry: int = 2,
    pixels: bytes = PIXELS,
    inner: bytes = b"",
    outer: bytes = b"",
) -> bytes:
    """A HEIC with one item of a picture, and `notes`, contents by type of item. `version` and
    `method` are those of iloc, `entry` is the version of infe; `inner` stands in the box meta,
    `outer` at the end of the file."""
    items = [(b"hvc1", pixels, 0), *((kind, text, method) for kind, text in (notes or {}).items())]
    numbers = {2: ">HH", 3: ">IH"}
    entries = [
        versioned(b"infe", entry, struct.pack(numbers[entry], n, 0), kind, b"name\0")
        for n, (kind, _content, _method) in enumerate(items, 1)
    ]
    iinf = versioned(b"iinf", 0, struct.pack(">H", len(items)), *entries)
    idat = b"".join(content for _kind, content, method in items if method == 1)

    def meta(start: int) -> bytes:
        places = {0: start, 1: 0, 2: 0}
        number = ">I" if version == 2 else ">H"
        iloc = b"\x44\0" + struct.pack(number, len(items))
        for n, (_kind, content, own) in enumerate(items, 1):
            iloc += struct.pack(number, n) + (struct.pack(">H", own) if version else b"")
            iloc += struct.pack(">HHII", 0, 1, places[own], len(content))
            places[own] += len(content)
        parts = [versioned(b"hdlr", 0, bytes(4), b"pict", bytes(13)), iinf]
        parts += [versioned(b"iloc", version, iloc), box(b"idat", idat), inner]
        return versioned(b"meta", 0, *parts)

    head = box(b"ftyp", brand, bytes(4), b"mif1heic")
    data = b"".join(content for _kind, content, own in items if own == 0)
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", data) + outer


SOUND = {
    "photo.jpg": (photograph(), "image/jpeg"),
    "shot.png": (picture(), "image/png"),
    "sticker.webp": (picture("WEBP", mode="RGBA"), "image/webp"),
    "report.pdf": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "application/pdf"),
    "订单.csv": ("编号,数量\n1,2\n".encode(), "text/plain"),
    "gbk.txt": ("你好，世界".encode("gb18030"), "text/plain"),
    "wide.txt": "你好".encode("utf-16"),
    "letter.docx": packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "all.zip": packed({"a.txt": b"hello"}),
    "voice.mp3": b"ID3\x04\0\0\0\0\0\0" + bytes(50),
    "film.mp4": b"\0\0\0\x18ftypisom\0\0\0\0" + bytes(50),
    "apple.heic": heic(),
}
"""By name: content, or content and the kind that it has."""

HOSTILE = {
    "page.png": HTML,
    "page.html": HTML,
    "drawing.svg": SVG,
    "drawing.png": SVG,
    "script.js": b"alert(1)",
    "run.bat": b"@echo off",
    "tool.exe": b"MZ\x90\0" + bytes(200),
    "tool.png": b"MZ\x90\0" + bytes(200),
    "elf": b"\x7fELF" + bytes(200),
    "gifar.gif": b"GIF89a/*" + bytes(10) + b"*/=1;alert(1)",
    "cut.png": picture()[:200],
    "cut.jpg": photograph()[:300],
    "head.png": b"\x89PNG\r\n\x1a\n",
    "head.webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8),
    "noise.jpg": b"\xff\xd8\xff" + bytes(range(256)) * 8,
    "scans.jpg": scans(),
    "wide.png": huge(50_001, 1_000),
    "deep.png": huge(1, 40_000),
    "most.png": huge(2**31 - 1, 2**31 - 1),
    "bomb.zip": bomb(),
    "bomb.docx": bomb(),
    "broken.zip": b"PK\x03\x04" + bytes(40),
    "ends.zip": b"PK\x05\x06" + b"\xff" * 18,
    "nul.txt": b"a\0b",
    "page.txt.html": HTML,
}
"""What is refused with 415, by name."""
