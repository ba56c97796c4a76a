"""How a view answers what was refused: as the protocol's error object, or as a page.

A view raises `Refused`, or calls functions that do, and catches nothing: `answer_refusals` turns
the exception into the response.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.requests import error_page, wants_json
from chat import metrics
from chat.protocol.errors import Refused

from ..limits import address_keys, limits
from .common import json_response


def answer_refusals(page: Callable[..., HttpResponse] | None = None):
    """Decorates a view: answers the `Refused` that it raises.

    The answer is the error object of docs/protocol.md with its HTTP status. If `page` is given,
    a request that does not accept JSON is answered by `page(request, refused, *args, **kwargs)`
    instead, with the arguments of the view: the page with the form that was refused, and the
    reason on it.
    """

    def decorate(view):
        @wraps(view)
        def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Refused as refused:
                if page is None or wants_json(request):
                    return refusal_json(refused)
                metrics.REFUSALS.labels(refused.code).inc()
                return add_retry_after(page(request, refused, *args, **kwargs), refused)

        return answered

    return decorate


def merged_page(request: HttpRequest, address: str) -> HttpResponse:
    """The page in place of a conversation that a sign-in has merged with the one at `address`."""
    title = _("This conversation has become a part of another one")
    detail = _("Its visitor has signed in and had one with this team. All messages are there.")
    return error_page(request, 410, title, detail, address, label=_("Open the conversation"))


def limit_requests(keys_of: Callable[[HttpRequest], dict[str, str]]):
    """Decorates a view: takes a token of the limit `fetch` before the view reads anything.

    `keys_of` returns for whom a request is counted, as `Limits.take` expects it. A request over
    the limit gets `rate_limit_response`.
    """

    def decorate(view):
        @wraps(view)
        def counted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            try:
                limits.take("fetch", keys_of(request))
            except Refused as refused:
                return rate_limit_response(request, refused)
            return view(request, *args, **kwargs)

        return counted

    return decorate


def for_address(request: HttpRequest) -> dict[str, str]:
    """Counts a request for the address that it comes from."""
    return address_keys(request.META.get("REMOTE_ADDR", ""))


def rate_limit_response(request: HttpRequest, refused: Refused, *args, **kwargs) -> HttpResponse:
    """The answer to a request over a limit: a page that says so, or the error object. Further
    arguments, those of a view, are ignored."""
    if wants_json(request):
        return refusal_json(refused)
    title, detail = _("Too many requests"), _("Wait a moment, then try again.")
    return add_retry_after(error_page(request, 429, title, detail), refused)


def refusal_json(refused: Refused) -> HttpResponse:
    """The error object of docs/protocol.md, with its HTTP status."""
    metrics.REFUSALS.labels(refused.code).inc()
    content = {"error": refused.code, "detail": refused.detail, **refused.facts}
    return add_retry_after(json_response(content, refused.status), refused)


def add_retry_after(response: HttpResponse, refused: Refused) -> HttpResponse:
    """Adds the seconds after which a client may try again, where waiting helps."""
    if response.status_code == 429:
        response["Retry-After"] = str(refused.facts.get("retry_after", 1))
    return response
