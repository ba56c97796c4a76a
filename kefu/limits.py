"""What is too large or too often to be answered, before much of it is read."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from chat.errors import Refused
from chat.limits import limits, of_address
from chat.views.common import too_much

from .views import error

ACCOUNT = {
    *("agent-login", "admin:login", "password-change", "password-forgotten", "password-set"),
    "profile",
}
"""Forms that cost much to check, and that anybody may send who has no account or a stolen one."""


class BodyLimit:
    """Answers 413 to a body larger than MAX_BODY bytes (MAX_FILE_BODY where messages are sent),
    or of a length nobody tells."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "") or "0"
        chunked = "Transfer-Encoding" in request.headers
        sends = request.path.endswith("/messages/")
        most = settings.MAX_FILE_BODY if sends else settings.MAX_BODY
        if chunked or not length.isdecimal() or int(length) > most:
            limit = filesizeformat(most)
            detail = _("At most %(limit)s can be sent at once. Nothing was stored.")
            return error(request, 413, _("This is too large"), detail % {"limit": limit})
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
            limits.take("account", of_address(request.META.get("REMOTE_ADDR", "")))
        except Refused as refused:
            return too_much(request, refused)
        return None
