"""What pages hear of conversations that are held, and what becomes of these by a sign-in."""

import pytest

from accounts.models import Enterprise
from chat import inbox, posting
from chat.models import Conversation, Visitor

from .helpers import JSON, check_ledger, database, new_guest, posted, types, within
from .signing import WANG, exchange, session_guest, sign_in, signed
from .spamming import LINKS, groups, row_of, write_held

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def careful(enterprise):
    """It holds all that can be held."""
    enterprise.hold = Enterprise.Hold.BOTH
    enterprise.save()


def test_whom_the_site_knows_is_never_held(enterprise, team, alice):
    guest = new_guest(team)
    form = {"content": LINKS, "client_id": guest.draft().client_id}
    sign_in(guest).post(f"/chat/{enterprise.code}/messages/", form, **JSON)
    assert not Conversation.objects.get().held_since


@pytest.mark.parametrize("wrote_before", [False, True])
def test_who_signs_in_on_the_site_is_let_in(enterprise, team, alice, wrote_before):
    if wrote_before:
        posting.post(session_guest(enterprise, team, "7", **WANG).draft("long ago"))
    guest = write_held(team)
    since = row_of(guest).held_since
    exchange(guest.browser(), signed(enterprise, "7", **WANG))
    row = Conversation.objects.get()
    assert not row.held_since and row.waiting_since <= since
    assert groups(alice) == groups(alice, "unclaimed") == [row.uuid]
    assert inbox.total_unread(alice.uuid) == 1 + wrote_before
    check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_hear_of_it_without_an_alert_and_aloud_once_it_is_let_in(
    team, alice, bob, connect
):
    page, colleague = await connect(alice), await connect(bob)
    visitor = await connect(new_guest(team))
    answer = await visitor.say(LINKS)
    group = answer["group"]
    event = await page.until("conversation", group=group)
    assert event["held"] == "links" and event["unread"] == 0 and event["waiting_since"] is None
    await visitor.say("are you there?")
    heard = await page.all()
    assert {message["kind"] for message in posted(heard)} <= {"notice"}
    assert "unread" not in types(heard)
    await colleague.all()
    await page.send("conversation.not_spam", group=group)
    event = await colleague.until("conversation", group=group)
    assert event["held"] is None and event["unread"] == 2 and event["waiting_since"]
    message = (await colleague.until("message.posted"))["message"]
    assert message["content"] == "are you there?" and message["sender_role"] == "visitor"
    await page.until("conversation", group=group, held=None)
    await page.all()
    await page.send("conversation.not_spam", group=group)
    state = await page.until("conversation", group=group)
    assert state["open"] and state["held"] is None and "members" not in state
    await visitor.say("thanks")
    said = [message for message in posted(await colleague.all()) if message["kind"] == "message"]
    assert [message["content"] for message in said] == ["thanks"]
    await visitor.send("conversation.spam", group=group)
    assert (await visitor.until("error"))["code"] == "forbidden"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_spam_by_socket_closes_the_visitors_sockets(team, alice, connect):
    page, guest = await connect(alice), new_guest(team)
    visitor = await connect(guest)
    group = (await visitor.say(LINKS))["group"]
    await page.send("conversation.spam", group=group)
    assert await visitor.closed() == 4403
    event = await page.until("conversation", group=group, open=False)
    assert event["held"] is None
    assert (await database(Visitor.objects.get)(uuid=guest.uuid)).is_blocked
