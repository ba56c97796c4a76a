"""What of a row stays so that it counts, or does not, after its text went."""

from datetime import timedelta

import pytest

from chat.care import retention
from chat.models import Conversation, GroupMessage
from chat.protocol.errors import Refused
from chat.reports import counting
from chat.reports.counting import tables
from chat.reports.counting.states import State
from chat.reports.showing import facts, listing, report

pytestmark = pytest.mark.django_db


def invited(scene, talk, member) -> int:
    """The member's message becomes the words that invited the visitor."""
    scene.answers(talk, member)
    seq = scene.last_seq(talk, member.uuid)
    row = GroupMessage.objects.in_group(talk.group).filter(seq=seq)
    row.update(data={"invitation": True})
    return seq


def test_a_recalled_invitation_is_no_reply_when_all_is_counted_anew(scene, asked, alice):
    talk = scene.begin()
    scene.says(talk)
    seq = invited(scene, talk, alice)
    scene.recalls(talk, alice.uuid, seq)
    for count in (lambda: None, counting.count, counting.rebuild):
        count()
        totals = report.shaped(asked(), facts.counted(asked()))["totals"]
        assert (totals["messages_out"], totals["unanswered"]) == (0, 1)


def test_an_emptied_invitation_is_no_row_of_messages(scene, asked, alice):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, alice)
    invited(scene, talk, alice)
    scene.answers(talk, alice)
    scene.acts("close", talk, alice)
    scene.wait(days=40)
    retention.empty(talk.group, scene.now - timedelta(days=30))
    page = listing.page(asked(), {"metric": "messages_out"}, scene.now)
    assert page.n == len(page.rows) == 2


def test_a_report_refuses_to_count_very_many_new_rows_itself(scene, asked, alice, monkeypatch):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, alice)
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(Refused, match="rollup"):
        facts.counted(asked())
    counting.count()
    assert facts.counted(asked()).totals.receptions == 1


def test_one_that_cannot_be_counted_keeps_no_other_from_it(scene):
    bad, good = scene.begin(), scene.begin()
    for talk in (bad, good):
        scene.says(talk)
    broken = Conversation.objects.filter(uuid=bad.group)
    broken.update(counting={"reception": None, "what no version wrote": 1})
    counting.count()
    waiting = Conversation.objects.filter(uncounted=1)
    assert list(waiting.values_list("uuid", flat=True)) == [bad.group]


def test_what_a_later_version_keeps_besides_is_left_out():
    assert State.read(State(1).stored() | {"of a later version": 1}) == State(1)


def test_a_further_message_of_who_waits_changes_no_reception(scene):
    talk = scene.begin()
    scene.says(talk)
    counting.count()
    scene.says(talk)
    (story,) = tables.stories(list(Conversation.objects.filter(uncounted=1)))
    assert [one.n for one in story.messages.values()] == [1] and story.receptions == []
