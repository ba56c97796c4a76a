"""Whatever an enterprise chooses can be read, and stays as it is where that is possible."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from chat.colours import accent_colours, contrast, cover_colours

PAPERS = {"light": ["#ffffff", "#f5f7f9"], "dark": ["#13161c", "#1a1e26"]}
ACCENTS = ["#1f6feb", "#ffd400", "#ffffff", "#000000", "#777777", "#3b82f6", "#e11d48", "#84cc16"]
PALE = ["#fff7d6", "#2e9e5b", "#808080", "#ff0000"]
pytestmark = pytest.mark.once


def rgb(colour: str) -> tuple:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize("colour", ACCENTS + PALE)
def test_every_accent_and_cover_becomes_colours_that_can_be_read(colour, scheme):
    ground, on, end = cover_colours(colour, scheme)
    assert contrast(rgb(ground), rgb(on)) >= 4.5
    assert contrast(rgb(end), rgb(on)) >= contrast(rgb(ground), rgb(on)), "on the whole gradient"
    ground, on, ink = accent_colours(colour, scheme)
    assert contrast(rgb(ground), rgb(on)) >= 4.5
    assert on in ("#ffffff", "#060a12")
    for paper in PAPERS[scheme]:
        assert contrast(rgb(ink), rgb(paper)) >= 4.5


def test_one_that_reads_well_stays_as_it_is():
    assert accent_colours("#1f6feb", "light")[0] == "#1f6feb"


@pytest.mark.parametrize("words", ["", "red", "#12", "#12345g", "#1f6feb;"])
def test_what_is_no_colour_gives_none(words):
    assert accent_colours(words, "light") is cover_colours(words, "light") is None


def test_the_page_has_the_colours_without_a_script(enterprise):
    enterprise.accent, enterprise.cover_colour = "#B00020", "#0b4f6c"
    enterprise.save()
    page = Client().get("/chat/acme/").content.decode()
    assert 'href="/chat/colours/b00020-0b4f6c.css"' in page
    assert page.count('content="#0b4f6c"') == 1, "of the light scheme; the dark one is lighter"
    sheet = Client().get("/chat/colours/b00020-0b4f6c.css")
    assert sheet["Content-Type"] == "text/css" and "public" in sheet["Cache-Control"]
    words = sheet.content.decode()
    assert words.startswith(":root{--accent-light:#b00020;--on-accent-light:#ffffff;")
    assert "--cover-light:#0b4f6c;--on-cover-light:#ffffff;" in words and "--cover-dark:" in words


def test_a_column_that_holds_something_else_gives_the_default(enterprise):
    enterprise.accent = "red"
    enterprise.save()
    page = Client().get("/chat/acme/").content.decode()
    assert 'href="/chat/colours/1f6feb-1f6feb.css"' in page


@pytest.mark.parametrize("name", ["1f6feb-12345g", "1F6FEB-1f6feb", "1f6feb-1f6feb0", "a-b"])
def test_other_names_are_no_colours(name):
    assert Client().get(f"/chat/colours/{name}.css").status_code == 404


def test_everything_dark_has_its_light_counterpart():
    names = [
        set(re.findall(r"^  (--[\w-]+):", styles(name), re.MULTILINE)) for name in ("base", "dark")
    ]
    assert len(names[1]) > 20 and names[1] <= names[0]


def styles(name: str) -> str:
    return Path(settings.BASE_DIR / "static" / "css" / f"{name}.css").read_text()
