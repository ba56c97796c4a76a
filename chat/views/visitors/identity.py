"""Signs visitors in with the token of the site around the widget: it becomes a session cookie."""

import uuid
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import Enterprise, Team
from chat.background import upkeep
from chat.care import joins
from chat.customers import signed
from chat.customers.attributes import Values
from chat.delivery import announce
from chat.models import Visitor
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.visitors import cookies, identities
from chat.visitors.cookies import Guest
from chat.visitors.identities import Person, SignIn

from .embed import origin_header
from .guests import guest_of, set_cookie
from .widget import for_sites, unread_of


@csrf_exempt
@require_POST
@for_sites
def exchange(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """Signs a visitor in or out: `user` is the site's token, or empty when nobody is signed in.
    Answers whether the visitor has changed, and how many messages are unread.

    A page of another site has no CSRF token. Instead, `Origin`, which browsers send with every
    POST, must be one of the enterprise's sites or this one.
    """
    if not origin_header(request):
        raise Refused("forbidden", "Only a page of the enterprise's sites asks this.")
    before = guest_of(request, enterprise, team)
    session = before and before.sign_in
    cookie = identities.cookie_name(enterprise)
    if token := request.POST.get("user"):
        now = timezone.now()
        person, secret = identities.verify_token(token, enterprise, now)
        # Refuse a session that is too long for a cookie before any conversation has moved.
        longest = identities.new_sign_in(person, secret, now, None, former=str(uuid.uuid4()))
        identities.pack(longest, enterprise)
        values = signed.kept(enterprise, identities.attributes_in(token), now)
        session = sign_in(request, enterprise, person, secret, session, values)
        browser = cookies.Browser(request.COOKIES, enterprise, translation.get_language())
        (guest,) = cookies.guests_of([session], [browser])
    else:
        guest = sign_out(request, enterprise, session) if session else before
    changed = (before and before.uuid) != (guest and guest.uuid)
    response = json_response({"changed": changed, **unread_of(request, guest, team)})
    if token:
        value = identities.pack(session, enterprise)
        set_cookie(response, request, cookie, value, identities.SIGN_IN_LIFETIME.total_seconds())
        if session.former:
            # Otherwise whoever uses the browser after a sign-out would be that nameless visitor.
            response.delete_cookie(cookies.cookie_name(enterprise))
    elif cookie in request.COOKIES:
        response.delete_cookie(cookie)
    return response


def sign_in(
    request: HttpRequest,
    enterprise: Enterprise,
    person: Person,
    secret: str,
    current: SignIn | None,
    values: Values,
) -> SignIn:
    """A session of `person`, of whose attributes the token gives `values`. Conversations that a
    nameless visitor of this browser had become theirs. `current` is the browser's session so far;
    one of another person is ended."""
    continues = current is not None and current.person.id == person.id
    if current and not continues:
        identities.end_sign_in(current)
    nameless = cookies.guest_from_token(
        request.COOKIES.get(cookies.cookie_name(enterprise)), enterprise
    )
    former = current.former if continues else ""
    if nameless and not continues:
        former = join_nameless(enterprise, nameless, person)
    joins.renew(enterprise, person, values)
    known = identities.find_visitor(enterprise, person)
    who = known.uuid if known else current.uuid if continues else None
    key = current.key if continues else None
    session = identities.new_sign_in(person, secret, timezone.now(), who, key, former)
    if known:
        return session
    # For the row that the first message creates.
    given = {key: value for key, value in values.items() if value is not None}
    return replace(session, attributes=given)


def join_nameless(enterprise: Enterprise, nameless: Guest, person: Person) -> str:
    """Joins a nameless visitor to `person`, and has the browser's other windows reload.

    Returns the uuid of the nameless visitor if it is gone, or "" if its row is still there: as
    the person's own, or because it could not be joined.
    """
    joins.join(nameless.uuid, enterprise, person)
    announce.send_event(enterprise.code, [nameless.uuid], events.identity())
    upkeep.soon()
    return "" if Visitor.objects.filter(uuid=nameless.uuid).exists() else nameless.uuid


def sign_out(request: HttpRequest, enterprise: Enterprise, session: SignIn) -> Guest | None:
    """Ends the session. Returns the nameless visitor of this browser, if there is one that could
    not be joined."""
    identities.end_sign_in(session)
    upkeep.soon()
    return cookies.anonymous_guest(request.COOKIES, enterprise)
