"""A card for each robot: how it works, and what it hears of."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Robot
from chat.notifications.robots import failures
from chat.templatetags.figures import duration

from .robot_forms import CAUSES


@dataclass(slots=True)
class Card:
    """`tone` is bad, ok or off, `state` a word for it and `since` what goes with that. Of one that
    does not work `trouble` says since when, and `passes` whether that may end by itself."""

    robot: Robot
    tone: str
    state: str
    since: str = ""
    trouble: str = ""
    passes: bool = False
    causes: tuple[str, ...] = ()
    quiet: str = ""


def cards(robots: list[Robot], now: datetime) -> list[Card]:
    """Of each robot, those that do not work first."""
    found = [card(robot, now) for robot in robots]
    return sorted(found, key=lambda card: ("bad", "ok", "off").index(card.tone))


def card(robot: Robot, now: datetime) -> Card:
    made = stated(robot, now)
    made.causes = tuple(str(CAUSES[one]) for one in CAUSES if one in robot.causes)
    if robot.quiet_from and robot.quiet_to:
        made.quiet = f"{robot.quiet_from:%H:%M}–{robot.quiet_to:%H:%M}"
    return made


def stated(robot: Robot, now: datetime) -> Card:
    if not robot.active:
        return Card(robot, "off", _("Switched off"), _("Nothing is sent."))
    if robot.failure:
        why = failures.words(robot.failure)
        passes = robot.failure.partition(" ")[0] in failures.PASS
        made = Card(robot, "bad", why[:1].upper() + why[1:], passes=passes)
        if robot.failed_at:
            since = f"{timezone.localtime(robot.failed_at):%m-%d %H:%M}"
            text = ngettext(
                "Since %(time)s nothing was taken (%(n)d time).",
                "Since %(time)s nothing was taken (%(n)d times).",
                robot.failures,
            )
            made.trouble = text % {"time": since, "n": robot.failures}
        return made
    if robot.sent_at is None:
        return Card(robot, "ok", _("Works"), _("nothing was sent yet"))
    time = duration(max((now - robot.sent_at).total_seconds(), 1))
    return Card(robot, "ok", _("Works"), _("last message %(time)s ago") % {"time": time})
