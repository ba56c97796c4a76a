"""A recent proof of who somebody is. An open session is not enough to take data out, to erase it,
to make keys or to let somebody in: whoever sits down at somebody else's desk has that, too."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.requests import own_address, wants_json

KEY = "proved_at"
WITHIN = 15 * 60
"""Seconds for which a proof counts: a sign-in, or an answer on the page `confirm`."""
PASSED = "second_factor"
"""Is set in sessions in which a second factor was given."""


def mark(request: HttpRequest) -> None:
    """Notes that the member has just proved who they are."""
    request.session[KEY] = time.time()


class Stale(Exception):
    """What was about to be done needs a fresh proof. The middleware leads to the page `confirm`."""


def has_passed(session) -> bool:
    """Whether a second factor was given in this session."""
    return bool(session.get(PASSED))


def is_fresh(request: HttpRequest) -> bool:
    return time.time() - request.session.get(KEY, 0) < WITHIN


def require(request: HttpRequest) -> None:
    """Raises Stale without a fresh proof; for views that find out only from a form that they need
    one. Nothing is done: the exception ends their transaction."""
    if not is_fresh(request):
        raise Stale


def needs_fresh(view: Callable, is_file: bool = False) -> Callable:
    """Decorates a view that only somebody who has proved who they are within 15 minutes may use.
    Others are led to the page `confirm`, or get 403 as JSON; nothing is done. The view itself
    refuses whom it is not for."""

    @wraps(view)
    def inside(request: HttpRequest, *args, **kwargs):
        if request.user.is_authenticated and not is_fresh(request):
            return ask(request, is_file)
        return view(request, *args, **kwargs)

    return inside


def file_needs_fresh(view: Callable) -> Callable:
    """As `needs_fresh`, for a view that gives a file."""
    return needs_fresh(view, is_file=True)


def ask(request: HttpRequest, is_file: bool = False) -> HttpResponse:
    """Leads to the page on which members prove who they are, and from there to the page that they
    wanted. From a file or a form they come back to where they were: a file would leave them on the
    page `confirm`, and a form has to be sent anew."""
    here = own_address(request, request.headers.get("Referer", ""))
    back = urlsplit(here)._replace(scheme="", netloc="").geturl()
    if request.method == "GET" and not (is_file and back):
        back = request.get_full_path()
    page = f"{reverse('confirm')}?{urlencode({'next': back})}" if back else reverse("confirm")
    if wants_json(request):
        detail = _("First confirm that it is you: open your profile, Sign-in and security.")
        return JsonResponse({"error": "forbidden", "detail": detail, "confirm": page}, status=403)
    return redirect(page)
