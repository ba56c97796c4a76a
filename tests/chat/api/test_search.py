"""Search by the API."""

import pytest

from chat.limits import Buckets, limits
from chat.posting import batches
from chat.protocol import cursors
from chat.rates import Rate
from tests.chat.helpers import act_of, draft_of, new_guest

from .program import refusal

pytestmark = pytest.mark.django_db


def say(team, *texts: str) -> list[str]:
    """A conversation for each text."""
    return [batches.post(new_guest(team).draft(text))["group"] for text in texts]


def found(program, **query) -> list[str]:
    answer = program.get("search/", **query)
    assert answer.status_code == 200, answer.content
    return [one["group"] for one in answer.json()["conversations"]]


def test_it_finds_messages_and_notes_of_all_conversations(program, team, alice, other_group):
    refund, parcel = say(team, "I want a refund", "Where is my parcel?")
    batches.post(draft_of(alice, parcel, "maybe a refund", note=True))
    rows = program.get("search/", q="REFUND").json()["conversations"]
    assert [one["group"] for one in rows] == [parcel, refund]
    assert rows[0]["hit"]["note"] is True and rows[1]["hit"]["note"] is False
    assert {"text": "refund", "hit": True} in rows[1]["hit"]["parts"]
    assert found(program, q="elsewhere") == []


def test_it_is_narrowed_by_state_team_and_days(program, team, alice):
    kept, closed = say(team, "a refund", "a refund")
    batches.do(act_of("close", alice.uuid, closed))
    assert found(program, q="refund", state="closed") == [closed]
    assert found(program, q="refund", team=team.slug, state="waiting") == [kept]
    assert found(program, q="refund", **{"from": "2001-01-01", "to": "2001-01-02"}) == []


def test_pages_have_every_conversation_once(program, team):
    groups = say(team, *["a refund"] * 5)
    pages = program.pages("search/", q="refund", limit=2)
    assert [one["group"] for page in pages for one in page["conversations"]] == groups[::-1]


def test_another_enterprises_cursor_is_refused(program, other_program, team):
    say(team, "a refund", "a refund")
    cursor = program.get("search/", q="refund", limit=1).json()["cursor"]
    assert refusal(other_program.get("search/", q="x", cursor=cursor)) == (400, "bad_field")
    made_up = cursors.write([program.member.enterprise_id, "search", "x", 1])
    assert refusal(program.get("search/", q="x", cursor=made_up)) == (400, "bad_field")


def test_searches_are_limited_as_a_members_are(program, stopped):
    limits.buckets["search"]["member"] = Buckets(Rate(1, 1))
    assert found(program, q="x") == []
    for path in ("search/", "visitors/"):
        assert refusal(program.get(path, q="x")) == (429, "rate_limited")
    assert program.get("visitors/").status_code == 200
