"""How a visitor can be reached, and what else an enterprise wants to know before the first message.

It comes with the message itself, so no message enters without it, whichever way it takes.
"""

from django.db import transaction
from django.utils.timezone import now

from accounts import hours
from accounts.models import Enterprise, Team
from accounts.models.enterprise import Ask
from chat.delivery import announce
from chat.models import Visitor
from chat.presence import leases
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.protocol.introduction import Introduction

from . import choices
from .cookies import Guest
from .page_views import agents_of


def page_fields(enterprise: Enterprise, team: Team, guest: Guest, there: set[str]) -> dict:
    """What the page asks besides the message: of each field an Ask, and whether it is `away` just
    now, while it asks for an e-mail address, which then `must` be given or not. Whoever has
    written before is asked for no more than that address, if none is known."""
    away = {} if guest.reachable else {"away": not (there and hours.is_open(team, now()))}
    if guest.stored:
        return away
    return {**required_fields(enterprise, guest), **away, "must": enterprise.away_email_must}


def required_fields(enterprise: Enterprise, guest: Guest) -> dict:
    """What is asked before the first message; nothing that the enterprise's own site has signed."""
    fields = {"name": enterprise.ask_name, "email": enterprise.ask_email}
    fields |= {"phone": enterprise.ask_phone, "consent": enterprise.consent}
    if guest.session:
        signed = guest.session.person
        fields |= {name: Ask.NOT for name in ("name", "email") if getattr(signed, name)}
    return fields


def check_answers(enterprise: Enterprise, team: Team, guest: Guest, said: Introduction) -> str:
    """Refuses a first message without what the enterprise wants to know before it. Returns what it
    is about, in the enterprise's words."""
    fields = required_fields(enterprise, guest)
    consent = fields.pop("consent")
    missing = [name for name, ask in fields.items() if ask == Ask.MUST and not getattr(said, name)]
    if consent and not said.consent:
        missing.append("consent")
    reachable = said.email or guest.reachable
    if enterprise.away_email_must and not reachable and leases.is_team_away(team):
        missing.append("email")
    if missing:
        detail = f"{missing[0]} is asked for before the first message."
        raise Refused("bad_field", detail, field=missing[0])
    return choices.topic_label(enterprise, said.topic)


def visitor_columns(enterprise: Enterprise, guest: Guest, said: Introduction) -> dict:
    """The columns of a visitor who writes for the first time, of what was asked and is said. An
    e-mail address may always be given, as where nobody is there it is asked for."""
    fields = required_fields(enterprise, guest)
    phone = said.phone if fields["phone"] else ""
    told = {"contact": ", ".join(filter(None, [said.email, phone]))}
    if fields["name"] and said.name:
        told["label"] = said.name
    if fields["consent"] and said.consent:
        told["consented_at"] = now()
    return told


def add_email(who: str, said: Introduction) -> None:
    """Adds the e-mail address of one who has written before, if none is known, and tells the
    agents of their conversations."""
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased or visitor.email or not said.email:
            return
        most = Visitor._meta.get_field("contact").max_length
        visitor.contact = ", ".join(filter(None, [said.email, visitor.contact]))[:most]
        visitor.save(update_fields=["contact"])
    announce.send_event(visitor.ent_id, agents_of(who), events.visitor(visitor))
