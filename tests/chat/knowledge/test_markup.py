"""Articles' Markdown: what it becomes, and that no text can do any harm or take long."""

import re
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given, settings

from chat.knowledge import markup
from chat.models import ArticlePicture
from chat.templatetags.articles import article_html
from tests.chat.formatting_texts import HOSTILE, PIECES, TEXTS, short
from tests.examples import examples

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("# One\n## One\n###### *six*", "h2#a-one(One)h2#a-one-2(One)h4#a-six(em(six))"),
        ("## 何时 发货？", "h2#a-何时-发货(何时 发货？)"),
        ("> **quoted**\n\n---\nb", "blockquote(p(strong(quoted)))hr()p(b)"),
        ("a\nb\n- c\n\n```py x\n<d>\n```", "p(abr()b)ul(li(c))pre(code(&lt;d&gt;))"),
        ("|a|b|\n|:-|-:|\n|*c*||", "div(table(tr(thth)tr(td(em(c))td())))"),
        ("<b onclick=x>no</b> &lt;", "p(&lt;b onclick=x&gt;no&lt;/b&gt; &amp;lt;)"),
    ],
)
def test_marks_become_elements(body, html):
    found = article_html(body, "acme")
    found = re.sub(r'<(h\d) id="([^"]*)">', r"<\1#\2>", found)
    found = re.sub(r"<(br|hr)>", r"<\1></\1>", found)
    found = re.sub(r"<th scope[^>]*>\w</th>", "th", re.sub(r' class="[^"]*"', "", found))
    assert re.sub(r"</[^>]*>", ")", re.sub(r"<([^/>]*)>", r"\1(", found)) == html


@pytest.mark.parametrize(
    ("target", "href"),
    [
        ("tea", "/help/acme/tea/"),
        ("/tea/", "/help/acme/tea/"),
        ("tea.en.md#Boiling", "/help/acme/tea/?lang=en#a-boiling"),
        ("#煮%20水", "#a-煮-水"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        *((target, None) for target in ("javascript:alert(1)", "//a.example", "tea/x", "search")),
        *((target, None) for target in ("data:text/html,x", "../tea", "tea.fr.md", "TEA", "#")),
    ],
)
def test_where_links_may_lead(target, href):
    html = article_html(f"[words]({target})", "acme")
    assert re.findall(r'href="([^"]*)"', html) == ([href] if href else [])
    assert "words" in html


@pytest.mark.django_db
def test_pictures_are_the_enterprises_own_files(enterprise, other_enterprise):
    def store(owner, name, key):
        ArticlePicture.objects.create(
            enterprise=owner, name=name, key=key * 32, size=1, width=3, height=2
        )

    store(enterprise, "a b.png", "a")
    store(other_enterprise, "c.png", "c")
    body = "![A](files/a%20b.png) ![A](<files/a b.png>) ![C](files/c.png) ![D](files/x/../d.png)"
    body += ' ![E](https://a.example/(1).png) ![F"<](data:image/png;base64,AA==)'
    with CaptureQueriesContext(connection) as queries:
        html = article_html(body, enterprise.code)
    assert len(queries) == 1
    src = f"/help/{enterprise.code}/files/{'a' * 32}/"
    picture = f'<img src="{src}" alt="A" width="3" height="2" loading="lazy">'
    assert html == f"<p>{picture} {picture} C D E F&quot;&lt;</p>"


def test_the_words_without_marks():
    body = "# Tea\n\n1. boil [water](water)\n\n|a|b|\n|-|-|\n|c|d|\n\n![cup](files/cup.png)"
    assert markup.plain(body) == "Tea\nboil water\na b\nc d\ncup"


ELEMENT = r"</?(?:p|strong|em|code|a|ul|ol|li|pre|h[234]|blockquote|div|table|tr|th|td|hr|br)[ >]"


def check(html: str) -> None:
    assert html.count("<") == len(re.findall(ELEMENT, html))
    assert not re.search(r'href="(?!https?://|mailto:|/help/acme/|#)', html, re.IGNORECASE)


@given(TEXTS)
@example("> " * 40 + "a")
@settings(max_examples=examples(1_000), deadline=None)
def test_no_text_makes_anything_but_the_elements_that_are_allowed(text):
    check(article_html(text, "acme"))


@pytest.mark.parametrize("piece", [*HOSTILE, *PIECES, "#", "## ", "> ", "|", "|-|-|\n", "](#"])
def test_no_hostile_text_either(piece):
    check(article_html((piece * 2_000)[:2_000], "acme"))


COLUMNS = "|a" * 20 + "\n" + "|-" * 20 + "\n"
CALLS = 600_000
"""Calls of functions for a body, which a slow machine does not change: some 100 ms."""


@pytest.mark.parametrize(
    "body",
    [
        *((piece * 100_000)[:100_000] for piece in ("[", "[[a](http://x", "a\n\n")),
        *("> > - a\n" * 4_900, "[a](http://x) " * 4_900, COLUMNS + "a\n" * 4_000),
        "[a](" * 99 + "x" * 90_000 + ")" * 99,
    ],
    ids=range(7),
)
def test_the_longest_hostile_body_costs_no_more_than_a_long_honest_one(body):
    count = 0

    def note(_frame, event, _function):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        markup.parse(body)
    finally:
        sys.setprofile(None)
    assert count < CALLS


def test_what_would_take_too_long_is_shown_as_it_is():
    part = "## Part\n\nSome **words** with [a link](tea).\n\n- one\n- two\n\n"
    kinds = [node["kind"] for node in markup.tree(part * 300)]
    assert kinds == ["heading", "paragraph", "list"] * 300
    assert short(markup.tree(f"a\n\nb{'*' * 6_000}")) == f"paragraph(a)paragraph(b{'*' * 6_000})"
