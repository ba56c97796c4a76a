"""Small words for the chat's templates. static/js/ has the same for what arrives live."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.models import Team
from chat import colours
from chat.conversations import receptions
from chat.files import kinds, pictures
from chat.presence import leases
from chat.protocol.sizes import size_text
from chat.visitors import spam

register = template.Library()

HUES = 8


@register.filter
def hue(uuid: str) -> int:
    """A colour's number, 0 to 7, that stays with a person."""
    return sum(map(ord, uuid or "")) % HUES


@register.filter
def accent(given: str, scheme: str) -> str:
    """An accent's colours in a scheme, for visitor/accent.js; empty for what is no colour."""
    return " ".join(colours.accent_colours(given, scheme) or ())


@register.filter
def initial(name: str) -> str:
    """The letter that stands for a person without a picture; of 小艾, whose first character
    half the team shares, the second."""
    name = (name or "").strip() or "?"
    return (name[1] if len(name) == 2 and name[0] in "小老阿" else name[0]).upper()


@register.filter
def minutes_since(moment: datetime) -> str:
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    return _("%(minutes)d min") % {"minutes": minutes} if minutes > 0 else _("just now")


@register.filter
def dot(state: str) -> str:
    """The class of the dot that shows an agent's state."""
    return {leases.ONLINE: "on", leases.OFFLINE: "off"}.get(state, state or "off")


@register.filter
def state_name(state: str) -> str:
    words = {leases.ONLINE: _("Online"), leases.BUSY: _("Busy"), leases.AWAY: _("Away")}
    return words.get(state, _("Offline"))


@register.filter
def called(colleague: dict) -> str:
    """A colleague's name in a choice, with their state unless they are free."""
    words = {
        leases.BUSY: _("{name} (busy)"),
        leases.AWAY: _("{name} (away)"),
        leases.OFFLINE: _("{name} (offline)"),
    }
    return words.get(colleague.get("state"), "{name}").format(name=colleague["name"])


@register.filter
def team_called(team: dict) -> str:
    """A team's name in a choice, and what one should know before one hands on to it."""
    words = {
        "closed": _("{name} (outside working hours)"),
        leases.OFFLINE: _("{name} (nobody online)"),
    }
    return words.get(team.get("state"), "{name}").format(name=team["name"])


@register.filter
def wait_level(row: dict) -> str:
    """How near a waiting visitor is to the team's target: ok, soon (from half of it on), late."""
    waited = (timezone.now() - row["waiting_since"]).total_seconds()
    if waited >= row["target"]:
        return "late"
    return "soon" if waited * 2 >= row["target"] else "ok"


@register.filter
def about(row: dict | None, several: bool) -> str:
    """What a conversation is about, beside its name in the inbox: the team where the reader has
    several, the topic, the tags."""
    if not row:
        return ""
    team = row["team_name"] if several else ""
    return " · ".join(filter(None, [team, row["topic"], *row["tags"]]))


@register.filter
def waited(since) -> str:
    """How long somebody waits since then; in seconds at first, where Django tells 0 minutes."""
    seconds = max(0, int((timezone.now() - since).total_seconds()))
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    return timesince(since)


@register.filter
def of_view(chosen, view: str) -> str:
    """The address of another view of the same tag."""
    return chosen.of_view(view)


@register.filter
def without_tag(chosen) -> str:
    return type(chosen)(chosen.view).query


@register.filter
def later(chosen, cursor: str) -> str:
    """The address of the next page of a selection."""
    return f"?{urlencode(chosen.fields | {'before': cursor})}"


@register.filter
def further(chosen, found: dict) -> str:
    """The address at which a search goes on to older messages, beside the same selection."""
    return f"?{urlencode(chosen.fields | {'q': found['q'], 'older': found['more']})}"


@register.filter
def stars(score: int | None) -> str:
    """A rating as it was given, out of five."""
    return "★" * score + "☆" * (5 - score) if score else ""


@register.filter
def reason(reception: dict) -> str:
    """Why a reception was closed, as colleagues read it."""
    said = (reception or {}).get("reason", "")
    by_itself = said == receptions.IDLE and not reception.get("closed_name")
    return _("No reply; closed automatically") if by_itself else said


@register.filter
def held_why(held: str | None) -> str:
    """Why a conversation is held as spam."""
    words = {
        spam.LINKS: _("Caught as spam: more than two links in the first message."),
        spam.SAME: _("Caught as spam: many visitors started with the same text."),
    }
    return words.get(held, "")


@register.filter
def place(url: str | None) -> str:
    """A page's address as one reads it: without the scheme."""
    return (url or "").partition("://")[2]


@register.filter
def signed(identity: dict | None) -> str:
    """Who a visitor is in the words of the enterprise's own site."""
    return " · ".join(filter(None, map((identity or {}).get, ("name", "email", "id"))))


@register.filter
def language_name(code: str) -> str:
    """A language in the reader's; of one that nobody knows the code, and no error on a page."""
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


@register.filter
def moment(text: str | None) -> datetime | None:
    """A time that was stored as text."""
    return parse_datetime(text) if text else None


@register.filter
def opening(moment: datetime, team: Team) -> str:
    """When a team is back, by its own clock: scripts put the visitor's in the place of it."""
    zone = team.hours["zone"]
    there = moment.astimezone(ZoneInfo(zone))
    soon = there.date() - timezone.now().astimezone(there.tzinfo).date() < timedelta(7)
    day = date_format(there, "D" if soon else "DATE_FORMAT")
    return f"{day} {date_format(there, 'G:i')} ({zone})"


@register.filter
def box(file: dict) -> tuple[int, int]:
    """How large a message's picture stands in the thread: width, height."""
    return pictures.shown(file["width"], file["height"])


@register.filter
def size(file_size: int) -> str:
    return size_text(file_size)


@register.filter
def ending(name: str) -> str:
    """The kind of file that a name tells, for the place of an icon."""
    return kinds.ending_of(name)[:4].upper()


@register.filter
def file_word(excerpt: dict | None) -> str:
    """What stands before an excerpt for the message's file."""
    word = {"picture": _("[Picture]"), "file": _("[File]")}.get((excerpt or {}).get("attachment"))
    return f"{word} " if word else ""


@register.filter
def notice_text(message: dict) -> str:
    """What happened, in the reader's language; the stored sentence where it is not known."""
    return worded(message, NOTICES)


@register.filter
def notice_to_visitor(message: dict, me: str) -> str:
    """The same in words for who is served: `me`."""
    data = message.get("data") or {}
    own = OWN.get(data.get("event"))
    if own and me in (data.get("by"), data.get("member")):
        return own()
    return worded(message, NOTICES | TO_VISITOR)


def worded(message: dict, notices: dict) -> str:
    data = message.get("data") or {}
    sentence = notices.get(notice_key(data))
    if sentence is None:
        return message.get("content") or message.get("excerpt") or ""
    return sentence() % Facts(data)


def notice_key(data: dict) -> str | None:
    """Which sentence words a notice; static/js/thread/message.js has the same."""
    event = data.get("event")
    if event == "rated" and data.get("comment"):
        return "rated_comment"
    if event in ("erasure", "back") and data.get("why"):
        return f"{event}_{data['why']}"
    if event == "closing" and not (data.get("reason") and data.get("summary")):
        return "closing_reason" if data.get("reason") else "closing_summary"
    if event == "idle" and data.get("words"):
        return "idle_told"
    if event == "closed" and not data.get("by"):
        return "closed_told" if data.get("words") else "closed_idle"
    return event


class Facts(dict):
    """What a notice tells; what it should tell and does not is empty, and no error on a page."""

    def __missing__(self, name):
        return ""


NOTICES = {
    "opened": lambda: _("Connected to %(team)s"),
    "joined": lambda: _("%(name)s joined"),
    "left": lambda: _("%(name)s left"),
    "invited": lambda: _("%(by_name)s invited %(name)s"),
    "removed": lambda: _("%(by_name)s removed %(name)s"),
    "claimed": lambda: _("%(name)s claimed the conversation"),
    "taken_over": lambda: _("%(name)s took over from %(from_name)s"),
    "released": lambda: _("%(name)s released the conversation"),
    "freed": lambda: _("%(by_name)s released the claim of %(name)s"),
    "expired": lambda: _("%(name)s is away; the conversation is now unclaimed"),
    "transferred": lambda: _("%(by_name)s transferred the conversation to %(name)s"),
    "moved": lambda: _("%(by_name)s transferred the conversation to %(team_name)s"),
    "closed": lambda: _("%(by_name)s closed the conversation"),
    "closing": lambda: _("Closed as: %(reason)s\nSummary: %(summary)s"),
    "closing_reason": lambda: _("Closed as: %(reason)s"),
    "closing_summary": lambda: _("Summary: %(summary)s"),
    "closed_idle": lambda: _("Closed automatically: the visitor did not reply"),
    "closed_told": lambda: _(
        "Closed automatically: the visitor did not reply. Visitor was told: %(words)s"
    ),
    "idle": lambda: _("The visitor was warned: without a reply it closes in %(minutes)s min"),
    "idle_told": lambda: _("The visitor was warned: %(words)s"),
    "reopened": lambda: _("%(by_name)s reopened the conversation"),
    "recalled": lambda: _("%(name)s recalled a message"),
    "tagged": lambda: _("%(by_name)s added the tag %(tag)s"),
    "untagged": lambda: _("%(by_name)s removed the tag %(tag)s"),
    "named": lambda: _("%(by_name)s named the visitor %(name)s"),
    "contact": lambda: _("%(by_name)s changed the visitor's contact details"),
    "blocked": lambda: _("%(by_name)s blocked the visitor: %(reason)s"),
    "unblocked": lambda: _("%(by_name)s unblocked the visitor"),
    "block_over": lambda: _("The visitor's block has ended"),
    "erasure": lambda: _("%(by_name)s erased the messages here"),
    "erasure_visitor": lambda: _("The visitor erased the messages here"),
    "erasure_days": lambda: _("Erased automatically: the retention period has ended"),
    "identified": lambda: _("%(former)s has signed in on the site: %(name)s"),
    "not_spam": lambda: _("%(by_name)s marked this as not spam"),
    "held_over": lambda: _("Caught as spam for a week; closed automatically"),
    "snoozed": lambda: _("%(by_name)s snoozed the conversation"),
    "woken": lambda: _("%(by_name)s ended the snooze"),
    "back": lambda: _("The snooze has ended"),
    "back_visitor": lambda: _("The snooze has ended: the visitor has written"),
    "rated": lambda: _("Rated %(score)s of 5"),
    "rated_comment": lambda: _("Rated %(score)s of 5: %(comment)s"),
}

OWN = {
    "closed": lambda: _("You closed the conversation"),
    "reopened": lambda: _("You reopened the conversation"),
    "recalled": lambda: _("You recalled a message"),
}
"""What a visitor did, as they read it themselves."""

TO_VISITOR = {
    "claimed": lambda: _("%(name)s is helping you"),
    "taken_over": lambda: _("%(name)s is now helping you"),
    "transferred": lambda: _("%(name)s is now helping you"),
    "moved": lambda: _("You have been transferred to %(team_name)s"),
    "closed_idle": lambda: _(
        "This conversation was closed because we had not heard from you. Reply to reopen it."
    ),
    "closed_told": lambda: "%(words)s",
    "idle": lambda: _(
        "We have not heard from you for a while. If you do not reply within %(minutes)s min, this "
        "conversation will be closed."
    ),
    "idle_told": lambda: "%(words)s",
}


@register.filter
def unattended_line(team: dict) -> str:
    """What a manager reads of a team in which visitors wait and nobody is there."""
    waited = timezone.now() - team["since"]
    minutes = max(1, int(waited.total_seconds() // 60))
    return ngettext(
        "%(team)s: nobody is online, %(n)s visitor has been waiting for %(minutes)s min.",
        "%(team)s: nobody is online, %(n)s visitors are waiting, the longest for %(minutes)s min.",
        team["waiting"],
    ) % {"team": team["name"], "n": team["waiting"], "minutes": minutes}
