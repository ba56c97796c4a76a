"""Reads a mail. Nothing in it can make this fail: what cannot be read is left out or replaced."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Part:
    """A part beside the mail's own text: an attachment, a picture of its HTML, a mail within it, or
    a report. `content` are its decoded bytes (of a mail within, as it stands). `name` is safe as a
    file name, "" where it has none; `mime` in small letters; `cid` without <>."""

    name: str
    mime: str
    content: bytes
    cid: str = ""


@dataclass(slots=True)
class Mail:
    """What a mail says. All texts are decoded; addresses are in small letters, without names; ids
    keep their <>.

    `headers` are pairs in their order, names as written, values in one line. `auth_results` are the
    values of Authentication-Results from the top, `return_path` that of Return-Path ("<>" for none,
    "" where the header is missing). `text` is its plain text, or what its HTML says; `own_text` is
    what its author wrote, `quoted` the rest. `hash` is the SHA-256 of `raw` in hex. `size` is that
    of the whole mail; where it is over the bound, `raw` holds the headers only.
    """

    raw: bytes
    hash: str
    size: int = 0
    message_id: str = ""
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    from_: list[str] = field(default_factory=list)
    name: str = ""
    """The name in From."""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    subject: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    auth_results: list[str] = field(default_factory=list)
    return_path: str = ""
    mime: str = "text/plain"
    """Of the whole mail, as multipart/report."""
    text: str = ""
    html: str = ""
    parts: list[Part] = field(default_factory=list)
    own_text: str = ""
    quoted: str = ""

    def header(self, name: str) -> str:
        """The first header of this name; "" for none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]
