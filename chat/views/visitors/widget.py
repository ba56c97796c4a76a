"""What the widget on a site loads: scripts, the look of the button, and the number of unread
messages."""

import logging
import re
from datetime import timedelta
from functools import cache, partial, wraps

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe
from rjsmin import jsmin

from accounts.models import Enterprise, Team
from chat import colours
from chat.conversations import seating
from chat.ledger import references, visible_names
from chat.ledger.threads import MESSAGE
from chat.limits import limits
from chat.models import ChatGroup, GroupMessage, theirs
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import answer_refusals, for_address
from chat.visitors import invitations
from chat.visitors.cookies import Guest

from .embed import allow_reading, may_host, origin_header
from .guests import enterprise_and_team_or_404, guest_of

log = logging.getLogger("kefu.widget")

STYLE = re.compile(r"`\n:host.*?`", re.DOTALL)
BLANKS = re.compile(r"\s*([{};,]|:(?= ))\s*")
SEEN_EVERY = timedelta(hours=1)
"""How exactly an enterprise's row says when its widget was seen."""
SCRIPTS = settings.BASE_DIR / "static" / "js" / "widget"


class CompressPublic(GZipMiddleware):
    """Compresses a response without random bytes: these hide the length of secrets (BREACH), and
    what every site may have contains none."""

    max_random_bytes = 0


@require_safe
@conditional_page
@decorator_from_middleware(CompressPublic)
def script(request: HttpRequest, name: str) -> HttpResponse:
    """The script `name`: widget.js, or one that it loads when it is needed.

    Unlike the scripts of our pages, its address never changes, because sites have it in their
    code. So browsers may keep it for one hour only, and then ask by the ETag of its content: during
    an upgrade an old process sends the old text, whatever the file's time.
    """
    response = HttpResponse(minified_script(name), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Browsers load modules by CORS.
    response["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def minified_script(name: str) -> str:
    """The script without comments, and the style in it without needless blanks."""
    text = jsmin((SCRIPTS / name).read_text())
    return STYLE.sub(lambda found: BLANKS.sub(r"\1", found[0]), text)


def for_sites(view=None, counted: bool = True):
    """Decorates a view for scripts of the enterprise's sites and of this site. It gets the
    request, the enterprise, the team, and what else the address names. Scripts of other sites
    cannot read the answer. Unless `counted` is False, requests are counted for their address."""
    if view is None:
        return partial(for_sites, counted=counted)

    @answer_refusals()
    def checked(
        request: HttpRequest, enterprise: Enterprise, team: Team, allowed: bool, **more: str
    ) -> HttpResponse:
        if not allowed:
            raise Refused("forbidden", "This site is not one of the enterprise's.")
        if not enterprise.is_open:
            raise Refused("forbidden", "This chat is closed.")
        if counted:
            limits.take("fetch", for_address(request))
        return view(request, enterprise, team, **more)

    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str, **more: str) -> HttpResponse:
        enterprise, team = enterprise_and_team_or_404(request, ent_id)
        origin = origin_header(request)
        known = bool(origin) and may_host(request, enterprise, origin)
        response = checked(request, enterprise, team, allowed=known or not origin, **more)
        if known:
            allow_reading(response, origin)
        patch_vary_headers(response, ["Origin"])
        return response

    return guarded


@require_safe
@for_sites(counted=False)
@conditional_page
@decorator_from_middleware(CompressPublic)
def appearance(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """The colours and texts of the button.

    Every page of a site loads this, so browsers keep it for five minutes, and then ask whether it
    has changed. It is the same for everybody and cheap (kefu/widget_look.py), and not counted by
    the limits.
    """
    note_seen(request, enterprise)
    colour = request.GET.get("colour", "")
    accent = colour if colours.HEX.match(colour) else enterprise.accent
    ground, ink, _as_ink = colours.accent_colours(accent, "light")
    response = json_response(
        {
            "name": enterprise.name,
            "side": enterprise.widget_side,
            "label": enterprise.widget_label,
            "ground": ground,
            "ink": ink,
            "lang": get_language(),
            "texts": {
                "open": _("Chat with us"),
                "close": _("Close the chat"),
                "news": _("New messages: {n}"),
                "dismiss": _("Close"),
            },
            **inviting_config(enterprise, team),
        }
    )
    response["Cache-Control"] = "private, max-age=300"
    return response


def note_seen(request: HttpRequest, enterprise: Enterprise) -> None:
    """Stores that a site of the enterprise has the widget, once an hour. This site's own pages,
    where a manager tries it, do not count."""
    if origin_header(request) not in enterprise.site_origins():
        return
    now = timezone.now()
    if enterprise.widget_seen_at and enterprise.widget_seen_at > now - SEEN_EVERY:
        return
    try:
        Enterprise.objects.filter(pk=enterprise.pk).update(widget_seen_at=now)
    except Error as error:  # The button has to appear all the same.
        log.warning("that the widget was seen is not stored: %s", error)


def inviting_config(enterprise: Enterprise, team: Team) -> dict:
    """What the widget's second script needs (static/js/widget/inviting.js). It is empty, and the
    script is not loaded, if the enterprise neither greets visitors nor records their visits."""
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
@for_sites
def unread(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """The number of messages that the visitor has not read, and whether there is a conversation
    with the team (`known`). Without any the widget stops asking."""
    return json_response(unread_of(request, guest_of(request, enterprise, team), team))


@require_safe
@for_sites
def news(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """The newest answer that the visitor has not read, for the preview above the closed button, or
    null. It is plain text, whatever its formatting, and short."""
    seat = seat_of(request, guest_of(request, enterprise, team), team)
    found = None
    if seat and seat.unread:
        rows = GroupMessage.objects.in_group(seat.uuid).filter(theirs(seat.ent_id))
        rows = rows.visible_to(visitor=True)
        answers = rows.filter(message_type=MESSAGE, seq__gt=seat.read_seq)
        found = answers.exclude(sender=seat.member_id).order_by("-seq").first()
    return json_response({"news": found and preview_of(found)})


def preview_of(row: GroupMessage) -> dict:
    names = visible_names.read([row.sender])
    said = references.excerpt(row.message_content, row.data)
    word = {"picture": _("[Picture]"), "file": _("[File]")}.get(references.file_word(row.data), "")
    return {
        "id": row.pk,
        "seq": row.seq,
        "name": visible_names.visible(row.sender, row.sender_name, names) or visible_names.word(),
        "avatar": row.sender_avatar,
        "text": f"{word} {said}".strip(),
    }


def unread_of(request: HttpRequest, guest: Guest | None, team: Team) -> dict:
    """`known` and `unread` for the guest's conversation with the team."""
    seat = seat_of(request, guest, team)
    return {"known": bool(seat), "unread": seat.unread if seat else 0}


def seat_of(request: HttpRequest, guest: Guest | None, team: Team) -> ChatGroup | None:
    """The guest's seat in their conversation with the team; None without one, and for whoever is
    blocked."""
    if guest is None or not guest.stored or guest.blocked:
        return None
    code = team.enterprise.code
    group = seating.find(code, guest.uuid, team.id)
    if not group and not request.GET.get("team"):
        # The chat page opens the latest conversation, too (visitor.page).
        group, _slug = seating.latest(code, guest.uuid) or (None, "")
    return (
        group and ChatGroup.objects.for_member(guest.uuid).filter(theirs(code), uuid=group).first()
    )
