"""Whether a request accepts JSON, where it may lead on to, the plain page for an error, and a file
to be saved."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

CSV = "text/csv; charset=utf-8"
CODES = {400: "bad_field", 403: "forbidden", 404: "not_found", 413: "too_long", 429: "rate_limited"}
"""The error code of docs/protocol.md for an HTTP status; others get `unavailable`."""


def wants_json(request: HttpRequest) -> bool:
    """Whether the request accepts JSON: our scripts ask for it, plain forms and links do not."""
    return "application/json" in request.headers.get("Accept", "").lower()


def own_address(request: HttpRequest, wanted: str) -> str:
    """The address that somebody wants to be led to, if it is one of this site; else ""."""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if own else ""


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    detail: str,
    chat: str = "",
    *,
    label: str = "",
) -> HttpResponse:
    """A plain page with this HTTP status, or the protocol's error object if JSON was asked for.

    `title` and `detail` are sentences for people. The page's link leads to the address `chat`, or
    to the start page without one; `label` is its text, unless it is "To the chat".
    """
    if wants_json(request):
        code = CODES.get(status, "unavailable")
        return JsonResponse({"error": code, "detail": detail}, status=status)
    context = {"title": title, "detail": detail, "chat": chat, "label": label}
    return render(request, "error.html", context, status=status)


def as_file(content: str | bytes, name: str, content_type: str = CSV) -> HttpResponse:
    """What a browser saves under this name, of ASCII."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
