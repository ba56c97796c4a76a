"""Texts with which whatever reads Markdown is tried."""

from hypothesis import strategies as st

PIECES = [
    *("*", "**", "_", "`", "```", "\n", "\n\n", "- ", "1. ", "  ", "[", "](", ")", "<", ">", "&"),
    "\\",
    *("a", "中", "。", "「", " ", "https://a.example", "mailto:a@b", "javascript:", "\x00", "!"),
    "+ ",
]
TEXTS = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
)

HOSTILE = [
    *("[", "[a](", "*a ", "**", "a**b", "*a_b", "`", "`a``", "- ", "- a\n", "1. a\n", "_a_"),
    *("![", "<"),
    *("[[a](http://x", "a\n\n", "\n", "***a", "*a **b ", "[a](http://x) ", "\\", "](", "  - "),
    "```\n",
    *("[a](<", "(((", "&amp;", "{:@~", "- a\n~- a\nx", "[a](xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    "  - xxxxxxxxxxxxx",
]


def short(nodes) -> str:
    """A tree on one line: kind(parts)."""
    return "".join(
        node if isinstance(node, str) else f"{node['kind']}({short(node['parts'])})"
        for node in nodes
    )
