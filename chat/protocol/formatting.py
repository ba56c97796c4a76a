"""Light formatting of agents' messages: a text in Markdown becomes a small tree, which pages turn
into elements (docs/protocol.md).

Of Markdown only what is named here has a meaning: no HTML, headings, images, quotes, tables or
escapes. So nothing that somebody wrote is lost but the marks themselves.

A node is a text, or {"kind", "parts": [node …]}. Kinds are `paragraph`, `bold`, `italic`, `code`,
`link` with `href`, `list`, `numbered` with `start`, `item`, and `block`, which is code on lines of
its own.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from . import citations

MOST_MARKS = 500
MOST_BRACKETS = 30
MOST_LINES = 500
MOST_STEPS = 10_000
"""Marks, square brackets of either kind and lines up to which a text is parsed, and how many marks
and ends of lines the parser may pass: for each bracket it may read the rest of the text. Nobody
writes as many. Within these bounds no text was found that takes longer than 30 ms."""
MOST_NODES = 1_000
DEEPEST = 10
"""Nodes of a tree, and how many may contain one another. A text that needs more stays as it is."""
LONGEST_ADDRESS = 2_000
"""Characters of a link's address, as in static/js/thread/formatted.js."""
KEPT = 200
"""Trees that are kept, as one text is shaped for events, history and pages."""
MARKS = re.compile(r"[*_`\[]|^[ \t]*(?:-|\d{1,9}[.)])[ \t]", re.MULTILINE)
STOP = re.compile(r"[*_`\[\]\n]")
"""What the parser has to look at within words."""
ADDRESS = re.compile(r"https?://[^\s/?#]|mailto:[^\s@]+@[^\s@]", re.IGNORECASE)
LANGUAGE = re.compile(r"[\w+#.-]{0,20}")
"""What may stand behind the mark that begins a block of code. It is not shown."""
OPENING = ("Ps", "Pi")
"""Unicode categories of opening brackets and quotation marks."""
KINDS = {
    "paragraph": "paragraph",
    "strong": "bold",
    "em": "italic",
    "link": "link",
    "bullet_list": "list",
    "ordered_list": "numbered",
    "list_item": "item",
}
"""The kinds of nodes by the parser's names of tokens, without _open and _close."""

BLOCKS = ("paragraph", "list", "numbered", "block")
"""The kinds that stand on lines of their own."""

Nodes = list[str | dict]


class Unfit(Exception):
    """The text's tree would be too large, or would not have all that was written."""


def is_formatted(text: str) -> bool:
    """Whether a text has any formatting. One without a mark costs a look."""
    return MARKS.search(text) is not None and tree(text) is not None


@lru_cache(maxsize=KEPT)
def tree(text: str) -> Nodes | None:
    """The nodes of a text, which callers must not change; None for one without formatting."""
    if is_slow(text):
        return None
    try:
        nodes = build(PARSER.parse(text))
    except Unfit:
        return None
    return None if all(map(is_plain, nodes)) else nodes


def is_slow(text: str) -> bool:
    """Whether parsing it may take longer than anybody's text needs."""
    marks, ends = len(MARKS.findall(text)), text.count("\n")
    brackets = max(map(text.count, "[]"))
    if marks > MOST_MARKS or brackets > MOST_BRACKETS or ends >= MOST_LINES:
        return True
    return brackets * (marks + ends) > MOST_STEPS


def facts(text: str) -> dict:
    """What a row's `data` has of it: a text is formatted for good or not at all, whatever a later
    version makes of marks."""
    return {"formatted": True} if is_formatted(text) else {}


def without_marks(text: str, data: dict | None, links: bool = True) -> str:
    """A row's text where neither formatting nor citations are shown: in excerpts, mails,
    transcripts."""
    nodes = tree(text) if data and "formatted" in data else None
    return citations.without_marks(text if nodes is None else plain_text(nodes, links), data)


def buttons_line(data: dict | None) -> str:
    """The buttons of a row's `data` where nothing can be pressed: in mails, transcripts."""
    return " ".join(f"[{text}]" for text in (data or {}).get("buttons", ()))


def is_plain(node: str | dict) -> bool:
    return isinstance(node, str) or (
        node["kind"] == "paragraph" and all(isinstance(part, str) for part in node["parts"])
    )


def build(
    tokens: list[Token],
    node_of: Callable[[Token], str | dict] | None = None,
    most: int = MOST_NODES,
    deepest: int = DEEPEST,
) -> Nodes:
    """The tree of the parser's tokens. Raises Unfit. Articles have kinds of their own, by their
    `node_of`, and may have empty ones."""
    stack: list[Nodes] = [[]]
    count = 0
    for token in flat(tokens):
        count += 1
        if token.nesting < 0:
            if not stack.pop() and node_of is None:
                raise Unfit
            continue
        if count > most or len(stack) > deepest:
            raise Unfit
        parts = stack[-1]
        node = (node_of or message_node)(token)
        if isinstance(node, str) and parts and isinstance(parts[-1], str):
            parts[-1] += node
        elif node:
            parts.append(node)
        if isinstance(node, dict) and token.nesting > 0:
            stack.append(node["parts"])
    return stack[0]


def flat(tokens: list[Token]) -> Iterator[Token]:
    """The tokens in order. The paragraphs of a list without blank lines are not shown as such."""
    for token in tokens:
        if token.type == "inline":
            yield from token.children or ()
        elif not token.hidden:
            yield token


def message_node(token: Token) -> str | dict:
    match token.type:
        case "text":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            return {"kind": "code", "parts": [token.content]}
        case "fence":
            if not LANGUAGE.fullmatch(token.info.strip()) or not token.content.strip():
                raise Unfit
            return {"kind": "block", "parts": [token.content.rstrip("\n")]}
    node: dict[str, Any] = {"kind": KINDS[token.type.removesuffix("_open")], "parts": []}
    if token.type == "link_open":
        href = str(token.attrGet("href"))
        if token.attrGet("title") or not is_address(href):
            raise Unfit
        node["href"] = href
    elif token.type == "ordered_list_open":
        start = token.attrGet("start")
        node["start"] = 1 if start is None else int(start)
    return node


def is_address(href: str) -> bool:
    return len(href) <= LONGEST_ADDRESS and ADDRESS.match(href) is not None


def plain_text(nodes: Nodes, links: bool = True) -> str:
    """The words of a tree without marks: lists with dots and numbers, and with `links` each address
    behind its words. Blocks stand on lines of their own, a blank one between paragraphs."""
    found, before = "", None
    for node in nodes:
        kind = None if isinstance(node, str) else node["kind"]
        block = kind in BLOCKS
        if found and (block or before in BLOCKS):
            found = found.rstrip("\n") + ("\n\n" if kind == before == "paragraph" else "\n")
        found += node if isinstance(node, str) else node_text(node, links)
        before = kind
    return found


def node_text(node: dict, links: bool) -> str:
    kind, parts = node["kind"], node["parts"]
    if kind in ("list", "numbered"):
        signs = ["•" if kind == "list" else f"{node['start'] + at}." for at in range(len(parts))]
        items = [plain_text(item["parts"], links).replace("\n", "\n   ") for item in parts]
        return "\n".join(map(" ".join, zip(signs, items, strict=True)))
    found = plain_text(parts, links)
    if kind == "link" and links and found != node["href"]:
        found += f" ({node['href'].removeprefix('mailto:')})"
    return found


def dashed_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's rule for lists, without those that begin with +: it stands before numbers.
    Raises Unfit at once where the tree would be too deep: the parser reads a line once for each
    list around it."""
    if not silent and state.level >= DEEPEST:
        raise Unfit
    if state.src[state.bMarks[start] + state.tShift[start]] == "+":
        return False
    return list_block(state, start, end, silent)


def words(state: StateInline, silent: bool, stop: re.Pattern[str] = STOP) -> bool:
    """The parser's rule for plain words, which stops at the marks that are known here alone. Its
    own stops at each of twenty signs, and is called for each of them again for each bracket
    before."""
    found = stop.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def emphasis(state: StateInline, silent: bool) -> bool:
    """The parser's rule for * and _, with two differences (can_open, can_close): Chinese has no
    spaces around what is bold, and 10*20*30 is no italic 20."""
    mark = state.src[state.pos]
    if silent or mark not in "*_":
        return False
    scanned = state.scanDelims(state.pos, mark == "*")
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    wide = mark == "*" and scanned.length > 1
    for _ in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = mark
        delimiter = Delimiter(
            marker=ord(mark),
            length=scanned.length,
            token=len(state.tokens) - 1,
            end=-1,
            open=can_open(scanned.can_open, wide, before, after),
            close=can_close(scanned.can_close, wide, before, after),
        )
        state.delimiters.append(delimiter)
    state.pos = end
    return True


def can_open(usual: bool, wide: bool, before: str, after: str) -> bool:
    """Whether a mark begins bold (`wide`) or italic words: not within a word of Latin letters or
    digits, an italic one within no word at all."""
    if wide and is_chinese(before) and unicodedata.category(after) in OPENING:
        return True
    return usual and not (before.isalnum() and (before.isascii() or not wide))


def can_close(usual: bool, wide: bool, before: str, after: str) -> bool:
    """The same for the mark that ends them; 。** ends what is bold also before a word."""
    if wide and not before.isascii() and isPunctChar(before) and after.isalnum():
        return unicodedata.category(before) not in OPENING
    return usual and not (after.isalnum() and (after.isascii() or not wide))


def is_chinese(letter: str) -> bool:
    """Whether it is a letter of a script without spaces between words: Chinese, Japanese."""
    return letter.isalpha() and ("\u3040" <= letter <= "\u9fff" or letter >= "\U00020000")


def parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": 4 * DEEPEST})
    made.enable(["list", "fence", "newline", "backticks", "emphasis", "link"])
    made.block.ruler.at("list", dashed_list, {"alt": ["paragraph"]})
    made.inline.ruler.at("text", words)
    made.inline.ruler.at("emphasis", emphasis)
    made.validateLink = is_address  # type: ignore[method-assign,assignment]
    return made


PARSER = parser()
