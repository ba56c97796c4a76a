"""The rows of a figure as a file: CSV that Excel opens with Chinese in it, or XLSX."""

import io
from collections.abc import Iterable
from datetime import datetime, timezone

import xlsxwriter

from accounts import spreadsheets
from chat.protocol.errors import Refused

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


def cell(value: object) -> object:
    """A value as JSON has it; a time as a text in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return value
