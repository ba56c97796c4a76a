"""Conversations of channels without another side: what their adapters do is tested with each."""

from chat.channels import arrivals, incoming
from chat.channels.contract import Arrived
from chat.models import Channel, ChannelContact, Conversation, GroupMessage
from chat.posting import batches
from tests.chat.helpers import draft_of


def channel_of(team, kind="telegram", **more) -> Channel:
    code = team.enterprise.code
    return Channel.objects.create(ent_id=code, kind=kind, name=kind, team=team, **more)


def write(channel, who="42", content="Where is my order?", **more) -> Conversation | None:
    """Somebody writes by a channel; their conversation, if they have one now."""
    number = channel.arrivals.count() + 1
    arrivals.keep(channel, [Arrived(f"{who}-{number}", who, f"Person {who}", content, **more)])
    for arrival in arrivals.waiting(channel, 100):
        incoming.take_in(channel, arrival)
    contact = channel.contacts.filter(their_id=who).first()
    return contact and Conversation.objects.get(uuid=contact.conversation_id)


def limit(talk: Conversation, left: int | None, until=None) -> None:
    ChannelContact.objects.filter(conversation=talk).update(left=left, until=until)


def said(group: str) -> list[tuple[str, str]]:
    rows = GroupMessage.objects.filter(group_id=group, message_type=1).order_by("seq")
    return list(rows.values_list("sender_name", "message_content"))


def answer(conversation, member, text: str) -> None:
    batches.post(draft_of(member, conversation.uuid, text))
