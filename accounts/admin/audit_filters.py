"""What the audit's list is filtered by: enterprise, who, what, a period in the reader's zone."""

from datetime import date, datetime, time, timedelta

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import AuditRow, Member

from .audit_texts import kind_names, what
from .base import ChoiceFilter, EnterpriseFilter

OFFERED = 500
"""People that the filter offers; others are found by the search."""
YEARS = range(2000, 3000)
"""Within these all databases can compare times."""


class ChainFilter(EnterpriseFilter):
    path = "chain"

    def lookups(self, request, model_admin):
        installation = (audit.INSTALLATION, _("the installation"))
        return [*super().lookups(request, model_admin), installation]


class WhoFilter(ChoiceFilter):
    title = _("who")
    parameter_name = path = "actor"

    def lookups(self, request, model_admin):
        members = model_admin.choices(Member, request).order_by("name")
        found = list(members.values_list("uuid", "name")[: OFFERED + 1])
        self.more = len(found) > OFFERED
        return found[:OFFERED]


class KindFilter(ChoiceFilter):
    title = _("kind")
    parameter_name = path = "kind"

    def lookups(self, request, model_admin):
        return list(kind_names().items())


class AboutFilter(admin.SimpleListFilter):
    """The rows about one thing, as its page's history asks for them: `team.5`. Nobody chooses it
    here, so it is there with its value only."""

    title = _("of what")
    parameter_name = "about"

    def lookups(self, request, model_admin):
        kind, _point, key = request.GET.get("about", "").partition(".")
        if not kind or not key:
            return []
        last = model_admin.get_queryset(request).filter(kind=kind, object_id=key).last()
        about = last or AuditRow(kind=kind, object_id=key)
        return [(f"{kind}.{key}", what(about))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        kind, _point, key = self.value().partition(".")
        return queryset.filter(kind=kind, object_id=key)


class PeriodFilter(admin.ListFilter):
    """From one day to another, both included. A wrong period leads back to the whole list."""

    title = _("period")
    template = "admin/accounts/auditrow/period.html"

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def expected_parameters(self):
        return ["from", "to"]

    def has_output(self):
        return True

    def choices(self, changelist):
        """One choice: the fields of the form, with the rest of the address, which it keeps."""
        others = changelist.get_filters_params().items()
        kept = {name: values[-1] for name, values in others if name not in ("from", "to")}
        if changelist.query:
            kept["q"] = changelist.query
        first, last = (self.used_parameters.get(name, "") for name in ("from", "to"))
        zone = str(timezone.get_current_timezone())
        yield {"first": first, "last": last, "zone": zone, "kept": kept}

    def queryset(self, request, queryset):
        first, last = self.day("from"), self.day("to")
        if first and last and last < first:
            raise IncorrectLookupParameters
        if first:
            queryset = queryset.filter(at__gte=self.begin(first))
        if last:
            queryset = queryset.filter(at__lt=self.begin(last + timedelta(days=1)))
        return queryset

    def day(self, name: str) -> date | None:
        text = self.used_parameters.get(name)
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise IncorrectLookupParameters from error
        if found and found.year not in YEARS:
            raise IncorrectLookupParameters
        return found

    def begin(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time()))
