"""What holds for a signed-in member on every page: still allowed, own language, own password."""

from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from .backends import renew_hash
from .requests import wants_json
from .views import front_page

PUBLIC = {
    *("visitor", "visitor-messages", "visitor-rating", "visitor-recall"),
    *("avatar", "favicon"),
    *("health-live", "health-ready", "metrics"),
}
"""Pages that are the same for members and strangers; nobody is looked up for them."""
WITHOUT_OWN_PASSWORD = {
    *("password-change", "password-set", "agent-login", "agent-logout"),
    *("set-language", "admin:logout", "admin:jsi18n"),
}
"""Where one may go before a password that somebody else knows has been changed."""


class Authentication(AuthenticationMiddleware):
    """As Django's; sessions go on after a change of SECRET_KEY, see backends.renew_hash."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))


def user_of(request):
    if not hasattr(request, "_cached_user"):
        renew_hash(request.session)
    return get_user(request)


class MemberMiddleware(MiddlewareMixin):
    def process_view(self, request, view_func, view_args, view_kwargs):
        """A response instead of the view's, or None to go on."""
        page = request.resolver_match.view_name
        if page in PUBLIC or SESSION_KEY not in request.session:
            return None
        member = request.user
        if not member.is_authenticated:
            # A session of before a password change was flushed just now, and needs no words.
            return self.dismiss(request) if SESSION_KEY in request.session else None
        if member.language:
            translation.activate(member.language)
            request.LANGUAGE_CODE = translation.get_language()
        if member.must_change_password and page not in WITHOUT_OWN_PASSWORD:
            return self.demand_own_password(request)
        return None

    def dismiss(self, request):
        """The session belongs to one who may not enter any more (Member.is_active)."""
        logout(request)
        detail = _(
            "Your account is disabled, or your enterprise is closed. You have been signed out."
        )
        if wants_json(request):
            return JsonResponse({"error": "forbidden", "detail": detail}, status=401)
        context = {"title": _("You are signed out"), "detail": detail}
        return render(request, "error.html", context, status=403)

    def demand_own_password(self, request):
        if wants_json(request):
            detail = _("Choose your own password first.")
            return JsonResponse({"error": "forbidden", "detail": detail}, status=403)
        page = reverse("password-change")
        # Where the sign-in was to lead to, or the page itself where it leads of its own accord.
        if request.method == "GET" and request.get_full_path() != front_page(request.user):
            page = f"{page}?{urlencode({'next': request.get_full_path()})}"
        return redirect(page)

    def process_response(self, request, response):
        """Django's admin builds markup with jQuery, which Trusted Types would stop."""
        if request.path.startswith(reverse("admin:index")):
            own = getattr(response, "_csp_replace", {})
            response._csp_replace = {**own, "require-trusted-types-for": None}
        return response
