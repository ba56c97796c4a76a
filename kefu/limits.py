"""Middleware that refuses requests that are too large, and forms that are sent too often."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.requests import error_page
from chat.limits import address_keys, limits
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import rate_limit_response

from .bodies import exceeded_limit

ACCOUNT_FORMS = {
    *("agent-login", "sso", "admin:login", "password-change", "password-forgotten", "password-set"),
    *("profile", "second-step", "confirm", "security-app", "security-passkeys"),
    "passkey-login",
}
"""Views whose forms are expensive to check (a password hash, a picture) and that need no account,
or work with a stolen session."""
WAYS_OUT = {"sso", "sso-begin"}
"""Views that store a session for a stranger who follows a link."""


class BodyLimit:
    """Answers 413 to a request whose body is too large, and 411 to a program that does not say how
    large it is (kefu/bodies.py)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "")
        chunked = "Transfer-Encoding" in request.headers
        most = exceeded_limit(request.path, length, chunked)
        if most is None:
            return self.get_response(request)
        if chunked and request.path.startswith("/api/"):
            detail = "Send Content-Length: a body of unknown length (chunked) is not read."
            response = json_response({"error": "bad_frame", "detail": detail}, 411)
        else:
            response = too_large(request, most)
        # The connection stays open for a while (kefu/bodies.py), so the client needs the length to
        # know that the response is complete. CommonMiddleware comes later.
        response["Content-Length"] = len(response.content)
        return response


def too_large(request, most: int):
    """The answer to a body of more than `most` bytes."""
    detail = _("At most %(limit)s can be sent at once. Nothing was stored.")
    return error_page(
        request, 413, _("This is too large"), detail % {"limit": filesizeformat(most)}
    )


class AccountLimit:
    """Answers 429 to an address that sends the forms of ACCOUNT_FORMS, or follows the links of
    WAYS_OUT, too often."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        counted = ACCOUNT_FORMS if request.method == "POST" else WAYS_OUT
        if request.resolver_match.view_name not in counted:
            return None
        try:
            limits.take("account", address_keys(request.META.get("REMOTE_ADDR", "")))
        except Refused as refused:
            return rate_limit_response(request, refused)
        return None
