"""Reports: figures as a page or as JSON, and the rows that a figure counts, as a page, as JSON or
as a file."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import error_page, wants_json
from chat.limits import member_keys
from chat.protocol.errors import Refused
from chat.reports import listing, question, report

from .common import json_response, unauthorised
from .refusals import limit_requests


def for_readers(view):
    """Decorates a view for those who may see reports. Others are asked to sign in, or get 403."""
    counted = limit_requests(lambda request: member_keys(request.user.uuid))(never_cache(view))

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return (
                unauthorised() if asks_json(request) else redirect_to_login(request.get_full_path())
            )
        try:
            return counted(request)
        except Refused as refused:
            return refusal(request, refused)

    return guarded


def asks_json(request: HttpRequest) -> bool:
    """Whether JSON is asked for, by `Accept` as everywhere, or in the address."""
    return wants_json(request) or request.GET.get("format") == "json"


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    if asks_json(request):
        return json_response({"error": refused.code, "detail": refused.detail}, refused.status)
    return error_page(request, refused.status, "", refused.detail)


@require_safe
@for_readers
def page(request: HttpRequest) -> HttpResponse:
    asked = question.ask(request.user, request.GET, timezone.now())
    lines = report.lines_of(asked)
    return json_response(report.shaped(asked, lines))


@require_safe
@for_readers
def rows(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asked = question.ask(request.user, request.GET, now)
    found = listing.page(asked, request.GET, now)
    return json_response({"rows": found.rows, "n": found.n, "cursor": found.cursor})
