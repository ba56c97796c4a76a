"""Who sends what looks like spam, and what agents say of it."""

from accounts.models import Team
from chat.models import Conversation
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.selection import Selection
from chat.reading import inbox

from .helpers import JSON, Guest, new_guest

LINKS = "cheap https://a.example http://b.example www.c.example"


def write(guest: Guest, content: str):
    """A first message the way it comes by HTTP."""
    form = {"content": content, "client_id": Guest.draft(guest).client_id}
    return guest.browser().post(f"/chat/{guest.enterprise.code}/messages/", form, **JSON)


def write_quarantined(team: Team) -> Guest:
    guest = new_guest(team)
    assert write(guest, LINKS).status_code == 200
    assert row_of(guest).quarantined_since
    return guest


def row_of(guest: Guest) -> Conversation:
    return Conversation.objects.get(uuid=guest.group)


def say(name: str, member, group: str) -> None:
    batches.do(VisitorAction(name, member.uuid, group))


def groups(member, view="all") -> list[str]:
    return [row["group"] for row in inbox.page(member, chosen=Selection(view))[0]]
