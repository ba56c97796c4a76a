"""What the visitor's views share: the enterprise of an address, the guest of a cookie, and the
pages for those who may not write."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, hours
from accounts.models import Enterprise, Team
from accounts.requests import error_page, wants_json
from chat.limits import visitor_keys
from chat.models import Conversation
from chat.views.refusals import refusal_json
from chat.visitors import cookies, links
from chat.visitors.cookies import Guest

from .embed import activate_language, page_query

EXPORTING = timedelta(days=1)
"""While a visitor takes the same along again, it is one row of the audit."""


def enterprise_and_team_or_404(request: HttpRequest, ent_id: str) -> tuple[Enterprise, Team]:
    """The enterprise with the code `ent_id`, and its team that the query names (`team`) or its
    default one. From here on the response is in the language of the chat."""
    enterprise = cookies.find_enterprise(ent_id)
    team = enterprise and cookies.find_team(enterprise, request.GET.get("team"))
    if team is None:
        raise Http404
    activate_language(request, enterprise)
    return enterprise, team


def guest_of(
    request: HttpRequest, enterprise: Enterprise, team: Team | None = None
) -> Guest | None:
    """Who sent the request, by its cookies; None without a valid one. With the `team` of the page
    also who came by the link of a mail, for the conversation of this page alone."""
    return cookies.identify_guest(request.COOKIES, enterprise, team)


def limit_keys(request: HttpRequest, who: str | None, ent_id: str) -> dict[str, str]:
    """For whom the request of a visitor is counted, as `Limits.take` expects it.

    `who` is the visitor's uuid, None for one who is not stored. `ent_id` must be the
    enterprise's code as it is stored: MariaDB finds an enterprise by other spellings of an
    address, too, and each would be counted apart.
    """
    return visitor_keys(who, request.META.get("REMOTE_ADDR", ""), ent_id)


def chat_url(request: HttpRequest, enterprise: Enterprise) -> str:
    """The address of the chat page for the same team, in the same frame and language."""
    return enterprise.chat_path + page_query(request)


def closed_page(request: HttpRequest) -> HttpResponse:
    """The answer while the enterprise takes no messages."""
    return error_page(
        request,
        403,
        _("This chat is closed"),
        _("The business does not accept messages here at present."),
    )


def blocked_page(
    request: HttpRequest, enterprise: Enterprise, team: Team, guest: Guest
) -> HttpResponse:
    """The answer to a blocked guest: until when they are blocked, and never why."""
    if wants_json(request):
        return refusal_json(guest.closed_out())
    if guest.until:
        until = f"{timezone.localtime(guest.until, zone_of(enterprise, team)):%Y-%m-%d %H:%M %Z}"
        detail = _("You can write here again from %(time)s.") % {"time": until}
    else:
        detail = _("If you think that this is a mistake, please contact %(name)s in another way.")
        detail %= {"name": enterprise.name}
    context = {
        "enterprise": enterprise,
        "until": guest.until,
        "detail": detail,
        "chat": chat_url(request, enterprise),
    }
    return render(request, "chat/visitor/blocked.html", context, status=403)


def zone_of(enterprise: Enterprise, team: Team) -> ZoneInfo:
    """The time zone in which pages without JavaScript show times to visitors: that of the team's
    hours, else the enterprise's. Scripts replace them by the visitor's own time."""
    return hours.zone_named(team.hours.get("zone") or enterprise.zone)


def set_cookie(
    response: HttpResponse, request: HttpRequest, name: str, token: str, age: float
) -> None:
    """Sets a cookie of a visitor for `age` seconds. Scripts cannot read it; it is only sent by
    HTTPS if the site has it."""
    response.set_cookie(
        name,
        token,
        max_age=int(age),
        httponly=True,
        secure=settings.PUBLIC_URL.startswith("https://") or request.is_secure(),
        samesite="Lax",
    )


def keep_open(
    response: HttpResponse,
    request: HttpRequest,
    conversation: Conversation,
    enterprise: Enterprise,
) -> None:
    """Sets the cookie by which this browser opens the conversation of a link."""
    token = links.token(links.OPENED, conversation, enterprise)
    name, age = links.cookie_name(enterprise), links.COOKIE_AGE.total_seconds()
    set_cookie(response, request, name, token, age)


def note_export(enterprise: Enterprise, who: str, source: str, **columns) -> None:
    """Notes in the audit that a visitor (uuid) takes along what is stored of them. Neither the
    address that they sit at nor the one that they have it mailed to is kept. Once in EXPORTING, so
    that no visitor fills the audit."""
    origin = audit.of_person(who, source=source)
    about = {"visitor": who, **columns}
    audit.note_once(EXPORTING, audit.Action.EXPORTED, enterprise.pk, origin, **about)
