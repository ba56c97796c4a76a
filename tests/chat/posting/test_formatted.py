"""Which messages are formatted, and that excerpts, mails and transcripts have no marks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat import transcripts
from chat.mail import answers
from chat.models import Conversation, QuickQuestion, Visitor
from chat.posting import batches
from chat.posting.actions import Edit
from chat.posting.items import Draft
from chat.protocol import checks, formatting
from chat.reading import history, inbox
from tests.chat.helpers import act_of, draft_of, new_id, rows_of

pytestmark = pytest.mark.django_db

TEXT = "**Please** see [our page](https://a.example)"
NODES = [
    {
        "kind": "paragraph",
        "parts": [
            {"kind": "bold", "parts": ["Please"]},
            " see ",
            {"kind": "link", "parts": ["our page"], "href": "https://a.example"},
        ],
    }
]


def shown(group: str) -> list[dict]:
    return history.messages(Conversation.objects.get(uuid=group), as_visitor=False)[0]


def test_agents_messages_and_notes_are_formatted_and_visitors_are_not(guest, alice, group):
    for draft in (
        draft_of(alice, group, TEXT),
        draft_of(alice, group, TEXT, note=True),
        guest.draft(TEXT, group=group),
        draft_of(alice, group, "no marks"),
    ):
        batches.post(draft)
    found = [(one["content"], one.get("formatted")) for one in shown(group)[2:]]
    assert found == [(TEXT, NODES), (TEXT, NODES), (TEXT, None), ("no marks", None)]
    assert [row.data for row in rows_of(group)[2:]] == [{"formatted": True}] * 2 + [None] * 2


def test_what_comes_with_an_action_and_a_quick_answer_are_formatted(guest, alice, team, group):
    batches.do(act_of("close", alice.uuid, group, note=TEXT))
    assert shown(group)[-1]["formatted"] == NODES
    question = QuickQuestion.objects.create(team=team, question="Where?", answer=TEXT)
    draft = guest.draft("Where?", group=group)
    draft.question = question.pk
    batches.post(draft)
    answer = shown(group)[-1]
    assert answer["automatic"] and answer["formatted"] == NODES


def test_a_text_from_before_formatting_stays_as_it_was(alice, group):
    seq = batches.post(draft_of(alice, group, TEXT))["seq"]
    rows_of(group)[seq - 1].__class__.objects.filter(seq=seq).update(data=None)
    assert "formatted" not in shown(group)[-1]


def test_excerpts_have_no_marks(guest, alice, bob, group):
    seq = batches.post(draft_of(alice, group, TEXT))["seq"]
    batches.post(guest.draft("an answer", group=group))
    batches.post(draft_of(bob, group, "so it is", reply_to=seq))
    assert shown(group)[-1]["reply_to"]["excerpt"] == "Please see our page"
    batches.post(draft_of(alice, group, TEXT, note=True))
    (row,) = inbox.rows_of(bob.uuid, bob.enterprise.code, [group])
    assert row["last"]["excerpt"] == "Please see our page"
    batches.post(guest.draft("**mine**", group=group))
    (row,) = inbox.rows_of(bob.uuid, bob.enterprise.code, [group])
    assert row["last"]["excerpt"] == "**mine**"


def test_mails_and_transcripts_have_no_marks(guest, alice, group, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    Visitor.objects.filter(uuid=guest.uuid).update(contact="wang@example.com")
    batches.post(draft_of(alice, group, TEXT))
    words = "Please see our page (https://a.example)"
    conversation = Conversation.objects.select_related("team").get(uuid=group)
    assert words in transcripts.transcript_text(conversation, guest.enterprise, "UTC")
    (reminder,) = answers.take_due(timezone.now() + timedelta(minutes=10))
    (sent,) = reminder.mails
    assert words in sent.body and "**" not in sent.body


def test_the_pages_without_scripts_have_elements(visitor, agent, guest, alice, group):
    batches.post(draft_of(alice, group, f"{TEXT} <b>&</b>"))
    batches.post(guest.draft("**not** <i>mine</i>", group=group))
    html = (
        "<p><strong>Please</strong> see "
        '<a href="https://a.example" title="https://a.example" rel="noopener noreferrer nofollow"'
        ' target="_blank">our page</a> &lt;b&gt;&amp;&lt;/b&gt;</p>'
    )
    for browser, page in ((visitor, "/chat/acme/"), (agent, agent.page)):
        content = browser.get(page).content.decode()
        assert html in content
        assert "**not** &lt;i&gt;mine&lt;/i&gt;</div>" in content


def test_a_retry_of_a_formatted_message_is_the_same_message(alice, group):
    draft = draft_of(alice, group, TEXT)
    accepted = batches.post(draft)
    assert batches.post(draft_of(alice, group, TEXT, draft.client_id)) == accepted


@pytest.mark.django_db(transaction=True)
def test_no_text_is_parsed_while_a_transaction_is_open(alice, group, monkeypatch):
    texts = [f"**text** {number}" for number in range(3)]
    seq = batches.post(draft_of(alice, group, "hello"))["seq"]
    usual, parsed = formatting.PARSER.parse, []

    def parse(text):
        assert not connection.in_atomic_block
        parsed.append(text)
        return usual(text)

    monkeypatch.setattr(formatting.PARSER, "parse", parse)
    form = checks.check_send({"client_id": new_id(), "group": group, "content": texts[0]}, False)
    batches.post(Draft.of_member(form, alice, group))
    batches.do(Edit(alice.uuid, group, seq, texts[1]))
    batches.do(act_of("close", alice.uuid, group, note=texts[2]))
    assert parsed == texts
    data = [row.data or {} for row in rows_of(group)]
    assert len([facts for facts in data if "formatted" in facts]) == 3
