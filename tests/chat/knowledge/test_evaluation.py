"""A set of questions is tried on its articles, and nothing of it stays. Ours (tests/knowledge_set)
asks for articles that its author has not read."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Enterprise
from chat.bulk import evaluation
from chat.models import Article

pytestmark = pytest.mark.django_db(transaction=True)
OURS = Path(__file__).parents[2] / "knowledge_set"


@pytest.fixture
def folder(tmp_path):
    for slug, title in (("ship", "发货时间"), ("back", "怎么退货"), ("coupon", "优惠券")):
        text = f"---\ntitle: {title}\ncategory: x\n---\n\n请看这里。\n"
        (tmp_path / f"{slug}.zh-hans.md").write_text(text)
    lines = ["question,lang,slugs,kind", "什么时候发货,zh-hans,ship,zh", "退货,zh-hans,coupon,zh"]
    (tmp_path / "questions.csv").write_text("\n".join([*lines, "天气,zh-hans,,out", ""]))
    return tmp_path


def test_the_share_of_right_answers_is_printed_for_each_kind(folder, capsys):
    call_command("knowledge_evaluate", str(folder))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["kind", "questions", "hit@1", "hit@3", "suggested"],
        ["zh", "2", "0.50", "0.50", "0.50"],
        ["out", "1", "0.00", "0.00", "0.00"],
    ]
    assert not Enterprise.objects.exists() and not Article.objects.exists()


@pytest.mark.parametrize("wrong", ["no title", "---\n---\n", "---\ntitle:\n---\n"])
def test_what_is_no_set_is_refused_and_leaves_nothing(folder, wrong):
    (folder / "x.en.md").write_text(wrong)
    with pytest.raises(CommandError, match="cannot be evaluated"):
        call_command("knowledge_evaluate", str(folder))
    with pytest.raises(CommandError, match="cannot be evaluated"):
        call_command("knowledge_evaluate", str(folder / "missing"))
    assert not Enterprise.objects.exists()


def test_the_search_finds_as_much_as_when_it_was_measured():
    figures = evaluation.evaluate(OURS)
    shares = {kind: one.among_three / one.questions for kind, one in figures.items()}
    assert shares["zh"] >= 0.84 and shares["en"] >= 0.69, shares
    assert figures["zh"].suggested >= 113 and figures["out"].suggested <= 16, figures
