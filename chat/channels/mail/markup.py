"""The HTML of a mail: what it says as text, and as much of it as may be shown."""

import base64
import html
import re
from collections.abc import Callable, Collection
from html.parser import HTMLParser

import nh3

MOST = 2 * 1024 * 1024
"""Bytes of HTML that are read; what is longer is kept as a file."""
DEEP, FORMATTED, MOST_NODES, FAR = 300, 20, 300_000, 50
"""Elements within each other; how many of these may be of FORMATTING; how many the rules of HTML
may make of all tags; how many one end may end. By those rules each block begins with a copy of
every FORMATTING one that was not ended before, and each tag looks at all that it lies in: 2 MB took
minutes, and 100 kB gigabytes."""
UNREAD = re.compile(
    r"<!--.*?(?:--!?>|\Z)|<(script|style|title)(?![^\s/>]).*?(?:</\1(?![^\s/>])[^>]*>?|\Z)"
    r"|<(?:[!?]|/(?![a-z]))[^>]*>?",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(r"""<(/?)([a-z][^\s/<>"']*)((?:[^<>"']+|"[^"<]*"|'[^'<]*')*)>?""", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"""(?<![\w:-])([a-z][\w:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
VOID = {*("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr")}
BARRIERS = {"table", "td", "th", "caption"}
"""Elements out of which the end of what is around them does not lead, but for CELLS."""
FORMATTING = {
    *("a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"),
}
WIDE = 120
"""Characters of an address up to which a link's text is followed by it."""
BLOCKS = {
    *("p", "div", "section", "article", "header", "footer", "center", "address", "pre", "ul"),
    *("ol", "li", "dl", "dt", "dd", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("blockquote", "figure", "figcaption", "caption", "main", "nav", "aside"),
}
CELLS = {"table", "thead", "tbody", "tr", "td", "th", "caption"}
ENDS: dict[str, tuple[Collection[str], Collection[str]]] = {
    **dict.fromkeys(BLOCKS, ({"p"}, BARRIERS)),
    "li": ({"li"}, {"ul", "ol"}),
    **dict.fromkeys(("dt", "dd"), ({"dt", "dd"}, {"dl"})),
    **dict.fromkeys(("td", "th"), ({"td", "th"}, {"tr", "table"})),
    "tr": ({"tr"}, {"table"}),
    **dict.fromkeys(("thead", "tbody"), ({"thead", "tbody"}, {"table"})),
}
"""Which elements end where one of this name begins, whose own end many leave out; and what they do
not lie outside of."""
APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"}
"""Blocks with an empty line around them."""
SPOKEN = BLOCKS | {"a", "br", "td", "th"}
LAID = {"align", "valign", "width", "height", "bgcolor", "color", "dir", "lang", "border", "style"}
SHOWN = nh3.ALLOWED_TAGS | {"font", "center", "u", "big", "main"}
KNOWN = SHOWN | SPOKEN
ATTRIBUTES = {
    "*": LAID | {"cellpadding", "cellspacing", "colspan", "rowspan", "title"},
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"face", "size"},
}
CID = re.compile(r'(<img[^>]*? src=")cid:([^"]{1,300})(")')
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def tidied(source: str) -> str:
    """HTML that any parser reads in the same way, in a time like its length: of what is KNOWN each
    element with its end inside of what is around it, and all words. Tags beyond the bounds are left
    out."""
    found: list[str] = []
    stack: list[str] = []
    at = nodes = formatted = 0
    source = UNREAD.sub("", source)
    for match in TAG.finditer(source):
        found.append(source[at : match.start()].replace("<", "&lt;"))
        at, name = match.end(), match[2].lower()
        nodes += 1 + formatted
        if name not in KNOWN or nodes > MOST_NODES:
            continue
        outside = () if name in CELLS else BARRIERS
        names, within = ({name}, outside) if match[1] else ENDS.get(name, ((), ()))
        if many := ended(stack, names, within):
            gone, stack[-many:] = stack[: -many - 1 : -1], []
            formatted -= sum(map(FORMATTING.__contains__, gone))
            found += [f"</{one}>" for one in gone]
        marks = name in FORMATTING
        if match[1] or len(stack) == DEEP or (marks and formatted == FORMATTED):
            continue
        if name not in VOID:
            stack.append(name)
            formatted += marks
        found.append(f"<{name}{attributes(match[3])}>")
    found.append(source[at:].replace("<", "&lt;"))
    return "".join([*found, *(f"</{one}>" for one in reversed(stack))])


def ended(stack: list[str], names: Collection[str], within: Collection[str]) -> int:
    """How many elements end with the next one of these names; 0 where there is none."""
    for back, one in enumerate(reversed(stack[-FAR:]), 1):
        if one in names:
            return back
        if one in within:
            break
    return 0


def attributes(text: str) -> str:
    """Those of a tag, written in one way."""
    pairs = ((name, one or other or bare) for name, one, other, bare in ATTRIBUTE.findall(text))
    return "".join(f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in pairs)


def text_of(source: str) -> str:
    """What it says, with its lines, and quotes behind >."""
    clean = nh3.clean(
        tidied(source),
        tags=SPOKEN,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    walker = Walker()
    walker.feed(clean)
    walker.close()
    return walker.text()


class Walker(HTMLParser):
    """Collects text from HTML that is well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = self.kept = self.linked = 0
        self.link = ""

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            self.end_line()
        elif tag in ("td", "th"):
            self.line.append("\t" if self.line else "")
        elif tag == "a":
            self.link, self.linked = dict(attrs).get("href") or "", len(self.line)
        elif tag in BLOCKS:
            self.end_block(tag)
            self.depth += tag == "blockquote"
            self.kept += tag == "pre"
            if tag == "li":
                self.line.append("- ")

    def handle_endtag(self, tag):
        if tag == "a" and self.link:
            address = self.link.removeprefix("mailto:")
            if len(address) <= WIDE and address.rstrip("/") not in "".join(
                self.line[self.linked :]
            ):
                self.line.append(f" ({address})")
            self.link = ""
        elif tag in BLOCKS:
            self.end_block(tag)
            self.depth = max(self.depth - (tag == "blockquote"), 0)
            self.kept = max(self.kept - (tag == "pre"), 0)

    def handle_data(self, data):
        if not self.kept:
            self.line.append(re.sub(r"[ \t\r\n\f]+", " ", data))
            return
        first, *others = data.split("\n")
        self.line.append(first)
        for other in others:
            self.end_line()
            self.line.append(other)

    def end_block(self, tag: str) -> None:
        if "".join(self.line).strip():
            self.end_line()
        self.line.clear()
        mark = self.mark()
        if tag in APART and self.lines and self.lines[-1] != mark.rstrip():
            self.lines.append(mark.rstrip())

    def end_line(self) -> None:
        text = "".join(self.line)
        text = text.rstrip() if self.kept else text.strip(" ")
        self.lines.append((self.mark() + text).rstrip())
        self.line.clear()

    def mark(self) -> str:
        return "> " * min(self.depth, 10)

    def text(self) -> str:
        if "".join(self.line).strip():
            self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")


def as_html(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def shown(source: str, picture: Callable[[str], tuple[str, bytes] | None]) -> str:
    """What of a mail's HTML is shown in its frame: no script, form, sheet or frame. `picture` finds
    one within the mail (its MIME type and content) by its cid. Those from elsewhere stay in: the
    frame's policy says whether they are fetched."""
    clean = nh3.clean(
        tidied(source),
        tags=SHOWN,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )

    def placed(found: re.Match) -> str:
        one = picture(html.unescape(found[2]))
        if one is None or one[0] not in PICTURES:
            return f"{found[1]}data:,{found[3]}"
        return f"{found[1]}data:{one[0]};base64,{base64.b64encode(one[1]).decode()}{found[3]}"

    return CID.sub(placed, clean)
