"""Who else reads along in a thread of mails: a cc counts for nothing until an agent accepts it.
Then answers go there, too, and what comes from there joins the thread."""

from dataclasses import dataclass

from accounts.models import Member
from chat.conversations import outgoing
from chat.conversations.changes import Change
from chat.ledger import access
from chat.posting import batches
from chat.posting.actions import acts
from chat.posting.items import LoneItem
from chat.protocol.errors import Refused

MOST = 20
"""Addresses of a thread that are accepted."""


def accept(actor: Member, group: str, address: str, accepted: bool = True) -> None:
    """Has answers go to a cc of the conversation, or to it no more. Refuses as other actions do,
    and with bad_field an address that no mail of theirs has named."""
    batches.do(Copy(actor, group, address.strip().lower(), accepted))


@dataclass(slots=True)
class Copy(LoneItem):
    actor: Member
    group: str
    address: str
    accepted: bool

    def perform(self, change: Change) -> None:
        thread = self.lock(change)
        if thread is None or thread.ent_id != self.actor.enterprise.code:  # type: ignore[union-attr]
            raise access.refusal(self.actor.uuid, self.actor.enterprise.code)  # type: ignore[union-attr]
        if self.actor.uuid not in thread.seats or not acts(self.actor):
            raise access.refusal(self.actor.uuid, thread.ent_id)
        contact = outgoing.contact_of(thread)
        found = contact.data.get("accepted", []) if contact else []
        if contact is None or (self.accepted and self.address not in contact.data.get("cc", [])):
            raise Refused("bad_field", "No mail of theirs names this address.", field="address")
        others = [one for one in found if one != self.address]
        contact.data["accepted"] = [*others, self.address][-MOST:] if self.accepted else others
        contact.save(update_fields=["data"])
