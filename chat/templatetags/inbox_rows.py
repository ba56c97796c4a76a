"""Filters for the rows of an inbox, as static/js/agent/inbox/inbox_row.js for live events."""

import unicodedata
from collections import Counter
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Team
from chat.conversations import targets

from .chat import file_word

register = template.Library()

MINUTE = timedelta(minutes=1)
LONGEST_LATE = 3
"""How many rows of a list may be red."""
TAG_HUES = 8
"""Colours of tags, numbered from 0."""


def due(row: dict) -> datetime:
    """When the team's target for an answer ends."""
    return targets.due(row["waiting_since"], row["due_at"], row["target"])


@register.filter
def longest_late(rows: list[dict]) -> set[str]:
    """The groups that are longest past their target, LONGEST_LATE at the most."""
    moment = timezone.now()
    waiting = (row for row in rows if row["waiting_since"] and not row["snoozed_until"])
    late = [row for row in waiting if due(row) <= moment]
    return {row["group"] for row in sorted(late, key=due)[:LONGEST_LATE]}


@register.filter
def wait_level(row: dict, longest: set[str] | None = None) -> str:
    """How near an answer is to its target: ok, soon (from half of the target on), late, or worst
    for those that are in `longest`. `row` is a row of the inbox, or the open conversation."""
    level = targets.level(due(row) - timezone.now(), row["target"])
    return "worst" if level == targets.LATE and row["group"] in (longest or ()) else level


@register.filter
def waited(row: dict) -> str:
    """How long the visitor has waited."""
    return length(timezone.now() - row["waiting_since"])


@register.filter
def target_time(row: dict) -> str:
    """How much is left until the target, in minutes that have begun, or how long ago it ended."""
    left = due(row) - timezone.now()
    return length(-left if left <= timedelta() else -(-left // MINUTE) * MINUTE)


@register.filter
def since(moment: datetime) -> str:
    """How long ago a moment was."""
    return length(timezone.now() - moment)


def length(time: timedelta) -> str:
    """A length of time; below a minute in seconds, where Django's filter has 0 minutes."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    moment = timezone.now()
    return timesince(moment - time, moment, depth=1)


@register.filter
def usual_team(rows: list[dict], teams: list[Team]) -> str:
    """The slug of the team that rows need not name: that of most rows, or of an empty list the
    member's first one."""
    if rows:
        return Counter(row["team"] for row in rows).most_common(1)[0][0]
    return teams[0].slug if teams else ""


@register.filter
def about(row: dict | None, usual: str) -> str:
    """The topic of a conversation, and its team unless that is the usual one."""
    if not row:
        return ""
    team = row["team_name"] if row["team"] != usual else ""
    return " · ".join(filter(None, [row["topic"], team]))


@register.filter
def said(row: dict, me: str) -> str:
    """What was said last, and by whom unless it was the visitor."""
    last = row["last"]
    text = f"{file_word(last)}{last['excerpt']}"
    if last["sender"] == me:
        return _("You: %(text)s") % {"text": text}
    if last["sender"] == row["visitor"]:
        return text
    words = (
        _("%(name)s (bot): %(text)s") if last["sender_role"] == "bot" else _("%(name)s: %(text)s")
    )
    return words % {"name": last["sender_name"], "text": text}


@register.filter
def tag_hue(tag: str) -> int:
    """The number of a tag's colour, the same for each spelling of the tag."""
    return sum(map(ord, unicodedata.normalize("NFKC", tag or "").lower())) % TAG_HUES


@register.filter
def receiver(colleagues: dict, form) -> str:
    """The name of the team or the colleague that a form hands on to, as members may choose from
    (`colleagues`)."""
    pairs = [(one["team"], one["name"]) for one in colleagues["teams"]]
    pairs += [(one["member"], one["name"]) for one in colleagues["members"]]
    return dict(pairs).get(form.team or form.member, "…")
