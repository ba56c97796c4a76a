"""What is too large or too often to be answered, before much of it is read."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.requests import error_page
from chat.limits import address_keys, limits
from chat.protocol.errors import Refused
from chat.views.common import too_much

from .bodies import exceeded

ACCOUNT = {
    *("agent-login", "admin:login", "password-change", "password-forgotten", "password-set"),
    "profile",
}
"""Forms that cost much to check, and that anybody may send who has no account or a stolen one."""


class BodyLimit:
    """Answers 413 to a request whose body is too large (kefu/bodies.py)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "")
        most = exceeded(request.path, length, "Transfer-Encoding" in request.headers)
        if most is not None:
            limit = filesizeformat(most)
            detail = _("At most %(limit)s can be sent at once. Nothing was stored.")
            response = error_page(request, 413, _("This is too large"), detail % {"limit": limit})
            # The connection stays open for a while after it (kefu/bodies.py), so its length is
            # what tells the client that it is whole. CommonMiddleware comes later.
            response["Content-Length"] = len(response.content)
            return response
        return self.get_response(request)


class AccountLimit:
    """Answers 429 to an address that sends the forms of ACCOUNT too often."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or request.resolver_match.view_name not in ACCOUNT:
            return None
        try:
            limits.take("account", address_keys(request.META.get("REMOTE_ADDR", "")))
        except Refused as refused:
            return too_much(request, refused)
        return None
