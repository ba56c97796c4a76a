"""Sizes of files in words."""

from math import floor


def size_text(size: int) -> str:
    """A file's size as people read it, with the same signs in all languages; the same as
    static/js/thread/attachment.js writes."""
    if size < 1024:
        return f"{size}\xa0B"
    value, unit = (size / 1024, "KB") if size < 1024**2 else (size / 1024**2, "MB")
    return f"{floor(value * 10 + 0.5) / 10:g}\xa0{unit}"
