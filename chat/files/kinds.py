"""What an uploaded file is: by its content, never by its name or by what a browser calls it.

Nothing here is unpacked or run. What is not on the list is refused; so is a name that promises
another kind than the content, where a system would open the file by its name.
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from chat.protocol.errors import Refused

MAX_NAME = 100
"""Characters of a file's name that are kept, its ending included."""
MAX_ENTRIES = 10_000
"""Files in a zip: its directory is read as a whole, which takes a tenth of a second."""
MAX_GROWTH = 100
"""How many times its own size a zip may unpack to, beyond PLAIN_GROWTH."""
PLAIN_GROWTH = 100 * 1024 * 1024
"""Bytes that any zip may unpack to."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`endings` of names that fit, the first one for a name that has none of them. With
    `by_name` only these are taken, since the content alone does not tell enough."""

    mime: str
    endings: tuple[str, ...]
    picture: bool = False
    by_name: bool = False


PNG = Kind("image/png", ("png",), picture=True)
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jfif"), picture=True)
GIF = Kind("image/gif", ("gif",), picture=True)
WEBP = Kind("image/webp", ("webp",), picture=True)
PDF = Kind("application/pdf", ("pdf",))
TEXT = Kind("text/plain", ("txt", "log", "csv", "tsv", "md", "json"), by_name=True)
OFFICE = Kind("application/octet-stream", ("doc", "xls", "ppt", "wps", "et", "dps"), by_name=True)
PACKED = Kind(
    "application/zip",
    ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "pages", "numbers", "key"),
    by_name=True,
)
RAR = Kind("application/vnd.rar", ("rar",))
SEVEN = Kind("application/x-7z-compressed", ("7z",))
MP3 = Kind("audio/mpeg", ("mp3",))
OGG = Kind("audio/ogg", ("ogg", "oga", "opus"))
WAV = Kind("audio/wav", ("wav",))
AMR = Kind("audio/amr", ("amr",))
WEBM = Kind("video/webm", ("webm", "mkv"))
HEIC = Kind("image/heic", ("heic", "heif"))
AVIF = Kind("image/avif", ("avif",))
M4A = Kind("audio/mp4", ("m4a",))
MOV = Kind("video/quicktime", ("mov",))
MP4 = Kind("video/mp4", ("mp4", "m4v", "3gp"))

KINDS = (
    *(PNG, JPEG, GIF, WEBP, PDF, TEXT, OFFICE, PACKED, RAR, SEVEN),
    *(MP3, OGG, WAV, AMR, WEBM, HEIC, AVIF, M4A, MOV, MP4),
)
ENDINGS = {ending for kind in KINDS for ending in kind.endings}
ACCEPT = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)
"""For a page's file field: a help to choose, no check."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"OggS", OGG),
    (b"#!AMR", AMR),
    (b"\x1a\x45\xdf\xa3", WEBM),
)
RIFF = {b"WEBP": WEBP, b"WAVE": WAV}
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"msf1"), HEIC),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), HEIC),
    **dict.fromkeys((b"avif", b"avis", b"avio"), AVIF),
    b"M4A ": M4A,
    b"qt  ": MOV,
}
"""The brand after `ftyp`; any other one is taken for a film."""

CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def detect_kind(file: BinaryIO, name: str) -> Kind:
    """The kind of a file, which may stand anywhere in it. Refuses with bad_kind."""
    file.seek(0)
    head = file.read(64)
    kind = by_signature(head)
    if kind is None and is_text(file):
        kind = TEXT
    if kind is None:
        raise Refused("bad_kind", "A file of this kind cannot be sent.")
    if kind.by_name and ending_of(name) not in kind.endings:
        raise Refused("bad_kind", "The content of this file is not what its name says.")
    if kind is PACKED:
        check_archive(file)
    return kind


def by_signature(head: bytes) -> Kind | None:
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], MP4)
    return PACKED if head[:4] in (b"PK\x03\x04", b"PK\x05\x06") else None


def is_text(file: BinaryIO) -> bool:
    """Whether all of it is text, in UTF-8 or in what Chinese Windows writes."""
    file.seek(0)
    content = file.read()
    if content[:2] in UTF16:
        return decodes(content, "utf-16")
    return not CONTROL_BYTES.search(content) and any(
        decodes(content, charset) for charset in ("utf-8", "gb18030")
    )


def decodes(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def check_archive(file: BinaryIO) -> None:
    """Reads a zip's directory: a broken one, or one that says it grows beyond all measure, would
    hurt whoever opens it."""
    file.seek(0)
    content = file.read()
    size = len(content)
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise Refused("bad_kind", "This archive holds too many files.")
    try:
        with zipfile.ZipFile(file) as packed:
            grown = sum(entry.file_size for entry in packed.infolist())
    except Exception as error:  # zipfile fails on hostile ones in more ways than it tells.
        raise Refused("bad_kind", "This archive cannot be read.") from error
    if grown > max(PLAIN_GROWTH, MAX_GROWTH * size):
        raise Refused("bad_kind", "This archive would unpack to far more than it should.")


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


UNSAFE = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows takes for devices."""


def safe_name(name: str, kind: Kind) -> str:
    """A name to show and to save under: one line without directions, path and control characters,
    and with an ending of its kind. It is never a path on the server."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Cc and Cf hold NUL, U+202E and U+200B; Cs what no UTF-8 can hold.
    name = "".join(sign if unicodedata.category(sign)[0] != "C" else "" for sign in name)
    name = " ".join(UNSAFE.sub("_", name).split()).strip(". ")
    if RESERVED.match(name):
        name = f"_{name}"
    stem, ending = name.rpartition(".")[0], ending_of(name)
    if ending not in kind.endings:
        stem = stem if ending in ENDINGS else name
        ending = kind.endings[0]
    stem = stem.strip(". ")[: MAX_NAME - len(ending) - 1].strip(". ")
    return f"{stem or ('picture' if kind.picture else 'file')}.{ending}"
