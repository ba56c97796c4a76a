"""Reads a CSV file line by line, whatever it holds: each refusal is a `Refused` whose `field` says
why. No more than a record is in memory."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TextIO, TypedDict

from chat.models.customer_import import COLUMN
from chat.protocol.errors import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_LINE = 65_536
"""Characters of a record: fifty attributes at their longest are 25,000."""
PIECE = 1024 * 1024
FIXED = ("identity", "email", "name", "language")
"""The columns beside the keys of attributes; the first two name the customer."""
DELIMITERS = ",;\t"
NAMED = re.compile(rf"sep=([{DELIMITERS}])[\r\n]*", re.IGNORECASE)
"""The line by which Excel names the delimiter, above the heading. It shows it to nobody."""

Line = tuple[int, dict[str, str], bool]
"""A line's number, its cells by column, and whether it has more cells than the heading."""


class Shape(TypedDict):
    """How a file is read. `columns` are in their order, "" for those that nothing is read from,
    whose names are in `unknown`."""

    encoding: str
    delimiter: str
    columns: list[str]
    unknown: list[str]


def refused(why: str, **facts) -> Refused:
    return Refused("bad_field", f"The file is refused: {why}.", field=why, **facts)


def shape_of(path: Path, attributes: Collection[str]) -> tuple[Shape, int]:
    """How the file is read, `attributes` being the keys that the enterprise has; and the number of
    its last line. The whole file is read once."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = Lines(file)
        delimiter = lines.delimiter or delimiter_of(lines.first)
    shape: Shape = {"encoding": encoding, "delimiter": delimiter, "columns": [], "unknown": []}
    heading, last = [], 1
    for number, cells in records(path, shape):
        if number == 1:
            heading = [cell.strip() for cell in cells]
        elif number > MOST_ROWS + 1:
            raise refused("rows")
        last = number
    if not any(heading):
        raise refused("empty")
    read_heading(shape, heading, attributes)
    if last == 1:
        raise refused("empty")
    return shape, last


def encoding_of(path: Path) -> str:
    """UTF-16 by its byte order mark, else UTF-8, else GB18030, as Chinese spreadsheets write it."""
    with path.open("rb") as file:
        begin = file.read(2)
    marks = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
    for encoding in ["utf-16"] if begin in marks else ["utf-8-sig", "gb18030"]:
        if is_written_in(path, encoding):
            return encoding
    raise refused("charset")


def is_written_in(path: Path, encoding: str) -> bool:
    seen: Counter[str] = Counter()
    try:
        with path.open(encoding=encoding, newline="") as file:
            while piece := file.read(PIECE):
                if "\0" in piece:
                    raise refused("binary")
                if encoding == "gb18030":
                    seen.update(piece)
    except UnicodeError:
        return False
    return is_chinese(seen)


def is_chinese(seen: Counter[str]) -> bool:
    """Whether what was read as GB18030 may be it: at least a quarter of the second bytes of Chinese
    names are above 0xA0, while in Windows-1252 plain letters follow nearly all accented ones."""
    pairs = {code: n for char, n in seen.items() if len(code := char.encode("gb18030")) == 2}
    high = sum(n for code, n in pairs.items() if code[1] > 0xA0)
    return not pairs or 4 * high >= sum(pairs.values())


def delimiter_of(line: str) -> str:
    """The one that makes most columns of the heading."""
    return max(DELIMITERS, key=lambda one: len(next(csv.reader([line], delimiter=one), [])))


class Lines:
    """The lines of a file from its heading on; a mark of the byte order before it is dropped.
    `delimiter` is the one that the file names, or "". Whoever reads a record to its end sets
    `size` to 0: a cell with line breaks, quoted or forgotten to be, is no larger than a line."""

    def __init__(self, file: TextIO):
        self.file, self.size = file, 0
        self.first = file.readline(MOST_LINE + 1).removeprefix("\ufeff")
        named = NAMED.fullmatch(self.first)
        self.delimiter = named[1] if named else ""
        if named:
            self.first = file.readline(MOST_LINE + 1)

    def __iter__(self) -> Iterator[str]:
        line = self.first
        while line:
            self.size += len(line)
            if self.size > MOST_LINE:
                raise refused("line")
            yield line
            line = self.file.readline(MOST_LINE + 1)


def records(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers, as spreadsheets count them: the heading is 1, a line break in a
    cell makes no further line."""
    number = 0
    with path.open(encoding=shape["encoding"], newline="") as file:
        lines = Lines(file)
        reader = csv.reader(lines, delimiter=shape["delimiter"], strict=True)
        try:
            for number, cells in enumerate(reader, 1):
                lines.size = 0
                yield number, cells
        except csv.Error as error:
            raise refused("quotes", line=number + 1) from error


def read_heading(shape: Shape, names: list[str], attributes: Collection[str]) -> None:
    """Sets the columns. Case does not count."""
    if len(names) > MOST_COLUMNS:
        raise refused("columns")
    folded = [name.casefold() for name in names]
    for name in filter(None, folded):
        if folded.count(name) > 1:
            raise refused("twice", column=name[:COLUMN])
    known = {*FIXED, *attributes}
    shape["columns"] = [name if name in known else "" for name in folded]
    shape["unknown"] = [
        name[:COLUMN] for name, one in zip(names, folded, strict=True) if name and one not in known
    ]
    if not {"identity", "email"} & set(shape["columns"]):
        raise refused("nobody")


def cells_of(path: Path, shape: Shape, after: int) -> Iterator[Line]:
    """The lines behind `after` that have any cells. Empty ones are left out."""
    columns = shape["columns"]
    for number, cells in records(path, shape):
        if number <= max(after, 1):
            continue
        pairs = zip(columns, map(str.strip, cells), strict=False)
        found = {name: text for name, text in pairs if name and text}
        more = any(cell.strip() for cell in cells[len(columns) :])
        if found or more:
            yield number, found, more
