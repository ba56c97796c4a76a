"""How sentences are put together."""

from django.utils import translation

from accounts.sentences import listed, sentences


def test_chinese_sentences_have_no_space_between_them():
    assert sentences("Saved.", "", "It works.") == "Saved. It works."
    with translation.override("zh-hans"):
        assert " " not in sentences("已保存。", "可以使用。")


def test_names_have_the_comma_of_the_language_between_them():
    assert listed(["Sales", "Support"]) == "Sales, Support"
    with translation.override("zh-hans"):
        assert listed(["售前", "售后"]) == "售前、售后"
