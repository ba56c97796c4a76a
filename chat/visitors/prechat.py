"""The pre-chat form: what an enterprise asks a visitor before the first message.

The answers are sent with the message (protocol/introduction.py), so no first message can be stored
without them, neither by socket nor by HTTP.
"""

from django.db import transaction
from django.utils.timezone import now

from accounts import hours, mails
from accounts.models import Enterprise, Team
from accounts.models.enterprise import Ask
from chat.delivery import announce
from chat.models import ContactBy, Conversation, Visitor
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.introduction import Introduction
from chat.stream import notes

from . import choices
from .cookies import Guest


def page_fields(enterprise: Enterprise, team: Team, guest: Guest, there: set[str]) -> dict:
    """What the page asks a new visitor for beside the message; {} for one who has written before.
    `there` are the uuids of the team's agents who are connected.

    There is an Ask for each field (`required_fields`), `mailed`: whether answers are mailed, and
    `must`: whether an e-mail address is required while the team is away. If one would be mailed to
    and none is known, `away` says whether the team is away, when the page asks for one.
    """
    if guest.stored:
        return {}
    mailed = mails.answers_are_sent()
    away = {"away": is_away(team, there)} if mailed and not guest.reachable else {}
    facts = {"mailed": mailed, "must": enterprise.away_email_must}
    return {**required_fields(enterprise, guest), **away, **facts}


def is_away(team: Team, there: set[str]) -> bool:
    return not (there and hours.is_open(team, now()))


def page_address(
    team: Team, guest: Guest, conversation: Conversation | None, there: set[str]
) -> dict | None:
    """What the page of one who has written shows of the address to which answers are mailed:
    `email`, "" while they gave none, and `shown`, whether they are asked for it now. None where
    nothing will be mailed, somebody else gave the address, or the browser came by a mailed link:
    what is mailed about the visitor's other conversations must not be led elsewhere by it."""
    stopped = conversation is not None and conversation.mails_stopped
    if stopped or guest.only or not guest.stored or not mails.answers_are_sent():
        return None
    if guest.reachable and not guest.email:
        return None
    return {"email": guest.email, "shown": is_away(team, there)}


def required_fields(enterprise: Enterprise, guest: Guest) -> dict:
    """The Ask of each field of the form. Fields that the enterprise's site has signed are not
    asked."""
    fields = {"name": enterprise.ask_name, "email": enterprise.ask_email}
    fields |= {"phone": enterprise.ask_phone, "consent": consent_text(enterprise)}
    if guest.sign_in:
        signed = guest.sign_in.person
        fields |= {name: Ask.NOT for name in ("name", "email") if getattr(signed, name)}
    return fields


def consent_text(enterprise: Enterprise) -> str:
    """What visitors agree to before the first message, in the active language; in another one where
    it was written in no other, since what is asked must not depend on the language."""
    return enterprise.translated("consent") or next(iter(enterprise.all_texts("consent")), "")


def check_answers(enterprise: Enterprise, team: Team, guest: Guest, said: Introduction) -> str:
    """Refuses with bad_field a first message without the required answers; the fact `field` names
    the first that is missing. Returns the label of the chosen topic, "" for none."""
    fields = required_fields(enterprise, guest)
    consent = fields.pop("consent")
    missing = [name for name, ask in fields.items() if ask == Ask.MUST and not getattr(said, name)]
    if consent and not said.consent:
        missing.append("consent")
    reachable = said.email or guest.reachable
    must = enterprise.away_email_must and mails.answers_are_sent()
    if must and not reachable and leases.is_team_away(team):
        missing.append("email")
    if missing:
        detail = f"{missing[0]} is asked for before the first message."
        raise Refused("bad_field", detail, field=missing[0])
    return choices.topic_label(enterprise, said.topic)


def visitor_columns(enterprise: Enterprise, guest: Guest, said: Introduction) -> dict:
    """The columns of a new visitor: the answers to fields that were asked. An e-mail address is
    always accepted, because it is asked for while the team is away."""
    fields = required_fields(enterprise, guest)
    phone = said.phone if fields["phone"] else ""
    columns = {"contact": ", ".join(filter(None, [said.email, phone]))}
    if said.email:
        columns["contact_by"] = ContactBy.VISITOR
    if fields["name"] and said.name:
        columns["label"] = said.name
    if fields["consent"] and said.consent:
        columns["consented_at"] = now()
    return columns


def add_email(who: str, said: Introduction) -> None:
    """Stores the e-mail address of the visitor `who` (uuid), if none is known, and announces it to
    their agents."""
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased or visitor.email or not said.email:
            return
        most = Visitor._meta.get_field("contact").max_length
        contact = ", ".join(filter(None, [said.email, visitor.contact]))[:most]
        visitor.give_contact(contact, ContactBy.VISITOR)
        visitor.save(update_fields=["contact", "contact_by"])
        notes.visitor_updated(visitor, now())
    announce.send_visitor(visitor)
