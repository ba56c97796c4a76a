"""Removes the metadata of HEIC and AVIF files: EXIF with the place, XMP, and other data that is no
picture.

Kefu does not decode these formats, so the picture itself stays as it is. Metadata is overwritten in
place, so that no other part of the file moves. The formats are ISO/IEC 14496-12 (boxes; iinf lists
the items and iloc their position) and 23008-12 (pictures as items).
"""

from collections.abc import Iterator
from typing import NamedTuple

from chat.protocol.errors import Refused

from . import kinds

KINDS = (kinds.HEIC, kinds.AVIF)
METADATA_TYPES = (b"Exif", b"mime", b"uri ")
"""The types of metadata items. XMP has the type `mime`."""
EMPTY_EXIF = b"\0\0\0\0" + b"MM\0*\0\0\0\x08" + b"\0\0" + b"\0\0\0\0"
"""A valid EXIF item without entries: the offset of the TIFF header, the header, an empty list."""
KEPT_BOXES = {
    b"file": (b"ftyp", b"meta", b"moov", b"mdat"),
    b"meta": (
        *(b"hdlr", b"dinf", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"ipro"),
        *(b"idat", b"grpl"),
    ),
    b"moov": (b"mvhd", b"mvex", b"trak"),
    b"trak": (b"tkhd", b"tref", b"edts", b"mdia"),
}
"""The child boxes that a picture or an animation needs, by parent box. Other boxes contain XMP, the
position (`udta`), or a short film with a position of its own."""
MAX_BOX_BYTES = 1024 * 1024
"""Bytes of a `meta` or `moov` box. Its children are read one by one, which takes half a second for
1 MiB; a picture of 48 million pixels in 200 tiles needs 20 KB."""
MAX_BOXES = 10_000
"""Boxes in one parent."""


class Box(NamedTuple):
    """A box: its type, and the offsets of its start, its content and its end in the file."""

    kind: bytes
    start: int
    body: int
    end: int


def strip_metadata(content: bytes) -> bytes:
    """A file of one of KINDS without its metadata, of the same size. Refuses with bad_kind a file
    that cannot be parsed, because it may contain metadata that would not be found."""
    clean = bytearray(content)
    try:
        erase_metadata_items(clean)
        erase_metadata_boxes(clean, Box(b"file", 0, 0, len(clean)))
    except ValueError as error:
        raise Refused("bad_kind", "This picture cannot be read.") from error
    return bytes(clean)


def erase_metadata_items(content: bytearray) -> None:
    meta = only_box(boxes(content, 0, len(content)), b"meta")
    inner = inner_boxes(content, meta)
    items = metadata_items(content, only_box(inner, b"iinf"))
    if items:
        ranges = item_ranges(content, inner, items)
        if sum(end - start for parts in ranges.values() for start, end in parts) > len(content):
            raise ValueError("items lie upon each other")
        for item, kind in items.items():
            overwrite(content, ranges[item], EMPTY_EXIF if kind == b"Exif" else b"")


def overwrite(content: bytearray, parts: list[tuple[int, int]], text: bytes) -> None:
    for start, end in parts:
        content[start:end] = text.ljust(end - start, b"\0")[: end - start]
        text = b""


def erase_metadata_boxes(content: bytearray, outer: Box) -> None:
    """Turns every box that is not in KEPT_BOXES into an empty `free` box of the same size."""
    for box in inner_boxes(content, outer):
        if box.kind not in KEPT_BOXES[outer.kind]:
            content[box.start + 4 : box.start + 8] = b"free"
            content[box.body : box.end] = bytes(box.end - box.body)
        elif box.kind in KEPT_BOXES:
            erase_metadata_boxes(content, box)


def inner_boxes(content: bytearray, outer: Box) -> list[Box]:
    if outer.kind != b"file" and outer.end - outer.body > MAX_BOX_BYTES:
        raise ValueError("too large a box")
    # meta begins with a version number.
    start = outer.body + (4 if outer.kind == b"meta" else 0)
    return list(boxes(content, start, outer.end))


def boxes(content: bytearray, at: int, end: int) -> Iterator[Box]:
    count = 0
    while at != end:
        count += 1
        fields = BoxReader(content, at, end)
        size, kind = fields.number(4), fields.read(4)
        if size == 1:
            size = fields.number(8)
        elif size == 0:
            size = end - at
        if count > MAX_BOXES or not fields.at - at <= size <= end - at:
            raise ValueError("too many boxes, or one that is larger than what it stands in")
        yield Box(kind, at, fields.at, at + size)
        at += size


class BoxReader:
    """Reads the fields of a box one after the other. Raises ValueError at the end of the box."""

    def __init__(self, content: bytearray, at: int, end: int):
        self.content, self.at, self.end = content, at, end

    def read(self, size: int) -> bytes:
        if self.at + size > self.end:
            raise ValueError("a field is cut off")
        self.at += size
        return bytes(self.content[self.at - size : self.at])

    def number(self, size: int) -> int:
        return int.from_bytes(self.read(size), "big")


def only_box(found: Iterator[Box] | list[Box], kind: bytes) -> Box:
    (box,) = [box for box in found if box.kind == kind]
    return box


def metadata_items(content: bytearray, iinf: Box) -> dict[int, bytes]:
    """The types of the metadata items, by item id. `iinf` is the box that lists the items."""
    fields = BoxReader(content, iinf.body, iinf.end)
    version = fields.number(4) >> 24
    fields.read(2 if version == 0 else 4)  # The number of items.
    found = {}
    for box in boxes(content, fields.at, iinf.end):
        entry = BoxReader(content, box.body, box.end)
        version = entry.number(4) >> 24
        if box.kind != b"infe" or version not in (2, 3):
            raise ValueError("an item without a type")
        item = entry.number(2 if version == 2 else 4)
        entry.read(2)
        kind = entry.read(4)
        if kind in METADATA_TYPES:
            found[item] = kind
    return found


def item_ranges(
    content: bytearray, inner: list[Box], items: dict[int, bytes]
) -> dict[int, list[tuple[int, int]]]:
    """The byte ranges (start, end) of each of these items in the file, by item id."""
    iloc = only_box(inner, b"iloc")
    fields = BoxReader(content, iloc.body, iloc.end)
    version = fields.number(4) >> 24
    sizes = fields.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> bits & 15 for bits in (12, 8, 4, 0))
    if version > 2 or not length_size:
        raise ValueError("places of an unknown kind")
    ranges: dict[int, list[tuple[int, int]]] = {}
    for _ in range(fields.number(2 if version < 2 else 4)):
        item = fields.number(2 if version < 2 else 4)
        method = fields.number(2) & 15 if version else 0
        elsewhere = fields.number(2)
        base = fields.number(base_size)
        parts = []
        for _ in range(fields.number(2)):
            fields.read(index_size if version else 0)
            start = base + fields.number(offset_size)
            parts.append((start, start + fields.number(length_size)))
        if item in items:
            if method > 1 or elsewhere or item in ranges:
                raise ValueError("a place outside of the file")
            region = only_box(inner, b"idat") if method else Box(b"", 0, 0, len(content))
            ranges[item] = [(region.body + start, region.body + end) for start, end in parts]
            if any(end > region.end for _start, end in ranges[item]):
                raise ValueError("a place outside of the file")
    if items.keys() - ranges.keys():
        raise ValueError("an item without a range")
    return ranges
