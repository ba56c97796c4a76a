"""Tables as CSV that spreadsheets open: as text, whatever the cells say."""

import csv
import io
from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would take for a formula, spaces aside."""
CONTROL = ("\t", "\r", "\n")
BOM = "\ufeff"


def as_csv(columns: list[str], rows: Iterable[list]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel opens it with Chinese in it. The first line has
    the names of the columns."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([neutral(value) for value in row])
    return (BOM + text.getvalue()).encode()


def neutral(value: object) -> object:
    """A text before which an apostrophe stands, if a spreadsheet would calculate it."""
    if isinstance(value, str) and (value.startswith(CONTROL) or value.lstrip().startswith(FORMULA)):
        return f"'{value}"
    return "" if value is None else value
