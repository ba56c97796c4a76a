"""The list of customers: one row for each, whoever of their visitors matches; first those who are
online, or just were, then the others by when they were last seen.

An enterprise may have 100,000 of them and more, so no statement reads all rows of visitors. What is
asked for is first looked up by itself, in an index, LOOKED_UP rows at the most. If that is all, the
list is made of these; else so many match that a walk from the last seen ones finds a page soon.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from math import ceil

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import OwnFilters
from accounts.models import Attribute, Enterprise
from chat import clock
from chat.customers import attributes
from chat.models import (
    Conversation,
    CustomerLink,
    Presence,
    Visitor,
    VisitorAttribute,
    theirs,
)
from chat.protocol.errors import Refused
from chat.visitors import identities

FEW = 1_000
"""Customers that are counted and listed. Whoever looks for others searches."""
LOOKED_UP = 2 * FEW
"""Visitors: some of them are one customer."""
READ = "uuid", "ent_id", "label", "contact", "attributes", "blocked", "last_seen_at"
"""What the cells show: where a visitor has been is most of their row."""
LATIN = re.compile("[A-Za-z]")
HERE = 500
"""Of those who are online so many come first."""


class Narrowed:
    """What is asked of a request's list. `few`: one of the conditions leaves at most LOOKED_UP
    visitors; `many` conditions leave more."""

    few = False
    many = 0

    def by(self, rows: QuerySet, column: str, found: QuerySet, each: Q | Exact) -> QuerySet:
        """The rows whose `column` is in `found`, which an index gives; `each` is the same
        condition on a row."""
        known = list(found[: LOOKED_UP + 1])
        if len(known) > LOOKED_UP:
            self.many += 1
            return rows.filter(each)
        self.few = True
        return rows.filter(**{f"{column}__in": known})


def narrowed(request) -> Narrowed:
    if not hasattr(request, "narrowed"):
        request.narrowed = Narrowed()
    return request.narrowed


class CustomerRows(OwnFilters):
    """Pages of customers in place of visitors. `more`: there are more than `result_count`."""

    more = False

    def get_queryset(self, request, exclude_parameters=None):
        # Not by a plain condition on `ent_id`: planners would read all of an enterprise's rows
        # where few are asked for by their ids.
        if enterprise := enterprise_of(request):
            self.root_queryset = Visitor.objects.filter(theirs(enterprise.code))
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request):
        self.page_num = min(max(self.page_num, 1), ceil(FEW / self.list_per_page))
        asked, wanted = narrowed(request), self.page_num * self.list_per_page + 1
        self.here = lately(request)
        # How many there are is counted only where that costs nothing.
        if asked.few:
            heads = self.sorted(self.rows())
            self.more = len(heads) > FEW
        else:
            heads, self.more = self.walk(request, wanted)
            if self.more and not asked.many:
                found = in_enterprise(request, Visitor.objects.order_by())
                asked.many = int(found[: LOOKED_UP + 1].count() > LOOKED_UP)
                if not asked.many:
                    heads, self.more = self.walk(request, FEW + 1)
        self.result_count = FEW if asked.many == 1 and self.more else min(len(heads), FEW)
        self.paginator = Paginator(range(self.result_count), self.list_per_page)
        self.multi_page = self.result_count > self.list_per_page
        self.show_full_result_count, self.full_result_count = False, None
        self.can_show_all, self.show_admin_actions = False, True
        shown = self.paginator.get_page(self.page_num).object_list
        page = heads[shown.start : shown.stop]
        found = {row.uuid: row for row in self.root_queryset.filter(uuid__in=page).only(*READ)}
        self.result_list = self.model_admin.prepared(
            [found[one] for one in page if one in found], self.here
        )

    def rows(self) -> QuerySet:
        found = self.queryset.annotate(head=named_by())
        return found.values_list("uuid", "head", "last_seen_at", "pk")

    def sorted(self, rows: QuerySet) -> list[str]:
        """The customers of these visitors, which are few, in the order of the list."""
        found = list(rows.order_by())
        if self.is_reversed():
            return names(sorted(found, key=lambda row: (str(row[2] or ""), -row[3])))
        here = self.here
        found.sort(key=lambda row: (row[0] in here, str(row[2] or ""), row[3]), reverse=True)
        return names(found)

    def is_reversed(self) -> bool:
        """Whether it begins with whoever was seen first."""
        return not str(self.queryset.query.order_by[0]).startswith("-")

    def walk(self, request, wanted: int) -> tuple[list[str], bool]:
        """The first customers, at least `wanted` of them if there are so many; and whether there
        are more."""
        rows = self.rows()
        ahead = [] if self.is_reversed() else self.sorted(rows.filter(uuid__in=list(self.here)))
        rows = in_enterprise(request, rows).values_list("uuid", "head")
        found, start = dict.fromkeys(ahead), 0
        while True:
            part = list(rows[start : start + wanted])
            found |= dict.fromkeys(names(part))
            if len(part) < wanted:
                return list(found), len(found) > FEW
            if len(found) >= wanted:
                return list(found), True
            start += wanted


def named_by() -> Subquery:
    """Who names the customer of a visitor, if another one does."""
    own = CustomerLink.objects.filter(visitor_id=OuterRef("uuid"), customer__ent_id=F("ent_id"))
    return Subquery(own.filter(ent_id=OuterRef("ent_id")).values("customer_id")[:1])


def names(rows: Iterable[tuple]) -> list[str]:
    """Who names the customers of these rows, each once."""
    return list(dict.fromkeys(head or uuid for uuid, head, *_more in rows))


def lately(request) -> dict[str, datetime]:
    """Who is online, or was a moment ago, and until when: their rows do not say so yet
    (leases.EXPIRED_KEPT)."""
    return dict(reversed(leases_of(request).values_list("who", "expires_at")[:HERE]))


def leases_of(request) -> QuerySet:
    """The leases of whose customers are listed, the newest first: an installation may have
    thousands, so they are walked in this order until there are enough."""
    found, enterprise = Presence.objects.order_by("-expires_at"), enterprise_of(request)
    own = Visitor.objects.filter(uuid=OuterRef("who"))
    return found.filter(some(own.filter(theirs(enterprise.code)))) if enterprise else found


def search(request, rows: QuerySet, text: str) -> QuerySet:
    """The rows of visitors whose name, contact or signed address has each word of the text; or
    whom it names by the id that their site has signed, or by ours."""
    words = having(text)
    known = Q(uuid=text.strip().lower()) | Q(identity_key__in=keys(request, text.strip()))
    if exact := list(rows.order_by().filter(known).values_list("pk", flat=True)):
        narrowed(request).few = True
        return rows.filter(pk__in=exact)
    found = in_enterprise(request, Visitor.objects.filter(words)).values_list("pk", flat=True)
    return narrowed(request).by(rows, "pk", found, words)


def having(text: str) -> Q:
    """The condition that a visitor's name, contact or signed address has each word of the text."""
    found = Q()
    for word in text.replace("\x00", "").split():
        named = has("label", word) | has("contact", word)
        # Mostly the contact is the address, which need not be looked through twice.
        found &= named | (~Q(email_key=F("contact")) & has("email_key", word))
    return found


def has(column: str, word: str) -> Q:
    """The condition that a column contains the word, in capitals or not. Where SQLite knows no
    capitals, it need not compare by LIKE, which takes half as long again."""
    if connection.vendor == "sqlite" and not LATIN.search(word):
        return Q(GreaterThan(StrIndex(column, Value(word)), 0))
    return Q(**{f"{column}__icontains": word})


def keys(request, number: str) -> list[str]:
    """The keys of the person with this id on the enterprise's site."""
    enterprise = enterprise_of(request)
    person = identities.Person(number)
    return [identities.identity_key(enterprise.code, person)] if enterprise else []


def enterprise_of(request) -> Enterprise | None:
    """Whose customers are listed; None where a superuser looks at those of all enterprises."""
    if not request.user.is_superuser:
        return request.user.enterprise
    if not hasattr(request, "listed_enterprise"):
        code = request.GET.get("enterprise", "")
        request.listed_enterprise = Enterprise.objects.filter(code=code).first()
    return request.listed_enterprise


def some(rows: QuerySet) -> Exact:
    """The condition that there is a row. MariaDB would make a join of EXISTS, begin it with these
    rows, and sort all that it finds."""
    return Exact(Subquery(rows.annotate(one=Value(1)).values("one")[:1]), 1)


def in_enterprise(request, rows: QuerySet) -> QuerySet:
    """Those of the enterprise whose customers are listed, found by an index that begins with it."""
    enterprise = enterprise_of(request)
    return rows.filter(ent_id=enterprise.code) if enterprise else rows


def attributes_of(request) -> list[Attribute]:
    """Those of the enterprise whose customers are listed, in their order."""
    if not hasattr(request, "listed_attributes"):
        enterprise = enterprise_of(request)
        request.listed_attributes = list(enterprise.attributes.all()) if enterprise else []
    return request.listed_attributes


def nobody(request, rows: QuerySet) -> QuerySet:
    narrowed(request).few = True
    return rows.none()


class Chip(admin.SimpleListFilter):
    """A filter whose values narrow the list; one that is not there leaves nobody."""

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        offered = {str(value) for value, _label in self.lookup_choices}
        if self.value() not in offered:
            return nobody(request, queryset)
        return self.narrow(request, queryset)


class Simple(Chip):
    """A filter that is set or not."""

    def lookups(self, request, model_admin):
        return [("yes", _("Yes"))]


class Online(Simple):
    title = _("online")
    parameter_name = "online"

    def narrow(self, request, rows):
        narrowed(request).few = True
        leases = leases_of(request).filter(expires_at__gt=clock.now())
        return rows.filter(uuid__in=list(leases.values_list("who", flat=True)[:HERE]))


class Blocked(Simple):
    title = _("blocked")
    parameter_name = "blocked"

    def narrow(self, request, rows):
        found = in_enterprise(request, Visitor.objects.filter(blocked=True))
        pks = found.values_list("pk", flat=True)
        return narrowed(request).by(rows, "pk", pks, Q(blocked=True))


class WithConversations(Simple):
    title = _("with conversations")
    parameter_name = "talks"

    def narrow(self, request, rows):
        found = in_enterprise(request, Conversation.objects.all())
        same = Conversation.objects.filter(visitor_id=OuterRef("uuid"))
        who = found.values_list("visitor_id", flat=True).distinct()
        return narrowed(request).by(rows, "uuid", who, some(same))


class AttributeFilter(Chip):
    """The customers with a value of an attribute. Those of a choice are offered; another one, also
    of an attribute or a choice that is gone, stands in the address alone. Nobody has a value that
    the attribute does not take."""

    attribute: Attribute | None

    def lookups(self, request, model_admin):
        offered = self.attribute.choices if self.attribute else []
        value = self.used_parameters.get(self.parameter_name)
        own = [value] if value and value not in offered else []
        return [(one, one) for one in [*offered, *own]]

    def narrow(self, request, rows):
        if self.attribute is None:
            return nobody(request, rows)
        try:
            value = attributes.read(self.attribute, self.value())
        except Refused:
            return nobody(request, rows)
        code = enterprise_of(request).code
        own = {"key": self.attribute.key, "value": attributes.searched(value)}
        found = VisitorAttribute.objects.filter(ent_id=code, **own)
        same = VisitorAttribute.objects.filter(theirs(code), visitor_id=OuterRef("uuid"), **own)
        who = found.values_list("visitor_id", flat=True)
        return narrowed(request).by(rows, "uuid", who, some(same))


def filter_of(name: str, attribute: Attribute | None) -> type[AttributeFilter]:
    title = attribute.label if attribute else name.removeprefix(attributes.PARAMETER)
    named = {"title": title, "parameter_name": name, "attribute": attribute}
    return type("AttributeFilter", (AttributeFilter,), named)


def filters_of(request, given: Iterable[str]) -> list[type[Chip]]:
    """The filters of the list, with those of attributes that are gone among the parameters
    `given`: without them a segment would become a list of everybody."""
    known = {f"{attributes.PARAMETER}{one.key}": one for one in attributes_of(request)}
    gone = [one for one in given if one.startswith(attributes.PARAMETER) and one not in known]
    kinds = [filter_of(*one) for one in [*known.items(), *((name, None) for name in gone)]]
    return [*kinds, WithConversations, Online, Blocked]
