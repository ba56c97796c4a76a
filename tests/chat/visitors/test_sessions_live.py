"""Open sockets of who is signed in on the enterprise's site: what they ask, and how they end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.background import upkeep
from chat.models import Visitor
from chat.posting import batches
from chat.visitors import identities
from tests.chat.helpers import database, new_guest, within
from tests.chat.signed_visitors import exchange, session_guest, signed

pytestmark = pytest.mark.django_db(transaction=True)


@within(30)
async def test_a_socket_of_a_session_ends_with_it(connect, enterprise, team, alice):
    guest = await database(session_guest)(enterprise, team, "7")
    phone = await database(session_guest)(enterprise, team, "7")
    socket, other = await connect(guest), await connect(phone)
    await socket.say("hello")
    session = (await database(guest.known)()).sign_in
    await database(identities.end_sign_in)(session)
    upkeep.soon()
    assert await socket.closed() == 4401
    assert await other.closed() == 4401, "it stood for a visitor that never came to be"
    again = await connect(phone)
    await again.say("still here")
    assert await database(Visitor.objects.count)() == 1


@within(30)
async def test_only_the_first_message_of_a_session_asks_whose_it_is(
    connect, enterprise, team, alice, monkeypatch
):
    commit, counts = batches.commit, []

    def counting(items, look_up):
        with CaptureQueriesContext(connection) as queries:
            outcome = commit(items, look_up)
        counts.append(len(queries))
        return outcome

    guest = await database(session_guest)(enterprise, team, "7")
    phone = await database(session_guest)(enterprise, team, "7")
    socket, other = await connect(guest), await connect(phone)
    monkeypatch.setattr(upkeep.Upkeep, "check_access", unlooked)
    group = (await socket.say("first"))["group"]
    again = await connect(guest)
    await again.say("warm")  # What a connection asks once it has asked.
    monkeypatch.setattr(batches, "commit", counting)
    await again.say("of one whose row was there")
    await socket.say("second")
    await socket.say("third")
    assert len(set(counts)) == 1, counts
    # Before a beat the other browser does not know that this is another visitor's by now.
    for text in ("from the phone", "and once more"):
        event = await other.say(text)
        assert (event["type"], event["group"]) == ("message.accepted", group)
    assert await database(Visitor.objects.count)() == 1


async def unlooked(self) -> None:
    """In the place of the beat's look at who may stay."""


@within(30)
async def test_sockets_end_with_a_secret_that_was_given_away(connect, enterprise, team, alice):
    guest = await database(session_guest)(enterprise, team, "7")
    plain = new_guest(team)
    socket, anonymous = await connect(guest), await connect(plain)
    await database(enterprise.replace_secret)(timezone.now(), keep=False)
    upkeep.soon()
    assert await socket.closed() == 4401
    assert (await anonymous.say("unmoved"))["type"] == "message.accepted"


@within(30)
async def test_a_second_browser_that_did_not_know_comes_into_the_one_thread(
    connect, enterprise, team, alice
):
    first, second = [await database(session_guest)(enterprise, team, "7") for _ in range(2)]
    one, two = await connect(first), await connect(second)
    assert two.hello["groups"] == []
    group = (await one.say("one"))["group"]
    assert await two.closed() == 4401
    again = await connect(second)
    assert [row["group"] for row in again.hello["groups"]] == [group]
    assert (await again.say("two"))["seq"] == 3


@within(30)
async def test_windows_of_the_cookie_before_are_told_to_begin_anew(connect, guest, team, alice):
    silent = new_guest(team)
    socket, other = await connect(guest), await connect(silent)
    await socket.say("hello")
    with pytest.MonkeyPatch.context() as patch:
        # A tick that comes between the commit and its announcement closes them without a word.
        patch.setattr(upkeep.Upkeep, "check_access", unlooked)
        for one in (guest, silent):
            await database(exchange)(one.browser(), signed(team.enterprise, one.uuid))
        await socket.until("identity")
        await other.until("identity")
    assert await socket.closed() == 4401
