"""The start page, and the pages for errors."""

import errno
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Enterprise
from accounts.requests import error_page
from chat import metrics
from chat.bulk.demo import conversations

from .limits import too_large

MOST = 100
"""Enterprises that the start page links for a superuser."""


@require_safe
def home(request):
    """The start page, with links to chat pages.

    It must not reveal which enterprises use this installation: a stranger sees the only one there
    is, a member their own, a superuser the first MOST. The demo's names its accounts, as long as
    its conversations are there and it is the only one.
    """
    enterprises = Enterprise.objects.filter(status=Enterprise.Status.OPEN).order_by("name")
    known = list(enterprises[:2])
    if request.user.is_authenticated and request.user.is_superuser:
        known = list(enterprises[: MOST + 1])
    elif request.user.is_authenticated and request.user.enterprise:
        known = [request.user.enterprise]
    elif len(known) > 1:
        known = []
    if len(known) == 1 and conversations.is_demo(known[0]):
        return render(request, "front.html", {"demo": known[0], **conversations.front(known[0])})
    context = {"enterprises": known[:MOST], "empty": not known and not enterprises.exists()}
    context |= {"more": len(known) > MOST, "most": MOST}
    return render(request, "home.html", context)


@require_safe
def favicon(request):
    """Redirects to the icon, for pages without a link to it: those of the admin, and bare
    errors."""
    return redirect(static("img/icon.svg"))


def bad_request(request, exception=None):
    """413 where the fields beside a file are too large, which shows only while they are read."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return error_page(
        request,
        400,
        _("This request cannot be read"),
        _("Go back, reload the page and try again."),
    )


def forbidden(request, exception=None):
    return error_page(request, 403, _("Not allowed"), _("Your account has no access to this page."))


def csrf_failure(request, reason=""):
    return error_page(
        request,
        403,
        _("This page was open for too long"),
        _("Go back, reload the page and send it again. Cookies must be allowed."),
    )


def not_found(request, exception=None):
    return error_page(
        request, 404, _("Page not found"), _("The address is wrong, or the page was removed.")
    )


def server_error(request):
    """503 if the database does not answer or the disk is full, 500 for every other exception."""
    if isinstance(sys.exc_info()[1], Error):
        metrics.DATABASE_ERRORS.labels("page").inc()
        return error_page(
            request,
            503,
            _("Temporarily unavailable"),
            _("The database is not responding. Nothing you sent was saved; try again soon."),
        )
    if getattr(sys.exc_info()[1], "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        # Django writes uploads to the disk before it calls a view.
        return error_page(
            request,
            503,
            _("Temporarily unavailable"),
            _(
                "The server has no space left at the moment. Nothing you sent was saved; try"
                " again soon."
            ),
        )
    return error_page(request, 500, _("Something went wrong"), _("Wait a moment, then try again."))
