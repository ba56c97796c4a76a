"""Which event a notice is, and what it tells."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import setup
from chat.care import joins, quarantine
from chat.conversations import changes
from chat.ledger.references import GONE
from chat.models import Conversation, LegalHold, StreamDue
from chat.posting import batches
from chat.posting.actions import Ending
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.notices import Notice
from chat.stream.types import OF_NOTICES, SILENT
from chat.visitors.identities import Person
from tests.chat.helpers import act_of, new_guest

pytestmark = pytest.mark.django_db
TOLD = {
    "handed_over": "handed_over",
    "overdue": "overdue",
    "no_answer": "overdue",
    "overflowed": "overflowed",
    "invited": "invited",
    "joined": "joined",
    "left": "left",
    "removed": "left",
    "snoozed": "snoozed",
    "woken": "woken",
    "back": "woken",
    "not_spam": "quarantined",
}
IN_NONE = (
    *("idle", "closing", "legal_hold", "legal_hold_over", "adopted"),
    *("named", "attributes", "block_over"),
)
NOTED = (
    *(Notice.ERASURE, Notice.ERASED, Notice.NAMED, Notice.CONTACT, Notice.ATTRIBUTES),
    *(Notice.IDENTIFIED, Notice.PROVEN, Notice.BLOCKED, Notice.UNBLOCKED, Notice.BLOCK_OVER),
    Notice.QUARANTINE_OVER,
)
"""What they are of is noted for the stream (notes.py): once, however many conversations have the
notice, and at once, also where a conversation in quarantine has it."""

SOME = [
    pytest.param(name, marks=[pytest.mark.release] * (at % 3 > 0))
    for at, name in enumerate((*TOLD, *IN_NONE))
]


def types(events, group: str) -> list[str]:
    return [each["type"] for each in events if each["data"].get("group") == group]


def test_every_notice_has_its_event_or_a_reason_for_none():
    places = [*OF_NOTICES, *NOTED, *SILENT]
    assert {*places, *GONE} == set(Notice)
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", SOME)
def test_a_notice_is_an_event_of_its_type(read, enterprise, group, name):
    before = read(enterprise.code)
    with changes.begin() as change:
        notice = Notice(name)
        facts = dict.fromkeys(notice.required, "x")
        change.lock_one(group).notice(notice, "text", **facts)
    new = types(read(enterprise.code)[len(before) :], group)
    assert new == ([f"conversation.{TOLD[name]}"] if name in TOLD else [])


def test_an_event_says_whose_conversation_it_is_and_why_it_was_closed(
    read, enterprise, group, guest, customer, alice
):
    batches.do(act_of("close", alice.uuid, group, reason="solved"))
    mine = [each for each in read(enterprise.code) if each["data"].get("group") == group]
    closed = next(each["data"] for each in mine if each["type"] == "conversation.closed")
    assert (closed["team"], closed["visitor"], closed["identity"]) == ("service", guest.uuid, None)
    assert closed["reason"] == "solved"
    posted = next(each["data"] for each in mine if each["type"] == "message.posted")
    names = "team", "visitor", "identity", "state"
    assert [posted[name] for name in names] == ["service", guest.uuid, None, "closed"]
    batches.post(guest.draft("again", group=group))
    setup.join_team(alice, setup.find_or_create_team(enterprise, "sales"))
    batches.do(act_of("transfer", alice.uuid, group, team="sales"))
    assert read(enterprise.code)[-1]["data"]["team"] == "sales"
    batches.do(act_of("reopen", alice.uuid, customer.group))
    assert read(enterprise.code)[-1]["data"]["identity"] == "7"
    enterprise.hide_contacts = True
    enterprise.save()
    customer_row = Conversation.objects.get(uuid=customer.group).visitor
    for who, told in (("wang@example.com", "w…@…"), ("telegram:1:2345678901", None)):
        customer_row.identity |= {"id": who}
        customer_row.save()
        assert read(enterprise.code)[-1]["data"]["identity"] == told


@pytest.fixture
def caught(guest, bob) -> str:
    """A conversation that begins in quarantine."""
    draft = new_guest(guest.team).draft("buy")
    draft.opening.suspicion = "links"
    return batches.post(draft)["group"]


def quarantined(events, group: str) -> list:
    return [
        each["data"]["quarantined"]
        for each in events
        if each["type"] == "conversation.quarantined" and each["data"]["group"] == group
    ]


def test_a_quarantine_is_told_at_once_and_released_after_its_beginning(
    read, enterprise, caught, alice
):
    (event,) = read(enterprise.code)
    assert event["data"] == {
        "group": caught,
        "team": "service",
        "state": "open",
        "channel": None,
        "visitor": Conversation.objects.get(uuid=caught).visitor_id,
        "identity": None,
        "quarantined": "links",
    }
    batches.run([VisitorAction("not_spam", alice.uuid, caught)])
    events = read(enterprise.code)
    assert quarantined(events, caught) == ["links", None]
    assert types(events, caught)[0] == "conversation.quarantined"


def test_a_release_before_the_stream_looks_comes_after_the_beginning(
    read, enterprise, caught, alice
):
    batches.run([VisitorAction("not_spam", alice.uuid, caught)])
    assert quarantined(read(enterprise.code), caught) == ["links", None]


def test_a_quarantine_that_is_over_is_told_although_its_rows_have_no_places(
    read, enterprise, caught, guest, alice
):
    quarantine.expire(timezone.now() + timedelta(days=8))
    assert quarantined(read(enterprise.code), caught) == ["links", None]
    visitor = Conversation.objects.get(uuid=caught).visitor
    joins.join(visitor.uuid, enterprise, Person("9", "Li"))
    events = read(enterprise.code)
    assert quarantined(events, caught) == ["links", None, None]
    assert "message.posted" in types(events, caught)


@pytest.mark.parametrize("ends", ["spam", "close"])
def test_a_close_or_a_verdict_of_spam_is_no_end_of_the_quarantine(
    read, enterprise, caught, alice, ends
):
    visitor = Conversation.objects.get(uuid=caught).visitor_id
    spam = VisitorAction("spam", alice.uuid, caught)
    batches.run([spam if ends == "spam" else Ending(visitor, caught)])
    assert Conversation.objects.get(uuid=caught).quarantined_since is None
    assert quarantined(read(enterprise.code), caught) == ["links"]


def test_a_merging_with_what_was_in_quarantine_ends_it_for_both(read, enterprise, caught, customer):
    visitor = Conversation.objects.get(uuid=caught).visitor
    joins.join(visitor.uuid, enterprise, Person("7", "Wang"))
    assert quarantined(read(enterprise.code), customer.group) == ["links", None]


def test_a_note_of_an_earlier_version_says_why_as_long_as_it_lasts(read, enterprise, caught, alice):
    StreamDue.objects.update(why="")
    assert quarantined(read(enterprise.code), caught) == ["links"]
    batches.run([VisitorAction("not_spam", alice.uuid, caught)])
    assert quarantined(read(enterprise.code), caught) == [None, None]


def test_a_quarantine_that_was_over_and_is_again_keeps_its_end(read, enterprise, caught, alice):
    quarantine.expire(timezone.now() + timedelta(days=8))
    again = timezone.now() + timedelta(days=9)
    Conversation.objects.filter(uuid=caught).update(quarantined_since=again)
    assert quarantined(read(enterprise.code), caught) == ["links", None]


def test_the_quarantine_of_the_demo_is_in_no_stream(read, enterprise, caught):
    Conversation.objects.update(origin="demo")
    assert read(enterprise.code) == []


def test_each_change_of_a_visitor_is_told_once(read, enterprise, group, sold, guest, manager):
    def changes_of(action) -> list[str]:
        before = len(read(enterprise.code))
        batches.run([action])
        return [each["type"] for each in read(enterprise.code)[before:]]

    def act(name, **more):
        return VisitorAction(name, manager.uuid, group, **more)

    updated = ["visitor.updated"]
    assert changes_of(act("edit", label="Wang", contact="w@example.com")) == updated
    assert changes_of(act("block", minutes=5, reason="rude")) == updated
    assert changes_of(act("unblock")) == updated
    assert changes_of(act("hold", reason="court", whole=True)) == []
    assert changes_of(act("lift", hold=LegalHold.objects.get().pk)) == []
    before = len(read(enterprise.code))
    joins.join(guest.uuid, enterprise, Person("9", "Li"))
    (event,) = read(enterprise.code)[before:]
    assert event["type"] == "visitor.updated"
    talks = {(one["group"], one["team"], one["state"]) for one in event["data"]["conversations"]}
    assert talks == {(group, "service", "open"), (sold, "sales", "open")}
