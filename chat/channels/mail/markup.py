"""The HTML of a mail: what it says as text, and as much of it as may be shown."""

import base64
import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import nh3

MOST = 2 * 1024 * 1024
"""Bytes of HTML that are read; what is longer is kept as a file."""
DEEP = 1_000
"""Elements within each other: html5ever takes time with the square of it."""
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?")
VOID = {*("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr")}
BARRIERS = {"object", "applet", "marquee", "table", "td", "th", "caption", "template", "svg"}
"""Elements out of which the end of what is around them does not lead."""
WIDE = 120
"""Characters of an address up to which a link's text is followed by it."""
BLOCKS = {
    *("p", "div", "section", "article", "header", "footer", "center", "address", "pre", "ul"),
    *("ol", "li", "dl", "dt", "dd", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("blockquote", "figure", "figcaption", "caption", "main", "nav", "aside"),
}
CELLS = {"table", "tr", "td", "th"}
APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"}
"""Blocks with an empty line around them."""
SPOKEN = BLOCKS | {"a", "br", "td", "th", "title"}
DROPPED = {"script", "style", "head", "title", "template", "object", "svg", "math"}
LAID = {"align", "valign", "width", "height", "bgcolor", "color", "dir", "lang", "border", "style"}
SHOWN = nh3.ALLOWED_TAGS | {"font", "center", "u", "big", "main"}
ATTRIBUTES = {
    "*": LAID | {"cellpadding", "cellspacing", "colspan", "rowspan", "title"},
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"face", "size"},
}
CID = re.compile(r'(<img[^>]*? src=")cid:([^"]{1,300})(")')
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def is_deep(source: str) -> bool:
    """Whether more elements lie within each other than anybody needs."""
    stack: list[str] = []
    for match in TAG.finditer(source):
        name = match[2].lower()
        if not match[1]:
            stack += [] if name in VOID else [name]
        else:
            for back, one in enumerate(reversed(stack[-50:]), 1):
                if one == name:
                    del stack[-back:]
                if one == name or (one in BARRIERS and name not in CELLS):
                    break
        if len(stack) > DEEP:
            return True
    return False


def text_of(source: str) -> str:
    """What it says, with its lines, and quotes behind >."""
    if is_deep(source):
        return html.unescape(TAG.sub(" ", source))
    clean = nh3.clean(
        source,
        tags=SPOKEN - {"title"},
        clean_content_tags=DROPPED,
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
    if is_deep(source):
        return as_html(text_of(source))
    clean = nh3.clean(
        source,
        tags=SHOWN,
        clean_content_tags=DROPPED - {"head"},
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
