"""The stream by the API."""

import pytest

from accounts import setup
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.stream import sequencer
from tests.chat.helpers import Guest, draft_of, new_guest

from .program import bot_of, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def taken_in(group):
    sequencer.look()


def test_a_program_follows_what_happens(program, group, alice):
    first = program.get("events/", limit=1).json()
    assert [each["type"] for each in first["events"]] == ["conversation.opened"]
    second = program.get("events/", after=first["cursor"]).json()
    (posted,) = second["events"]
    assert posted.keys() == {"id", "type", "at", "data"}
    assert (posted["type"], posted["data"]["message"]["content"]) == ("message.posted", "first")
    assert posted["at"] == posted["data"]["message"]["created_at"]
    nothing = program.get("events/", after=second["cursor"]).json()
    assert nothing == {"events": [], "cursor": second["cursor"]}
    batches.post(draft_of(alice, group, "more", note=True))
    sequencer.look()
    (note,) = program.get("events/", after=second["cursor"]).json()["events"]
    assert note["data"]["message"]["kind"] == "note"


def test_the_scopes_of_the_token_choose_the_types(enterprise, group):
    for scope, wanted in (
        ("conversations:read", ["conversation.opened"]),
        ("messages:read", ["message.posted"]),
        ("visitors:read", []),
        ("reports:read", []),
    ):
        answer = program_of(enterprise, scope, name=scope.replace(":", "-")).get("events/").json()
        assert [each["type"] for each in answer["events"]] == wanted
        assert answer["cursor"]


def test_a_bot_gets_of_a_visitor_the_conversations_in_which_it_has_a_seat(
    enterprise, team, guest, alice
):
    bot = bot_of(team, "visitors:read")
    mine = batches.post(guest.draft("for the bot"))["group"]
    elsewhere = Guest(enterprise, setup.find_or_create_team(enterprise, "sales"), guest.token)
    batches.post(elsewhere.draft("for others"))
    batches.run([VisitorAction("edit", alice.uuid, mine, label="Wang", contact="")])
    sequencer.look()
    (event,) = bot.get("events/").json()["events"]
    assert [one["group"] for one in event["data"]["conversations"]] == [mine]


def test_what_a_bot_must_not_see_is_no_end_of_what_it_may_see(enterprise, group):
    sales = setup.find_or_create_team(enterprise, "sales")
    bot = bot_of(sales)
    mine = batches.post(new_guest(sales).draft("for the bot"))["group"]
    sequencer.look()
    shown = bot.get("events/", limit=1).json()["events"]
    assert [each["data"]["group"] for each in shown] == [mine]
