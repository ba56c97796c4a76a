"""Reports: figures as a page or as JSON, and the rows that a figure counts, as a page, as JSON or
as a file."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, factors, mails
from accounts.requests import CSV, as_file, wants_json
from chat.periods import zones
from chat.protocol.errors import Refused
from chat.reports import exports, form, report_mail
from chat.reports.figures import Lines
from chat.reports.page import Page, query_of
from chat.reports.showing import beside, breakdown, facets, facts, listing, question, report
from chat.views.common import json_response
from chat.views.refusals import refusal_json

from .administration import choose_enterprise, gate

TITLES = {
    "receptions": pgettext_lazy("list", "Receptions"),
    "messages_in": gettext_lazy("Messages from visitors"),
    "messages_out": gettext_lazy("Messages to visitors"),
    "unanswered": gettext_lazy("Unanswered receptions"),
    "first_reply": gettext_lazy("First replies"),
    "next_reply": gettext_lazy("Next replies"),
    "resolution": gettext_lazy("Resolutions"),
    "rating": gettext_lazy("Ratings"),
}
KEPT = (*facets.FACETS, "without", "by")
"""Fields of a report's address that its form does not show."""
PROBLEMS = {
    "from": gettext_lazy("These are no days, or the last one is before the first."),
    "to": gettext_lazy("This is no day, or more than 400 days after the first."),
    "zone": gettext_lazy("This time zone is not known."),
}
"""What a field of the form was refused for."""


def asks_json(request: HttpRequest) -> bool:
    """Whether JSON is asked for, by `Accept` as everywhere, or in the address."""
    return wants_json(request) or request.GET.get("format") == "json"


def answer_refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The error object; for a superuser who named no enterprise the choice of one; else the page
    with the form and what was wrong in it."""
    if asks_json(request):
        return refusal_json(refused)
    if refused.facts.get("field") == "enterprise":
        return choose_enterprise(request, _("Reports"))
    problem = PROBLEMS.get(refused.facts.get("field", ""))
    if problem is None:
        problem = {
            "forbidden": _("Your account has no access to this page."),
            "not_found": _("This team, member or enterprise does not exist."),
            "too_long": _("This is too much at once. Choose fewer days."),
            "unavailable": _("Reports are being counted. Try again in a few minutes."),
        }.get(refused.code, _("This report does not exist."))
    wrong = refused.facts.get("field")
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name) and name != wrong}
    context = {"problem": problem, "kept": kept}
    return show(request, "reports/refused.html", context | refused_form(request), refused.status)


def refused_form(request: HttpRequest) -> dict:
    """The form as it was sent, with all that can be chosen, as far as that can be told."""
    member, sent = request.user, request.GET.dict()
    try:
        own = {"enterprise": sent.get("enterprise", "")}
        asked = question.ask(member, own, timezone.now())
    except Refused:
        offered = form.enterprises() if member.is_superuser else []
        return {"fields": sent, "choices": {"enterprises": offered}}
    fields = form.fields_of(asked) | sent
    if fields["zone"] not in zones():
        fields["zone"] = asked.zone.key
    return {"fields": fields, "choices": form.choices(asked, member.is_superuser)}


def check_reader(request: HttpRequest) -> None:
    """What somebody may see is told by what they ask for (question.ask)."""


for_readers = gate(check_reader, answer_refused, asks_json)
"""Decorates a view for those who may see reports."""


def show(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    """A page of the administration, also for those who have no more of it."""
    site = admin.site.each_context(request) | {"has_permission": True}
    title = context.get("title") or _("Reports")
    return render(request, f"admin/{template}", {**site, "title": title, **context}, status=status)


@require_safe
@for_readers
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = question.ask(request.user, request.GET, now)
    by = facets.by_of(request.GET)
    lines = facts.counted(asked)
    split = breakdown.split(asked, by) if by else None
    if asks_json(request):
        return json_response(report.shaped(asked, lines, split))
    today = now.astimezone(asked.zone).date()
    context = Page(asked, lines, request.user, today, split, lines_before(asked)).context()
    context["is_running"] = asked.last >= today
    context["mail"] = report_mail.chosen(request.user)
    context["mail_choices"] = report_mail.CHOICES
    return show(request, "reports/report.html", context)


def lines_before(asked: question.Question) -> tuple[question.Question, Lines] | None:
    """The sums of the days before, unless it would be too much."""
    before = question.before(asked)
    try:
        return before and (before, facts.counted(before))
    except Refused:
        return None


@require_safe
@for_readers
def rows(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = question.ask(request.user, request.GET, now)
    if asks_json(request) and not factors.fresh.is_fresh(request):
        # A program would take all of them along, as a file does.
        return factors.fresh.ask(request)
    found = listing.page(asked, request.GET, now)
    if asks_json(request):
        return json_response({"rows": found.rows, "n": found.n, "cursor": found.cursor})
    metric = listing.metric_of(request.GET)
    durations = metric in listing.DURATIONS
    query = query_of(asked, request.user.is_superuser)
    longest = None
    if durations and not request.GET.get("cursor"):
        is_first = request.GET.get("sort") == "longest" and found.rows
        longest = found.rows[0]["seconds"] if is_first else listing.longest(asked, metric, now)
    context = {
        "title": TITLES[metric],
        "asked": asked,
        "metric": metric,
        "found": found,
        "told": beside.told(asked, request.user, found.rows),
        "query_text": urlencode(query),
        "durations": durations,
        "longest": longest,
        "sort": request.GET.get("sort", ""),
        "of_messages": metric.startswith("messages"),
    }
    return show(request, "reports/rows.html", context)


@require_safe
@for_readers
def definitions(request: HttpRequest) -> HttpResponse:
    if not request.user.sees_reports:
        raise Refused("forbidden", "Reports are for managers, supervisors, analysts and leaders.")
    return show(request, "reports/definitions.html", {"title": _("Definitions")})


def exported(kind: str, content_type: str, write):
    """A view that gives all rows of a figure as a file, or the lines by a facet."""

    @require_safe
    @for_readers
    def export(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        asked = question.ask(request.user, request.GET, now)
        if not factors.fresh.is_fresh(request):
            return factors.fresh.ask(request, is_file=True)
        if name := facets.by_of(request.GET):
            found, columns = (
                exports.lines_of(breakdown.split(asked, name)),
                exports.line_columns(name),
            )
            n = len(found)
        else:
            name = listing.metric_of(request.GET)
            n = listing.page(asked, {"metric": name, "limit": "1"}, now).n
            exports.check_size(n)
            found, columns = listing.everything(asked, name, now), listing.columns(name)
        note_export(request, asked, f"{name}.{kind}", n)
        name = f"{name}-{asked.first}-{asked.last}.{kind}"
        return as_file(write(found, columns), name, content_type)

    return export


def note_export(request: HttpRequest, asked: question.Question, name: str, n: int) -> None:
    """Notes in the audit which `n` rows leave; `name` is the figure's and the kind of the file."""
    details = {**query_of(asked, False), "rows": n}
    about = {"kind": "report", "object_name": name, "details": details}
    origin = audit.of_request(request)
    audit.note(audit.Action.EXPORTED, asked.enterprise.pk, origin, **about)


export_csv = exported("csv", CSV, exports.as_csv)
export_xlsx = exported("xlsx", exports.XLSX, exports.as_xlsx)


@require_POST
@for_readers
def mail(request: HttpRequest) -> HttpResponse:
    """Keeps whether the reader wants reports by mail: `every` is week, month, or empty."""
    if not request.user.sees_reports or request.user.enterprise is None:
        raise Refused("forbidden", "Reports by mail are for those who read an enterprise's.")
    every = request.POST.get("every", "")
    with audit.during(request):
        report_mail.choose(request.user, every, timezone.now())
    messages.success(request, report_mail.CHOICES[every][1])
    if every and mails.are_printed():
        messages.warning(request, mails.PRINTED)
    return redirect("reports")
