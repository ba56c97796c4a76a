"""Bots on the socket of agents, by an access token: what they get, and what they may do."""

import asyncio

import pytest

from accounts import tokens
from accounts.models import AccessToken, Member
from accounts.setup import join_team
from chat.background import upkeep
from chat.conversations import floor
from chat.knowledge import articles
from chat.models import Conversation
from chat.posting import batches
from chat.presence import leases
from chat.reading import conversation_page
from tests.chat.conftest import unopened
from tests.chat.helpers import act_of, database, new_id, posted, rows_of
from tests.conftest import hire

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("house"),
    pytest.mark.once,
]


def bearer(text: str) -> dict:
    """What a bot's handshake has: a token, and neither a cookie nor an Origin."""
    header = b"authorization", f"Bearer {text}".encode()
    return {"cookie": "", "origin": None, "headers": [header]}


def issue(member: Member, scopes=tokens.SCOPES) -> tuple[AccessToken, str]:
    token = AccessToken(member=member, name="robo", scopes=list(scopes))
    return token, tokens.issue(token)


@pytest.fixture
def robot(team, alice) -> Member:
    """A bot without a socket."""
    member = hire("robo", team.enterprise, Member.Role.BOT, nickname="小机")
    join_team(member, team)
    return member


@pytest.fixture
async def wire(connect, robot):
    """The bot's socket."""
    _token, text = await database(issue)(robot)
    return await connect(robot, **bearer(text))


async def test_a_bot_answers_a_visitor_and_hands_over(wire, connect, robot, guest, alice):
    assert wire.hello["me"]["role"] == "bot"
    page, desk = await connect(guest), await connect(alice)
    group = (await page.say("When do you open?"))["group"]
    asked = (await wire.until("message.posted"))["message"]
    while asked["sender_role"] != "visitor":
        asked = (await wire.until("message.posted"))["message"]
    row = await desk.until("conversation", group=group)
    assert (row["bot"], row["bot_name"], row["waiting_since"]) == (robot.uuid, "小机", None)
    answer = await wire.say("At nine.", group=group, seen=asked["seq"])
    assert answer["type"] == "message.accepted"
    told = [one for one in posted(await page.all()) if one["kind"] == "message"]
    assert [one["sender_role"] for one in told] == ["visitor", "bot"]
    await wire.send("conversation.handover", group=group, note="wants more")
    fact = await desk.until("conversation", group=group)
    while "waiting_since" not in fact or not fact["waiting_since"]:
        fact = await desk.until("conversation", group=group)
    assert fact["bot"] is None
    notice = (await page.until("message.posted"))["message"]
    assert notice["data"]["event"] == "handed_over"
    late = await wire.say("One more thing", group=group, seen=99)
    assert late["code"] == "forbidden"


async def test_a_visitor_gets_a_person_by_a_frame(wire, connect, guest, alice):
    page = await connect(guest)
    await page.send("conversation.handover")
    assert (await page.until("error"))["code"] == "not_found"
    group = (await page.say())["group"]
    await page.send("conversation.handover", note="for agents")
    assert (await page.until("error"))["code"] == "bad_field"
    await page.send("conversation.handover")
    while (await page.until("message.posted"))["message"]["data"] is None:
        pass
    facts = await database(lambda: Conversation.objects.get(uuid=group))()
    assert facts.bot == "" and facts.waiting_since


async def test_bots_are_the_last_of_the_participants(wire, robot, alice, guest):
    def seated() -> list[str]:
        Member.objects.filter(pk=robot.pk).update(nickname="AI")
        group = batches.post(guest.draft("hello"))["group"]
        found = conversation_page.members_of({group: guest.uuid}, "acme")
        return [seat["name"] for seat in found[group]]

    assert await database(seated)() == ["小艾", "AI"]


async def test_an_ended_token_closes_the_socket_at_once(connect, robot):
    token, text = await database(issue)(robot)
    wire = await connect(robot, **bearer(text))
    await database(tokens.end)(token)
    assert await wire.closed() == 4401


@pytest.mark.parametrize("text", ["kefu_wrong", " ", "kefu_" + "x" * 500])
async def test_a_wrong_token_is_refused_with_a_code(robot, text):
    wire = await unopened(robot, **bearer(text))
    assert await wire.accepted()
    assert await wire.closed() == 4401


async def test_the_password_of_a_proxy_is_no_token(connect, alice):
    desk = await connect(alice, headers=[(b"authorization", b"Basic YTpi")])
    assert desk.hello["me"]["member"] == alice.uuid
    options = {"origin": "http://evil.example", "headers": [(b"authorization", b"Basic YTpi")]}
    assert not await (await unopened(alice, **options)).accepted()


async def test_only_bots_come_by_a_token_and_only_with_what_a_socket_tells(robot, enterprise):
    account = await database(tokens.service_account)(enterprise, "crm")
    for member, scopes in ((account, tokens.SCOPES), (robot, ["messages:write"])):
        _token, text = await database(issue)(member, scopes)
        wire = await unopened(robot, **bearer(text))
        assert await wire.accepted()
        assert await wire.closed() == 4403


async def test_a_token_opens_no_visitors_socket_from_another_origin(robot, guest):
    _token, text = await database(issue)(robot)
    options = bearer(text) | {"cookie": guest.cookie}
    assert not await (await unopened(guest, **options)).accepted()


async def test_without_a_scope_to_write_a_bot_only_listens(connect, robot, guest):
    scopes = ["conversations:read", "messages:read", "visitors:read"]
    _token, text = await database(issue)(robot, scopes)
    wire = await connect(robot, **bearer(text))
    group = (await database(batches.post)(guest.draft()))["group"]
    assert (await wire.say("hello", group=group, seen=2))["code"] == "forbidden"
    await wire.send("conversation.handover", group=group)
    assert (await wire.until("error"))["code"] == "forbidden"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "viewing", "group": None},
        {"type": "presence", "away": True},
        {"type": "conversation.claim"},
        {"type": "conversation.spam"},
        {"type": "offer.decline"},
        {"type": "message.edit", "seq": 2, "content": "x"},
    ],
    ids=lambda frame: frame["type"],
)
async def test_what_people_do_is_refused_to_a_bot(wire, guest, frame):
    group = (await database(batches.post)(guest.draft()))["group"]
    await wire.send(**{"group": group, **frame})
    assert (await wire.until("error"))["code"] == "forbidden"


async def test_a_bot_that_lost_the_floor_does_not_type(wire, connect, guest, alice):
    group = (await database(batches.post)(guest.draft()))["group"]
    page = await connect(guest)
    await wire.send("typing", group=group, draft=True)
    assert (await page.until("typing"))["draft"] is True
    await database(batches.do)(act_of("claim", alice.uuid, group))
    await wire.send("typing", group=group, draft=True)
    assert (await wire.until("error"))["code"] == "forbidden"


async def test_a_bot_counts_nowhere_as_somebody_who_is_there(wire, connect, guest, team):
    page = await connect(guest)
    assert page.hello["team"]["online"] == 0
    assert await database(leases.team_states)(team) == {}


async def test_a_bot_whose_socket_is_gone_loses_the_floor(wire, guest, monkeypatch):
    group = (await database(batches.post)(guest.draft()))["group"]
    await wire.leave()
    monkeypatch.setattr(floor, "ALONE", floor.ALONE * 0)
    monkeypatch.setattr(floor, "SHORTEST", floor.SHORTEST * 0)
    # The server hears a little later that the socket is gone.
    for _ in range(100):
        await upkeep.current().tick(1e9)
        await database(floor.expire)()
        if (last := (await database(rows_of)(group))[-1]).data:
            break
        await asyncio.sleep(0.1)
    assert last.data["why"] == "away"


async def test_a_bot_that_floods_is_slowed_down_and_harms_nobody(
    wire, connect, guest, alice, stopped
):
    group = (await database(batches.post)(guest.draft()))["group"]
    desk = await connect(alice)
    for _number in range(400):
        fields = {"client_id": new_id(), "group": group, "content": "spam", "note": True}
        await wire.send("message.send", **fields)
    assert "rate_limited" in {event.get("code") for event in await wire.heard()}
    assert (await desk.say("a person", group=group))["type"] == "message.accepted"


async def test_a_bot_is_suggested_internal_articles_where_its_token_names_them(connect, robot):
    for audience in ("public", "internal"):
        text = articles.Text("How long tea keeps", "Dry.", audience=audience)
        await database(articles.put)(robot.enterprise, audience, "en", text)
    usual = {*tokens.SCOPES} - {tokens.Scope.KNOWLEDGE_INTERNAL}
    for scopes, slugs in ((usual, {"public"}), (tokens.SCOPES, {"public", "internal"})):
        _token, text = await database(issue)(robot, scopes)
        wire = await connect(robot, **bearer(text))
        await wire.send("knowledge.suggest", text="how long does tea keep")
        event = await wire.until("knowledge.suggested")
        assert {one["slug"] for one in event["results"]} == slugs
