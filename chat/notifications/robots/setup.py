"""Adds, changes, tests and switches the robots of an enterprise."""

from itertools import chain, count
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import Enterprise
from chat.conversations.causes import TOLD
from chat.models import Robot, theirs
from chat.notifications.contract import Failed, Later

from . import sending, texts
from .platforms import PLATFORMS

MAX_URL = 1000
MAX_SECRET = 200
MISSING = gettext_lazy("Enter the address that the platform shows.")
MOST = 50
"""Robots of an enterprise: each hears of all, so more would only be more copies."""


def of(enterprise: Enterprise) -> QuerySet[Robot]:
    return Robot.objects.filter(theirs(enterprise.code)).select_related("team")


def find(enterprise: Enterprise, key: int) -> Robot | None:
    return of(enterprise).filter(pk=key).first()


def store(robot: Robot, by: audit.Origin, *, url: str, secret: str, **columns: Any) -> None:
    """Stores a robot, new or changed, with these columns. An empty URL leaves the stored one and
    its secret as they are. Raises ValidationError, by field."""
    for column, value in columns.items():
        setattr(robot, column, value)
    robot.name = robot.name or free_name(robot)
    if found := faults(robot, url):
        raise ValidationError(found)
    if url:
        robot.sealed = sending.seal(url, secret)
        robot.failure, robot.failed_at, robot.failures = "", None, 0
    elif secret:
        robot.sealed = sending.seal(stored_url(robot), secret)
    with audit.recording(by):
        if robot.pk is None and of_code(robot.ent_id).count() >= MOST:
            raise ValidationError(_("No more than %(n)d robots.") % {"n": MOST})
        robot.full_clean(exclude=["team"])
        robot.save()


def free_name(robot: Robot) -> str:
    """What a robot without a name is called: its platform, from the second one on with a number."""
    kind = str(capfirst(robot.get_kind_display()))
    names = chain([kind], (f"{kind} {number}" for number in count(2)))
    taken = set(of_code(robot.ent_id).exclude(pk=robot.pk).values_list("name", flat=True))
    return next(name for name in names if name not in taken)


def of_code(code: str) -> QuerySet[Robot]:
    return Robot.objects.filter(ent_id=code)


def faults(robot: Robot, url: str) -> dict[str, str]:
    """What is wrong with a robot that is to have this URL, or its stored one, by field."""
    found = {"url": fault_of_url(robot, url)}
    if not robot.causes or set(robot.causes) - set(TOLD):
        found["causes"] = _("Choose at least one.")
    begin, end = robot.quiet_from, robot.quiet_to
    if (begin is None) != (end is None) or (begin is not None and begin == end):
        found["quiet_to"] = _("Give two times that differ, or none.")
    return {name: text for name, text in found.items() if text}


def fault_of_url(robot: Robot, url: str) -> str:
    if url and (len(url) > MAX_URL or not sending.may_lead(robot.kind, url)):
        text = _("This is no address of such a robot. One is %(example)s")
        return text % {"example": PLATFORMS[robot.kind].example}
    if not (url := url or stored_url(robot)):
        return str(MISSING)
    for other in of_code(robot.ent_id).filter(kind=robot.kind).exclude(pk=robot.pk).order_by("pk"):
        if says_the_same(robot, other) and stored_url(other) == url:
            text = _("The robot %(name)s has this address, and would say the same once more.")
            return text % {"name": other.name}
    return ""


def says_the_same(robot: Robot, other: Robot) -> bool:
    """Whether there is a cause of which both would hear."""
    teams = {robot.team_id, other.team_id}
    return (len(teams) == 1 or None in teams) and not set(robot.causes).isdisjoint(other.causes)


def stored_url(robot: Robot) -> str:
    """ "" where there is none that can be read."""
    try:
        return sending.secrets_of(robot)[0]
    except Failed:
        return ""


def switch(robot: Robot, on: bool, by: audit.Origin) -> None:
    robot.active = on
    robot.failure, robot.failed_at, robot.failures = "", None, 0
    with audit.recording(by):
        robot.save(update_fields=["active", "failure", "failed_at", "failures"])


def delete(robot: Robot, by: audit.Origin) -> None:
    with audit.recording(by):
        robot.delete()


def test(robot: Robot, enterprise: Enterprise, by: audit.Origin) -> str:
    """Sends a message that says so. Returns why it was not taken (robots.failures), else ""."""
    reason = ""
    try:
        sending.attempt(robot, texts.test_message(robot, enterprise))
    except Failed as error:
        reason = error.reason
    except Later as error:
        # A test is not tried again.
        reason = error.reason
        sending.fails(robot, reason)
    audit.note(
        audit.Action.USED,
        audit.chain_of(robot.ent_id),
        by,
        kind="robot",
        object_id=str(robot.pk),
        object_name=robot.name,
        details={"after": {"test": reason.partition(" ")[0] or "ok"}},
    )
    return reason
