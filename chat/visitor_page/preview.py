"""Before two customers are linked: who may be meant, and what would be shown together."""

from typing import NamedTuple

from accounts.models import Member
from chat.customers import links
from chat.models import Visitor, theirs
from chat.protocol import events
from chat.protocol.errors import Refused

from . import listing, page

LOOKED_AT, OFFERED = 200, 10
"""Visitors that a search looks at; and that it offers, the ones who were seen last."""


class Side(NamedTuple):
    """One of two customers."""

    visitor: Visitor
    visitors: int
    addresses: list[page.Address]
    conversations: int


def context(member: Member, people: list[Visitor], other: str, words: str) -> dict:
    """What the template takes: `sides`, both customers, where the `other` visitor (a uuid) is
    known; else `offered`, whom `words` may mean. Raises `Refused` for a visitor of another
    enterprise, for one who was erased, and for one who is this customer already."""
    code = people[0].ent_id
    if not other:
        return {"words": words, "offered": offered(member, people, words)}
    found = Visitor.objects.filter(theirs(code), uuid=other).exclude(secret_hash="").first()
    if found is None or found in people:
        raise Refused("not_found", "There is no such visitor.")
    sides = [side(member, people), side(member, links.visitors_of(found))]
    return {"other": found, "sides": sides, "total": sum(one.conversations for one in sides)}


def side(member: Member, people: list[Visitor]) -> Side:
    facts = [events.visitor_facts(one, member.sees_contacts) for one in people]
    known = [one for pair in zip(people, facts, strict=True) for one in page.addresses(*pair)]
    return Side(people[0], len(people), known, page.conversations(people).count())


def offered(member: Member, people: list[Visitor], words: str) -> list[Side]:
    """Each customer once."""
    if not words.strip():
        return []
    own = Visitor.objects.filter(ent_id=people[0].ent_id)
    pks = list(own.filter(listing.having(words)).values_list("pk", flat=True)[:LOOKED_AT])
    rows = Visitor.objects.filter(theirs(people[0].ent_id), pk__in=pks).exclude(secret_hash="")
    rows = rows.exclude(uuid__in=[one.uuid for one in people]).order_by("-last_seen_at", "-pk")
    groups = [links.visitors_of(one) for one in rows[:OFFERED]]
    return [side(member, some) for some in {some[0].uuid: some for some in groups}.values()]
