"""The rows of a figure, or lines by a facet, as a file: CSV that Excel opens with Chinese in it, or
XLSX."""

import io
from collections.abc import Iterable
from datetime import datetime, timezone

import xlsxwriter

from accounts import spreadsheets
from chat.protocol.errors import Refused

from .figures import Measures
from .showing.breakdown import Split

MOST = 100_000
"""Rows of a file; larger ones no spreadsheet is used for."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def check_size(n: int) -> None:
    if n > MOST:
        raise Refused("too_long", f"A file has {MOST} rows at the most. Choose fewer days.")


def as_csv(rows: Iterable[dict], columns: list[str]) -> bytes:
    return spreadsheets.as_csv(columns, ([cell(row[name]) for name in columns] for row in rows))


def as_xlsx(rows: Iterable[dict], columns: list[str]) -> bytes:
    """A workbook with one sheet; texts are texts, whatever they begin with."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 38)
        sheet.set_column(1, len(columns) - 1, 20)
        bold = book.add_format({"bold": True})
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, bold)
        for number, row in enumerate(rows, 1):
            for place, name in enumerate(columns):
                value = cell(row[name])
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif value is not None:
                    sheet.write(number, place, value)
    return file.getvalue()


def lines_of(split: Split) -> list[dict]:
    """The lines of a report by a facet, flat; `line` says which one has no value or others."""
    lines = [(value, "", one) for value, one in split.lines]
    lines += [("", "others", split.others), ("", "without", split.without)]
    return [
        {split.by: value, "line": name, **flat(one.shaped())} for value, name, one in lines if one
    ]


def flat(told: dict) -> dict:
    """The figures of a line, those of a duration side by side."""
    found = {}
    for name, value in told.items():
        parts = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}_{key}" if key else name: part for key, part in parts.items()}
    return found


def line_columns(by: str) -> list[str]:
    return [by, "line", *flat(Measures().shaped())]


def cell(value: object) -> object:
    """A value as JSON has it; a time as a text in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return value
