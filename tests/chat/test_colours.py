"""Whatever an enterprise chooses can be read, and stays as it is where that is possible."""

import pytest
from django.test import Client

from chat.colours import accent_colours, contrast

PAPERS = {"light": ["#ffffff", "#f5f7f9"], "dark": ["#13161c", "#1a1e26"]}
ACCENTS = ["#1f6feb", "#ffd400", "#ffffff", "#000000", "#777777", "#3b82f6", "#e11d48", "#84cc16"]
PALE = ["#fff7d6", "#2e9e5b", "#808080", "#ff0000"]
pytestmark = pytest.mark.once


def rgb(colour: str) -> tuple:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize("accent", ACCENTS + PALE)
def test_every_accent_becomes_colours_that_can_be_read(accent, scheme):
    ground, on, ink = accent_colours(accent, scheme)
    assert contrast(rgb(ground), rgb(on)) >= 4.5
    assert on in ("#ffffff", "#060a12")
    for paper in PAPERS[scheme]:
        assert contrast(rgb(ink), rgb(paper)) >= 4.5


def test_one_that_reads_well_stays_as_it_is():
    assert accent_colours("#1f6feb", "light")[0] == "#1f6feb"


@pytest.mark.parametrize("words", ["", "red", "#12", "#12345g", "#1f6feb;"])
def test_what_is_no_colour_gives_none(words):
    assert accent_colours(words, "light") is None


def test_the_page_carries_the_colours_and_none_where_the_column_holds_something_else(enterprise):
    enterprise.accent = "#b00020"
    enterprise.save()
    page = Client().get("/chat/acme/").content.decode()
    assert 'data-accent-light="#b00020 #ffffff #b00020"' in page
    enterprise.accent = "red"
    enterprise.save()
    assert (
        'data-accent-light="" data-accent-dark=""' in Client().get("/chat/acme/").content.decode()
    )
