"""How much a request may bring, before any of it is read."""

from django.conf import settings
from django.http import HttpResponse


class BodyLimit:
    """Answers 413 to a body larger than MAX_BODY bytes, or of a length nobody tells."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "") or "0"
        chunked = "Transfer-Encoding" in request.headers
        if chunked or not length.isdecimal() or int(length) > settings.MAX_BODY:
            return HttpResponse("Too large.\n", status=413, content_type="text/plain")
        return self.get_response(request)
