"""Every change of a conversation is locked, written and announced in one way (changes.py)."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from chat.conversations import changes, claims
from chat.delivery import announce
from chat.models import Conversation, MemberType
from chat.posting import batches
from tests.chat.helpers import act_of, draft_of, rows_of

ROOT = Path(settings.BASE_DIR) / "chat"


@pytest.fixture
def announced(monkeypatch) -> list[tuple[str, list[str]]]:
    """The type and the recipients of each event that was sent, but for the hint to who looks at the
    live view."""
    sent = []

    def keep(announcements):
        events = [event for one in announcements for event in one.events]
        events = [(people, event) for people, event in events if people != ["live:acme"]]
        sent.extend((json.loads(event)["type"], sorted(people)) for people, event in events)

    monkeypatch.setattr(announce, "send", keep)
    return sent


@cache
def modules() -> dict[str, list]:
    """The nodes of the syntax tree of each module of `chat`."""
    paths = {str(path.relative_to(ROOT)): path for path in ROOT.rglob("*.py")}
    return {name: list(ast.walk(ast.parse(path.read_text()))) for name, path in paths.items()}


def modules_with(wanted) -> set[str]:
    """The modules of `chat` in which `wanted` is true of any node of the syntax tree."""
    return {name for name, nodes in modules().items() if any(map(wanted, nodes))}


def test_announcements_are_made_in_one_module():
    def makes_one(node) -> bool:
        called = node.func if isinstance(node, ast.Call) else None
        return getattr(called, "id", getattr(called, "attr", None)) == "Announcement"

    assert modules_with(makes_one) == {"delivery/announce.py"}


@pytest.mark.parametrize("name", ["lock", "lock_all_of", "write"])
def test_conversations_are_locked_and_written_in_one_module(name):
    def names_it(node) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == name
            and isinstance(node.value, ast.Name)
            and node.value.id == "ledger"
        )

    assert modules_with(names_it) == {"conversations/changes.py"}


@pytest.mark.django_db(transaction=True)
def test_a_change_is_announced_after_the_outermost_commit(alice, group, announced):
    with transaction.atomic():
        with changes.begin() as change:
            claims.claim(change.lock_one(group), alice, False, False, change.now)
        assert announced == []
    assert {"conversation", "message.posted"} == {kind for kind, _people in announced}
    assert rows_of(group)[-1].data["event"] == "claimed"


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_is_neither_stored_nor_announced(alice, group, announced):
    count = len(rows_of(group))
    with pytest.raises(RuntimeError), changes.begin() as change:
        claims.claim(change.lock_one(group), alice, False, False, change.now)
        raise RuntimeError
    assert announced == [] and len(rows_of(group)) == count
    assert Conversation.objects.get(uuid=group).claimed_by == ""


@pytest.mark.django_db(transaction=True)
def test_those_who_sit_there_hear_who_leads_from_now_on(alice, bob, group, announced):
    place = alice.places.get()
    place.member_type = MemberType.LEADER
    place.save()
    assert announced == [("conversation", sorted([alice.uuid, bob.uuid]))]
    announced.clear()
    place.save()
    assert announced == [], "nothing is told of what was so before"


@pytest.mark.django_db
def test_a_message_a_claim_and_a_close_cost_these_queries(
    alice, guest, group, django_assert_num_queries
):
    """With those that begin and end the transaction. SQLite is asked for the id of the row. An
    answer to what nobody holds reads the team, which says whether it claims; so does a message
    that begins a wait, for its target."""
    own = connection.vendor == "sqlite"
    # One for the name that the visitor sees; it is known from then on.
    with django_assert_num_queries(10 + own):
        batches.post(draft_of(alice, group))
    with django_assert_num_queries(8 + own):
        batches.post(guest.draft("once more", group=group))
    with django_assert_num_queries(9 + own):
        batches.do(act_of("claim", alice.uuid, group))
    with django_assert_num_queries(9 + own):
        batches.do(act_of("close", alice.uuid, group))
