"""What leaves the house for a model, and what never does."""

import json
import re

import pytest

from chat.assistant import assistants, requests
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import Conversation, Visitor
from chat.posting import batches
from tests.chat.helpers import draft_of

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


def test_nothing_private_leaves(assistant, enterprise, other_enterprise, customer, alice, sold):
    """Each text that must stay carries a mark."""
    group = customer.group
    Visitor.objects.filter(uuid=customer.uuid).update(label="MARKname", language="zh-hans")
    batches.post(customer.draft("退货要多久？ zhang@example.com 13812345678"))
    batches.post(draft_of(alice, group, "MARKnote", note=True))
    put(enterprise, "back", "退货在七天内办理。")
    put(enterprise, "inside", "退货 MARKinternal", audience="internal")
    put(enterprise, "draft", "退货 MARKdraft", state="draft")
    put(other_enterprise, "theirs", "退货 MARKother")
    articles.save(enterprise, "back", "zh-hans", Text("退货", "退货 MARKunpublished"), alice, 1)
    assistants.change(assistant, key="MARKkey", tone="简短")
    question = requests.gather(assistant, group)
    sent = json.dumps(
        [
            requests.messages(assistant, question),
            requests.summary(question),
            requests.translation("MARK zhang@example.com 13812345678".replace("MARK", ""), "en"),
        ],
        ensure_ascii=False,
    )
    left = re.findall(r"MARK\w+|long ago|old answer|a price|zhang|1381\d+", sent)
    assert left == [] and "退货在七天内办理" in sent and "简短" in sent
    assert alice.display_name not in sent and enterprise.name not in sent
    assert question.seq == Conversation.objects.get(uuid=group).last_seq - 1, "but the note"


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
