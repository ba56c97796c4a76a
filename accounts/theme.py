"""The colour scheme that somebody chose for this browser: light, dark, or that of their system.

It is a cookie, so that the server can write it into the page: no script has to run before the first
paint, and the sign-in page has it, too.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_POST

from .requests import own_address, wants_json

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
    place = own_address(request, request.POST.get("next", "")) or "/"
    response = JsonResponse({"ok": True}) if scripts else HttpResponseRedirect(place)
    if chosen not in CHOSEN:
        response.delete_cookie(COOKIE)
        return response
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, chosen, max_age=YEAR, secure=secure, samesite="Lax")
    return response
