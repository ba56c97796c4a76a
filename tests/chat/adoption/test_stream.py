"""Imported conversations and the stream of events: what was imported is no event, what is written
there from then on is."""

import pytest

from accounts.models import Member
from chat.models import Conversation, StreamDue, StreamEvent, StreamPlace
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from chat.stream import reader, sequencer
from chat.stream.types import TYPES
from tests.chat.helpers import draft_of

from .comparing import adopt

pytestmark = pytest.mark.django_db


def stream() -> list[tuple[str, str]]:
    """Types, and the texts of messages."""
    sequencer.look()
    events, _cursor = reader.page("acme", None, 1_000, TYPES)
    return [(each["type"], each["data"].get("message", {}).get("content", "")) for each in events]


def say(text: str) -> None:
    batches.post(draft_of(Member.objects.get(name="ann"), Conversation.objects.get().uuid, text))


@pytest.mark.parametrize("counts_first", [True, False])
def test_what_is_written_later_in_an_imported_conversation_is_in_the_stream(talk, counts_first):
    adopt(talk)
    assert stream() == [] and not StreamDue.objects.exists()
    say("hello again")
    if counts_first:
        counting.count()
    assert [one for one in stream() if one[1]] == [("message.posted", "hello again")]


def test_what_a_later_run_adds_is_no_event_and_hides_none(talk):
    adopt(talk)
    say("live before the run")
    talk.say("g1", "v1", "imported later", 60 * 24 * 5)
    adopt(talk)
    say("live after the run")
    texts = [text for _type, text in stream() if text]
    assert texts == ["live before the run", "live after the run"]
    place, last = StreamPlace.objects.get().seq, Conversation.objects.get().last_seq
    assert place == last and not StreamDue.objects.exists()


def test_one_without_a_place_was_imported_by_an_earlier_version_and_stays_silent(talk):
    adopt(talk)
    StreamPlace.objects.all().delete()
    say("hello")
    counting.count()
    assert stream() == [] and not StreamEvent.objects.exists()


def test_a_change_of_an_imported_visitor_is_an_event(talk, manager):
    adopt(talk)
    group = Conversation.objects.get().uuid
    batches.run([VisitorAction("edit", manager.uuid, group, "Wang", "")])
    assert stream() == [("visitor.updated", "")]
