"""What reacts to a message: in which order, and that a refused message changes nothing."""

import pytest

from chat.models import Conversation
from chat.posting import batches, messages, reactions
from tests.chat.helpers import act_of, check_ledger, codes, draft_of, rows_of

pytestmark = pytest.mark.django_db


def events_of(group: str) -> list[str]:
    """What the rows of a conversation are: a message's text, or a notice's event."""
    return [(row.data or {}).get("event") or row.message_content for row in rows_of(group)]


def test_all_reactions_are_registered_and_described():
    registered = [*reactions.CHECKS, *reactions.REACTIONS]
    own = [
        value
        for value in vars(reactions).values()
        if getattr(value, "__module__", "") == reactions.__name__ and callable(value)
    ]
    assert registered == own, "in the order in which they are written, and none is left out"
    assert all(reaction.__doc__ for reaction in registered)


def test_notices_of_what_a_message_changes_stand_before_it(alice, guest, group):
    batches.do(act_of("close", alice.uuid, group))
    batches.post(guest.draft("back again", group=group))
    assert events_of(group)[-3:] == ["closed", "reopened", "back again"]
    batches.do(act_of("snooze", alice.uuid, group, minutes=5))
    batches.post(guest.draft("still there?", group=group))
    assert events_of(group)[-3:] == ["snoozed", "back", "still there?"]
    assert Conversation.objects.get(uuid=group).waiting_since


def test_a_refused_message_changes_nothing(alice, guest, group):
    batches.do(act_of("close", alice.uuid, group))
    before = events_of(group)
    refused, stored = batches.run([answering(guest, group, 99), draft_of(alice, group, "goodbye")])
    assert (refused["code"], refused["group"]) == ("bad_field", group)
    assert stored["type"] == "message.accepted"
    assert events_of(group) == [*before, "goodbye"]
    assert not Conversation.objects.get(uuid=group).open


def answering(guest, group: str, seq: int):
    draft = guest.draft("an answer to nothing", group=group)
    draft.reply_to = seq
    return draft


def test_a_reaction_that_breaks_harms_only_its_message(guest, group, monkeypatch):
    def brittle(thread, draft, row, now):
        if draft.content == "boom":
            thread.append(row)
            raise RuntimeError("a fault of ours")

    monkeypatch.setattr(
        messages, "REACTIONS", (*reactions.REACTIONS[:4], brittle, *reactions.REACTIONS[4:])
    )
    answers = batches.run([guest.draft(text, group=group) for text in ("a", "boom", "b")])
    assert codes(answers) == ["message.accepted", "bad_field", "message.accepted"]
    assert events_of(group)[-2:] == ["a", "b"] and check_ledger() == 4
