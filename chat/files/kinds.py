"""The kind of an uploaded file, detected from its content and never from the browser's MIME type.

Nothing is unpacked or executed. Unknown kinds are refused. So is a name whose ending contradicts
the content, for kinds that a system opens by their name.
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from chat.protocol.errors import Refused

MAX_NAME = 100
"""Characters of a stored file name, with its ending."""
MAX_BYTES = 205
"""Of it in UTF-8: file systems take 255, and what writes a file puts some beside. Names that were
made before have up to 200 without their ending."""
MAX_ENTRIES = 10_000
"""Files in a zip archive. Reading a directory of this size takes 0.1 s."""
MAX_GROWTH = 100
"""How many times its own size a zip archive may unpack to, if that is above PLAIN_GROWTH."""
PLAIN_GROWTH = 100 * 1024 * 1024
"""Bytes that every zip archive may unpack to."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its MIME type, and the endings that its names may have. A name with another
    ending gets the first of `endings`; with `by_name` it is refused, because the content alone does
    not identify the kind."""

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
"""The kind by the brand after `ftyp`; any other brand is taken for MP4."""

CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def detect_kind(file: BinaryIO, name: str) -> Kind:
    """The kind of a file, read from its start wherever its position is. Refuses with bad_kind an
    unknown kind, a name with a wrong ending, and a suspicious archive."""
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
    """Whether the whole file is text in UTF-8, UTF-16 or GB 18030 (Chinese Windows)."""
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
    """Refuses with bad_kind a zip archive that is broken, has too many files or would unpack to too
    much. Reads its directory only."""
    file.seek(0)
    content = file.read()
    size = len(content)
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise Refused("bad_kind", "This archive holds too many files.")
    try:
        with zipfile.ZipFile(file) as packed:
            grown = sum(entry.file_size for entry in packed.infolist())
    except Exception as error:  # Hostile archives raise more than zipfile documents.
        raise Refused("bad_kind", "This archive cannot be read.") from error
    if grown > max(PLAIN_GROWTH, MAX_GROWTH * size):
        raise Refused("bad_kind", "This archive would unpack to far more than it should.")


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


UNSAFE = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows reserves for devices."""


def safe_name(name: str, kind: Kind) -> str:
    """A name to show and to save the file under: one line of at most MAX_NAME characters without
    path, control and direction characters, and with an ending of its kind. The server stores files
    under their key, never under this name."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Categories C*: control (NUL), format (U+202E, U+200B) and surrogates, which UTF-8 cannot hold.
    name = "".join(sign if unicodedata.category(sign)[0] != "C" else "" for sign in name)
    name = " ".join(UNSAFE.sub("_", name).split()).strip(". ")
    if RESERVED.match(name):
        name = f"_{name}"
    stem, ending = name.rpartition(".")[0], ending_of(name)
    if ending not in kind.endings:
        stem = stem if ending in ENDINGS else name
        ending = kind.endings[0]
    stem = shortened(stem.strip(". "), len(ending) + 1).strip(". ")
    return f"{stem or ('picture' if kind.picture else 'file')}.{ending}"


def shortened(stem: str, room: int) -> str:
    """As much of a name without its ending as fits beside `room` further ASCII characters."""
    return stem[: MAX_NAME - room].encode()[: MAX_BYTES - room].decode(errors="ignore")
