"""Who is signed in on the site around the widget: its token becomes a session in a cookie."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import Enterprise, Team
from chat.background import upkeep
from chat.care import joining
from chat.delivery import announce
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.visitors import cookies, identities
from chat.visitors.cookies import Guest
from chat.visitors.identities import Person, SignIn

from ..models import Visitor
from .common import json
from .framing import origin_header
from .visitor import guest_of, limited, remember
from .widget import for_sites, unread_of


@csrf_exempt
@require_POST
@limited
@for_sites
def exchange(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """`user` is a token, or empty for nobody. Answers whether the visitor is another one than
    before, and what is unread.

    In the place of a token against forged requests stands the Origin, which a browser sends with
    every POST and which has to be one of the enterprise's sites or ours: a site has no page of
    ours that could have brought one.
    """
    if not origin_header(request):
        raise Refused("forbidden", "Only a page of the enterprise's sites asks this.")
    before = guest_of(request, enterprise)
    session = before and before.session
    cookie = identities.cookie_name(enterprise)
    if token := request.POST.get("user"):
        now = timezone.now()
        person, secret = identities.verify_token(token, enterprise, now)
        # Refused, where no cookie can hold it, before anything has joined.
        longest = identities.new_sign_in(person, secret, now, None, former=str(uuid.uuid4()))
        identities.pack(longest, enterprise)
        session = sign_in(request, enterprise, person, secret, session)
        guest = cookies.signed_in_guest(session, enterprise)
    else:
        guest = sign_out(request, enterprise, session) if session else before
    changed = (before and before.uuid) != (guest and guest.uuid)
    response = json({"changed": changed, **unread_of(request, guest, team)})
    if token:
        value = identities.pack(session, enterprise)
        remember(response, request, cookie, value, identities.SIGN_IN_LIFETIME.total_seconds())
        if session.former:
            # Else whoever comes here after a sign-out would go on as the one who has joined.
            response.delete_cookie(cookies.cookie_name(enterprise))
    elif cookie in request.COOKIES:
        response.delete_cookie(cookie)
    return response


def sign_in(
    request: HttpRequest,
    enterprise: Enterprise,
    person: Person,
    secret: str,
    held: SignIn | None,
) -> SignIn:
    """The session of a person. What was written in this browser without a name joins them; a
    session of anybody else there (`held`) is over."""
    goes_on = held is not None and held.person.id == person.id
    if held and not goes_on:
        identities.end_sign_in(held)
    nameless = cookies.guest_from_token(
        request.COOKIES.get(cookies.cookie_name(enterprise)), enterprise
    )
    former = held.former if goes_on else ""
    if nameless and not goes_on:
        former = part(enterprise, nameless, person)
    joining.renew(enterprise, person)
    known = identities.find_visitor(enterprise, person)
    who = known.uuid if known else held.uuid if goes_on else None
    key = held.key if goes_on else None
    return identities.new_sign_in(person, secret, timezone.now(), who, key, former)


def part(enterprise: Enterprise, nameless: Guest, person: Person) -> str:
    """Other windows of this browser, still without a name, begin anew as the person's. Returns the
    uuid of who they were, or nothing where that one stays: as the person, or apart from them."""
    joining.join(nameless.uuid, enterprise, person)
    announce.send_event(enterprise.code, [nameless.uuid], events.identity())
    upkeep.soon()
    return "" if Visitor.objects.filter(uuid=nameless.uuid).exists() else nameless.uuid


def sign_out(request: HttpRequest, enterprise: Enterprise, session: SignIn) -> Guest | None:
    """Ends the session. Who this browser is then is nobody of before, unless somebody without a
    name could not join."""
    identities.end_sign_in(session)
    upkeep.soon()
    return cookies.anonymous_guest(request.COOKIES, enterprise)
