"""How much a request may bring, before any of it is read."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from .views import error


class BodyLimit:
    """Answers 413 to a body larger than MAX_BODY bytes, or of a length nobody tells."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "") or "0"
        chunked = "Transfer-Encoding" in request.headers
        if chunked or not length.isdecimal() or int(length) > settings.MAX_BODY:
            limit = filesizeformat(settings.MAX_BODY)
            detail = _("At most %(limit)s can be sent at once. Nothing was stored.")
            return error(request, 413, _("This is too large"), detail % {"limit": limit})
        return self.get_response(request)
