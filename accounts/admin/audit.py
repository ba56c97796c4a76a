"""The audit as a list: for superusers, and for managers what concerns their enterprise. Nothing in
it can be changed."""

from datetime import timezone as zones

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import audit, factors, spreadsheets
from accounts.models import AuditRow, Enterprise
from accounts.requests import as_file

from . import audit_texts
from .audit_filters import AboutFilter, ChainFilter, KindFilter, PeriodFilter, WhoFilter
from .base import ScopedAdmin, is_superuser
from .cells import Badge

MOST = 100_000
"""Rows of a file; larger ones no spreadsheet is used for."""
COLUMNS = [
    *("chain", "number", "at", "actor", "actor_name", "action", "kind", "object_id"),
    *("object_name", "visitor", "source", "address", "details", "digest", "hash"),
]
"""The columns of a file."""


@admin.register(AuditRow)
class AuditAdmin(ScopedAdmin):
    scope = "chain"
    enterprise_column = "enterprise"
    enterprise_filter = ChainFilter
    managers_may = superusers_may = frozenset(("view",))
    purpose = _("Who changed what, and who looked where: nothing of it can be changed.")
    list_display = ["who", "deed", "what", "summary", "time"]
    list_filter = [AboutFilter, PeriodFilter, WhoFilter, "action", KindFilter]
    search_fields = ["actor_name", "object_name", "object_id", "address", "details"]
    search_help_text = _("Who, what, values, addresses")
    ordering = ["-pk"]
    fields = ["number", "time", "who", "action", "what", "changes", "where", "address", "digits"]
    readonly_fields = ["time", "who", "what", "changes", "where", "digits"]

    class Media:
        css = {"all": ["css/admin/audit.css"]}

    def get_queryset(self, request):
        owner = Enterprise.objects.filter(pk=OuterRef("chain")).values("name")
        return super().get_queryset(request).annotate(owner=Subquery(owner))

    @admin.display(description=_("time"), ordering="at")
    def time(self, row):
        return f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("who"))
    def who(self, row):
        if row.actor and not row.actor_name:
            return f"{gettext('visitor')} {row.actor[:8]}"
        return row.actor_name or "–"

    def title_of(self, row):
        return f"{self.who(row)} · {row.get_action_display()} · {self.what(row)}"

    def second_line(self, row):
        return " · ".join(filter(None, [str(audit_texts.place(row.source) or ""), row.address]))

    @admin.display(description=_("action"), ordering="action")
    def deed(self, row):
        return Badge(row.get_action_display())

    @admin.display(description=_("of what"))
    def what(self, row):
        return audit_texts.what(row)

    def get_search_results(self, request, queryset, search_term):
        """What is searched is what is shown: rows hold columns and kinds by other names."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        if term := search_term.strip():
            kinds, columns = audit_texts.called(term)
            named = Q(kind__in=kinds)
            for name in columns:
                named |= Q(details__contains=f'"{name}":')
            found |= queryset.filter(named)
        return found, doubled

    @admin.display(description=_("where"), ordering="source")
    def where(self, row):
        return audit_texts.place(row.source) or "–"

    @admin.display(description=_("hash"))
    def digits(self, row):
        return row.hash

    @admin.display(description=_("what changed"))
    def summary(self, row):
        return audit_texts.summary(row)

    @admin.display(description=_("before and after"))
    def changes(self, row):
        context = {"row": row, "lines": audit_texts.lines(row)}
        return render_to_string("admin/accounts/auditrow/changes.html", context)

    @admin.display(description=_("enterprise"), ordering="chain")
    def enterprise(self, row):
        if row.chain == audit.INSTALLATION:
            return _("the installation")
        return row.owner or row.chain

    def get_urls(self):
        view = self.own_page(self.export_view)
        return [path("export/", view, name="accounts_auditrow_export"), *super().get_urls()]

    @method_decorator([require_safe, factors.file_needs_fresh])
    def export_view(self, request):
        """The filtered list as CSV, newest rows first, times in UTC. That it left is a row, too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:accounts_auditrow_changelist")
        rows = found.count()
        if rows > MOST:
            text = _("A file has at most %(most)d rows. Choose a shorter period.")
            self.message_user(request, text % {"most": MOST}, messages.ERROR)
            return redirect("admin:accounts_auditrow_changelist")
        details = {"rows": rows, **{name: request.GET[name] for name in request.GET}}
        chain = audit.INSTALLATION if is_superuser(request) else request.user.enterprise_id
        about = {"kind": "auditrow", "details": details}
        audit.note(audit.Action.EXPORTED, chain, audit.of_request(request), **about)
        cells = found.values_list(*COLUMNS).iterator(2000)
        body = spreadsheets.as_csv(COLUMNS, map(cells_of, cells))
        return as_file(body, f"audit-{timezone.now():%Y-%m-%d}.csv")


def cells_of(row: tuple) -> list:
    """The cells of a row; the time in UTC."""
    cells = list(row)
    at = COLUMNS.index("at")
    cells[at] = cells[at].astimezone(zones.utc).isoformat().replace("+00:00", "Z")
    return cells
