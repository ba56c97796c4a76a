"""Markdown of articles: a body becomes the same kind of small tree as a message does
(chat/protocol/formatting.py), with more kinds of nodes.

These are `heading` with `level` (2 to 4) and `id`, `quote`, `rule`, `table` with parts `row`, in
which stand `head` and `cell` with `align`, `picture` with the `name` of a file, whose part is its
alternative text, and `article` with `slug`, `lang` (or "") and `place` (an id, or ""): a link to
another article, or with an empty slug within this one. No HTML: it stays text.

Any body has a tree. One that would take too long is shown as plain paragraphs.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, blockquote, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.models.knowledge import RESERVED, SLUG
from chat.protocol import formatting
from chat.protocol.formatting import Nodes, Unfit

MOST_STEPS = 60_000
MOST_MARKS = 5_000
MARKS = ("*", "_", "`", "[", "](")
"""A link counts as two marks: it takes as long."""
MOST_LINES = 5_000
MOST_NODES = 12_000
"""Calls of the parser's rules, marks within words, lines, and tokens (twice as many as nodes) up to
which a body is formatted. Within these bounds no text was found that takes longer than 120 ms."""
MOST_COLUMNS = 20
DEEPEST = 16
"""Nodes that may contain one another: six lists, or quotes."""
MOST_PARAGRAPHS = 2_000
"""Of a body that is shown as it is; the rest is one more."""
MOST_PICTURES = 200
"""Pictures of one body; of further ones the alternative text is shown."""
KEPT, LONGEST_KEPT = 100, 20_000
"""Trees that are kept, for pages and search, and characters of a body of which one is."""
LONGEST_ID = 80

TARGET = (
    r'\([ ]*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*){0,9}))(?:[ ]+"[^"\n]*")?[ ]*\)'
)
"""(address "title"), as it stands behind the words of a link. The title is left out."""
PICTURE = re.compile(rf"!\[([^\[\]]*)\]{TARGET}")
LINK = re.compile(rf"\[([^\[\]]*(?:(?<=!)\[[^\[\]]*\]\([^\s()]*\)[^\[\]]*){{0,3}})\]{TARGET}")
"""Its words may hold up to three pictures, but no other brackets. The parser's own rule reads the
rest of the text for each bracket."""
FILE = re.compile(r"files/([^/\\.][^/\\]{0,99})")
LANGUAGE = "|".join(code for code, _name in settings.LANGUAGES)
ARTICLE = re.compile(rf"(?:(?:\.?/)?({SLUG})(?:/|\.({LANGUAGE})\.md)?)?(?:#(\S+))?")
STOP = re.compile(r"[*_`\[\]\n]|!(?=\[)")
"""What the parser has to look at within words."""
NOT_IN_ID = re.compile(r"[^\w -]")
KINDS = {
    "blockquote_open": "quote",
    "hr": "rule",
    "table_open": "table",
    "tr_open": "row",
    "th_open": "head",
    "td_open": "cell",
}
BLOCKS = (*formatting.BLOCKS, "heading", "quote", "rule", "row", "item")
"""The kinds whose words stand on lines of their own."""


def tree(body: str) -> Nodes:
    """The nodes of a body, which callers must not change."""
    return kept(body) if len(body) <= LONGEST_KEPT else parse(body)


@lru_cache(maxsize=KEPT)
def kept(body: str) -> Nodes:
    return parse(body)


def parse(body: str) -> Nodes:
    try:
        if sum(map(body.count, MARKS)) > MOST_MARKS or body.count("\n") >= MOST_LINES:
            raise Unfit
        state = StateCore(body, PARSER, {"steps": MOST_STEPS})
        state.tokens = Tokens()
        PARSER.core.process(state)
        shown = [token for token in state.tokens if token.type[:5] not in ("thead", "tbody")]
        nodes = formatting.build(shown, node_of=node_of, most=MOST_NODES, deepest=DEEPEST)
    except Unfit:
        lines = re.split(r"\n+", body, maxsplit=MOST_PARAGRAPHS)
        return [{"kind": "paragraph", "parts": [line.replace("\n", " ")]} for line in lines]
    name_headings(nodes)
    return nodes


class Tokens(list):
    """The parser's tokens. Of a few characters a table makes thousands, in one step."""

    def append(self, token: Token) -> None:
        if len(self) >= MOST_NODES:
            raise Unfit
        super().append(token)


def node_of(token: Token) -> str | dict:
    node: dict[str, Any] = {"kind": KINDS.get(token.type, ""), "parts": []}
    match token.type:
        case "heading_open":
            return node | {"kind": "heading", "level": min(max(int(token.tag[1]), 2), 4)}
        case "th_open" | "td_open":
            return node | {"align": str(token.attrGet("style") or "").rpartition(":")[2]}
        case "fence":
            return {"kind": "block", "parts": [token.content.rstrip("\n")]}
        case "picture":
            return node | {"kind": "picture", "parts": [token.content], "name": token.info}
        case "link_open":
            return node | token.meta
    return node if node["kind"] else formatting.message_node(token)


def name_headings(nodes: Nodes) -> None:
    """Gives the headings ids of their words, so that links and a table of contents lead there."""
    taken: dict[str, int] = {}
    for node in every(nodes):
        if node["kind"] == "heading":
            name = anchor(words_of(node["parts"]))
            taken[name] = taken.get(name, 0) + 1
            node["id"] = name if taken[name] == 1 else f"{name}-{taken[name]}"


def anchor(text: str) -> str:
    """The id of a heading with this text: as GitHub makes it, after a prefix that no other element
    of a page has."""
    found = NOT_IN_ID.sub("", text.strip().lower()).replace(" ", "-")
    return f"a-{found[:LONGEST_ID]}"


def every(nodes: Nodes) -> Iterator[dict]:
    """All nodes of a tree in order, but texts."""
    for node in nodes:
        if isinstance(node, dict):
            yield node
            yield from every(node["parts"])


def pictures(nodes: Nodes) -> set[str]:
    """The names of the files whose pictures a tree shows."""
    names = dict.fromkeys(node["name"] for node in every(nodes) if node["kind"] == "picture")
    return set(list(names)[:MOST_PICTURES])


def plain(body: str) -> str:
    """The words of a body without marks and addresses, each block on a line of its own."""
    return "\n".join(filter(None, map(str.strip, words_of(tree(body)).split("\n"))))


def words_of(nodes: Nodes) -> str:
    found = []
    for node in nodes:
        if isinstance(node, str):
            found.append(node)
            continue
        inside = words_of(node["parts"])
        if node["kind"] in BLOCKS:
            inside = f"\n{inside}\n"
        found.append(f"{inside} " if node["kind"] in ("head", "cell") else inside)
    return "".join(found)


def counted(rule: Callable) -> Callable:
    """The parser's rule, which takes one of the steps that a body has."""

    def run(state: StateBlock | StateInline, *given) -> bool:
        state.env["steps"] -= 1
        if state.env["steps"] < 0:
            raise Unfit
        return rule(state, *given)

    return run


def shallow_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's rule for quotes, which reads a line once for each quote around it."""
    if not silent and state.level >= DEEPEST:
        raise Unfit
    return blockquote(state, start, end, silent)


def narrow_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.src.count("|", state.bMarks[start], state.eMarks[start]) > MOST_COLUMNS + 1:
        return False
    return table(state, start, end, silent)


def picture(state: StateInline, silent: bool) -> bool:
    """A picture of files/, and the alternative text of any other."""
    found = PICTURE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    file = FILE.fullmatch(unquote(found[2] or found[3] or ""))
    token = state.push("picture" if file else "text", "", 0)
    token.content, token.info = found[1], file[1] if file else ""
    state.pos = found.end()
    return True


def link(state: StateInline, silent: bool) -> bool:
    found = LINK.match(state.src, state.pos, state.posMax)
    meant = found and meaning(unescapeAll(found[2] or found[3] or ""))
    if found is None or meant is None:
        return False
    state.push("link_open", "a", 1).meta = meant
    end, state.posMax = state.posMax, found.end(1)
    state.pos = found.start(1)
    state.md.inline.tokenize(state)
    state.push("link_close", "a", -1)
    state.pos, state.posMax = found.end(), end
    return True


def meaning(target: str) -> dict | None:
    """The kind of node for a link to this address, with its fields; None for no link."""
    if len(target) > formatting.LONGEST_ADDRESS or re.search(r"[\s<>\"]", target):
        return None
    if formatting.is_address(target):
        return {"kind": "link", "href": target}
    found = ARTICLE.fullmatch(target)
    if not target or found is None or found[1] in RESERVED:
        return None
    slug, lang, place = (part or "" for part in found.groups())
    place = place and anchor(unquote(place))
    return {"kind": "article", "slug": slug, "lang": lang, "place": place}


def parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": 4 * DEEPEST})
    made.enable(["table", "fence", "blockquote", "hr", "list", "heading"])
    made.enable(["newline", "backticks", "emphasis", "link", "image"])
    own: dict[str, Callable] = {
        "table": narrow_table,
        "blockquote": shallow_quote,
        "list": formatting.dashed_list,
        "text": partial(formatting.words, stop=STOP),
        "emphasis": formatting.emphasis,
        "link": link,
        "image": picture,
    }
    for rules in (made.block.ruler.__rules__, made.inline.ruler.__rules__):
        for rule in rules:
            rule.fn = counted(own.get(rule.name, rule.fn))
    return made


PARSER = parser()
