"""How often questions find articles by meaning, too."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Embeddings
from chat.bulk import evaluation
from chat.embeddings import setting_up
from chat.knowledge import nearest
from kefu.management.commands.knowledge_evaluate import embedded
from tests.fake_model import Status

SET = Path(__file__).parents[2] / "knowledge_set"


@pytest.mark.django_db(transaction=True)
def test_an_evaluation_by_meaning_leaves_nothing(row, fake, tmp_path, capsys):
    (tmp_path / "lid.en.md").write_text("---\ntitle: Lids\n---\nText.\n")
    (tmp_path / "questions.csv").write_text("question,lang,slugs,kind\nmy 帽 broke,en,lid,en\n")
    call_command("knowledge_evaluate", str(tmp_path), "--like", "acme")
    rows = [line.split()[:4] for line in capsys.readouterr().out.splitlines()]
    assert [one[-2:] for one in rows[1::2]] == [["0.00", "0.00"], ["1.00", "1.00"]]
    assert Embeddings.objects.get() == row
    asked = iter(range(3))
    fake.vectors = lambda texts: Status(500) if next(asked) else [[1.0, 0.0]] * len(texts)
    with pytest.raises(CommandError, match="in time"):
        call_command("knowledge_evaluate", str(tmp_path), "--like", "acme")


@pytest.mark.release
@pytest.mark.django_db(transaction=True)
def test_the_model_on_the_server_finds_as_much_as_when_it_was_measured(enterprise):
    setting_up.change(setting_up.of(enterprise), source="local")
    try:
        figures = evaluation.evaluate(SET, embedded("acme"))
    finally:
        nearest.finders.clear()
    shares = {kind: one.among_three / one.questions for kind, one in figures.items()}
    assert shares["zh"] >= 0.90 and shares["en"] >= 0.85, shares
    assert figures["zh"].suggested >= 113 and figures["out"].suggested <= 16, figures
