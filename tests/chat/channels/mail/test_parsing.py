import encodings
import re
from itertools import accumulate

import pytest

from chat.channels.mail import adapter, bounces, charsets, markup, parsing, quotes
from chat.mail import proofs

from .corpus import mails

CASES = list(mails())


def test_no_mail_of_the_corpus_is_cut_or_put_elsewhere_and_no_line_is_lost():
    assert len(CASES) >= 450
    for case in CASES:
        found = parsing.parse(case.raw)
        for line in case.own:
            assert found.own_text.count(line) == 1, (case.name, found.own_text)
            assert line not in found.quoted, (case.name, found.quoted)
        for line in case.quoted:
            assert found.quoted.count(line) == 1, (case.name, found.own_text, found.quoted)
            assert line not in found.own_text, (case.name, found.own_text)
        assert [part.name for part in found.parts] == case.parts or not case.own, case.name
        lines = [line.strip() for line in found.text.split("\n") if line.strip()]
        kept = [line.strip() for line in f"{found.own_text}\n{found.quoted}".split("\n")]
        assert sorted(lines) == sorted(filter(None, kept)) or len(found.text) > 200_000, case.name


LENGTH = 500_000
"""Of what takes time with its length here, and would take hours with the square of it."""


@pytest.mark.parametrize(
    ("read", "text", "holds"),
    [
        (proofs.claimed, "a" * LENGTH, []),
        (lambda text: bounces.field(text, "Action"), f"Action:a{' ' * LENGTH}b\n", "a"),
        (lambda text: quotes.divide(text)[1], f"Hello\nfrom{' ' * LENGTH}x\nb", ""),
        (parsing.unflowed, "a \n" * LENGTH, "a a "),
        (markup.text_of, '<a href="http://a.example/">b</a>' * 60_000, "b (http://a.example/)b"),
        (lambda text: markup.shown(text, lambda cid: None), "<div>" * LENGTH, "<div>"),
    ],
)
def test_what_strangers_write_is_read_in_a_time_like_its_length(read, text, holds):
    assert read(text)[: len(holds)] == holds


@pytest.mark.parametrize("text", ['<div title="</div>">', "<div><!--</div>-->"])
def test_what_seems_to_be_an_end_makes_nothing_deeper(text):
    tags = re.findall("<(/?)div", markup.shown(text * 1_000, lambda cid: None))
    assert 0 < max(accumulate(-1 if end else 1 for end in tags)) <= markup.DEEP


def test_formatting_without_an_end_does_not_come_again_in_each_paragraph():
    marks = "".join(f"<b title={n}>" for n in range(99))
    text = f"<p>{marks}</p>" + "<p>x</p>" * 100
    assert markup.shown(text, lambda cid: None).count("<b ") <= 20


def test_a_mail_of_nothing_but_boundaries_and_one_of_quotation_marks_are_read():
    raw = b'To: "' + rb"\"" * 7_000 + b"\\\r\n"
    raw = raw * 15 + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n" * 10_000
    assert parsing.parse(raw).unread > 9_000


def test_a_long_text_is_folded_by_its_beginning():
    own = parsing.parse(b"\r\n\r\n" + b"word \n" * LENGTH)
    assert not own.quoted and own.parts[0].name == "own.txt"
    found = parsing.parse(b"\r\n\r\nHello\n\n" + b"> word\n" * LENGTH)
    assert found.own_text == "Hello" and found.parts[0].content.endswith(b"> word\n> word")


@pytest.mark.parametrize("name", ["cp{}", "windows-{}", "iso-8859-x{}", "big5x{}", "mac-{}"])
def test_python_remembers_no_charset_that_a_mail_names(name):
    assert charsets.decode("é".encode(), name.format(987654)) == "é"
    assert not [one for one in encodings._cache if "987654" in one]


@pytest.mark.parametrize(
    "name",
    ["ISO-8859-15", "windows-1251", "koi8-r", "EUC-KR", "shift_jis", "utf-16le", "mac-cyrillic"],
)
def test_charsets_that_mails_have_are_read(name):
    text = "€" if name.endswith("15") else "Я"
    assert charsets.decode(text.encode(name), name) == text


def test_parts_that_lie_too_deep_are_walked_through_as_seldom_as_others(monkeypatch):
    walks, walk = [], parsing.Tree.walk
    monkeypatch.setattr(
        parsing.Tree, "walk", lambda self, *place: walks.append(place) or walk(self, *place)
    )
    head = "Content-Type: multipart/mixed; boundary={}\n\n"
    deep = "".join(f"{head.format(n)}--{n}\n" for n in range(parsing.DEEP - 1))
    wide = head.format("w") + f"--w\n{head.format('x')}" * 150
    many = deep + f"\n--{parsing.DEEP - 2}\n".join([wide] * 10)
    assert parsing.parse(many.encode()).unread > 200
    assert len(walks) < 2 * parsing.MANY + parsing.DEEP


def test_a_header_of_many_parameters_names_no_boundary():
    head = [("Content-Type", b"multipart/mixed; boundary=b" + b";x" * 30)]
    assert parsing.parameter(head, "content-type", "boundary") == "b"
    head = [("Content-Type", b'multipart/mixed; boundary=b; x="' + b";" * 4_000)]
    assert parsing.parameter(head, "content-type", "boundary") == ""


def test_mails_whose_parts_are_taken_in_at_once_are_each_read_once(monkeypatch):
    read = []
    monkeypatch.setattr(adapter.storage, "read", lambda key, small: read.append(key))
    adapter.parts_of.cache_clear()
    assert [adapter.parts_of(key) for key in "abcdefghij" * 2] == [[]] * 20
    assert read == [*"abcdefghij"]
    adapter.parts_of.cache_clear()
