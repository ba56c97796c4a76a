"""What our own pages of the administration have in common: how they answer a refusal, and where a
superuser chooses an enterprise."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import Enterprise
from accounts.requests import error_page, wants_json
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_member
from chat.views.refusals import limit_requests, rate_limit_response, refusal_json

MOST = 100
"""Enterprises that a superuser chooses from; the administration lists them all."""


def for_managers(title: Promise) -> Callable:
    """Decorates a view for managers and superusers. Others are asked to sign in, or get 403; where
    a superuser has to choose an enterprise, the page is headed `title`."""

    def decorate(view: Callable) -> Callable:
        counted = limit_requests(for_member)(never_cache(view))

        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                if not request.user.is_staff:
                    raise Refused("forbidden", "This page is for managers.")
                return counted(request, *args, **kwargs)
            except Refused as refused:
                return answer_refused(request, refused, str(title))

        return guarded

    return decorate


def answer_refused(request: HttpRequest, refused: Refused, title: str) -> HttpResponse:
    """The refusal as JSON where that was asked for, else as a page: for a superuser who named no
    enterprise the choice of one, headed `title`. Raises PermissionDenied and Http404."""
    if wants_json(request):
        return refusal_json(refused)
    if refused.code == "forbidden":
        raise PermissionDenied
    if refused.code == "not_found":
        raise Http404 from refused
    if refused.code == "rate_limited":
        return rate_limit_response(request, refused)
    if refused.facts.get("field") == "enterprise" and request.method == "GET":
        return choose_enterprise(request, title)
    detail = _("Go back, reload the page and try again.")
    return error_page(request, refused.status, _("This request cannot be read"), detail)


def choose_enterprise(request: HttpRequest, title: str, **context) -> HttpResponse:
    """The page on which a superuser without an enterprise chooses one; what else the address asks
    for is kept."""
    names = Enterprise.objects.order_by("name").values_list("code", "name")[:MOST]
    kept = request.GET.copy()
    kept.pop("enterprise", None)
    context = {"enterprises": names, "kept": kept.urlencode(), **context}
    context = {**admin.site.each_context(request), "title": title, **context}
    return render(request, "admin/overview/choose.html", context)
