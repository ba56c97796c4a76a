"""What a question finds, and what is shown of it."""

import pytest

from chat.knowledge import articles, frequency, search, tokens
from chat.knowledge.articles import Text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def put(enterprise):
    def put(slug, title, body="Text.", lang="zh-hans", of=enterprise, audience="public"):
        articles.put(of, slug, lang, Text(title, body, audience=audience))

    return put


def found(enterprise, text, **options):
    return [one.slug for one in search.search(enterprise, text, **options)]


def test_a_question_finds_what_is_written_in_another_way(put, enterprise):
    put("ship", "发货时间", "下午四点前当天寄出。")
    put("coupon", "优惠券", "每单一张 coupon。")
    put("back", "Returns", "Send it back within a week, and we refund you.", lang="en")
    put("road", "Delivery", "We shipped it; it takes three days.", lang="en")
    assert found(enterprise, "什麼時候發貨")[0] == "ship", "traditional characters"
    assert found(enterprise, "coupon可以叠加吗")[0] == "coupon", "two scripts without a space"
    assert found(enterprise, "ＣＯＵＰＯＮ", lang="zh-hans") == ["coupon"], "full width"
    assert found(enterprise, "refunding") == ["back"] and found(enterprise, "ship") == ["road"]
    put("ours", "你们的怎么", "你们要怎么的。")
    assert found(enterprise, "你们的优惠券要怎么用") == ["coupon"], "without what stands everywhere"
    assert found(enterprise, "the") == [] and found(enterprise, "她") == []


def test_without_a_language_the_questions_script_comes_first(put, enterprise):
    for lang in articles.LANGUAGES:
        for number in range(3):
            put(f"tea-{number}", "Wi-Fi 密码 password", lang=lang)
    assert [one.lang for one in search.search(enterprise, "wifi password", limit=4)] == [
        *["en"] * 3,
        "zh-hans",
    ]
    assert {one.lang for one in search.search(enterprise, "密码", limit=3)} == {"zh-hans"}


def test_what_is_shown_stands_around_the_words(put, enterprise):
    put("lid", "配盖子", f"{'这里先说别的。' * 40}盖子碎了，可以单独购买。{'以后再说。' * 40}")
    put("ship", "Delivery", "Car or card? It was SHIPPED yesterday.", lang="en")
    (one,) = search.search(enterprise, "盖子碎了咋办")
    assert "盖子碎了，可以单独购买" in one.snippet and len(one.snippet) < 170
    assert one.snippet[0] == one.snippet[-1] == "…"
    (one,) = search.search(enterprise, "my car ships when?")
    assert "SHIPPED" in one.snippet


def test_no_word_is_cut_at_either_end(put, enterprise):
    words = "Whoever cannot make the payment pays nothing for shipping with us "
    put("ship", "Delivery", words * 20, lang="en")
    (one,) = search.search(enterprise, "shipping")
    assert one.snippet[0] == one.snippet[-1] == "…"
    assert set(one.snippet.strip("…").split()) <= set(words.split())


@pytest.mark.parametrize(
    "text", ["", "?", "\x00", '"', "tea*", "-tea", "NEAR(tea)", "title:tea", "+tea -tea", "(", "@1"]
)
def test_operators_are_letters_like_others(put, enterprise, text):
    put("tea", "Tea", lang="en")
    assert found(enterprise, text) == (["tea"] if "tea" in text else [])


def test_long_and_short_questions_are_answered(put, enterprise):
    put("tea", "Tea 茶叶", lang="en")
    assert found(enterprise, "茶") == ["tea"]
    assert found(enterprise, "茶叶" + "x " * 5_000) == ["tea"]
    assert found(enterprise, "\u0e0a" * 300) == []


def test_nothing_is_suggested_for_words_that_say_little(put, enterprise):
    put("day", "每日到店好礼", "你好，今天到店有礼。")
    put("ship", "发货时间", "下午四点前当天寄出。")
    for text in ("你好", "好", "在吗", "hello", "what is the best film of this year", "天气"):
        assert search.suggestions(enterprise, text) == []
    assert [one["slug"] for one in search.suggestions(enterprise, "请问发货要几天")] == ["ship"]


def test_a_word_in_passing_suggests_nothing(put, enterprise):
    put("gone", "Delete an account", "In the app choose something new.", lang="en")
    put("week", "A week", lang="en")
    for text in ("an app for Android?", "a better world next week"):
        assert search.suggestions(enterprise, text) == [], text
    assert [one["slug"] for one in search.suggestions(enterprise, "how to delete it")] == ["gone"]


def test_the_best_of_many_are_read(put, enterprise, monkeypatch):
    monkeypatch.setattr(search, "MOST_READ", 2)
    for number in range(4):
        put(f"tea-{number}", "Tea", "To be had with a kettle.", lang="en")
    put("kettle", "Kettle", "Kettle.", lang="en")
    assert found(enterprise, "kettle")[0] == "kettle"
    assert found(enterprise, "kettle", lang="zh-hans") == []


def test_a_word_in_every_article_is_left_out_where_there_are_many(
    put, enterprise, other_enterprise, monkeypatch
):
    monkeypatch.setattr(frequency, "SAMPLED", 4)
    monkeypatch.setattr(frequency, "MOST_ROWS", 5)
    frequency.samples.clear()
    for number in range(8):
        put(f"tea-{number}", "Green tea")
        put(f"tea-{number}", "Kettle", of=other_enterprise)
    put("kettle", "Kettle for tea")
    words = tokens.encoded(enterprise.pk, tokens.asked("tea kettle"))
    assert frequency.rare(enterprise, words) == words[1:]
    assert found(enterprise, "tea kettle") == ["kettle"]
    assert len(found(enterprise, "tea")) == 9
    assert found(enterprise, "kettle", limit=1) == ["kettle"], "8 of another enterprise fit better"
    frequency.samples.clear()
