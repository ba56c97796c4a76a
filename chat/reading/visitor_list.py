"""The visitors that a member may read, page by page, for programs."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import BooleanField, F
from django.db.models.expressions import CombinedExpression, RawSQL

from accounts import rights
from accounts.models import Member
from chat.customers import links
from chat.models import ChatGroup, Conversation, Visitor
from chat.protocol import contacts

from . import search


class Wanted(NamedTuple):
    """What all of the visitors have; None for any. `key` is that of an identity
    (visitors/identities.py), `email` in small letters, `terms` stand in names and contacts."""

    key: str | None = None
    email: str | None = None
    terms: list[str] | None = None


class Page(NamedTuple):
    visitors: list[dict]
    last: int | None
    """Where the next page begins (`after`); None at the end."""


def page(member: Member, wanted: Wanted, after: int | None, limit: int) -> Page:
    """Up to `limit` visitors, the newest first, and fewer where some of them were erased. Contact
    data that is hidden from the member finds nobody: it could be found out letter by letter."""
    code, sees = code_of(member), member.sees_contacts
    found = Visitor.objects.filter(ent_id=code)
    if not member.may(rights.READ_ALL):
        found = found.filter(uuid__in=conversations_of(member).values("visitor_id"))
    if wanted.key is not None:
        found = found.filter(identity_key=wanted.key)
    if wanted.email is not None:
        found = found.filter(email_key=wanted.email) if sees else found.none()
    order: F | CombinedExpression = F("pk")
    if wanted.terms:
        # The index that has the words has neither the order nor who was erased, who are few among
        # the found: with either in the query, all rows would be read.
        order = F("pk") + 0
        columns = ("visitor.label", "visitor.contact") if sees else ("visitor.label",)
        parts = [search.like_condition(column, wanted.terms) for column in columns]
        condition = " OR ".join(f"({sql})" for sql, _values in parts)
        values = [value for _sql, own in parts for value in own]
        found = found.filter(RawSQL(condition, values, output_field=BooleanField()))
    else:
        found = found.exclude(secret_hash="")
    if after is not None:
        found = found.alias(place=order).filter(place__lt=after)
    ids = list(found.order_by(order.desc()).values_list("pk", flat=True)[: limit + 1])
    more, ids = len(ids) > limit, ids[:limit]
    rows = Visitor.objects.filter(ent_id=code).exclude(secret_hash="").defer("path").in_bulk(ids)
    shown = objects(member, [rows[pk] for pk in ids if pk in rows])
    return Page(shown, ids[-1] if more else None)


def code_of(member: Member) -> str:
    return member.enterprise.code if member.enterprise else ""


def conversations_of(member: Member):
    found = Conversation.objects.whole().filter(ent_id=code_of(member))
    if member.may(rights.READ_ALL):
        return found
    return found.filter(uuid__in=ChatGroup.objects.held_by(member).values("uuid"))


def objects(member: Member, rows: list[Visitor]) -> list[dict]:
    """The visitors as the list of the API has them (docs/protocol.md)."""
    code, own = code_of(member), [row.uuid for row in rows]
    customers = links.customers_of(code, own)
    by_visitor = defaultdict(list)
    # Not select_related: MariaDB would begin with the teams.
    known = conversations_of(member).filter(visitor__in=own).prefetch_related("team")
    for one in known.order_by("-last_activity"):
        facts = {"group": one.uuid, "team": one.team.slug, "state": one.state}
        by_visitor[one.visitor_id].append(facts)
    return [
        {
            **facts_of(row, member.sees_contacts),
            "customer": customers[row.uuid],
            "conversations": by_visitor[row.uuid],
        }
        for row in rows
    ]


def facts_of(row: Visitor, sees: bool) -> dict:
    found = contacts.shown(row, sees)
    return {
        "visitor": row.uuid,
        "name": row.label,
        "contact": found["contact"],
        "email": row.email if sees else contacts.mask(row.email),
        "identity": contacts.site_id(row.identity) and found["identity"]["id"],
        "attributes": found["attributes"],
        "contacts_hidden": found["contacts_hidden"],
    }
