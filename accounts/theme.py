"""The colour scheme that somebody chose for this browser: light, dark, or that of their system.

It is a cookie, so that the server can write it into the page: no script has to run before the first
paint, and the sign-in page has it, too.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .requests import wants_json

COOKIE = "theme"
CHOSEN = ("light", "dark")
YEAR = 365 * 24 * 3600
"""Seconds for which a browser remembers the choice."""


def theme(request: HttpRequest) -> dict[str, str]:
    """A context processor: `theme` is light, dark, or "" for the system's."""
    chosen = request.COOKIES.get(COOKIE, "")
    return {"theme": chosen if chosen in CHOSEN else ""}


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remembers `theme`: light, dark; anything else is the system's. Scripts get JSON, others
    are led back to `next`."""
    chosen = request.POST.get("theme", "")
    scripts = wants_json(request)
    response = JsonResponse({"ok": True}) if scripts else HttpResponseRedirect(next_page(request))
    if chosen not in CHOSEN:
        response.delete_cookie(COOKIE)
        return response
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, chosen, max_age=YEAR, secure=secure, samesite="Lax")
    return response


def next_page(request: HttpRequest) -> str:
    """The address in `next`, if it is one of this site."""
    wanted = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if here else "/"
