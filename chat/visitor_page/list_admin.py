"""The list of customers in the administration: columns, filters, search, and segments."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.cells import Badge, Face
from accounts.admin.lists import Base
from accounts.models import Attribute
from chat.customers import links, segments
from chat.models import Conversation
from chat.protocol.errors import Refused

from . import listing
from .values import value_of

COLUMNS = 2
"""Attributes that have a column, the first ones."""
PROBLEMS = {
    "name": _("Give the segment a name of at most 60 characters, without control characters."),
    "filters": _("Choose a filter first; then it can be saved as a segment."),
    "segments": _("There are 50 segments. Delete one first."),
    "taken": _("Another segment has this name."),
}
"""What a field was refused for."""


class CustomerList(Base):
    """A mixin for the admin of visitors: their list, with a row for each customer."""

    list_display = ("label", "talks", "barred", "seen")
    sortable_by = ("seen",)
    list_per_page = 30
    ordering = ("-last_seen_at", "-id")
    search_fields = ("label",)  # What is searched stands in listing.search.
    search_help_text = _("Name, contact, id")
    change_list_template = "admin/chat/visitor/list.html"

    def get_changelist(self, request, **kwargs):
        return listing.CustomerRows

    def get_list_filter(self, request):
        return listing.filters_of(request, request.GET) + list(super().get_list_filter(request))

    def get_list_display(self, request):
        columns = list(super().get_list_display(request))
        own = [column_of(one) for one in listing.attributes_of(request)[:COLUMNS]]
        return [columns[0], *own, *columns[1:]]

    def get_search_results(self, request, queryset, search_term):
        super().get_search_results(request, queryset, search_term)  # Refuses what is too long.
        if not search_term.strip():
            return queryset, False
        return listing.search(request, queryset, search_term), False

    def prepared(self, found, here=None):
        people = links.visitors_of_all(found, only=listing.READ)
        everyone = [one for some in people.values() for one in some]
        # Counted here: to group them, SQLite would walk through all conversations.
        theirs = Conversation.objects.whole().filter(visitor__in=everyone)
        counted = Counter(theirs.values_list("visitor", flat=True))
        until = here or {}
        for customer in found:
            own = people[customer.uuid]
            customer.visitors = len(own)
            customer.count = sum(counted[one.uuid] for one in own)
            customer.values = links.attributes_of([one.attributes for one in own])
            times = [until.get(one.uuid) for one in own] + [one.last_seen_at for one in own]
            customer.until = max(filter(None, times), default=None)
            customer.barred_now = any(one.blocked for one in own)
        return found

    def face(self, customer):
        return Face(customer.uuid, customer.label)

    def second_line(self, customer):
        parts = [customer.contact] if customer.contact else []
        # Of a form that is refused nothing was counted.
        if (number := getattr(customer, "visitors", 1)) > 1:
            parts.append(ngettext("%(n)s visitor", "%(n)s visitors", number) % {"n": number})
        return " · ".join(parts)

    @admin.display(description=_("conversations"))
    def talks(self, customer):
        # No link: the archive knows names, which others have, too. Their page has them all.
        return customer.count or ""

    @admin.display(description=_("blocked"))
    def barred(self, customer):
        return Badge(_("Blocked"), "bad") if customer.barred_now else ""

    @admin.display(description=_("last seen"), ordering="last_seen_at")
    def seen(self, customer):
        if customer.until and customer.until > timezone.now():
            return Badge(_("Online"), "ok")
        return customer.until

    def changelist_view(self, request, extra_context=None):
        enterprise = listing.enterprise_of(request)
        if request.method == "POST" and "segment" in request.POST:
            if enterprise is None or not self.has_change_permission(request):
                raise PermissionDenied
            return self.change_segment(request, enterprise)
        asked = self.asked(request, request.GET)
        kept = {"enterprise": enterprise.code} if enterprise and request.user.is_superuser else {}
        context = {
            "every": f"?{urlencode(kept)}",
            "segments": [
                (one, f"?{urlencode(kept | self.asked(request, one.fields))}", one.fields == asked)
                for one in (segments.of(enterprise) if enterprise else ())
            ],
            "asked": urlencode(asked) if enterprise else "",
            "imports": f"{reverse('customer-imports')}?{urlencode(kept)}" if enterprise else "",
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def asked(self, request, given) -> dict[str, str]:
        """The search and the filters among these parameters that the list has."""
        offered = ["q", *(one.parameter_name for one in listing.filters_of(request, given))]
        found = {str(name): given.get(name) for name in offered}
        return {name: value for name, value in found.items() if isinstance(value, str) and value}

    def change_segment(self, request, enterprise):
        """Saves the filters that the form has, or renames or deletes a segment."""
        posted, back = request.POST, request.get_full_path()
        number = posted.get("number", "")
        pk = int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else 0
        try:
            match posted["segment"]:
                case "save":
                    asked = self.asked(request, QueryDict(posted.get("asked", "")[:4_000]))
                    segments.save(request.user, enterprise, posted.get("name", ""), asked)
                case "rename":
                    segments.rename(enterprise, pk, posted.get("name", ""))
                case "delete":
                    segments.delete(enterprise, pk)
        except Refused as refused:
            messages.error(request, PROBLEMS[refused.facts["field"]])
        return redirect(back)


def column_of(attribute: Attribute):
    """A column with the values of an attribute."""

    @admin.display(description=attribute.label)
    def column(customer):
        return value_of(attribute, customer.values.get(attribute.key))

    column.__name__ = f"attribute-{attribute.key}"
    return column
