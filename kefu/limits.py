"""How much a request may bring, before any of it is read."""

from django.conf import settings
from django.http import JsonResponse


class BodyLimit:
    """Answers 413 to a body larger than MAX_BODY bytes, or of a length nobody tells."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.headers.get("Content-Length", "") or "0"
        chunked = "Transfer-Encoding" in request.headers
        if chunked or not length.isdecimal() or int(length) > settings.MAX_BODY:
            detail = f"A request holds {settings.MAX_BODY:,} bytes at the most."
            return JsonResponse({"error": "too_long", "detail": detail}, status=413)
        return self.get_response(request)
