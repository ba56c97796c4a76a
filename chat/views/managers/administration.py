"""What our own pages of the administration have in common: whose they are, how they look, how they
answer a refusal, and where a superuser chooses an enterprise."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import cast

from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import factors, hours
from accounts.admin.navigation import query_of
from accounts.models import Enterprise, Member
from accounts.requests import error_page, wants_json
from chat.periods import enterprise_of
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_member
from chat.views.common import unauthorised
from chat.views.refusals import limit_requests, rate_limit_response, refusal_json

MOST = 100
"""Enterprises that a superuser chooses from; where there are more, a search finds the others."""


def gate(
    check: Callable[[HttpRequest], None],
    answer: Callable[[HttpRequest, Refused], HttpResponse],
    asks_json: Callable[[HttpRequest], bool] = wants_json,
) -> Callable:
    """A decorator of views. Who is not signed in is asked to sign in, or gets 401 where JSON was
    asked for. `check` raises Refused for whom the page is not; what is refused there or in the view
    is answered by `answer`. Each request is counted for the member."""

    def decorate(view: Callable) -> Callable:
        counted = limit_requests(for_member)(never_cache(view))

        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                if asks_json(request):
                    return unauthorised()
                return redirect_to_login(request.get_full_path())
            try:
                check(request)
                return counted(request, *args, **kwargs)
            except Refused as refused:
                return answer(request, refused)

        return guarded

    return decorate


def for_managers(title: Promise) -> Callable:
    """Decorates a view for managers and superusers; where a superuser has to choose an enterprise,
    the page is headed `title`."""

    def check(request: HttpRequest) -> None:
        if not request.user.is_staff:
            raise Refused("forbidden", "This page is for managers.")

    return gate(check, lambda request, refused: answer_refused(request, refused, str(title)))


def for_keys(gate: Callable) -> Callable:
    """Decorates the view of a form with keys as `gate` does. Whoever opens it proves who they are,
    and what they send stands in no report of an error."""

    def decorate(view: Callable) -> Callable:
        guarded = gate(factors.needs_fresh(view))
        return sensitive_post_parameters()(require_http_methods(["GET", "HEAD", "POST"])(guarded))

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
    """The page on which a superuser without an enterprise chooses one, of those whose name or code
    has what `named` asks for; what else the address asks for is kept."""
    kept = request.GET.copy()
    named = (kept.pop("named", None) or [""])[-1].strip()
    kept.pop("enterprise", None)
    rows = Enterprise.objects.filter(Q(name__icontains=named) | Q(code__icontains=named))
    names = list(rows.order_by("name").values_list("code", "name")[: MOST + 1])
    context |= {"enterprises": names[:MOST], "more": len(names) > MOST, "most": MOST}
    fields = [(name, value) for name, values in kept.lists() for value in values]
    context |= {"named": named, "kept": kept.urlencode(), "fields": fields}
    context = {**admin.site.each_context(request), "title": title, **context}
    return render(request, "admin/overview/choose.html", context)


def chosen(request: HttpRequest) -> Enterprise:
    """Whose page it is: the member's enterprise, or the one that a superuser's address or form
    names. Raises Refused."""
    named = request.GET.get("enterprise") or request.POST.get("enterprise")
    return enterprise_of(cast(Member, request.user), named)


def place(name: str, request: HttpRequest, enterprise: Enterprise, *args, **fields) -> str:
    """The address of a page, with its query."""
    return reverse(name, args=args) + query_of(request, enterprise, **fields)


def pages_of(folder: str, title: Promise) -> Callable[..., HttpResponse]:
    """A function that shows a page of templates/admin/`folder`, headed `title` unless its context
    has another, with times on the enterprise's clocks. Who may look is the view's to say."""

    def show(
        request: HttpRequest,
        enterprise: Enterprise,
        template: str,
        context: dict,
        status: int = 200,
    ) -> HttpResponse:
        query = query_of(request, enterprise)
        shared = {"title": title, "enterprise": enterprise, "query": query, "has_permission": True}
        with timezone.override(hours.zone_named(enterprise.zone)):
            context = {**admin.site.each_context(request), **shared, **context}
            return render(request, f"admin/{folder}/{template}", context, status=status)

    return show


def as_form(form: ModelForm, sections: Iterable[tuple]) -> dict:
    """What templates/admin/change_form.html takes. `sections`: headings with names of fields, of
    which those are shown that the form has."""
    kept = [
        (name, {"fields": [one for one in fields if one in form.fields]})
        for name, fields in sections
    ]
    return {
        "adminform": AdminForm(form, [one for one in kept if one[1]["fields"]], {}),
        "errors": form.errors,
        "opts": form._meta.model._meta,
        "writes": True,
        "inline_admin_formsets": [],
    }


def ask_first(
    request: HttpRequest, title: str, lines: Iterable, kept: list[tuple], **context
) -> HttpResponse:
    """Asks before something is done. `lines` say what would happen; `kept` are the fields that a
    yes sends again, with `sure`; `context` has `act` (the button), `back` and what else
    templates/admin/confirm.html takes."""
    context |= {"title": title, "question": lines, "kept": [*kept, ("sure", "1")]}
    return render(request, "admin/confirm.html", {**admin.site.each_context(request), **context})
