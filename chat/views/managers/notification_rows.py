"""Who gets what: for each cause, what shows, pushes and mails it, and which robots say it."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import Enterprise, Team
from accounts.sentences import Words
from chat.models import Notification, PushDevice, Robot, theirs

Cause = Notification.Kind
MOST = 3
"""Teams that a cell names; the list of teams has them all."""
AFTER, LEFT, PARKED = "after", "left", "parked"
"""What mails of a cause depend on: a team's minutes, its choice, nothing."""


class Chip(NamedTuple):
    text: str
    href: str = ""
    off: bool = False


class Row(NamedTuple):
    """`shown` says what a page shows, `pushed` whether devices get it."""

    name: Words
    shown: Words
    pushed: bool
    mails: list[Chip]
    robots: list[Chip]


ALERT, TALK = gettext_lazy("sound and notice"), gettext_lazy("in the conversation")
INBOX, RED = gettext_lazy("in the inbox"), gettext_lazy("red in the inbox")
HOME, OWN = gettext_lazy("on the managers' home"), gettext_lazy("on their pages")
LADDER: tuple[tuple[Words, Words, bool, str, str], ...] = (
    (gettext_lazy("A visitor waits"), ALERT, True, AFTER, ""),
    (gettext_lazy("past the target"), RED, False, "", Cause.LATE),
    (gettext_lazy("colleagues come"), ALERT, True, "", ""),
    (gettext_lazy("a leader is called"), ALERT, True, AFTER, Cause.LEADER),
    (gettext_lazy("the visitor is asked to leave a message"), TALK, False, "", ""),
    (gettext_lazy("Left while nobody is there"), INBOX, True, LEFT, ""),
    (gettext_lazy("An offer"), ALERT, True, "", ""),
    (gettext_lazy("A mention"), ALERT, True, AFTER, ""),
    (gettext_lazy("A person is wanted"), ALERT, True, AFTER, Cause.WANTED),
    (gettext_lazy("A low rating"), TALK, False, "", Cause.RATED),
    (gettext_lazy("A webhook fails"), HOME, False, PARKED, Cause.BROKEN),
    (gettext_lazy("A channel or the model fails"), OWN, False, "", Cause.BROKEN),
)
"""What happens, in the order in which it does while somebody waits: its name, what shows it,
whether it is pushed, what mails of it depend on, and the cause that robots hear of."""


def rows(enterprise: Enterprise, robots: list[Robot], whole: bool) -> list[Row]:
    """`whole`: the reader is a superuser, whose addresses name the enterprise."""
    query = f"?enterprise={enterprise.code}" if whole else ""
    teams = list(enterprise.teams.order_by("pk"))
    mails = {
        "": [],
        AFTER: by_team(teams, after),
        LEFT: by_team(teams, left),
        PARKED: [Chip(_("managers, once a day"))],
    }
    return [
        Row(name, shown, pushed, mails[mailed], chips(robots, cause, query))
        for name, shown, pushed, mailed, cause in LADDER
    ]


def chips(robots: list[Robot], cause: str, query: str) -> list[Chip]:
    return [
        Chip(one.name, reverse("robot-change", args=[one.pk]) + query, not one.active)
        for one in robots
        if cause in one.causes
    ]


def by_team(teams: list[Team], say) -> list[Chip]:
    """A link to the form of each team, with what it has chosen; fewer where all are alike."""
    said = [say(team) for team in teams]
    if len(teams) > 1 and len(set(said)) == 1:
        return [Chip(of_team(_("all teams"), said[0]), reverse("admin:accounts_team_changelist"))]
    found = [
        Chip(of_team(team.name, text) if len(teams) > 1 else text, form_of(team))
        for team, text in zip(teams[:MOST], said, strict=False)
    ]
    if more := len(teams) - MOST:
        if more > 0:
            text = ngettext("%(n)d more team", "%(n)d more teams", more) % {"n": more}
            found.append(Chip(text, reverse("admin:accounts_team_changelist")))
    return found


def of_team(name: str, words: str) -> str:
    return _("%(team)s: %(words)s") % {"team": name, "words": words}


def form_of(team: Team) -> str:
    return reverse("admin:accounts_team_change", args=[team.pk])


def after(team: Team) -> str:
    if team.mail_minutes is None:
        return pgettext("notification", "never")
    return ngettext("after %(n)d minute", "after %(n)d minutes", team.mail_minutes) % {
        "n": team.mail_minutes
    }


def left(team: Team) -> str:
    return _("at once") if team.mail_left else pgettext("notification", "never")


def members_with_devices(enterprise: Enterprise) -> int:
    """How many members get pushes."""
    devices = PushDevice.objects.filter(theirs(enterprise.code))
    return devices.values("member").distinct().count()
