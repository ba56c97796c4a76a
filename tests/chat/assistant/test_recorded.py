"""Every request that leaves for a model, of everything that the assistant does, is kept and
searched for what must stay in the house."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.assistant import answering, asked, assistants, drafts, queued, rehearsal
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import AssistantTask, Reception, Visitor
from chat.posting import batches
from chat.protocol.forms import AssistForm, TranslateForm
from tests.chat.helpers import act_of, draft_of
from tests.fake_model import Model

from .conftest import BODY, run

pytestmark = pytest.mark.django_db(transaction=True)
KIND, DAY = AssistantTask.Kind, timedelta(1)
PRIVATE = re.compile(r"MARK\w+|zhang|1381234\w+|an old answer")


@pytest.fixture
def records(assistant, settings):
    settings.AI_ALLOW = ["127.0.0.0/8"]
    with Model() as records:
        assistants.change(assistant, url=records.url, key="MARKkey", tone="Briefly.")
        yield records
    drafts.whispering.clear()


@pytest.fixture
def planted(article, enterprise, other_enterprise, guest, alice, customer):
    """A conversation in its second reception, with marks all around what may leave."""
    articles.put(enterprise, "inside", "en", Text("Lid", "MARKinternal lid", audience="internal"))
    articles.put(enterprise, "begun", "en", Text("Lid", "MARKbegun lid"), "draft")
    articles.put(other_enterprise, "theirs", "en", Text("Lid", "MARKother lid"))
    articles.save(enterprise, "lid", "en", Text("Lid", f"{BODY} MARKunpublished"), alice, 1)
    group = batches.post(guest.draft("Is my pot replaced?"))["group"]
    batches.post(guest.draft("MARKsecond", group=group))
    batches.post(draft_of(alice, group, "MARKformer"))
    batches.do(act_of("close", alice.uuid, group))
    Reception.objects.filter(group_id=group).update(summary="MARKsummary", reason="MARKreason")
    facts = {"label": "MARKname", "contact": "MARK@example.com", "referrer": "https://MARK.example"}
    Visitor.objects.filter(uuid=guest.uuid).update(**facts)
    batches.post(guest.draft("Is a lid replaced? zhang@example.com 13812345678", group=group))
    batches.post(draft_of(alice, group, "MARKnote lid", note=True))
    return group


def test_no_request_holds_anything_private(records, planted, assistant, enterprise, guest, alice):
    run(planted)
    batches.post(guest.draft("And a teapot's lid?", group=planted))
    for kind in (KIND.DRAFT, KIND.SUMMARY):
        asked.answer(alice, AssistForm(kind, planted), answering.directly)
    text = "Write to zhang@example.com or 13812345678."
    asked.answer(alice, TranslateForm(text, "zh-hans", planted), answering.directly)
    assistants.change(assistant, mode="whisper")
    drafts.due([assistant])
    trial = {"kind": KIND.TRIAL, "question": "A lid?", "language": "en"}
    AssistantTask.objects.create(ent_id="acme", **trial)
    for task in queued.take(10):
        queued.perform(task, answering.directly)
    today = timezone.now().date()
    for task in rehearsal.begin(assistant, today - DAY, today + DAY, None)[1]:
        rehearsal.put(task)
    assert set(AssistantTask.objects.values_list("kind", flat=True)) == set(KIND)
    sent = json.dumps(records.requests, ensure_ascii=False)
    assert "Is my pot replaced" in sent and "long ago" in sent, "what a rehearsal asks"
    assert PRIVATE.findall(sent) == [] and "Briefly." in sent
    secrets = guest.token, enterprise.identity_secret, enterprise.name
    secrets += guest.uuid, alice.uuid, alice.display_name
    assert [one for one in secrets if one in sent] == []
    assert sent.count("replaced free of charge") >= 5 and sent.count("[email] [phone]") >= 3
