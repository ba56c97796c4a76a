"""The administrators' home."""

from collections.abc import Callable, Iterable

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import mails, rights
from accounts.models import Enterprise, Member
from accounts.requests import error_page
from chat.limits import limits
from chat.overview import decisions, today
from chat.overview.page import Home
from chat.periods import enterprise_of
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_member
from chat.views.refusals import answer_refusals, limit_requests, rate_limit_response

from .administration import choose_enterprise, place

for_administrators = admin.site.admin_view
SETTING_UP = "setting_up"
"""The session's entry for the enterprise whose checklist this browser was shown last."""


def refused_page(request: HttpRequest, refused: Refused, *_arguments) -> HttpResponse:
    if refused.code == "not_found":
        raise Http404 from refused
    detail = _("Reports are being counted. Try again in a few minutes.")
    return error_page(request, refused.status, _("Temporarily unavailable"), detail)


@require_safe
def page(request: HttpRequest, diagnose: Callable[[], Iterable]) -> HttpResponse:
    """The home of managers and superusers; supervisors have the live view instead."""
    member = request.user
    if member.is_authenticated and member.may(rights.LIVE) and not member.is_staff:
        return redirect("live")
    return home(request, diagnose)


@for_administrators
@limit_requests(for_member)
@answer_refusals(refused_page)
def home(request: HttpRequest, diagnose: Callable[[], Iterable]) -> HttpResponse:
    """The home of the reader's enterprise, or of the one that a superuser has chosen. `diagnose`
    gives what is wrong with the installation."""
    member, code = request.user, request.GET.get("enterprise")
    found = decisions.of_installation(diagnose()) if member.is_superuser else []
    if member.is_superuser and not code and member.enterprise is None:
        return choose_enterprise(request, _("Overview"), installation=found)
    asked = today.ask(member, code, timezone.now())
    context = {**admin.site.each_context(request), "title": _("Overview"), "installation": found}
    context |= Home(asked, member).context()
    seen = request.session.get(SETTING_UP) == asked.enterprise.pk
    if context["next_step"] and not seen:
        request.session[SETTING_UP] = asked.enterprise.pk
    elif seen and not context["next_step"]:
        del request.session[SETTING_UP]
        messages.success(request, _("Your chat is set up: visitors can write to you."))
    return render(request, "admin/overview/home.html", context)


@require_POST
@for_administrators
@answer_refusals(rate_limit_response)
def test_mail(request: HttpRequest) -> HttpResponse:
    """Sends a mail to whoever asks for one, and says whether a mail server took it."""
    member = request.user
    enterprise = enterprise_or_404(member, request.POST.get("enterprise"))
    if not member.email:
        messages.warning(request, _("Your account has no e-mail address yet."))
        return redirect("profile")
    limits.take("mail", {"recipient": member.email.lower()})
    taken = mails.send_test(enterprise, member)
    if mails.are_printed():
        messages.warning(request, mails.PRINTED)
    elif taken:
        text = _("A test e-mail is on its way to %(email)s.")
        messages.success(request, text % {"email": member.email})
    else:
        text = _("The test e-mail to %(email)s could not be sent: the mail server took none.")
        messages.error(request, text % {"email": member.email})
    return redirect(place("overview", request, enterprise))


def enterprise_or_404(member: Member, code: str | None) -> Enterprise:
    try:
        return enterprise_of(member, code)
    except Refused as refused:
        raise Http404 from refused
