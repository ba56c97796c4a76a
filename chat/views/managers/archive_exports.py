"""Exports of the archive: asked for, watched, cancelled and fetched."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, factors
from accounts.models import Member
from accounts.requests import error_page
from chat.archive import exports, question
from chat.archive import page as pages
from chat.archive.question import Asked
from chat.models import ArchiveExport
from chat.periods import enterprise_of
from chat.views.common import pieces

from .administration import place
from .archive import TICKED, for_archivists, keep_ticks, show

SHOWN = 50
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "zip": "application/zip"}


@require_http_methods(["GET", "HEAD", "POST"])
@for_archivists
def page(request: HttpRequest) -> HttpResponse:
    """GET: the exports that the reader may see. POST: asks for one, of the ticked conversations
    (`group`) or of all that the filters in the form find."""
    return ask(request) if request.method == "POST" else overview(request)


def overview(request: HttpRequest) -> HttpResponse:
    member = request.user
    enterprise = enterprise_of(member, request.GET.get("enterprise"))
    rows = list(exports.visible_to(member, enterprise)[:SHOWN])
    offered = pages.choices(enterprise)
    context = {
        "title": _("Exported files"),
        "exports": [line(member, row, offered) for row in rows],
        "busy": any(row.state in exports.UNFINISHED for row in rows),
        "hours": int(exports.KEPT.total_seconds() // 3600),
    }
    return show(request, enterprise, "exports.html", context)


def line(member: Member, row: ArchiveExport, offered: dict) -> dict:
    """An export, what it has in words, and its link."""
    there = exports.file_of(row, timezone.now()) is not None
    path = reverse("archive-export-file", args=[row.pk])
    return {
        "row": row,
        "chips": pages.chips(row.enterprise, row.fields, offered, member.is_superuser),
        "expires": row.finished_at and row.finished_at + exports.KEPT,
        "href": f"{path}?token={exports.token_of(row)}" if there else "",
    }


def ask(request: HttpRequest) -> HttpResponse:
    asked = question.ask(request.user, request.POST)
    if not factors.fresh.is_fresh(request):
        keep_ticks(request)
        return factors.fresh.ask(request)
    chosen = request.POST.getlist("group")
    kind = request.POST.get("kind", "")
    with audit.during(request):
        row = exports.ask_for(request.user, asked, kind, chosen)
        note(asked, row, {"conversations": len(chosen)} if chosen else {})
    request.session.pop(TICKED, None)
    messages.success(request, _("The export is being made. It is here as soon as it is done."))
    return redirect(place("archive-exports", request, asked.enterprise))


def note(asked: Asked, row: ArchiveExport, details: dict) -> None:
    """Notes in the audit what leaves. Texts that were searched for may name visitors, so only their
    fields are told."""
    told = {name: "…" if name in question.TEXTS else value for name, value in asked.fields.items()}
    details = {**told, **details}
    audit.note(audit.Action.EXPORTED, asked.enterprise.pk, details=details, **about(row))


def about(row: ArchiveExport) -> dict:
    """What the audit says an export is."""
    name = f"conversations.{row.kind}"
    return {"kind": "archive", "object_id": str(row.pk), "object_name": name}


def export_or_404(request: HttpRequest, pk: int) -> ArchiveExport:
    row = exports.one_for(request.user, pk)
    if row is None:
        raise Http404
    return row


@require_POST
@for_archivists
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancels an export, or deletes a finished one."""
    row = export_or_404(request, pk)
    with audit.during(request):
        exports.cancel(row)
        audit.note(audit.Action.DELETED, row.enterprise_id, **about(row))
    return redirect(place("archive-exports", request, row.enterprise))


@require_safe
@for_archivists
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a finished export, by the link on the page."""
    row = export_or_404(request, pk)
    path = exports.file_of(row, timezone.now())
    if path is None or not exports.is_link(row, request.GET.get("token", "")):
        detail = _("Ask for the export again in the archive.")
        return error_page(request, 404, _("This link has expired"), detail)
    if not factors.fresh.is_fresh(request):
        return factors.fresh.ask(request, is_file=True)
    origin = audit.of_request(request)
    audit.note(audit.Action.EXPORTED, row.enterprise_id, origin, **about(row))
    response = StreamingHttpResponse(pieces(path.open("rb")), content_type=TYPES[row.kind])
    day = timezone.localtime(row.finished_at).date()
    name = f"conversations-{row.enterprise.code}-{day}.{row.kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(path.stat().st_size)
    response["X-Content-Type-Options"] = "nosniff"
    return response
