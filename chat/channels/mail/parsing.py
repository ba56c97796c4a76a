"""Reads a mail. Nothing in it can make this fail: what cannot be read is left out or replaced."""

import hashlib
import re
from binascii import a2b_qp
from dataclasses import dataclass, field
from email.message import Message

from . import charsets, markup, quotes

DEEP, MANY = 20, 200
"""How many parts may lie within each other, and how many are read; the others are counted."""
HEAD, LINES, LINE = 256 * 1024, 1_000, 16 * 1024
"""Bytes of the headers of a mail or of a part that are read, how many of these, and bytes of one of
them: the longest real ones, of what checks mails on their way, have some thousand."""
SEMICOLONS = 50
"""Of a header whose parameters are read: Python takes time with the square of their number."""
LONG = 200_000
"""Characters of a text up to which it is shown as messages. A longer one is kept as a file."""
BLANK, END = re.compile(rb"\r?\n"), re.compile(rb"\r?\n\r?\n")
FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
ID = re.compile(r"<[^<>\s]{1,980}>")
ADDRESS = re.compile(r"[^\s<>@\",;:()]{1,128}@[^\s<>@\",;:()]{1,255}")
TOKEN = re.compile(r'"(?:[^"\\]|\\.?)*(?:"|\Z)|\([^()]*\)|<[^<>]*>|[,;:]|[^",;:<>()]+|.', re.DOTALL)
NAMES = {
    "message/rfc822": "mail.txt",
    "message/delivery-status": "report.txt",
    "message/disposition-notification": "report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/plain": "text.txt",
    "text/calendar": "event.ics",
}
"""Of parts that have no name."""


@dataclass(slots=True)
class Part:
    """A part beside the mail's own text: an attachment, a picture of its HTML, a mail within it, or
    a report. `content` are its decoded bytes (of a mail within, as it stands). `name` is "" where
    it has none; `mime` in small letters; `cid` without <>."""

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
    "" where the header is missing). `name` is the one in From. `mime` is of the whole mail, such as
    multipart/report. `text` is its plain text, or what its HTML says; `own_text` is what its author
    wrote, `quoted` the rest. `hash` is the SHA-256 of `raw` in hex; `size` the bytes of the whole
    mail, of which `raw` is only the beginning if it is shorter. `unread` counts the parts that are
    not among `parts`, as they are too many or too deep.
    """

    raw: bytes
    hash: str
    size: int = 0
    message_id: str = ""
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    from_: list[str] = field(default_factory=list)
    name: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    subject: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    auth_results: list[str] = field(default_factory=list)
    return_path: str = ""
    mime: str = "text/plain"
    text: str = ""
    html: str = ""
    parts: list[Part] = field(default_factory=list)
    unread: int = 0
    own_text: str = ""
    quoted: str = ""

    def header(self, name: str) -> str:
        """The first header of this name; "" for none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]


@dataclass(slots=True)
class Text:
    """A part that is text to be read: plain or HTML, or both of which say the same."""

    plain: str = ""
    html: str = ""

    def shown(self) -> str:
        return self.plain if self.plain.strip() else markup.text_of(self.html)


def parse(raw: bytes, size: int | None = None) -> Mail:
    """The mail in these bytes, of a whole of `size` bytes."""
    tree = Tree(raw)
    found = tree.walk(0, len(raw), 0)
    head, _body = head_of(raw, 0, len(raw))
    mail = Mail(raw, hashlib.sha256(raw).hexdigest(), len(raw) if size is None else size)
    read_headers(mail, head)
    mail.unread = tree.unread
    texts = [one for one in found if isinstance(one, Text)]
    mail.parts = [one for one in found if isinstance(one, Part)]
    mail.text = tidy("\n\n".join(filter(None, (one.shown().strip("\n") for one in texts))))
    if any(one.html for one in texts):
        mail.html = "\n".join(one.html or markup.as_html(one.plain) for one in texts)
    if mail.size > len(raw):
        # The last part is cut somewhere.
        mail.unread, mail.parts = mail.unread + len(mail.parts), []
    read_quotes(mail)
    for name in ("own_text", "quoted"):
        if len(text := getattr(mail, name)) > LONG:
            mail.parts.append(Part(f"{name.partition('_')[0]}.txt", "text/plain", text.encode()))
            setattr(mail, name, text[:LONG])
    return mail


def read_quotes(mail: Mail) -> None:
    """What of the text is quoted, as far as a text of LONG says; what follows is of its end."""
    head, rest = mail.text[:LONG], mail.text[LONG:]
    own, quoted = quotes.divide(head, mail.subject)
    if quoted and head.rstrip("\n").endswith(quoted):
        quoted += head[len(head.rstrip("\n")) :] + rest if rest else ""
    elif rest:
        own = mail.text if not quoted else own + rest
    mail.own_text, mail.quoted = own, quoted


def tidy(text: str) -> str:
    """Lines end with \\n, and hold no control characters; a letter is never half of one."""
    text = re.sub(r"\r\n?|\u2028|\u2029", "\n", text)
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]|[\ud800-\udfff]", "", text)
    return text.replace("\xa0", " ").strip("\n")


Head = list[tuple[str, bytes]]


def head_of(raw: bytes, start: int, end: int) -> tuple[Head, int]:
    """The headers that begin at `start`, and where the body begins."""
    if blank := BLANK.match(raw, start, end):
        return [], blank.end()
    found = END.search(raw, start, end)
    stop, body = (found.start(), found.end()) if found else (end, end)
    block = re.sub(rb"\r?\n(?=[ \t])", b"", raw[start : min(stop, start + HEAD)])
    head: Head = []
    for line in re.split(rb"\r?\n|\r", block)[:LINES]:
        if match := FIELD.match(line[:LINE]):
            head.append((match[1].decode("ascii"), match[2].strip()))
    return head, body if head else start


def value_of(head: Head, name: str) -> str:
    """The first value of a header, without its encoded words read; "" for none."""
    return next((charsets.decode(value) for key, value in head if key.lower() == name), "")


def read_headers(mail: Mail, head: Head) -> None:
    mail.headers = [(name, charsets.words(charsets.decode(value))) for name, value in head]
    mail.subject = mail.header("subject")[:500]
    mail.message_id = next(iter(ids_of(mail, "message-id")), "")
    mail.in_reply_to, mail.references = ids_of(mail, "in-reply-to"), ids_of(mail, "references")
    for name in ("from", "to", "cc"):
        people = [one for key, value in head if key.lower() == name for one in addresses(value)]
        found = list(dict.fromkeys(address for _name, address in people))
        setattr(mail, "from_" if name == "from" else name, found)
        if name == "from" and people:
            mail.name = charsets.words(people[0][0])[:125]
    mail.auth_results = mail.all("authentication-results")
    path = mail.header("return-path").strip()
    mail.return_path = "<>" if path == "<>" else next(iter(ADDRESS.findall(path.lower())), "")
    mail.mime = mime_of(head)


def ids_of(mail: Mail, name: str) -> list[str]:
    found = [one for value in mail.all(name) for one in ID.findall(value)]
    return list(dict.fromkeys(found))[-100:]


def addresses(value: bytes) -> list[tuple[str, str]]:
    """The (name, address) pairs of a header. Its encoded words are read afterwards, by the caller:
    an address within a name is none."""
    found: list[tuple[str, str]] = []
    name: list[str] = []
    angles: list[str] = []

    def ended() -> None:
        bare = "".join(name).strip()
        if not angles and ADDRESS.fullmatch(bare):
            found.append(("", bare.lower()))
        found.extend((bare, angle.lower()) for angle in angles if ADDRESS.fullmatch(angle))
        name.clear()
        angles.clear()

    for token in TOKEN.findall(charsets.decode(value)):
        if token in (",", ";"):
            ended()
        elif token == ":":
            name.clear()  # The name of a group.
        elif token[0] == "<" and len(token) > 1:
            angles.append(token[1:-1].strip())
        elif token[0] == '"' and len(token) > 1:
            name.append(re.sub(r"\\(.)", r"\1", token[1:-1]))
        elif token[0] != "(":
            name.append(token)
    ended()
    return found


def mime_of(head: Head) -> str:
    found = value_of(head, "content-type").partition(";")[0].strip().lower()
    return found if re.fullmatch(r"[\w.+-]+/[\w.+-]+", found) else "text/plain"


def parameter(head: Head, header: str, name: str) -> str:
    """A parameter of a header, also in the forms of RFC 2231; "" for none."""
    value = value_of(head, header)[:4096]
    if value.count(";") > SEMICOLONS:
        return ""
    message = Message()
    try:
        message[header] = re.sub(r"[\r\n]", " ", value)
        found = message.get_param(name, "", header)
        if not isinstance(found, tuple):
            return charsets.words(str(found))
        charset, _language, text = found
        return charsets.words(charsets.decode(text.encode("latin-1"), charset or "utf-8"))
    except (LookupError, ValueError, TypeError, AttributeError, IndexError):
        return ""


class Tree:
    """The parts of a mail, read without copying what lies above them."""

    def __init__(self, raw: bytes):
        self.raw = raw
        self.read = self.unread = 0

    def walk(self, start: int, end: int, depth: int) -> list[Text | Part]:
        """What lies there, in its order."""
        head, body = head_of(self.raw, start, end)
        mime = mime_of(head)
        if not mime.startswith("multipart/"):
            return self.leaf(head, mime, body, end)
        if depth >= DEEP:
            self.read += 1
            self.unread += 1
            return []
        boundary = parameter(head, "content-type", "boundary").encode("utf-8", "replace")
        children = self.children(body, end, boundary) if boundary else []
        if not children:
            return self.leaf(head, "text/plain", body, end)
        found = []
        for first, last in children:
            if self.read >= MANY:
                self.unread += 1
            else:
                found += self.walk(first, last, depth + 1)
        return as_one(found) if mime == "multipart/alternative" else found

    def children(self, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts between these boundaries begin and end. What follows the last boundary is
        a part, too, if the closing one is missing."""
        # What begins with a text is found some twenty times as fast. No thread runs meanwhile.
        line = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=(\r?\n|\r?\Z))")
        found: list[tuple[int, int]] = []
        begin = None
        for match in line.finditer(self.raw, start - 1, end):
            if begin is not None:
                if len(found) < MANY:
                    found.append((begin, self.before(match.start() + 1, begin)))
                else:
                    self.unread += 1
            begin = None if match[1] else match.end(2)
            if match[1]:
                break
        if begin is not None:
            found.append((begin, end))
        return found

    def before(self, at: int, least: int) -> int:
        """The end of a part: the line end before a boundary belongs to the boundary."""
        at -= self.raw[at - 1 : at] == b"\n"
        at -= self.raw[at - 1 : at] == b"\r"
        return max(at, least)

    def leaf(self, head: Head, mime: str, start: int, end: int) -> list[Text | Part]:
        self.read += 1
        coding = value_of(head, "content-transfer-encoding").strip().lower()
        content = decoded(self.raw[start:end], coding)
        name = parameter(head, "content-disposition", "filename")
        name = name or parameter(head, "content-type", "name")
        name = name.replace("\\", "/").rpartition("/")[2][:200]
        saved = value_of(head, "content-disposition").strip().lower().startswith("attachment")
        cid = value_of(head, "content-id").strip(" <>")[:200]
        if mime in ("text/plain", "text/html") and not saved and not name:
            text = charsets.decode(content, parameter(head, "content-type", "charset"))
            if mime == "text/plain":
                flowed = parameter(head, "content-type", "format").lower() == "flowed"
                return [Text(unflowed(text) if flowed else text)]
            if len(content) <= markup.MOST:
                return [Text(html=text)]
            name = "mail.html"
        if mime == "text/plain" and not content:
            return []
        return [Part(name or NAMES.get(mime, ""), mime, content, cid)]


def decoded(content: bytes, coding: str) -> bytes:
    if coding == "base64":
        return charsets.base64(content)
    if coding == "quoted-printable":
        return a2b_qp(content)
    return content


def unflowed(text: str) -> str:
    """Lines that a program broke (RFC 3676) as the one that they were."""
    pieces: list[str] = []
    soft, before = False, 0
    for line in re.split(r"\r?\n", text):
        depth = len(line) - len(line.lstrip(">"))
        if joins := soft and depth == before:
            piece = line[depth:].removeprefix(" ")
        else:
            piece = line if depth else line.removeprefix(" ")
            pieces.append("\n")
        pieces.append(piece)
        soft = (piece.endswith(" ") or (joins and not piece)) and (joins or piece != "-- ")
        before = depth
    return "".join(pieces[1:])


def as_one(found: list[Text | Part]) -> list[Text | Part]:
    """Alternatives say the same: their texts are one, before the other parts among them."""
    texts = [one for one in found if isinstance(one, Text)]
    if not texts:
        return found
    plain = "\n\n".join(one.plain for one in texts if one.plain.strip())
    html = "\n".join(one.html for one in texts if one.html)
    return [Text(plain, html), *(one for one in found if isinstance(one, Part))]
