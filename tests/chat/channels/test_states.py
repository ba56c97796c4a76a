"""How far a message is on its way: for agents and programs, and for no visitor."""

import pytest
from orjson import loads

from chat.channels import deliveries
from chat.channels.contract import Failed
from chat.models import Channel, ChannelDelivery, GroupMessage
from chat.posting import batches
from chat.reading import history
from chat.stream import reader, sequencer
from chat.stream.types import TYPES
from chat.templatetags import channels as tags
from tests.chat.api.program import program_of
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.helpers import draft_of

from .talks import channel_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adapters")]
BLOCKED = {"channel": "telegram", "state": "failed", "reason": "403"}


@pytest.fixture
def talk(team, alice):
    """Two answers, of which the first has not arrived."""
    talk = write(channel_of(team))
    for text in ("one", "two"):
        batches.post(draft_of(alice, talk.uuid, text))
    first, failed = ChannelDelivery.objects.first(), Failed("403", "blocked", final=True)
    batches.do(deliveries.Outcome(talk.uuid, first, first.State.FAILED, failed=failed))
    talk.refresh_from_db()
    return talk


def test_a_sync_says_how_far_the_newest_are(talk, alice):
    known = {talk.uuid: talk.last_seq}
    found, complete, _more = history.missed_events(alice.uuid, talk.ent_id, False, known)
    assert complete == known
    events = [(one["type"], one["seq"], one["delivery"]["state"]) for one in map(loads, found)]
    assert events == [("message.delivery", 3, "failed"), ("message.delivery", 4, "sending")]
    assert history.missed_events(talk.visitor_id, talk.ent_id, True, known)[0] == []


def test_a_note_does_not_hide_in_the_inbox_that_an_answer_has_not_arrived(talk, alice, browser_of):
    def shown() -> str:
        page = browser_of(alice).get("/agent/").content.decode()
        return " ".join(page.partition('class="row-last"')[2].partition("</span>")[0].split())

    last, failed = ChannelDelivery.objects.last(), Failed("403", "blocked", final=True)
    batches.do(deliveries.Outcome(talk.uuid, last, last.State.FAILED, failed=failed))
    batches.post(draft_of(alice, talk.uuid, "Call them", note=True))
    assert shown().endswith("Not delivered · Internal note · You: Call them")
    write(Channel.objects.get(), content="I am back")
    batches.post(draft_of(alice, talk.uuid, "Good", note=True))
    assert "Not delivered" not in shown()


@pytest.mark.parametrize(
    ("code", "said"),
    [("smtp 535 5.7.8", "settings"), ("smtp 550 5.7.1", "settings"), ("550 5.1.1", "mailbox")],
)
def test_agents_are_not_told_what_only_a_manager_can_mend(code, said):
    words = tags.cause(code, "Username and Password not accepted")
    assert said in words and "Password" not in words


def test_a_visitor_gets_none_of_it(talk):
    row = GroupMessage.objects.get(message_content="two")
    row.data = {**row.data, "mail": {"subject": "Re"}, "quoted": "> Hello", "buttons": ["Yes"]}
    row.save()
    shown, _more = history.messages(talk, as_visitor=True)
    assert [one["data"] for one in shown if one["kind"] == "message"] == [
        *(None, None),
        {"buttons": ["Yes"]},
    ]
    (agents,), _more = history.messages(talk, as_visitor=False, after=row.seq - 1, limit=1)
    assert agents["data"].keys() == {"delivery", "mail", "quoted", "buttons"}


def test_programs_hear_of_it_as_the_document_says(talk):
    sequencer.look()
    events, _cursor = reader.page(talk.ent_id, None, 100, TYPES)
    found = {each["type"]: each for each in events}
    state, notice = found["message.delivery"], found["conversation.undelivered"]["data"]
    assert state["data"]["message"]["data"]["delivery"] == BLOCKED
    assert state["at"] > state["data"]["message"]["created_at"]
    assert (notice["notice"]["of"], notice["notice"]["reason"]) == (3, "403")
    assert {each["data"]["channel"] for each in events if "group" in each["data"]} == {"telegram"}
    program, schemas = program_of(talk.team.enterprise), DOCUMENT["components"]["schemas"]
    assert faults(program.get("events/").json(), schemas["EventPage"]) == []
    answer = program.get(f"conversations/{talk.uuid}/").json()
    assert faults(answer, schemas["ConversationAnswer"]) == []
