"""First messages that name an invitation, by socket."""

import pytest

from chat.models import Conversation, SiteVisit
from tests.chat.helpers import database, new_guest, new_id
from tests.chat.spam import LINKS

from .site_visits import SHOP, invite, new_key, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def invited(enterprise, agent) -> str:
    """The key of a visit that alice has invited, where messages with links are quarantined."""
    enterprise.sites, enterprise.visits_told = SHOP, True
    enterprise.hold = enterprise.Hold.BOTH
    enterprise.save()
    key = new_key()
    invite(agent, told(key=key), "Shall I help?")
    return key


async def test_a_first_message_without_the_invitation_does_not_take_that_of_an_earlier_try(
    invited, team, connect
):
    """Both are on their way before either is answered; the socket stays open."""
    guest = await database(new_guest)(team)
    socket = await connect(guest)

    named = {"introduction": {"visit": invited}, "content": "hi"}
    await socket.send("message.send", client_id=new_id(), **named)
    answer = await socket.say(LINKS)

    assert answer["type"] == "message.accepted"
    assert await database(SiteVisit.objects.filter(key=invited).count)() == 1
    assert await database(Conversation.objects.filter(visitor_id=guest.uuid).count)() == 1
