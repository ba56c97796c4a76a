"""Articles as one file: what an export writes into a folder (chat/knowledge/files.py), as ZIP."""

import struct
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_noop as _

from accounts.audit import Origin
from accounts.models import Enterprise

from . import files, markup
from .files import Bad

MIB = 1024 * 1024
MAX_PACKED, MAX_UNPACKED = 20 * MIB, 100 * MIB
MAX_ENTRIES = 5_000
"""What is taken at once; the command takes more. 2,000 texts with 200 pictures took 55 seconds on
a busy core. After 90 nginx answers in place of a page, while the import goes on to its end."""
MAX_DIRECTORY = 400 * MAX_ENTRIES
"""Bytes of the list of entries, each of which has 46 and its name."""
MAX_NAME = 255
"""Bytes of a file's name in most file systems."""
END = struct.Struct("<4s4H2LH")
END_MARK, BIG_MARK = b"PK\x05\x06", b"PK\x06\x07"
"""Of the record that ends a ZIP file, and of the one before it in a file of more than 4 GB."""
BROKEN = (BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, struct.error)
"""What the library raises for a file that is damaged, on purpose or not."""


def save(enterprise: Enterprise, to: IO[bytes], origin: Origin) -> None:
    """Writes all articles of an enterprise and the pictures that they name."""
    with ZipFile(to, "w", ZIP_DEFLATED) as packed:
        for name, content in files.contents(enterprise, origin):
            packed.writestr(name, content)


def load(
    enterprise: Enterprise,
    file: IO[bytes],
    origin: Origin,
    report: Callable[[str, Exception], None],
) -> Counter[str]:
    """Puts the texts of a ZIP file, and the pictures that they name, as `files.load` does. Raises
    Bad for a file that cannot be unpacked, of which nothing was put then."""
    with TemporaryDirectory() as folder:
        unpack(file, Path(folder))
        return files.load(enterprise, Path(folder), origin, report)


def unpack(file: IO[bytes], folder: Path) -> None:
    """Writes the texts and pictures into a folder. Names lead nowhere else, and no more is read
    than the entries say that they have."""
    (folder / "files").mkdir()
    check_end(file)
    try:
        with ZipFile(file) as packed:
            for name, entry in chosen(packed.infolist()).items():
                with packed.open(entry) as source, (folder / name).open("xb") as target:
                    copyfileobj(source, target)
    except (*BROKEN, zlib.error) as error:
        raise Bad(_("This is no ZIP file, or it is damaged.")) from error


def check_end(file: IO[bytes]) -> None:
    """Raises Bad if the file is too large, or if its list of entries is, which the library reads
    as a whole."""
    size = file.seek(0, 2)
    if size > MAX_PACKED:
        raise Bad(_("It has more than %(most)s MB."), most=MAX_PACKED // MIB)
    file.seek(max(size - len(BIG_MARK) * 5 - END.size - 0xFFFF, 0))
    tail = file.read()
    at = tail.rfind(END_MARK)
    if at < 0 or len(tail) - at < END.size:
        raise Bad(_("This is no ZIP file, or it is damaged."))
    directory = END.unpack_from(tail, at)[5]
    if directory > MAX_DIRECTORY or tail[max(at - 20, 0) : at].startswith(BIG_MARK):
        raise too_many()


def chosen(entries: list[ZipInfo]) -> dict[str, ZipInfo]:
    """The entries that are articles or pictures, by name: of the uppermost folder that has
    articles, since many people pack the folder and not what it holds."""
    if len(entries) > MAX_ENTRIES:
        raise too_many()
    if any(entry.header_offset < 0 for entry in entries):
        raise BadZipFile("An entry would begin before the file.")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Bad(_("Unpacked it has more than %(most)s MB."), most=MAX_UNPACKED // MIB)
    for entry in entries:
        if entry.filename.startswith("/") or ".." in entry.filename.split("/"):
            raise Bad(_("It leads out of the folder."))
        # Of other methods the library unpacks any amount at once.
        if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Bad(_("It is encrypted, or packed in an unusual way."))
    places = [entry.filename.rpartition("/") for entry in entries]
    tops = [top + slash for top, slash, name in places if files.NAME.fullmatch(name)]
    if not tops:
        raise Bad(_("It has no file SLUG.LANG.md, such as tea.en.md."))
    top = min(tops, key=len)
    named = {entry.filename.removeprefix(top): entry for entry in entries}
    return {name: entry for name, entry in named.items() if is_known(name)}


def is_known(name: str) -> bool:
    is_picture = markup.FILE.fullmatch(name) and len(name.encode()) <= MAX_NAME
    return bool(is_picture or files.NAME.fullmatch(name))


def too_many() -> Bad:
    return Bad(_("It has more than %(most)s files."), most=f"{MAX_ENTRIES:,}")
