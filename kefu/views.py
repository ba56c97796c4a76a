"""The front door and the plain pages for what went wrong."""

import errno
import sys

from django.db import Error
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Enterprise
from accounts.requests import error_page
from chat import metrics


@require_safe
def home(request):
    """What this is, with a link to the chat page of those whom the reader may know.

    Several businesses on one installation are nobody's list of customers: a stranger is shown
    the only one there is, a member the own one, a superuser the first hundred.
    """
    enterprises = Enterprise.objects.filter(status=Enterprise.Status.OPEN).order_by("name")
    known = list(enterprises[:2])
    if request.user.is_authenticated and request.user.is_superuser:
        known = list(enterprises[:100])
    elif request.user.is_authenticated and request.user.enterprise:
        known = [request.user.enterprise]
    elif len(known) > 1:
        known = []
    context = {"enterprises": known, "empty": not known and not enterprises.exists()}
    return render(request, "home.html", context)


@require_safe
def favicon(request):
    """Pages name their icon; the admin's, and bare error pages, leave the browser to ask."""
    return redirect(static("img/icon.svg"))


def bad_request(request, exception=None):
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
    """503 while the database does not answer or the disk is full, 500 for our own mistakes."""
    if isinstance(sys.exc_info()[1], Error):
        metrics.DATABASE_ERRORS.labels("page").inc()
        return error_page(
            request,
            503,
            _("Temporarily unavailable"),
            _("The database is not responding. Nothing you sent was saved; try again soon."),
        )
    if getattr(sys.exc_info()[1], "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        # An upload is put aside on the disk before any view sees it.
        return error_page(
            request,
            503,
            _("Temporarily unavailable"),
            _(
                "The server has no space left at the moment. Nothing you sent was saved; try"
                " again soon."
            ),
        )
    return error_page(
        request,
        500,
        _("Something went wrong"),
        _("Nothing you sent was lost. Wait a moment and try again."),
    )
