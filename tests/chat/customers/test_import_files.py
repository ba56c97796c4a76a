"""What is read of a file, and which files are refused before any row of theirs is."""

import pytest

from accounts.models import Attribute
from chat.bulk.customer_imports import files, tables
from chat.models import CustomerImport
from chat.protocol.errors import Refused

from .imports import checked, lines, receive

pytestmark = pytest.mark.django_db
HEADING = "identity,email,name\n"


def many(rows: int) -> str:
    return HEADING + "".join(f"u{n},,\n" for n in range(rows))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (HEADING, "empty"),
        ("name,plan\nAnn,gold\n", "nobody"),
        ("identity,name,Name\nu1,a,b\n", "twice"),
        ('identity,name\nu1,"Ann\n', "quotes"),
        ('identity,name\nu1,"A"nn\n', "quotes"),
        ("identity\nu\0\n", "binary"),
        ("identity\nu1\n".encode("utf-32"), "binary"),
        (b"PK\x03\x04\x14\x00\x06\x00", "binary"),
        (b"identity,name\nu1,caf" + b"\xe9\r\n", "charset"),
        ("identity,name\nu1,Müller\nu2,Jürgen Bär\n".encode("cp1252"), "charset"),
        ("identity,name\nu1,Ann\n".encode("utf-16")[:-1], "charset"),
        ("identity\n" + "," * 70_000, "line"),
        ("identity\n" + '"\n",' * 17_000, "line"),
        ("identity," + ",".join(f"c{n}" for n in range(200)) + "\nu1\n", "columns"),
        (many(101), "rows"),
        (HEADING + "\n" * 102, "rows"),
        (many(1_000), "size"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(manager, content, why, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 100)
    monkeypatch.setattr(tables, "MOST_BYTES", 75_000 if why == "line" else 5_000)
    with pytest.raises(Refused) as refused:
        receive(manager, content)
    assert refused.value.facts["field"] == why
    assert not CustomerImport.objects.exists() and not list(files.folder().glob("*"))


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_charsets_delimiters_and_line_ends_are_found(manager, charset, delimiter, end):
    rows = ['Identity,"NAME",language,', 'u1,"李玥, ""L""; x",zh-CN,', "", 'u2," a{n}b ",,']
    text = end.join(rows).replace("{n}", end).replace(",", delimiter)
    row = checked(manager, text.encode(charset))
    assert row.shape["delimiter"] == delimiter and row.lines == 4
    found = {one.line: one.values for one in row.rows.all()}
    name = " ".join(f'李玥{delimiter} "L"; x'.split())
    assert found == {
        2: {"name": [None, name], "language": [None, "zh-hans"]},
        4: {"name": [None, "a b"]},
    }


def test_each_cell_that_cannot_be_stored_is_named(manager, enterprise):
    kinds = {"plan": "choice", "spent": "number", "born": "date"}
    for key, kind in kinds.items():
        Attribute.objects.create(enterprise=enterprise, key=key, kind=kind, choices=["gold"])
    wrong = {
        "u,,,,,,,,x": ("", "cells"),
        ",,Ann,,,,": ("", "nobody"),
        "u,at example,,,,,": ("email", "value"),
        ",nobody@example.com,,,,,": ("email", "unknown"),
        f"u,,{'x' * 126},,,,": ("name", "value"),
        f"{'u' * 101},,,,,,": ("identity", "value"),
        "telegram:5,,,,,,": ("identity", "value"),
        "u,,,tlh,,,": ("language", "language"),
        "u,,,,silver,,": ("plan", "value"),
        "u,,,,,many,": ("spent", "value"),
        "u,,,,,,30.11.2026": ("born", "value"),
        "u,,a\x07b,,,,": ("name", "value"),
    }
    heading = "identity,email,name,language,plan,spent,born\n"
    twice = "u1,,,,gold,1.5,2026-11-30\nu1,,,,,,\n"
    row = checked(manager, f"{heading}{twice}" + "\n".join(wrong))
    assert lines(row) == [
        (2, "create", "", ""),
        (3, "problem", "identity", "twice"),
        *((line, "problem", *why) for line, why in enumerate(wrong.values(), 4)),
    ]


def test_an_identity_is_stored_as_the_site_signs_it(manager):
    row = checked(manager, "identity\n Ann  e\u0301 \n")
    assert row.rows.get().who == "Ann  e\u0301"


@pytest.mark.parametrize("begin", [b"sep=;\r\n", b"\xef\xbb\xbfsep=;\n", b"\x84\x31\x95\x33"])
def test_what_spreadsheets_write_before_the_heading_is_no_part_of_it(manager, begin):
    charset = "gb18030" if begin[:1] == b"\x84" else "utf-8"
    row = checked(manager, begin + "identity;name\nu1;=李(1,x)\n".encode(charset))
    assert (row.shape["columns"], row.lines) == (["identity", "name"], 2)
    assert lines(row) == [(2, "create", "", "")] and row.rows.get().values["name"][1] == "=李(1,x)"


def test_so_many_imports_are_kept_and_no_more(manager, monkeypatch):
    monkeypatch.setattr(files, "MOST_KEPT", 1)
    first = receive(manager, "identity\nu1\n")
    with pytest.raises(Refused) as refused:
        receive(manager, "identity\nu2\n")
    assert refused.value.facts["field"] == "kept" and len(list(files.folder().glob("*"))) == 1
    files.discard(first)
    receive(manager, "identity\nu2\n")
