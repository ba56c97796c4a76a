"""Answers: every error in the one shape of docs/protocol.md, and what the middleware does around
the API's addresses."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import refusal_json

from .door import Unauthorised, tell_limit

PLACE = "/api/"
"""How the addresses of the API begin."""


class ApiAnswers:
    """Middleware. A browser's cookies and language count for nothing at the API's addresses, and
    whatever refuses a request there, Django itself too, answers by the error object."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PLACE):
            return self.get_response(request)
        for name in ("HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"):
            request.META.pop(name, None)
        request.META["HTTP_ACCEPT"] = "application/json"
        response = self.get_response(request)
        if response.status_code == 405:
            no_such_method(response)
        if response.status_code == 301 and request.method not in ("GET", "HEAD"):
            # Clients repeat a 301 as a GET, which is answered 200 and stores nothing.
            response.status_code = 308
        tell_limit(request, response)
        return response


def no_such_method(response: HttpResponse) -> None:
    """Says so by the error object, with the headers that the response has."""
    content = {"error": "unknown_type", "detail": "This address has no such method."}
    answer = json_response(content)
    answer["Content-Length"] = str(len(answer.content))
    response.content = answer.content
    for name, value in answer.items():
        response[name] = value


def answer_errors(api: NinjaAPI) -> None:
    """Has the API answer what its operations raise."""

    @api.exception_handler(Refused)
    def refused(request, error: Refused) -> HttpResponse:
        return refusal_json(error)

    @api.exception_handler(Unauthorised)
    def unauthorised(request, error) -> HttpResponse:
        detail = "Send Authorization: Bearer TOKEN, with a token that is valid."
        response = json_response({"error": "forbidden", "detail": detail}, 401)
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(HttpError)
    def unreadable(request, error: HttpError) -> HttpResponse:
        """Ninja wraps what the parser of bodies raises."""
        cause = error.__cause__
        if not isinstance(cause, Refused):
            raise error
        return refusal_json(cause)

    @api.exception_handler(ValidationError)
    def invalid(request, error: ValidationError) -> HttpResponse:
        """The first field that does not fit its schema; before all a name that nothing has, as one
        that is missing may be misspelt there."""
        unknown = [each for each in error.errors if each["type"] == "extra_forbidden"]
        first = (unknown or error.errors)[0]
        # Behind the name there may be a place in its list.
        field = [each for each in first["loc"] if isinstance(each, str)][-1]
        what = "There is no such field" if unknown else first["msg"]
        return refusal_json(Refused("bad_field", f"{field}: {what}.", field=field))
