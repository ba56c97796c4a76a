"""What remains of a reply, whatever a model writes."""

import json
from pathlib import Path

import pytest

from chat.assistant import requests
from chat.assistant.checking import REASONS, Reason, check, text_of
from chat.assistant.shapes import Line, Passage, Question
from chat.knowledge import tokens

HERE = Path(__file__)
ARTICLES = HERE.parents[2] / "knowledge_set"
BODY = (
    "A broken lid is replaced **free of charge**. Send a photo within 7 days to help@shop.example,"
    " or see https://shop.example/lids. Orders from 1,000 yuan or £12.50 count, 400-820-8820."
)
ZH = "盖子坏了免费补发，请在三十天内发照片，满 3 万元另送一把壶。"
QUOTE, QUOTE_ZH = "broken lid is replaced", "盖子坏了免费补发"


def question_of(language="en", body=BODY, said=()):
    passages = (
        Passage("a1", 1, "lid", language, 4, "Broken lids 99", body, "/help/acme/lid/"),
        Passage("a2", 2, "other", language, 1, "Other", "Nothing here.", "/help/acme/other/"),
    )
    return Question(language, passages, said)


def left(text, quote=QUOTE, question=None, **more):
    reply = {"sentences": [{"text": text, "proofs": [{"id": "a1", "quote": quote}]}], **more}
    return check(json.dumps(reply), question or question_of(), False)


def reason(*given, **more):
    got = left(*given, **more)
    return got.struck[0][1] if got.struck else ""


HONEST = "A broken lid is replaced"


def test_a_sentence_has_the_marks_of_its_proofs():
    photo, free = "Send  A photo within７days", "FREE of charge"
    proofs = [{"id": "a1", "quote": photo}, {"id": "a1", "quote": free}]
    sentences = [
        {"text": f"**{HONEST}**.", "proofs": proofs},
        *[{"text": "Send a photo within seven days.", "proofs": proofs[:1]}] * 2,
    ]
    got = check(json.dumps({"sentences": sentences, "ask": "Which lid?"}), question_of(), False)
    assert got.text == (f"{HONEST}.[1][2] Send a photo within seven days.[1] Which lid?"), (
        "the same one is not said again"
    )
    first, then = got.citations
    assert (first.n, first.quote) == (1, "Send a photo within 7 days"), "as it stands there"
    assert (then.quote, then.passage.article, then.passage.revision) == ("free of charge", 1, 4)
    assert not got.only_asks and got.struck == ()
    assert left(f"{HONEST} [7]").text == f"{HONEST} (7)[1]", "marks are ours alone"


@pytest.mark.parametrize(
    ("text", "quote", "why"),
    [
        (HONEST, "broken lid is repaired", "proof"),
        (HONEST, "A broke", "proof"),
        ("", QUOTE, ""),
        (f"{HONEST}, see https://shop.example/lids.", QUOTE, ""),
        (f"{HONEST}: shop.example", QUOTE, ""),
        (f"{HONEST}, write to help@shop.example!", QUOTE, ""),
        (f"{HONEST}, see https://shop.example/lids2", QUOTE, "link"),
        (f"{HONEST}, see https://shop.example.evil.example/lids", QUOTE, "link"),
        (f"{HONEST}, see evil\u200b.example", QUOTE, "link"),
        (f"{HONEST}, see ｅｖｉｌ．example", QUOTE, "link"),
        (f"{HONEST}, see evil [.] com", QUOTE, "link"),
        (f"{HONEST}, see evil dot shop", QUOTE, "link"),
        (f"{HONEST}, see evil。shop", QUOTE, "link"),
        (f"{HONEST}. Info: send a photo.", QUOTE, ""),
        (f"{HONEST}, write to me@shop.example", QUOTE, "link"),
        (f"{HONEST} [here](/evil)", QUOTE, "link"),
        (f"{HONEST} tel:4008208820", QUOTE, "link"),
        (f"{HONEST} ![](https://shop.example/lids)", QUOTE, "picture"),
        (f"{HONEST} <IMG src=1>", QUOTE, "picture"),
        (f"{HONEST} within 17 days", QUOTE, "number"),
        (f"{HONEST} within ７０ days", QUOTE, "number"),
        (f"{HONEST} within seventy days", QUOTE, "number"),
        (f"{HONEST} within 7.5 days", QUOTE, "number"),
        (f"{HONEST} from 1000 yuan", QUOTE, ""),
        (f"{HONEST} from one thousand yuan", QUOTE, ""),
        (f"{HONEST} from 12.5", QUOTE, ""),
        (f"{HONEST} from 12", QUOTE, "number"),
        (f"{HONEST}, call 4008208820", QUOTE, ""),
        (f"{HONEST}, call 400-820-8821", QUOTE, "number"),
        (f"{HONEST}, call 400-7-1000-12.50", QUOTE, "number"),
        (f"{HONEST} [2]", QUOTE, "number"),
        (f"{HONEST} 99 times", QUOTE, "number"),
        ("Bitcoin will soar", QUOTE, "words"),
        ("You can have it", QUOTE, "words"),
        (f"{HONEST}. Bitcoin will soar!", QUOTE, "words"),
        (requests.RULES[:60], QUOTE, "words"),
    ],
)
def test_a_sentence_says_no_more_than_what_it_quotes(text, quote, why):
    assert reason(text, quote) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("坏了的盖子免费补发。", ""),
        ("抱歉！坏了的盖子免费补发。", ""),
        ("盖子坏了，30天内请发照片。", ""),
        ("盖子坏了，满三万元送壶，满30000元。", ""),
        ("盖子坏了，满 30,000 元送壶。", ""),
        ("盖子坏了，十天内请发照片。", "number"),
        ("盖子坏了，三百天内请发照片。", "number"),
        ("盖子坏了，满叁拾万元送壶。", "number"),
        ("盖子坏了，请发一下照片。", ""),
        ("盖子坏了，请发两张照片。", "number"),
        ("盖子坏了免费补发，请打一三八零零一三八零零零。", "number"),
        ("比特币近期会大涨，建议尽早买入。", "words"),
        ("盖子坏了免费补发。比特币会大涨。", "words"),
        ("蓋子壞了免費補發。", ""),
    ],
)
def test_chinese_is_read_by_its_characters(text, why):
    assert reason(text, QUOTE_ZH, question=question_of("zh-hans", ZH)) == why


def test_nothing_is_repeated_but_what_is_quoted():
    body = f"{BODY} {requests.RULES}"
    rule = "Answer what the visitor asked last"
    assert reason(rule, question=question_of(body=body)) == Reason.RULES
    said = "the photo of the lid is free within days"
    lines = {who: (Line(who, said),) for who in ("visitor", "team", "assistant")}
    struck = {who: reason(said, question=question_of(said=one)) for who, one in lines.items()}
    assert struck == {"visitor": "conversation", "team": "conversation", "assistant": ""}
    quoted = (Line("visitor", f"You wrote: {BODY}"),)
    assert reason(BODY[:60], question=question_of(said=quoted)) == ""


@pytest.mark.parametrize(
    ("ask", "stays"),
    [
        ("Which lid is it?", True),
        ("您说的是哪个盖子？", True),
        ("Which lid?" * 2, False),
        ("Which lid? Or pot", False),
        ("Which lid", False),
        (f"Which {'lid ' * 60}?", False),
        ("Which of 2 lids?", False),
        ("Which lid at evil.example?", False),
        ("It is free. Which lid?", False),
        ("You get it for free?", False),
        ("给您免费？", False),
        ("Which one thousand lids?", False),
        (f"What is {requests.RULES[:60]}?", False),
    ],
)
def test_a_question_stays_if_it_is_one(ask, stays):
    language = "zh-hans" if tokens.HAN.search(ask) else "en"
    got = check(json.dumps({"ask": ask}), question_of(language), False)
    assert (got.text == ask, got.only_asks) == (stays, stays)
    assert check(json.dumps({"ask": ask}), question_of(language), True).text == ""


def test_it_speaks_the_visitors_language():
    chinese, english = question_of("zh-hans", f"{ZH} {BODY}"), question_of("en", f"{ZH} {BODY}")
    for text, quote, right, wrong in (
        (HONEST, QUOTE, english, chinese),
        (ZH[:8], QUOTE_ZH, chinese, english),
    ):
        assert left(text, quote, right).text
        got = left(text, quote, wrong)
        assert (got.text, got.citations, got.struck[0][1]) == ("", (), Reason.LANGUAGE)


@pytest.mark.parametrize(
    "content",
    [
        *(
            "",
            "Hello!",
            "null",
            "[]",
            "{",
            "{}",
            '{"sentences": 1}',
            "[" * 99_999,
            '{"a":' * 20_000,
        ),
        *('{"sentences": [1, null, [], {}, {"text": 1}, {"text": "x", "proofs": 7}]}', "7"),
        *('{"ask": [], "courtesy": {}, "person": "yes"}', '{"courtesy": "bye", "person": 1}'),
        '<think>{"ask": "Which lid?"}',
        '{"sentences": [{"text": "x", "proofs": [{"id": [], "quote": {}}, {"id": "a1"}, 3]}]}',
    ],
)
def test_what_is_no_answer_is_none(content):
    got = check(content, question_of(), False)
    assert (got.text, got.citations, got.courtesy, got.person) == ("", (), "", False)


def test_the_object_is_found_among_other_things():
    wanted = json.dumps({"ask": "Which lid?", "courtesy": "thanks", "person": True})
    for content in (
        f'<think>{{"ask": "What?"}}</think>\n```json\n{wanted}\n```',
        f"so {{I}} think</think>Sure: {wanted} Bye {{}}",
        f'{{"thought": 1}} {wanted}',
    ):
        got = check(content, question_of(), False)
        assert (got.text, got.courtesy, got.person) == ("Which lid?", "thanks", True)
    assert text_of('```{"text": " a\u200bb "}```') == "ab" and text_of('{"text": 1}') == ""


def test_the_bounds_hold():
    one = {"text": HONEST, "proofs": [{"id": "a9", "quote": QUOTE}] * 10}
    late = {**one, "proofs": [*one["proofs"], {"id": "a1", "quote": QUOTE}]}
    last = {**one, "proofs": late["proofs"][-1:]}
    assert check(json.dumps({"sentences": [late]}), question_of(), False).text == ""
    assert check(json.dumps({"sentences": [one] * 50 + [last]}), question_of(), False).text == ""
    assert check(" " * 100_000 + json.dumps({"sentences": [last]}), question_of(), False).text == ""
    long = [{**last, "text": f"{HONEST} {'lid ' * n}"} for n in range(700, 740)]
    got = check(json.dumps({"sentences": long[:20]}), question_of(), False)
    assert 5_000 < len(got.text) <= 10_000 and got.struck[-1][1] == Reason.LONG


def rows(name: str):
    """The article, the quote and the sentence of each line of a file."""
    lines = HERE.with_name(name).read_text().splitlines()
    return [line.split("\t") for line in lines]


def kept_of(name: str) -> list[bool]:
    found = []
    for article, quote, sentence in rows(name):
        body = (ARTICLES / f"{article}.md").read_text().split("---\n", 2)[2]
        question = question_of(article.split(".")[1], body[:1_000])
        found.append(bool(left(sentence, quote, question).text))
    return found


def test_paraphrases_stay_and_what_is_foreign_does_not():
    """With the shares of ½ and ⅓, of 69 sentences that say what the article says in other words
    two are struck, for a number in words; of 60 that say something else under a true quote, one
    stays."""
    assert kept_of("honest.tsv").count(False) <= 2
    assert kept_of("foreign.tsv").count(True) <= 1


def test_each_reason_has_words():
    assert set(REASONS) == set(Reason.values) and all(map(str, REASONS.values()))
