"""What leaves the house for a model, and what never does."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import setup
from chat.assistant import assistants, cutting, requests
from chat.assistant.private import replaced
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import GroupMessage, Reception, Visitor
from chat.posting import batches
from chat.posting.actions import Recall
from tests.chat.helpers import MESSAGE, act_of, draft_of

from .injections import cases

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def assistant(enterprise):
    return assistants.make(enterprise)


def put(enterprise, slug, body, title="退货", lang="zh-hans", **more):
    state = more.pop("state", "published")
    articles.put(enterprise, slug, lang, Text(title, body, **more), state)


def asked(messages):
    """The JSON object of a request."""
    assert [one["role"] for one in messages] == ["system", "user"]
    return json.loads(messages[-1]["content"])


def test_a_request_is_as_the_protocol_says(assistant, enterprise, guest, group, alice, bot):
    put(enterprise, "back", "退货在七天内办理。")
    batches.post(draft_of(alice, group, "请稍等"))
    batches.post(guest.draft("退货呢？", group=group))
    question = requests.gather(assistant, group)
    passage = {"id": "a1", "title": "退货", "text": "退货在七天内办理。"}
    said = [("visitor", "first"), ("team", "请稍等"), ("visitor", "退货呢？".replace("？", "?"))]
    assert asked(requests.messages(assistant, question)) == {
        "task": "answer",
        "language": "en",
        "passages": [passage],
        "conversation": [{"from": who, "text": text} for who, text in said],
    }
    assert question.passages[0].revision == 1
    assert question.passages[0].url == "/help/acme/back/?lang=zh-hans"
    assert asked(requests.summary(question))["task"] == "summary"
    assert asked(requests.translation("a", "zh-hans")) == {
        "task": "translate",
        "text": "a",
        "to": "zh-hans",
    }


def test_names_are_in_no_request(assistant, guest, group):
    """Neither the visitor's, which they choose, nor those of files."""
    put(assistant.enterprise, "file", "A file", "File", lang="en")
    named = [row[1] for row in cases() if row[0] in ("name", "file")]
    for name in named:
        Visitor.objects.filter(uuid=guest.uuid).update(label=name[:125])
        file = {"name": name, "key": "k", "width": 0, "height": 0, "size": 1}
        rows = GroupMessage.objects.in_group(group).filter(message_type=MESSAGE)
        rows.update(sender_name=name, data={"attachment": file}, message_content="")
        question = requests.gather(assistant, group)
        assert [line.text for line in question.conversation] == ["[file]"]
        assert name not in str(requests.messages(assistant, question)) and not question.passages
    assert len(named) == 9


def test_who_said_what_there_and_nowhere_else(assistant, guest, group, alice, bot, sold):
    for member in (bot, assistant.member):
        setup.join_team(member, guest.team)
        batches.post(draft_of(member, group, member.nickname))
    rows = GroupMessage.objects.in_group(group)
    rows.filter(message_content="小机").update(data={"bot": True})
    gone = batches.post(draft_of(alice, group, "gone"))["seq"]
    batches.run([Recall(alice.uuid, group, gone)])
    newest = batches.post(draft_of(alice, group, "a note", note=True))["seq"]
    question = requests.gather(assistant, group)
    said = [(line.who, line.text) for line in question.conversation]
    assert question.seq == newest - 1, "but the note"
    name = assistant.member.nickname
    assert said == [("visitor", "first"), ("team", "小机"), ("assistant", name)]


def test_a_close_that_is_undone_at_once_ends_no_reception(assistant, guest, group, alice):
    batches.do(act_of("close", alice.uuid, group))
    batches.do(act_of("reopen", alice.uuid, group))
    batches.post(guest.draft("second", group=group))
    said = [line.text for line in requests.gather(assistant, group).conversation]
    assert said == ["first", "second"]
    Reception.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    batches.do(act_of("close", alice.uuid, group))
    batches.post(guest.draft("third", group=group))
    said = [line.text for line in requests.gather(assistant, group).conversation]
    assert said == ["third"]


@pytest.mark.parametrize("most", [500, 3_000])
def test_a_request_has_no_more_tokens_than_are_set(assistant, enterprise, guest, group, most):
    for number in range(4):
        body = "\n\n".join(f"退货第{number}条：{'保养茶壶' * 30}" for _ in range(9))
        put(enterprise, f"back-{number}", body)
    for number in range(30):
        batches.post(guest.draft(f"退货{number} {'为什么 why ' * 40}", group=group))
    assistants.change(assistant, prompt_tokens=most, tone="语" * 1_000)
    for question in (
        requests.gather(assistant, group),
        requests.gather(assistant, group, searching=False),
        requests.alone(assistant, "退货" * 5_000, "zh-hans"),
    ):
        sent = requests.messages(assistant, question)
        tokens = sum(requests.estimate(one["content"]) for one in sent)
        assert most * 0.6 < tokens <= most
        assert question.conversation and question.conversation[-1].text.startswith("退货")
    assert requests.estimate("退货 ab") == 3


def test_old_messages_that_no_request_holds_are_not_read(assistant, guest, group, monkeypatch):
    for letter in "abcdef":
        batches.post(guest.draft(letter * 5_000, group=group))
    assistants.change(assistant, prompt_tokens=2_000)
    whole, read = requests.gather(assistant, group), []
    monkeypatch.setattr(requests, "replaced", lambda text: read.append(text[0]) or text)
    assert requests.gather(assistant, group) == whole
    assert read == ["f", "e", "d"], "what is searched for is of three"


def test_passages_are_of_the_visitors_language_first(assistant, enterprise):
    for number in range(3):
        put(enterprise, f"tea-{number}", "password 密码", "Tea 茶", lang="en")
    put(enterprise, "lone", "password 密码", "Tea 茶")
    langs = {
        lang: [one.lang for one in requests.alone(assistant, "password 密码", lang).passages]
        for lang in ("en", "zh-hans")
    }
    assert langs == {"en": ["en"] * 3, "zh-hans": ["zh-hans", "en", "en", "en"]}


def test_a_passage_is_a_part_that_shares_words_with_the_question(assistant, enterprise):
    body = "\n\n".join(f"## 第{one}章\n\n{one * 500}" for one in "甲乙丙丁戊己")
    put(enterprise, "long", body, "说明")
    found = requests.alone(assistant, "丁丁是怎样的", "zh-hans").passages
    assert found[0].text == f"## 第丁章\n\n{'丁' * 500}" and found[0].text in body
    parts = cutting.parts(f"{'一句话。' * 400}\n\n{'x' * 2_000}")
    assert all(len(one) <= 2 * cutting.SIZE for one in parts) and len(parts) > 5


KEPT = (
    "订单 20261130001234",
    "order 2026-1130-0042",
    "A-1234567",
    "SF1234567890123",
    "order no. 12345678",
    "2026-11-30 14:30",
    "1299.00 1599.00",
    "我要 1000 2000 件",
    "1  2   3",
    "预算 100-2000 元",
)
GONE = (
    *("13812345678", "+86 138-1234-5678", "(010) 62345678", "021-62345678", "555-0123"),
    *(
        "(415) 555-0123",
        "+44 20 7946 0958",
        "06 12 34 56 78",
        "400-820-8820",
        "１３８１２３４５６７８",
    ),
    *("138\u200b12345678", "4111 1111 1111 1111", "4111111111111111", "6222 0200 1234 5678 901"),
    *("a.b+c@mail.example.com", "me@localhost", "44030819990110151X", "4111-1111-1111-1111"),
)


@pytest.mark.parametrize("text", KEPT)
def test_numbers_of_orders_stay(text):
    assert replaced(text) == text


@pytest.mark.parametrize("text", GONE)
def test_addresses_and_numbers_of_phones_and_cards_are_replaced(text):
    for around in ("{}", "请打{}吧", "it is {}, bye"):
        left = replaced(around.format(text))
        assert re.fullmatch(around.format(r"\[(?:email|phone|card)\]"), left), left
    assert replaced("QQ12345678 or tel13812345678") == "QQ [phone] or tel [phone]"
    assert replaced("我 张三@公司.中国") == "我 [email]"
    assert replaced("call me: 12345678, order 12345678") == "call me: [phone], order 12345678"


def test_a_long_list_of_phones_is_masked_whole():
    assert replaced(" ".join(["13812345678"] * 50)) == " ".join(["[phone]"] * 50)
