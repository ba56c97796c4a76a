"""Filters of the chat's templates. static/js/ has functions that do the same for live events."""

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language_info, gettext_noop, ngettext
from django.utils.translation import gettext as _

from accounts import hours
from accounts.models import Enterprise, Team, Translated
from accounts.models.brand import ACCENT
from chat import colours
from chat.conversations import recalls, receptions
from chat.files import kinds, pictures
from chat.presence import leases
from chat.protocol import contacts
from chat.protocol.sizes import size_text
from chat.reading import faces, inbox_counts

from . import notices

register = template.Library()
register.filter("size", size_text)
register.filter("notice_text", notices.agent_text)
register.filter("notice_to_visitor", notices.visitor_text)
register.simple_tag(notices.texts_for_agents, name="notices_for_agents")
register.simple_tag(notices.texts_for_visitors, name="notices_for_visitors")


PICTURE = '<img class="avatar {}" src="{}" alt="">'
LETTER = '<span class="avatar {} hue-{}" aria-hidden="true">{}</span>'


@register.simple_tag(takes_context=True)
def avatar(context, uuid: str = "", name: str = "", picture: str = "", size: str = "") -> str:
    """The face of a person: their picture, or a letter in their colour: that in the page's `hues`
    (faces.hues_of), else the uuid's own. `size` is small, large or "". static/js/agent/avatar.js
    does the same."""
    if picture:
        return format_html(PICTURE, size, picture)
    hue = (context.get("hues") or {}).get(uuid)
    return letter(size, faces.hue_of(uuid) if hue is None else hue, initial(name))


@lru_cache(1_000)
def letter(size: str, hue: int, shown: str) -> str:
    """A face without a picture, which says no more than these three."""
    return format_html(LETTER, size, hue, shown)


BESIDE = {
    "site-visits": "site-visits",
    "canned-replies": "canned-replies",
    "canned-reply": "canned-replies",
    "team-questions": "canned-replies",
    "team-question": "canned-replies",
    "alerts": "alerts",
    "profile": "profile",
    "own-figures": "profile",
    "password-change": "profile",
    "security": "profile",
    "security-app": "profile",
    "security-codes": "profile",
    "security-off": "profile",
    "confirm": "profile",
}
"""The marked entry of the rail by the name of the page; on others the conversations are marked."""


@register.inclusion_tag("chat/workspace/_rail.html", takes_context=True)
def rail(context) -> dict:
    """The rail of an agent's page."""
    request = context["request"]
    member, place = request.user, request.resolver_match
    counts = context.get("counts") or inbox_counts.view_counts(member)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "me": member,
        "here": BESIDE.get(place.url_name, place.namespace),
        "state": leases.own_state(member),
        "theme": context.get("theme"),
        "hues": context.get("hues") or faces.hues_of(member.enterprise),
        "waiting": counts["waiting"],
    }


@register.filter
def as_json(facts: object) -> str:
    """Facts for a script, with their times, as the value of an attribute."""
    return json.dumps(facts, cls=DjangoJSONEncoder, separators=(",", ":"))


@register.filter
def accent_css(enterprise: Enterprise) -> str:
    """The address of the style sheet with the enterprise's colours; the default accent stands for
    an invalid one."""
    accent = enterprise.accent if colours.HEX.match(enterprise.accent) else ACCENT
    cover = enterprise.cover_colour if colours.HEX.match(enterprise.cover_colour) else accent
    digits = {"accent": accent[1:].lower(), "cover": cover[1:].lower()}
    return reverse("accent", kwargs=digits)


@register.filter
def head_colour(enterprise: Enterprise, scheme: str) -> str:
    """The colour of the head of the visitor's page in a scheme, for the browser's own bars; "" for
    an invalid one."""
    found = colours.cover_colours(enterprise.cover_colour or enterprise.accent, scheme)
    return found[0] if found else ""


def initial(name: str) -> str:
    """The letter of a person without a picture: the first of their name, but the second of names
    such as 小艾, whose first character many share; of a visitor without a name two digits."""
    name = (name or "").strip() or "?"
    if faces.is_numbered(name):
        return name[-2:]
    return (name[1] if len(name) == 2 and name[0] in "小老阿" else name[0]).upper()


@register.filter
def is_silent(message: dict | None) -> bool:
    """Whether a thread shows no line for a message object."""
    return notices.is_silent(message or {})


@register.filter
def can_edit(message: dict | None, me: str) -> bool:
    """Whether the member `me` (uuid) can still edit a message object: not once it has left by a
    channel."""
    if not message or message["kind"] == "notice" or message["sender"] != me:
        return False
    if ((message.get("data") or {}).get("delivery") or {}).get("state") == "sent":
        return False
    return timezone.now() - message["created_at"] <= recalls.WITHIN


@register.filter
def translated(row: Translated, name: str) -> str:
    """A text of the enterprise in the reader's language, see accounts/models/translated.py."""
    return row.translated(name)


@register.filter
def minutes_since(moment: datetime) -> str:
    """How many minutes ago `moment` was."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    return _("%(minutes)d min") % {"minutes": minutes} if minutes > 0 else _("just now")


@register.filter
def dot(state: str) -> str:
    """The CSS class of the dot for an agent's state."""
    return {leases.ONLINE: "on", leases.OFFLINE: "off"}.get(state, state or "off")


STATES = {
    leases.ONLINE: gettext_noop("Online"),
    leases.BUSY: gettext_noop("Busy"),
    leases.AWAY: gettext_noop("Away"),
}
OFFLINE = gettext_noop("Offline")


@register.filter
def state_name(state: str) -> str:
    """An agent's state in the reader's language."""
    return _(STATES.get(state, OFFLINE))


CALLED = {
    leases.BUSY: gettext_noop("{name} (busy)"),
    leases.AWAY: gettext_noop("{name} (away)"),
    leases.OFFLINE: gettext_noop("{name} (offline)"),
}


@register.filter
def called(colleague: dict) -> str:
    """A colleague's name in a choice, with their state unless they are online."""
    words = CALLED.get(colleague.get("state"))
    return _(words).format(name=colleague["name"]) if words else colleague["name"]


@register.filter
def team_called(team: dict) -> str:
    """A team's name in a choice, with a warning if it is closed or nobody is online."""
    words = {
        "closed": _("{name} (outside working hours)"),
        leases.OFFLINE: _("{name} (nobody online)"),
    }
    return words.get(team.get("state"), "{name}").format(name=team["name"])


@register.simple_tag
def selecting(chosen, **changed: str) -> str:
    """The query of a Selection with these changes."""
    return replace(chosen, **changed).query


@register.filter
def usually(seconds: int | None) -> str:
    """How long a first reply usually takes; "" if that is unknown or more than a day, which is not
    worth telling. static/js/visitor/queue_position.js says the same."""
    if seconds is None or seconds > 24 * 3600:
        return ""
    if seconds > 3600:
        n = -(-seconds // 3600)
        return ngettext(
            "Usually answered within %(n)s hour", "Usually answered within %(n)s hours", n
        ) % {"n": n}
    n = max(1, -(-seconds // 60))
    return ngettext(
        "Usually answered within %(n)s minute", "Usually answered within %(n)s minutes", n
    ) % {"n": n}


@register.filter
def later(chosen, cursor: str) -> str:
    """The query of the next page of a selection."""
    return f"?{urlencode(chosen.fields | {'before': cursor})}"


@register.filter
def further(chosen, found: dict) -> str:
    """The query that continues a search with older messages, with the same selection."""
    return f"?{urlencode(chosen.fields | {'q': found['q'], 'older': found['more']})}"


@register.filter
def stars(score: int | None) -> str:
    """A rating as five stars."""
    return "★" * score + "☆" * (5 - score) if score else ""


@register.filter
def reason(reception: dict) -> str:
    """Why a reception was closed, for colleagues."""
    said = (reception or {}).get("reason", "")
    by_itself = said == receptions.IDLE and not reception.get("closed_name")
    return _("No reply; closed automatically") if by_itself else said


@register.filter
def place(url: str | None) -> str:
    """A URL without its scheme."""
    return (url or "").partition("://")[2]


@register.filter
def signed(identity: dict | None) -> str:
    """The name, e-mail address and id that the enterprise's site has signed; "" for an identity of
    a channel, which pages name otherwise (reading/reach.py)."""
    if contacts.is_of_channel(identity):
        return ""
    return " · ".join(filter(None, map((identity or {}).get, ("name", "email", "id"))))


@register.filter
def linked(others: list[dict] | None) -> int:
    """Of how many other visitors of a customer these conversations are."""
    return len({one["visitor"] for one in others or () if "visitor" in one})


@register.filter
def language_name(code: str) -> str:
    """The name of a language in the reader's language; its code if it is unknown."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


@register.filter
def moment(text: str | None) -> datetime | None:
    """The datetime that is stored as text."""
    return parse_datetime(text) if text else None


@register.filter
def opening(moment: datetime, team: Team) -> str:
    """When a team opens, in its own time zone. Scripts replace it with the visitor's local time."""
    zone = hours.zone_named(team.hours["zone"])
    there = moment.astimezone(zone)
    days = (there.date() - timezone.now().astimezone(there.tzinfo).date()).days
    day = date_format(there, "D" if days < 7 else "DATE_FORMAT")
    if days < 2:
        day = _("tomorrow") if days else _("today")
    return f"{day} {date_format(there, 'G:i')} ({zone.key})"


@register.filter
def box(file: dict) -> tuple[int, int]:
    """The width and height at which the thread shows a message's picture."""
    return pictures.display_size(file["width"], file["height"])


@register.filter
def ending(name: str) -> str:
    """The ending of a file name, for its icon: up to four capital letters."""
    return kinds.ending_of(name)[:4].upper()


FILE_WORDS = {"picture": gettext_noop("[Picture]"), "file": gettext_noop("[File]")}


@register.filter
def file_word(excerpt: dict | None) -> str:
    """The word for the message's file before an excerpt."""
    word = FILE_WORDS.get((excerpt or {}).get("attachment"))
    return f"{_(word)} " if word else ""


@register.filter
def unattended_line(team: dict) -> str:
    """The warning about an unattended team, for managers."""
    waited = timezone.now() - team["since"]
    minutes = max(1, int(waited.total_seconds() // 60))
    return ngettext(
        "%(team)s: nobody is online, %(n)s visitor has been waiting for %(minutes)s min.",
        "%(team)s: nobody is online, %(n)s visitors are waiting, the longest for %(minutes)s min.",
        team["waiting"],
    ) % {"team": team["name"], "n": team["waiting"], "minutes": minutes}
