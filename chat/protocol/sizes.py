"""File sizes as text."""

from math import floor


def size_text(size: int) -> str:
    """A size in bytes as text, such as "1.5 MB", the same in all languages.
    static/js/thread/attachment.js writes sizes in the same way."""
    if size < 1024:
        return f"{size}\xa0B"
    value, unit = (size / 1024, "KB") if size < 1024**2 else (size / 1024**2, "MB")
    return f"{floor(value * 10 + 0.5) / 10:g}\xa0{unit}"
