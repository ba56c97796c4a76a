"""How sentences are put together."""

from django.utils import translation

from accounts.sentences import sentences


def test_chinese_sentences_have_no_space_between_them():
    assert sentences("Saved.", "", "It works.") == "Saved. It works."
    with translation.override("zh-hans"):
        assert " " not in sentences("已保存。", "可以使用。")
