"""Bytes of mails as text, whatever charset they claim to have."""

import binascii
import encodings
import re
from collections.abc import Iterator
from encodings.aliases import aliases
from pkgutil import iter_modules

CHINESE = "gb18030"
"""It has all that gb2312 and gbk have; mails labelled so often hold more than those allow."""
ALIASES = {
    **dict.fromkeys(("gb2312", "gbk", "cp936", "x-gbk", "gb_2312-80", "hz-gb-2312"), CHINESE),
    **dict.fromkeys(("ascii", "us-ascii", "iso-8859-1", "latin1", "ansi"), "cp1252"),
    **dict.fromkeys(("utf8", "utf8mb4", "unicode-1-1-utf-8", "unknown-8bit", "8bit"), "utf-8"),
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
}
TEXT = re.compile(
    r"utf_?(8|16|32)(_?[lb]e|_sig)?|gb18030|big5\w*|cp\d+|windows_\d+|iso_?(8859|2022)\w*"
    r"|koi8_[ru]|euc_?(jp|kr|cn|tw)|shift_?jis|sjis|tis_620|mac\w+"
)
PLAIN = frozenset(
    name
    for name in (*aliases, *(module.name for module in iter_modules(encodings.__path__)))
    if TEXT.fullmatch(name)
)
"""Charsets that mails have, as Python names them, which keeps each name that it does not know for
ever. It knows others, some of which take time with the square of the length, or are none of
text."""
WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
BETWEEN = re.compile(r"\s*\Z")


def decode(content: bytes, charset: str = "") -> str:
    """The text of these bytes: as `charset` says if that fits, else as UTF-8 or in Chinese if one
    of them does, else as far as it can be read."""
    name = charset.strip("\"' ").lower().partition("*")[0]
    name = ALIASES.get(name, name)
    known = encodings.normalize_encoding(name)
    claimed = known if known in PLAIN else ""
    guesses: tuple[str, ...] = (claimed, "utf-8", CHINESE)
    if name == "cp1252" and not content.isascii():
        # Programs write it where they do not know.
        claimed, guesses = "", ("utf-8", CHINESE if charset.lower().endswith("ascii") else "cp1252")
    for one in filter(None, guesses):
        try:
            return content.decode(one)
        except (LookupError, UnicodeError):
            continue
    try:
        return content.decode(claimed or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return content.decode("utf-8", "replace")


def base64(content: bytes) -> bytes:
    """As much as can be read of it."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def words(text: str) -> str:
    """A header's text with its encoded words (RFC 2047) read, in one line. Neighbours of the same
    charset are read as one: some programs divide them within a letter."""
    found = "".join(
        decode(piece, charset) if isinstance(piece, bytes) else piece
        for charset, piece in pieces(text)
    )
    return one_line(found)


def one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def pieces(text: str) -> Iterator[tuple[str, bytes | str]]:
    charset, waiting, at = "", b"", 0
    for match in WORD.finditer(text):
        before = text[at : match.start()]
        name = match[1].lower()
        if waiting and (name != charset or not BETWEEN.match(before)):
            yield charset, waiting
            waiting = b""
        if before and not (at and BETWEEN.match(before)):
            yield "", before
        coded = match[3].encode("utf-8", "replace")
        if match[2] in "bB":
            waiting += base64(coded)
        else:
            waiting += binascii.a2b_qp(coded, header=True)
        charset, at = name, match.end()
    if waiting:
        yield charset, waiting
    yield "", text[at:]
