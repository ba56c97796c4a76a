"""What the widget on a site asks for: its script, its look, and how much is unread."""

import re
from datetime import datetime, timezone
from functools import cache, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.views.decorators.http import last_modified, require_safe
from rjsmin import jsmin

from accounts.models import Enterprise, Team
from chat import colours
from chat.conversations import seating
from chat.protocol.errors import Refused
from chat.visitors import invitations
from chat.visitors.cookies import Guest

from ..models import ChatGroup
from .common import json, refusal
from .framing import allow_reading, may_host, origin_header
from .visitor import door, guest_of, limited

STYLE = re.compile(r"`\n:host.*?`", re.DOTALL)
BLANKS = re.compile(r"\s*([{};,]|:(?= ))\s*")
SCRIPTS = settings.BASE_DIR / "static" / "js" / "widget"


class CompressScript(GZipMiddleware):
    """A script holds no secret, whose length had to be veiled by random bytes."""

    max_random_bytes = 0


def changed_at(request: HttpRequest, name: str) -> datetime:
    return datetime.fromtimestamp(int((SCRIPTS / name).stat().st_mtime), timezone.utc)


@require_safe
@last_modified(changed_at)
@decorator_from_middleware(CompressScript)
def script(request: HttpRequest, name: str) -> HttpResponse:
    """`name` is widget.js, or inviting.js, which it brings where there is something to tell. The
    same for every site, under a name that never changes: so it is asked for again each hour, unlike
    our pages' scripts."""
    response = HttpResponse(source(name), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Modules are fetched as what scripts may read.
    response["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def source(name: str) -> str:
    """The script without comments, and its style without the blanks that only readers need."""
    text = jsmin((SCRIPTS / name).read_text())
    return STYLE.sub(lambda found: BLANKS.sub(r"\1", found[0]), text)


def for_sites(view):
    """For scripts of the enterprise's sites and of our own pages; `view` gets the request, the
    enterprise and the team, and others are refused without a word that they could read."""

    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
        enterprise, team = door(request, ent_id)
        origin = origin_header(request)
        known = origin and may_host(request, enterprise, origin)
        try:
            if origin and not known:
                raise Refused("forbidden", "This site is not one of the enterprise's.")
            if not enterprise.is_open:
                raise Refused("forbidden", "This chat is closed.")
            response = view(request, enterprise, team)
        except Refused as refused:
            response = refusal(refused)
        if known:
            allow_reading(response, origin)
        patch_vary_headers(response, ["Origin"])
        return response

    return guarded


@require_safe
@for_sites
def look(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """How the button looks and what it says. Kept by the browser for five minutes, as each page of
    a site asks; and not counted by the limits, being the same for everybody."""
    wish = request.GET.get("colour", "")
    accent = wish if colours.HEX.match(wish) else enterprise.accent
    ground, ink, _as_ink = colours.accent_colours(accent, "light")
    response = json(
        {
            "name": enterprise.name,
            "side": enterprise.widget_side,
            "label": enterprise.widget_label,
            "ground": ground,
            "ink": ink,
            "texts": {
                "open": _("Chat with us"),
                "close": _("Close the chat"),
                "news": _("New messages: {n}"),
            },
            **inviting(enterprise, team),
        }
    )
    response["Cache-Control"] = "private, max-age=300"
    return response


def inviting(enterprise: Enterprise, team: Team) -> dict:
    """What the widget's second script needs (static/js/widget/inviting.js); nothing where the
    enterprise neither greets nor wants to know who is there, so that it is not even fetched."""
    rules = invitations.active_rules(enterprise, team)
    if not rules and not enterprise.visits_told:
        return {}
    return {
        "inviting": {
            "rules": rules,
            "told": enterprise.visits_told,
            "queries": enterprise.queries_told,
            "texts": {"dismiss": _("Close, and do not ask again"), "answer": _("Answer")},
        }
    }


@require_safe
@limited
@for_sites
def unread(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """How many messages wait for the visitor while no chat page is open, and whether there is a
    conversation at all: without one it is not worth asking again."""
    return json(unread_of(request, guest_of(request, enterprise), team))


def unread_of(request: HttpRequest, guest: Guest | None, team: Team) -> dict:
    group = guest and guest.stored and seating.find(guest.uuid, team.id)
    if guest and guest.stored and not group and not request.GET.get("team"):
        # The frame leads there, too (visitor.page).
        group, _slug = seating.latest(guest.uuid) or (None, "")
    seat = group and ChatGroup.objects.in_group(group).of(guest.uuid).first()
    if not seat or guest.blocked:
        return {"known": False, "unread": 0}
    return {"known": True, "unread": seat.unread}
