"""A visitor gives, or changes, the e-mail address to which answers are mailed."""

from django.db import transaction

from chat import clock
from chat.delivery import announce
from chat.models import ContactBy, LegalHold, Visitor
from chat.models.visitor import with_address
from chat.protocol.errors import Refused
from chat.stream import notes


def give(who: str, email: str) -> None:
    """Stores `email` as the address of the visitor `who` (uuid), in place of the one that they gave
    before, and announces it to their agents. Refuses with conflict where the site has signed an
    address, or somebody else has given one: a visitor replaces only their own."""
    now = clock.now()
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased:
            raise Refused("not_found", "You have not written yet.")
        if visitor.email and not visitor.given_email:
            raise Refused("conflict", "Another address is known.")
        if email == visitor.given_email:
            return
        former = visitor.contact
        LegalHold.objects.keep_former(visitor, now, name=visitor.label, contact=former)
        visitor.give_contact(with_address(former, email), ContactBy.VISITOR)
        visitor.save(update_fields=["contact", "contact_by"])
        notes.visitor_updated(visitor, now)
    announce.send_visitor(visitor)
