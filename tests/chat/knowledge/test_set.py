"""How often questions find articles that their author has not read (tests/knowledge_set)."""

from pathlib import Path

import pytest

from chat.bulk import evaluation

FOLDER = Path(__file__).parents[2] / "knowledge_set"


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_as_much_as_when_it_was_measured():
    figures = evaluation.evaluate(FOLDER)
    shares = {kind: one.among_three / one.questions for kind, one in figures.items()}
    assert shares["zh"] >= 0.84 and shares["en"] >= 0.69, shares
    assert figures["zh"].suggested >= 113 and figures["out"].suggested <= 16, figures
