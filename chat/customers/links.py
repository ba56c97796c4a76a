"""Links: which visitors are one customer. No conversation is merged, and each link can be undone.

A customer is named by one of their visitors, on whose row all links point, so each of the others
has one link. Whoever changes them holds that visitor's row, and locks rows in the order of their
ids, before links. The one who erases a visitor holds that row alone: the locked links are enough.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import audit, rights
from accounts.kept import Kept
from accounts.models import Member
from chat import clock, database
from chat.delivery import announce
from chat.models import CustomerLink, Visitor, theirs
from chat.models.visitor import SURE, first_valid
from chat.protocol.errors import Refused
from chat.stream import notes

LOOKED_AT, SUGGESTED = 20, 3
"""Visitors with the same address that are looked at, the newest; and how many are suggested."""


def customers_of(code: str, visitors: Iterable[str]) -> dict[str, str]:
    """For each of these visitors (uuids) of an enterprise, the visitor by whom their customer is
    named: themselves, where they are linked with nobody."""
    wanted = list(visitors)
    rows = links_of(code).filter(visitor_id__in=wanted, customer__ent_id=code)
    known = pairs(rows)
    return {uuid: known.get(uuid, uuid) for uuid in wanted}


def pairs(rows: QuerySet[CustomerLink]) -> dict[str, str]:
    """Of each visitor the customer, both as uuids."""
    return dict(rows.values_list("visitor_id", "customer_id"))  # type: ignore[arg-type]


def links_of(code: str) -> QuerySet[CustomerLink]:
    return CustomerLink.objects.filter(theirs(code))


def visitors_of(visitor: Visitor) -> list[Visitor]:
    """All visitors of the customer that this one is: the one who names them, then the others in the
    order in which they were linked."""
    code, who = visitor.ent_id, visitor.uuid
    linked = dict(linked_with(code, who))
    if not linked:
        return [visitor]
    uuids = everyone(code, linked.get(who, who))
    found = {row.uuid: row for row in Visitor.objects.filter(theirs(code), uuid__in=uuids)}
    return [found[uuid] for uuid in uuids if uuid in found]


@Kept
def linked_with(code, who) -> QuerySet:
    either = Q(visitor_id=who) | Q(customer_id=who)
    found = CustomerLink.objects.filter(theirs(code)).filter(either, customer__ent_id=code)
    return found.values_list("visitor_id", "customer_id")


def visitors_of_all(rows: list[Visitor], only: Iterable[str]) -> dict[str, list[Visitor]]:
    """The same for several, each of whom names their customer, by their uuids: two statements.
    `only` are the columns that are read of the others."""
    own = {one.uuid: one for one in rows}
    linked = CustomerLink.objects.filter(customer_id__in=own, customer__ent_id=F("ent_id"))
    customers = pairs(linked.order_by("id"))
    others = Visitor.objects.filter(uuid__in=customers).only(*only) if customers else ()
    known = {one.uuid: one for one in others}
    found = {uuid: [one] for uuid, one in own.items()}
    for uuid, customer in customers.items():
        if uuid in known and uuid != customer and known[uuid].ent_id == own[customer].ent_id:
            found[customer].append(known[uuid])
    return found


def attributes_of(values: list[dict]) -> dict:
    """The values of a customer by key, from those of each visitor: the first who has one counts."""
    return {key: one for own in reversed(values) for key, one in own.items()}


def everyone(code: str, customer: str) -> list[str]:
    """The uuids of all visitors of a customer, in that order."""
    linked = pointing_at(links_of(code), customer).order_by("id")
    return list(dict.fromkeys([customer, *pairs(linked)]))


def pointing_at(rows: QuerySet[CustomerLink], customer: str) -> QuerySet[CustomerLink]:
    return rows.filter(customer_id=customer)  # type: ignore[misc]


def suggestions(visitors: list[Visitor]) -> list[Visitor]:
    """Who may be the same as this customer, all of whose visitors are given: an address was proved
    by both, or signed by the site. One visitor for each other customer."""
    code, own = visitors[0].ent_id, [one.uuid for one in visitors]
    keys = {proved(one) for one in visitors} - {""}
    sure = Q(contact_by__in=SURE) | Q(identity_key__isnull=False)
    rows = Visitor.objects.filter(sure, ent_id=code, email_key__in=keys).exclude(uuid__in=own)
    found = [one for one in rows.order_by("-pk")[:LOOKED_AT] if proved(one) in keys]
    customers = customers_of(code, [one.uuid for one in found])
    return list({customers[one.uuid]: one for one in found}.values())[:SUGGESTED]


def proved(visitor: Visitor) -> str:
    """The e-mail address of a visitor in small letters, if they proved it or the site signed it; ""
    otherwise."""
    signed = first_valid([visitor.identity.get("email", "")])
    return visitor.email.lower() if signed or visitor.is_proven else ""


def link(actor: Member, customer: str, visitor: str, *, origin: audit.Origin) -> None:
    """Links two visitors (uuids): their customers are one, that of `customer`; nothing changes
    where they are already. Refuses with `forbidden`, with `not_found` for visitors of another
    enterprise, and with `conflict` where one was erased."""
    code = code_of(actor)
    facts = {
        "why": CustomerLink.Why.HAND,
        "linked_by": actor.uuid,
        "linked_by_name": actor.display_name,
    }
    database.retry(lambda: link_once(code, customer, visitor, facts=facts, origin=origin))


def part(actor: Member, visitor: str, origin: audit.Origin) -> None:
    """Takes a visitor (uuid) out of their customer; nothing changes where they are linked with
    nobody. Refuses as `link` does."""
    code = code_of(actor)
    database.retry(lambda: part_once(code, visitor, origin))


def code_of(actor: Member) -> str:
    if actor.enterprise is None or not actor.may(rights.LEAD):
        raise Refused("forbidden", "Only managers link visitors, and part them.")
    return actor.enterprise.code


def link_once(code: str, customer: str, visitor: str, *, facts: dict, origin: audit.Origin) -> None:
    with transaction.atomic():
        now = clock.now()
        found = lock(code, [customer, visitor])
        head, other = found[customer], found[visitor]
        if head == other:
            return
        unite(code, head, other, **facts, linked_at=now)
        note_updated(code, {*everyone(code, head)}, now)
        note(audit.Action.ADDED, code, origin, visitor=other, customer=head)


def part_once(code: str, visitor: str, origin: audit.Origin) -> None:
    with transaction.atomic():
        customer = lock(code, [visitor])[visitor]
        if changed := take_out(code, visitor):
            note_updated(code, {visitor, customer, *changed}, clock.now())
            note(audit.Action.DELETED, code, origin, visitor=visitor, customer=customer)


def lock(code: str, visitors: list[str]) -> dict[str, str]:
    """As `customers_of`, with all these rows locked. Refuses with `not_found` and, for one who was
    erased, with `conflict`."""
    while True:
        found = customers_of(code, visitors)
        wanted = {*found, *found.values()}
        rows = Visitor.objects.filter(theirs(code), uuid__in=wanted).order_by("pk")
        locked = {row.uuid: row for row in rows.select_for_update()}
        for uuid in visitors:
            if uuid not in locked:
                raise Refused("not_found", "There is no such visitor.")
            if locked[uuid].is_erased:
                raise Refused("conflict", "The visitor was erased.", state="erased")
        # Another transaction may have linked or parted them before the rows were locked.
        if customers_of(code, visitors) == found:
            return found


def unite(code: str, head: str, other: str, **facts) -> None:
    """Two customers become one, which `head` names."""
    pointing_at(links_of(code), other).update(customer_id=head)  # type: ignore[misc]
    CustomerLink.objects.create(ent_id=code, visitor_id=other, customer_id=head, **facts)


def take_out(code: str, visitor: str) -> list[str]:
    """Takes a visitor out of their customer. If they named it, the one who was linked first does
    from now on. Returns the visitors whose customer is another one now."""
    own = links_of(code)
    changed = [visitor] if own.filter(visitor_id=visitor).delete()[0] else []
    rest = list(pointing_at(own, visitor).order_by("id").select_for_update())
    if rest:
        first, others = rest[0], [row.pk for row in rest[1:]]
        first.delete()
        own.filter(pk__in=others).update(customer_id=first.visitor_id)  # type: ignore[misc]
    return changed + [row.visitor_id for row in rest]


def forget(visitor: Visitor, now: datetime) -> None:
    """The visitor, whose row is locked, is about to be erased: they are linked with nobody."""
    changed = take_out(visitor.ent_id, visitor.uuid)
    note_updated(visitor.ent_id, {*changed} - {visitor.uuid}, now)


def move(loose: Visitor, known: Visitor, now: datetime) -> None:
    """`loose`, whose row goes, is `known` from now on, and so are those who were linked with them.
    Both rows are locked."""
    code = known.ent_id
    if not links_of(code).filter(Q(visitor_id=loose.uuid) | Q(customer_id=loose.uuid)).exists():
        return
    found = lock(code, [loose.uuid, known.uuid])
    rest = [uuid for uuid in everyone(code, found[loose.uuid]) if uuid != loose.uuid]
    if not rest:
        return
    former = pointing_at(links_of(code), found[loose.uuid]).order_by("id")[0]
    take_out(code, loose.uuid)
    if found[loose.uuid] != found[known.uuid]:
        names = "why", "linked_by", "linked_by_name", "linked_at"
        facts = {name: getattr(former, name) for name in names}
        unite(code, found[known.uuid], customers_of(code, rest)[rest[0]], **facts)
    note_updated(code, {known.uuid, *rest}, now)


def note_updated(code: str, visitors: set[str], now: datetime) -> None:
    """Notes for the stream that these visitors were linked or parted, and announces it to their
    agents."""
    rows = list(Visitor.objects.filter(theirs(code), uuid__in=visitors).order_by("pk"))
    for row in rows:
        notes.visitor_updated(row, now)
    transaction.on_commit(lambda: announce_linked(rows), robust=True)


def announce_linked(rows: list[Visitor]) -> None:
    for row in rows:
        announce.send_visitor(row, linked=True)


def note(action: str, code: str, origin: audit.Origin, *, visitor: str, customer: str) -> None:
    side = "after" if action == audit.Action.ADDED else "before"
    details = {side: {"visitor": visitor, "customer": customer}}
    about = {"kind": "customerlink", "object_id": visitor, "visitor": visitor}
    audit.note(action, audit.chain_of(code), origin, details=details, **about)
