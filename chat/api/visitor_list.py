"""Visitors: looked for, and made or changed by the id that the enterprise's site knows them by."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from accounts import rights
from accounts.models import AccessToken
from accounts.tokens import Scope
from chat.limits import limits, member_keys
from chat.models import Visitor
from chat.posting import batches, visitor_forms
from chat.posting.given_visitors import GivenVisitor
from chat.protocol import contacts, fields
from chat.protocol.errors import Refused
from chat.reading import search, visitor_list
from chat.reading.visitor_list import Wanted
from chat.views.common import json_response
from chat.visitors import cookies, identities
from chat.visitors.identities import MAX_ID, MAX_NAME, Person

from . import pages, visitor_schemas
from .door import makes, named, reads, take_message

router = Router(tags=["visitors"])
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)
MAX_LANGUAGE = 10
"""Characters (the column's length)."""
UNREAD = {
    "contact": "",
    "email": "",
    "attributes": {},
    "contacts_hidden": True,
    "conversations": [],
}
"""What is told of a visitor without the scope visitors:read."""


class ListQuery(pages.PageQuery):
    identity: str | None = Field(
        None, min_length=1, max_length=MAX_ID, description="The id that the site knows them by"
    )
    email: str | None = Field(None, min_length=1, max_length=MAX_NAME, description="Exactly")
    q: str | None = Field(
        None,
        min_length=1,
        max_length=search.MAX_QUERY,
        description="Words, all of which stand in the name or in the contact",
    )
    cursor: str | None = Field(None, description="That of the page before")
    limit: int = Field(50, ge=1, le=100)


@router.get(
    "",
    **reads(visitor_schemas.VisitorPage, Scope.VISITORS_READ),
    **named("visitors", "list_visitors", "Look visitors up"),
)
def visitors(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """The visitors of the enterprise (of a bot: those of its conversations), the newest first.
    Where contact data is hidden, it is masked and finds nobody."""
    token = request.token  # type: ignore[attr-defined]
    if query.q:
        limits.take("search", member_keys(token.member.uuid))
    (after,) = pages.place(query.cursor, token, "visitors", int) or [None]
    found = visitor_list.page(token.member, wanted(token, query), after, query.limit)
    last = found.last and pages.cursor(token, "visitors", found.last)
    return json_response({"visitors": found.visitors, "cursor": last})


def wanted(token: AccessToken, query: ListQuery) -> Wanted:
    code = token.member.enterprise.code  # type: ignore[union-attr]
    key = query.identity and identities.identity_key(code, Person(query.identity))
    asked = {"id": query.identity}
    hidden = not token.member.sees_contacts and contacts.masked_identity(asked) != asked
    if hidden or contacts.site_id(asked) is None:
        key = ""
    email = query.email and query.email.strip().lower()
    if email == "":
        # That is the key of everybody without an address.
        raise Refused("bad_field", "email is an e-mail address.", field="email")
    return Wanted(key, email, search.terms_of(query.q) if query.q else None)


@router.post(
    "",
    **makes(visitor_schemas.ListedVisitor, Scope.VISITORS_WRITE),
    **named("visitors", "give_visitor", "Make or change a visitor by identity"),
)
def give(request: HttpRequest, body: visitor_schemas.NewVisitor) -> HttpResponse:
    """201 for a new one; 200 where the identity is known, and what was given is stored. They are
    the visitor whom a signed token with this id names. Answers are never mailed to an address that
    came so."""
    token = request.token  # type: ignore[attr-defined]
    member = token.member
    if not member.may(rights.READ_ALL):
        raise Refused("forbidden", "Visitors are made by service accounts.")
    given = GivenVisitor(
        actor=member,
        who=identity(body.identity),
        name=fields.line({"name": body.name}, "name", visitor_forms.MAX_LINE, optional=True),
        email=email(body.email),
        language=language(body.language),
        values=body.attributes,
    )
    take_message(member)
    batches.do(given)
    row = Visitor.objects.get(uuid=given.visitor, ent_id=member.enterprise.code)
    (shown,) = visitor_list.objects(member, [row])
    if Scope.VISITORS_READ not in token.scopes:
        shown |= UNREAD | {"customer": row.uuid}
    return json_response({"visitor": shown}, 201 if given.created else 200)


def identity(who: str) -> str:
    try:
        return identities.person_id(who)
    except Refused as refused:
        raise Refused("bad_field", refused.detail, field="identity") from None


def email(text: str | None) -> str:
    found = fields.line({"email": text}, "email", MAX_NAME, optional=True)
    try:
        if found:
            validate_email(found)
    except ValidationError:
        raise Refused("bad_field", "email is an e-mail address.", field="email") from None
    return found


def language(text: str | None) -> str:
    wish = (text or "").lower()
    if known := cookies.supported_language(wish) if wish else "":
        return known
    if wish and (len(wish) > MAX_LANGUAGE or not LANGUAGE.fullmatch(wish)):
        raise Refused("bad_field", "language is a tag such as zh-hans.", field="language")
    return wish
