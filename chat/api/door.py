"""Who a request comes from: its token, the scope that an operation needs, and how many more
requests the token has."""

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from ninja.security.base import AuthBase

from accounts import tokens
from accounts.models import AccessToken, Member
from accounts.tokens import Scope
from chat.limits import address_keys, limits, member_keys
from chat.protocol.errors import Refused

from . import schemas

LIMIT = "api"
"""The name of the limit of requests (chat/rates.py)."""


class Unauthorised(Exception):
    """The request carries no valid token."""


class Bearer(AuthBase):
    """Lets requests with a valid token in that has these scopes. Sets `request.token`, and
    `request.user` to the token's account, as whom the audit notes what is done."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *scopes: Scope):
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> AccessToken:
        token = tokens.read(request.headers.get("Authorization"))
        if token is None:
            # Guessing is hopeless, but each try costs a query.
            limits.take("fetch", address_keys(request.META.get("REMOTE_ADDR", "")))
            raise Unauthorised
        request.token, request.user = token, token.member
        limits.take(LIMIT, keys(token))
        for scope in self.scopes:
            demand(token, scope)
        return token


def demand(token: AccessToken, scope: Scope) -> None:
    """Refuses a token that has not this scope."""
    if scope not in token.scopes:
        detail = f"This token may not be used for it: it lacks the scope {scope}."
        raise Refused("forbidden", detail, scope=str(scope))


def needs(*scopes: Scope) -> dict:
    """The arguments of an operation that needs these scopes; the document names them as `x-scope`,
    with a space between two."""
    return {"auth": Bearer(*scopes), "openapi_extra": {"x-scope": " ".join(scopes)}}


def reads(answer: type[Schema], *scopes: Scope) -> dict:
    """As `needs`, of an operation that changes nothing, with the schema of its answer."""
    return {**needs(*scopes), "response": {200: answer, **schemas.ERRORS}}


def writes(answer: type[Schema], *scopes: Scope) -> dict:
    """As `reads`, of one that changes something."""
    return {**needs(*scopes), "response": {200: answer, **schemas.WRITE_ERRORS}}


def makes(answer: type[Schema], *scopes: Scope) -> dict:
    """As `writes`, of one that answers 201 for what is new."""
    return {**needs(*scopes), "response": {200: answer, 201: answer, **schemas.WRITE_ERRORS}}


def named(address: str, operation: str, summary: str) -> dict:
    """What an operation is called: its address in `reverse`, itself for programs, and in words."""
    return {"url_name": address, "operation_id": operation, "summary": summary}


ANY = Bearer()
"""For an operation that gives what the token's scopes read."""


def keys(token: AccessToken) -> dict[str, str]:
    return {"token": str(token.pk)}


def take_message(member: Member) -> None:
    """Counts what is written like a member's own messages and actions."""
    limits.take("message", member_keys(member.uuid))


def tell_limit(request: HttpRequest, response: HttpResponse) -> None:
    """Adds how many requests the token has in all and left, and in how many seconds it has all of
    them again."""
    token = getattr(request, "token", None)
    known = limits.standing(LIMIT, "token", keys(token)["token"]) if token else None
    if known:
        names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
        for name, value in zip(names, known, strict=True):
            response[name] = str(value)
