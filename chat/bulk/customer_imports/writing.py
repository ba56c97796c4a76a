"""Stores what a batch of lines says, and undoes it, each in its caller's transaction.

The visitors are locked first, in the order of their ids, then all their conversations, as
conversations/changes.py wants it. Lines are read after that: an erasure that came before has taken
its lines away, and nothing is written back.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Enterprise
from chat.conversations import changes, seating
from chat.customers import attributes
from chat.customers.attributes import Known
from chat.models import (
    ContactBy,
    Conversation,
    CustomerImport,
    CustomerImportRow,
    CustomerLink,
    LegalHold,
    SiteVisit,
    Visitor,
    VisitorAttribute,
    theirs,
)
from chat.stream import notes
from chat.visitors.identities import NO_SECRET_HASH, Person, identity_key

from . import plans
from .files import WRITTEN, State
from .plans import What
from .tables import FIXED, Line

DONE = {What.CREATE: What.CREATED, What.CHANGE: What.CHANGED}


def store(source: CustomerImport, lines: list[Line], known: Known, now: datetime) -> None:
    """Stores those of these lines that were to create or change somebody. What they do is decided
    anew: visitors may have changed since."""
    enterprise = source.enterprise
    decided = {plan.line: plan for plan in plans.make(enterprise.code, lines, known, set())}
    rows = list(source.own_rows.filter(line__in=decided, what__in=DONE))
    lock_conversations(enterprise.code, [one.visitor for one in decided.values() if one.visitor])
    new = []
    for row in rows:
        plan = decided[row.line]
        facts = {name: value[1] for name, value in plan.values.items()}
        if plan.what == What.CREATE:
            plan.visitor = visitor_of(enterprise, plan.who, facts)
            new.append(plan.visitor)
        elif plan.visitor and facts:
            write(plan.visitor, facts, now, by=ContactBy.IMPORT)
        row.what = DONE.get(What(plan.what), plan.what)
        row.visitor, row.values = plan.visitor, plan.values
        row.column, row.problem = plan.column, plan.problem
    Visitor.objects.bulk_create(new)
    VisitorAttribute.objects.bulk_create(row for one in new for row in attributes.rows_of(one))
    for visitor in new:
        notes.visitor_updated(visitor, now)
    replace(rows)


def replace(rows: list[CustomerImportRow]) -> None:
    """Stores lines that were read in this transaction: one UPDATE of all takes ten times as
    long."""
    CustomerImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    CustomerImportRow.objects.bulk_create(rows)


def lock_conversations(code: str, visitors: Iterable[Visitor]) -> None:
    groups = Conversation.objects.filter(theirs(code), visitor__in=[one.uuid for one in visitors])
    changes.lock_ahead(groups.values_list("uuid", flat=True))


def visitor_of(enterprise: Enterprise, identity: str, facts: dict[str, Any]) -> Visitor:
    """A visitor, not stored yet. No cookie fits them: they are who the site signs in under this
    identity."""
    return Visitor(
        ent_id=enterprise.code,
        secret_hash=NO_SECRET_HASH,
        label=facts["name"],
        contact=facts.get("email", ""),
        contact_by=ContactBy.IMPORT if "email" in facts else ContactBy.UNKNOWN,
        language=facts.get("language", ""),
        attributes={name: value for name, value in facts.items() if name not in FIXED},
        identity_key=identity_key(enterprise.code, Person(identity)),
        identity=identity_of(identity, facts["name"]),
    )


def identity_of(who: str, name: str) -> dict[str, str]:
    """An identity that no site has signed yet. With the name, which follows the one that is signed
    later; without the address, which nobody has proved."""
    return asdict(Person(who, name)) | {"by": ContactBy.IMPORT}


def write(visitor: Visitor, facts: dict[str, Any], now: datetime, *, by: str) -> None:
    """Writes values by column into the visitor's row, which is locked, and announces it to their
    agents; `by` says who gave the address in the contact `facts["email"]`. An attribute of None is
    taken away."""
    former = {"name": visitor.label, "contact": visitor.contact, "attributes": visitor.attributes}
    LegalHold.objects.keep_former(visitor, now, **former)
    with changes.begin(now) as change:
        threads = change.lock_all_of(visitor)
        if "name" in facts:
            seating.relabel(visitor, facts["name"], threads)
        if "email" in facts:
            visitor.contact, visitor.contact_by = facts["email"], by
        visitor.language = facts.get("language", visitor.language)
        visitor.save(update_fields=["label", "contact", "contact_by", "language"])
        attributes.write(visitor, {name: facts[name] for name in facts if name not in FIXED})
        change.visitor_changed = True


def take_back(source: CustomerImport, ids: list[int], now: datetime) -> None:
    """Undoes these lines of an import, by their ids, as far as nobody has changed anything since:
    visitors who were created are deleted, and values put back."""
    own = theirs(source.enterprise.code)
    mine = source.own_rows.filter(pk__in=ids, what__in=WRITTEN)
    named = list(mine.values_list("visitor", flat=True))
    locked = Visitor.objects.select_for_update().filter(own, uuid__in=named).order_by("pk")
    visitors = {one.uuid: one for one in locked}
    lock_conversations(source.enterprise.code, visitors.values())
    more = with_more(source, visitors)
    rows, gone = list(mine), []
    for row in rows:
        visitor = visitors.get(row.visitor_id or "")
        was_created, row.what = row.what == What.CREATED, What.KEPT
        if visitor is None:
            continue
        still = [name for name, value in row.values.items() if is_written(visitor, name, value)]
        whole = len(still) == len(row.values)
        if not was_created and still:
            back = {name: row.values[name][0] for name in still}
            write(visitor, back, now, by=row.values.get("email", ["", "", ""])[2])
            row.what = What.UNDONE if whole else What.KEPT
        elif was_created and whole and visitor.uuid not in more and is_untouched(visitor, row):
            gone.append(visitor)
            row.what, row.visitor = What.UNDONE, None
    # Before the visitors, whose deletion takes along what refers to them.
    replace(rows)
    part_lines(source, gone)
    Visitor.objects.filter(own, pk__in=[one.pk for one in gone]).delete()
    for visitor in gone:
        notes.visitor_erased(visitor, now)


def part_lines(source: CustomerImport, gone: list[Visitor]) -> None:
    """Keeps the lines of other imports that name visitors who are about to be deleted. What is
    still to be stored creates them again; `store` decides it anew."""
    others = lines_of_others(source, [one.uuid for one in gone])
    others.filter(what__in=(What.CHANGE, What.NOTHING)).update(what=What.CREATE)
    others.update(visitor=None)


def lines_of_others(source: CustomerImport, visitors: Iterable[str]) -> QuerySet[CustomerImportRow]:
    """The lines of the enterprise's other imports that name these visitors (uuids)."""
    named = CustomerImportRow.objects.filter(theirs(source.enterprise.code), visitor__in=visitors)
    return named.exclude(customer_import=source)


def is_written(visitor: Visitor, name: str, value: list) -> bool:
    if name == "email":
        return (visitor.contact, visitor.contact_by) == (value[1], ContactBy.IMPORT)
    columns = {"name": visitor.label, "language": visitor.language}
    return columns.get(name, visitor.attributes.get(name)) == value[1]


def is_untouched(visitor: Visitor, row: CustomerImportRow) -> bool:
    """Whether a visitor, who has every value that the line wrote, has nothing else."""
    more = {name for name in ("email", "language") if name not in row.values}
    return (
        set(visitor.attributes) == row.values.keys() - set(FIXED)
        and visitor.identity == identity_of(row.who, row.values["name"][1])
        and not ("email" in more and visitor.contact)
        and not ("language" in more and visitor.language)
        and visitor.last_seen_at is None
        and not visitor.blocked
    )


def with_more(source: CustomerImport, visitors: dict[str, Visitor]) -> set[str]:
    """Those of these visitors (by uuid) of whom there is more than their own row and what this
    import says of them: another one that holds them, begun and not undone, would lose them."""
    code = source.enterprise.code
    own, found = theirs(code), set()
    for model in (Conversation, LegalHold, CustomerLink):
        some = model.objects.filter(own, visitor__in=visitors)
        found |= set(some.values_list("visitor", flat=True))
    leading = CustomerLink.objects.filter(own, customer__in=visitors)
    visits = SiteVisit.objects.filter(enterprise__code=code, visitor__in=visitors)
    begun = Q(customer_import__state__in=(State.RUNNING, State.DONE)) | Q(what__in=WRITTEN)
    standing = lines_of_others(source, visitors).exclude(what__in=(What.UNDONE, What.KEPT))
    return {
        *found,
        *standing.filter(begun).values_list("visitor", flat=True),
        *leading.values_list("customer", flat=True),
        *visits.values_list("visitor", flat=True),
    }
