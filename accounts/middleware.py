"""Checks for a signed-in member on every page: may they still sign in, which language and on pages
of the administration which time zone do they want, and must they change their password or set up a
second factor first?"""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from . import hours
from .admin import navigation
from .backends import renew_hash
from .factors import fresh
from .pages.sign_in import front_page
from .passwords import attempts
from .requests import wants_json
from .sign_ins import sessions

PUBLIC = {
    *("visitor", "visitor-messages", "visitor-rating", "visitor-recall"),
    *("help", "help-article", "help-search", "help-sitemap", "help-seen", "help-helpful"),
    *("avatar", "favicon", "article-picture", "app-worker"),
    *("health-live", "health-ready", "metrics"),
}
"""Pages that are the same for everybody, so the member of the session is not looked up."""
ALLOWED_BEFORE_CHANGE = {
    *("password-change", "password-set", "agent-login", "agent-logout"),
    *("set-language", "set-theme", "admin:logout", "admin:jsi18n"),
    *("app-manifest", "app-words", "app-offline"),
}
"""Pages that a member may open who must change their password first."""


ALLOWED_BEFORE_FACTOR = {"security-app", "security-passkeys", "confirm", *ALLOWED_BEFORE_CHANGE}
"""Pages that a member may open who must set up a second factor first."""
BEFORE_SIGN_IN = 600
"""Seconds for which the session of a stranger is kept: as long as a second step or the way to a
provider may take."""


class SessionCookie(SessionMiddleware):
    """Django's middleware, but a 401 takes no cookie away. A script's request whose session has
    ended may be answered after its page has begun to sign in again: by then the browser has the
    cookie of another session. Sessions without a member end soon, since anybody can store as many
    as they like. Sets the cookie of a browser that has become known, too."""

    def process_response(self, request, response):
        session = request.session
        if session.modified and not session.is_empty() and SESSION_KEY not in session:
            # Who chooses a password has proved by a link that they may, and may take their time.
            if INTERNAL_RESET_SESSION_TOKEN not in session:
                session.set_expiry(BEFORE_SIGN_IN)
        response = super().process_response(request, response)
        attempts.set_cookie(request, response)
        if response.status_code == 401:
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response


class Authentication(AuthenticationMiddleware):
    """Django's middleware, but sessions survive a change of SECRET_KEY (backends.renew_hash)."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: get_member(request))


def get_member(request):
    if not hasattr(request, "_cached_user"):
        renew_hash(request.session)
    return get_user(request)


class MemberMiddleware(MiddlewareMixin):
    def process_view(self, request, view_func, view_args, view_kwargs):
        """Returns a response that replaces the view's, or None."""
        page = request.resolver_match.view_name
        if page in PUBLIC or SESSION_KEY not in request.session:
            return None
        member = request.user = get_member(request)  # Without the SimpleLazyObject, which is slow.
        if not member.is_authenticated:
            # get_user has flushed a session from before a password change: no message needed.
            return self.sign_out(request) if SESSION_KEY in request.session else None
        sessions.saw(request)
        if member.language:
            translation.activate(member.language)
            request.LANGUAGE_CODE = translation.get_language()
        if request.resolver_match.route.startswith("admin/"):
            enterprise = navigation.chosen(request)
            if enterprise is not None:
                timezone.activate(hours.zone_named(enterprise.zone))
        owes_factor = member.must_have_factor and not fresh.has_passed(request.session)
        request.restricted = member.must_change_password or owes_factor
        if member.must_change_password and page not in ALLOWED_BEFORE_CHANGE:
            detail = _("Choose your own password first.")
            return self.require(request, "password-change", detail)
        if owes_factor and page not in ALLOWED_BEFORE_FACTOR:
            detail = _("Set up a second factor first, under Profile, Sign-in and security.")
            return self.require(request, "security-app", detail)
        return None

    def process_exception(self, request, exception):
        return fresh.ask(request) if isinstance(exception, fresh.Stale) else None

    def sign_out(self, request):
        """Ends the session of a member who may not sign in any more (Member.is_active)."""
        logout(request)
        detail = _(
            "Your account is disabled, or your enterprise is closed. You have been signed out."
        )
        if wants_json(request):
            return JsonResponse({"error": "forbidden", "detail": detail}, status=401)
        context = {"title": _("You are signed out"), "detail": detail}
        return render(request, "error.html", context, status=403)

    def require(self, request, name: str, detail: str):
        """Leads to the page on which the member does what has to come first; JSON gets `detail`."""
        if wants_json(request):
            return JsonResponse({"error": "forbidden", "detail": detail}, status=403)
        page = reverse(name)
        # `next` is where the member wanted to go. The front page is the default anyway.
        if request.method == "GET" and request.get_full_path() != front_page(request.user):
            page = f"{page}?{urlencode({'next': request.get_full_path()})}"
        return redirect(page)

    def process_response(self, request, response):
        """Lifts Trusted Types in the admin: Django's scripts there build markup with jQuery. Pages
        of our own below its address keep them. Ends the time zone of the administration's pages,
        which Django would keep for the next request."""
        timezone.deactivate()
        match = request.resolver_match
        ours = match is not None and match.app_name != "admin"
        if request.path.startswith(reverse("admin:index")) and not ours:
            own = getattr(response, "_csp_replace", {})
            response._csp_replace = {**own, "require-trusted-types-for": None}
        return response
