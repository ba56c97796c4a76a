"""Customers from a CSV file: uploaded, looked at before anything is stored, begun, undone."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, factors, spreadsheets
from accounts.models import Attribute, Enterprise, Member
from accounts.requests import as_file
from accounts.sentences import listed
from chat.bulk.customer_imports import files, tables
from chat.customers import attributes
from chat.limits import limits
from chat.models import CustomerImport, CustomerImportRow
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_member

from .administration import ask_first, chosen, for_managers, pages_of, place

What = CustomerImportRow.What
SHOWN = 50
"""Lines of each kind that the page shows; the report has all."""
REFUSALS = {
    "missing": gettext_lazy("Choose a file first."),
    "size": gettext_lazy("The file is larger than 20 MB. Split it."),
    "rows": gettext_lazy("The file has more than 100,000 rows. Split it."),
    "columns": gettext_lazy("The file has more than 200 columns."),
    "line": gettext_lazy("A line of the file is too long. Is it a CSV file?"),
    "binary": gettext_lazy("This is no text file. Save the table as CSV in your spreadsheet."),
    "charset": gettext_lazy("The characters cannot be read. Save the table as “CSV UTF-8”."),
    "empty": gettext_lazy("The file has no rows below the names of its columns."),
    "nobody": gettext_lazy(
        "The first row must name the columns, and one of them must be identity or email."
    ),
    "twice": gettext_lazy("Two columns have the same name: %(column)s"),
    "quotes": gettext_lazy("Row %(line)s: the quotation marks do not fit together."),
    "kept": gettext_lazy("There are ten imports already. Delete one first."),
    "disk": gettext_lazy("There is too little free space on the server."),
}
"""What a file is refused for."""
PROBLEMS = {
    "cells": gettext_lazy("More cells than the first row has columns"),
    "nobody": gettext_lazy("Neither identity nor e-mail address"),
    "value": gettext_lazy("Expected: %(form)s"),
    "language": gettext_lazy("Not a language of this site"),
    "several": gettext_lazy("Not clear: several customers have this e-mail address"),
    "unknown": gettext_lazy("Not clear: nobody has this e-mail address, and no identity is given"),
    "twice": gettext_lazy("A row above names the same customer"),
}
"""What a line is not stored for."""
FORMS = {
    "email": gettext_lazy("an e-mail address"),
    Attribute.Kind.NUMBER: gettext_lazy("a number, such as 12.5"),
    Attribute.Kind.DATE: gettext_lazy("a date, such as 2026-11-30"),
    Attribute.Kind.LINK: gettext_lazy("a link that begins with https:// or http://"),
    Attribute.Kind.CHOICE: gettext_lazy("one of %(choices)s"),
}
"""What a column takes, by its name or the kind of its attribute; the others a text."""
COLUMNS = {
    "identity": gettext_lazy("Identity"),
    "email": gettext_lazy("E-mail address"),
    "name": gettext_lazy("Name"),
    "language": gettext_lazy("Language"),
}


TITLE = gettext_lazy("Import customers")
for_importers = for_managers(TITLE)
show = pages_of("customer_imports", TITLE)


@require_http_methods(["GET", "HEAD", "POST"])
@for_importers
def page(request: HttpRequest) -> HttpResponse:
    """GET: the form, and the imports of the last day. POST: a `file`."""
    enterprise = chosen(request)
    if request.method != "POST":
        return overview(request, enterprise)
    limits.take("upload", for_member(request))
    file, member = request.FILES.get("file"), cast("Member", request.user)
    try:
        if file is None:
            raise tables.refused("missing")
        row = files.receive(member, enterprise, file, origin=audit.of_request(request))
    except Refused as refused:
        words = REFUSALS[refused.facts["field"]] % refused.facts
        return overview(request, enterprise, words, refused.status)
    return redirect("customer-import", row.pk)


def overview(
    request: HttpRequest, enterprise: Enterprise, problem: str = "", status: int = 200
) -> HttpResponse:
    rows = list(files.visible(enterprise))
    counted = files.counts(rows)
    context = {
        "problem": problem,
        "imports": [(row, told(counted[row.pk])) for row in rows],
        "attributes": attributes.known(enterprise.code).values(),
    }
    return show(request, enterprise, "list.html", context, status)


def told(counted: dict[str, int]) -> list[tuple[str, str, int]]:
    """Kinds of lines in their order: the kind, its words, and how many there are."""
    return [(kind, str(What(kind).label), counted[kind]) for kind in What.values if kind in counted]


@require_safe
@for_importers
def template(request: HttpRequest) -> HttpResponse:
    """A file with the names of all columns, to be filled in."""
    enterprise = chosen(request)
    # An attribute that is older than this rule may have the key of a column.
    columns = list(dict.fromkeys([*tables.FIXED, *attributes.known(enterprise.code)]))
    return as_file(spreadsheets.as_csv(columns, []), f"customers-{enterprise.code}.csv")


def import_or_404(request: HttpRequest, pk: int) -> CustomerImport:
    rows = CustomerImport.objects.filter(pk=pk).exclude(state=CustomerImport.State.GONE)
    if not request.user.is_superuser:
        rows = rows.filter(enterprise=cast("Member", request.user).enterprise)
    row = rows.select_related("enterprise", "member").first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@for_importers
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: what an import would do, does, or did. POST: an `action`, run, undo or discard."""
    row = import_or_404(request, pk)
    if request.method == "POST":
        return act(request, row)
    counted = files.counts([row])[row.pk]
    known = attributes.known(row.enterprise.code)
    # What is to be mended comes first.
    kinds = sorted(told(counted), key=lambda one: one[0] != What.PROBLEM)
    labels = COLUMNS | {key: one.label for key, one in known.items()}
    context = {
        "title": row.name,
        "row": row,
        "busy": row.state in files.BUSY,
        "counted": told(counted),
        "kinds": [
            (kind, label, n, lines_of(row, kind, labels, known))
            for kind, label, n in kinds
            if row.state not in files.BUSY
        ],
        "columns": [labels.get(name, name) for name in row.shape["columns"] if name],
        "to_store": total(counted, *files.PLANNED),
        "can_undo": total(counted, *files.WRITTEN) and files.can_undo(row, timezone.now()),
        "until": row.finished_at and row.finished_at + files.KEPT,
    }
    return show(request, row.enterprise, "one.html", context)


def total(counted: dict[str, int], *kinds: str) -> int:
    return sum(counted.get(kind, 0) for kind in kinds)


def lines_of(row: CustomerImport, kind: str, labels: dict, known: attributes.Known) -> list[dict]:
    """The first lines of a kind, in words."""
    rows = row.own_rows.filter(what=kind).select_related("visitor").order_by("line")[:SHOWN]
    return [
        {
            "row": each,
            "visitor": each.visitor,
            "values": [
                (labels.get(name, name), value[0], value[1]) for name, value in each.values.items()
            ],
            "problems": [
                (labels.get(name, name), cell, why) for name, cell, why in problems_of(each, known)
            ],
        }
        for each in rows
    ]


def problems_of(each: CustomerImportRow, known: attributes.Known) -> list[tuple[str, str, str]]:
    """Why a line is not stored: the column, "" for the whole of it, its cell, and the words."""
    if not each.problem:
        return []
    found = each.values or {each.column: ["", each.problem]}
    return [
        (name, cell or "", str(PROBLEMS.get(why, "")) % {"form": form_of(name, known)})
        for name, (cell, why) in found.items()
    ]


def form_of(name: str, known: attributes.Known) -> str:
    """What a column takes, in words."""
    attribute = known.get(name)
    words = FORMS.get(attribute.kind if attribute else name, _("a text of one line, not too long"))
    return str(words) % {"choices": listed(attribute.choices) if attribute else ""}


def act(request: HttpRequest, row: CustomerImport) -> HttpResponse:
    action, done = request.POST.get("action"), {}
    counted = files.counts([row])[row.pk]
    ends = action == "undo" or (action == "discard" and row.state in files.ENDED)
    if ends and "sure" not in request.POST:
        return ask(request, row, counted)
    try:
        with audit.during(request):
            if action == "run":
                files.begin(row, "ignore" in request.POST)
                done["to_store"] = total(counted, *files.PLANNED)
            elif action == "undo":
                files.undo(row, timezone.now())
                done["to_undo"] = total(counted, *files.WRITTEN)
            elif action == "discard":
                files.discard(row)
            else:
                raise Refused("bad_field", "action is run, undo or discard.", field="action")
            kind = audit.Action.CHANGED if done else audit.Action.DELETED
            origin = audit.of_request(request)
            audit.note(kind, row.enterprise_id, origin, details=done, **files.about(row))
    except Refused as refused:
        if refused.facts.get("field") == "unknown":
            messages.error(
                request, _("Tick that it is imported without these columns, then go on.")
            )
        elif refused.code == "conflict":
            messages.error(request, _("Nothing was done: the import has changed meanwhile."))
        else:
            raise
    if action == "discard":
        return redirect(place("customer-imports", request, row.enterprise))
    return redirect("customer-import", row.pk)


def ask(request: HttpRequest, row: CustomerImport, counted: dict[str, int]) -> HttpResponse:
    """Asks before an import is undone, or deleted and cannot be undone any more, and names what
    happens then."""
    if request.POST.get("action") == "undo":
        act = _("Undo the import")
        numbers = {kind: total(counted, kind) for kind in files.WRITTEN}
        question = [
            _("Customers created by this import, who are deleted: %(created)d") % numbers,
            _("Customers changed by it, who get their former values back: %(changed)d") % numbers,
            _(
                "Whoever has written or was changed since is not deleted, and values that somebody"
                " has changed since stay."
            ),
        ]
    else:
        act = _("Delete the import")
        question = [
            _("The customers stay as they are. The import cannot be undone any more."),
        ]
    more = {"subtitle": row.name, "act": act, "destroys": True}
    more["back"] = reverse("customer-import", args=[row.pk])
    return ask_first(request, act, question, [("action", request.POST.get("action"))], **more)


@require_safe
@for_importers
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """All lines and what each does, or did."""
    row = import_or_404(request, pk)
    if not factors.fresh.is_fresh(request):
        return factors.fresh.ask(request, is_file=True)
    origin = audit.of_request(request)
    audit.note(audit.Action.EXPORTED, row.enterprise_id, origin, **files.about(row))
    heading = [_("Row"), _("Customer"), _("Result"), _("Columns"), _("Problem")]
    known = attributes.known(row.enterprise.code)
    lines = (cells(each, known) for each in row.own_rows.order_by("line").iterator())
    return as_file(spreadsheets.as_csv(heading, lines), f"import-{row.pk}.csv")


def cells(each: CustomerImportRow, known: attributes.Known) -> list:
    problems = {name: why for name, _cell, why in problems_of(each, known)}
    names = ", ".join(filter(None, problems or each.values))
    return [each.line, each.who, What(each.what).label, names, "; ".join(problems.values())]
