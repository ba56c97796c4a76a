"""Markdown as a tree: what is marked, what is not, and that no text can do any harm."""

import re
import sys

import pytest
from hypothesis import example, given, settings

from chat.protocol import formatting
from chat.templatetags import formatting as tags
from tests.chat.formatting_texts import HOSTILE, TEXTS, short
from tests.examples import examples

pytestmark = pytest.mark.once

FIELDS = {
    **dict.fromkeys(("paragraph", "bold", "italic", "code", "list", "item", "block"), frozenset()),
    "link": {"href"},
    "numbered": {"start"},
}
"""The kinds of nodes, with what each has beside `kind` and `parts`."""


def tree(text: str) -> str | None:
    found = formatting.tree(text)
    return found and short(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**bold** and *it*", "paragraph(bold(bold) and italic(it))"),
        ("_it_ and __bold__", "paragraph(italic(it) and bold(bold))"),
        ("use `**x**` here", "paragraph(use code(**x**) here)"),
        ("- a\n- b\n  - c", "list(item(a)item(blist(item(c))))"),
        ("first:\n1. a\n2. **b**", "paragraph(first:)numbered(item(a)item(bold(b)))"),
        ("```py\na  b\n\n*c*\n```", "block(a  b\n\n*c*)"),
        ("a\nb\n\n**c**", "paragraph(a\nb)paragraph(bold(c))"),
        ("[here](https://a.example)", "paragraph(link(here))"),
        ("[mail](mailto:a@b.example)", "paragraph(link(mail))"),
        # Chinese needs no spaces around what is bold.
        ("请**不要**点击", "paragraph(请bold(不要)点击)"),
        ("**重要。**请看", "paragraph(bold(重要。)请看)"),
        ("看**「重要」**。", "paragraph(看bold(「重要」)。)"),
        ("**注意：**10*20*30", "paragraph(bold(注意：)10*20*30)"),
    ],
)
def test_marks_become_nodes(text, found):
    assert tree(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("plain", "10*20*30cm", "2**3**4", "长*宽*高", "138****1234", "6222 **** **** 1234"),
        *("张**，李**，", "snake_case_name", "+ 86 138", "a * b * c", "- ", "-1", "3.5 kg"),
        "# head",
        *("> quoted", "<b>no</b>", "---", "a\n---", "| a | b |\n|---|---|", "&lt;", r"C:\*"),
        "a\n\nb",
        *("[a]", "[a][b]", "[a]: https://a.example", "[a]()", "[a](x)", "[a](//a.example)", "***"),
        *("[a](javascript:alert(1))", "[a](data:text/html,x)", "[a](java\tscript:x)", "```\n```"),
        *(
            "[a](http://)",
            "[a](ftp://a.example)",
            '[a](https://a.example "b")',
            "``` two words\nx\n```",
        ),
    ],
)
def test_a_text_stays_as_it_is_without_marks_that_fit(text):
    assert formatting.tree(text) is None
    assert not formatting.is_formatted(text) and formatting.facts(text) == {}


def test_a_number_begins_where_it_was_written():
    assert [formatting.tree(f"{n}. x")[0]["start"] for n in (0, 1, 7)] == [0, 1, 7]


def test_limits_just_below_and_above():
    marks = formatting.MOST_MARKS // 4
    assert formatting.tree("**a** " * marks) and not formatting.tree("**a** " * (marks + 1))
    links = "[a](https://a.example) "
    assert formatting.tree(links * formatting.MOST_BRACKETS)
    assert not formatting.tree(links * (formatting.MOST_BRACKETS + 1))
    deep = ["".join(f"{'  ' * level}- a\n" for level in range(levels)) for levels in range(9)]
    known = [text for text in deep if formatting.tree(text)]
    assert known == deep[1:5], "a list in a list takes two levels"
    items = (formatting.MOST_NODES - 1) // 3
    assert formatting.tree("- a\n" * items) and not formatting.tree("- a\n" * (items + 1))
    lines = "**a**" + "\n" * (formatting.MOST_LINES - 2)
    assert formatting.tree(lines + "\nb") and not formatting.tree(lines + "\n\nb")
    passed = "*a*" * (formatting.MOST_STEPS // formatting.MOST_BRACKETS // 2)
    link = "[a](https://a.example)"
    assert formatting.tree(link + passed) and not formatting.tree(f"{link * 29}[{passed}*b*")
    address = "https://a.example/".ljust(formatting.LONGEST_ADDRESS, "x")
    assert formatting.tree(f"[a]({address})") and not formatting.tree(f"[a]({address}x)")


SLOW = [
    "- " * 16 + "a\n" + "=\n" * 4_970,
    "[" * 22 + "=- " * 3_300,
    "1. **a**" + "]" * 9_000,
    ("[*a " * 30 + "*a" * 440),
    "- *a*\n" + "b\n" * 4_900,
]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_no_text_makes_the_parser_take_many_steps(text, monkeypatch):
    """Calls of the parser's rules, which a slow machine does not change. A text of 400 marks on as
    many lines takes some 3,000."""
    steps = []

    def counted(rules):
        def count(rule):
            return lambda *given: steps.append(rule) or rule(*given)

        return [count(rule) for rule in rules]

    for ruler in (formatting.PARSER.block.ruler, formatting.PARSER.inline.ruler):
        usual = ruler.getRules
        monkeypatch.setattr(ruler, "getRules", lambda name, usual=usual: counted(usual(name)))
    usual = formatting.PARSER.inline.skipToken
    skip = lambda state: steps.append(usual) or usual(state)  # noqa: E731
    monkeypatch.setattr(formatting.PARSER.inline, "skipToken", skip)
    formatting.tree.cache_clear()
    formatting.tree(text)
    assert len(steps) < 10_000


@given(TEXTS)
@example("[[[[a](https://a)](https://b)")
@example("- " * 40 + "a")
@settings(max_examples=examples(1_500), deadline=None)
def test_no_text_makes_anything_but_the_nodes_that_are_allowed(text):
    nodes = formatting.tree(text)
    if nodes is None:
        return
    check(nodes)
    # Everything that was written is there but marks, spaces, numbers and addresses of links.
    if "[" not in text and "```" not in text:
        wanted = re.sub(r"[\W\d_]", "", text.replace("\x00", ""))
        assert re.sub(r"[\W\d_]", "", formatting.plain_text(nodes)) == wanted
    html = str(tags.formatted(nodes))
    found = set(re.findall(r"<(/?\w+)", html))
    allowed = {"p", "strong", "em", "code", "a", "ul", "ol", "li", "pre"}
    assert {tag.lstrip("/") for tag in found} <= allowed
    assert html.count("<") == len(re.findall(r"</?(?:p|strong|em|code|a|ul|ol|li|pre)[ >]", html))


def check(nodes, depth=1):
    assert depth <= formatting.DEEPEST and isinstance(nodes, list)
    for node in nodes:
        if isinstance(node, str):
            continue
        assert set(node) == {"kind", "parts"} | FIELDS[node["kind"]]
        if "href" in node:
            assert re.match(r"(https?://|mailto:)", node["href"], re.IGNORECASE)
            assert not re.search(r"[\s<>\"]", node["href"])
        check(node["parts"], depth + 1)


A_CHARACTER = 60
"""Calls that a character may cost; the dearest of these texts takes about 40."""


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("marks", [50, 100_000])
def test_a_hostile_text_costs_no_more_than_its_length(piece, marks):
    """Counts the calls of functions; with as many marks as are read, then with any number."""
    for length in (2_500, 5_000, 10_000):
        text = (piece * min(length, marks)).ljust(length, "x")[:length]
        assert calls(text) <= A_CHARACTER * length + 1_000


def calls(text: str) -> int:
    count = 0

    def note(_frame, event, _function):
        nonlocal count
        count += event in ("call", "c_call")

    formatting.tree.cache_clear()
    sys.setprofile(note)
    try:
        formatting.tree(text)
    finally:
        sys.setprofile(None)
    return count


def test_a_plain_message_costs_a_look():
    text = "您好，您的订单 20931 已经发货，请注意查收。" * 20
    formatting.tree.cache_clear()
    assert not formatting.is_formatted(text)
    assert formatting.tree.cache_info().misses == 0, "nothing is parsed"


def test_the_words_without_marks():
    text = "**Hello**, see [our page](https://a.example):\n\n1. open\n   - twice\n2. `close`\n\nbye"
    nodes = formatting.tree(text)
    expected = "Hello, see our page (https://a.example):\n1. open\n   • twice\n2. close\nbye"
    assert formatting.plain_text(nodes) == expected
    assert "https" not in formatting.plain_text(nodes, links=False)
    assert formatting.without_marks(text, None) == text, "of a visitor"
    assert formatting.without_marks(text, {"formatted": True}) == expected
