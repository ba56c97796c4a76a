"""The fields that name an enterprise, a time zone and days, as pages and programs give them."""

import re
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from accounts.models import Enterprise, Member
from chat.protocol.errors import Refused

DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
FIRST, LAST = date(1970, 1, 2), date(9999, 12, 28)
"""Days outside of these have no receptions, and moments that some zones cannot express."""
QUARTER = timedelta(minutes=15)


def enterprise_of(member: Member, code: str | None) -> Enterprise:
    """The member's own enterprise; a superuser's choice, or the only one there is."""
    if not member.is_superuser:
        if member.enterprise is None:
            raise Refused("forbidden", "Reports are for members of an enterprise.")
        if code not in (None, "", member.enterprise.code):
            raise Refused("not_found", "There is no such enterprise.")
        return member.enterprise
    if code:
        found = Enterprise.objects.filter(code=code).first()
        if found is None:
            raise Refused("not_found", "There is no such enterprise.")
        return found
    if member.enterprise is not None:
        return member.enterprise
    two = list(Enterprise.objects.all()[:2])
    if len(two) == 1:
        return two[0]
    raise Refused("bad_field", "enterprise says whose report it is.", field="enterprise")


def zone_of(name: str) -> ZoneInfo:
    if name not in zones():
        raise Refused("bad_field", "zone is a name of the tz database.", field="zone")
    return ZoneInfo(name)


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})


def day_of(fields, name: str) -> date | None:
    text = fields.get(name)
    if not text:
        return None
    try:
        if DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused("bad_field", f"{name} is a day such as 2026-11-27.", field=name)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in UTC; where clocks skip midnight, that of the change."""
    day = min(max(day, FIRST), LAST + timedelta(1))
    local = datetime.combine(day, time(), zone)
    moment = local.astimezone(timezone.utc)
    # A time that clocks skip is read by the offset before the change: an hour late, or early.
    while moment.astimezone(zone).date() < day:
        moment += QUARTER
    while (moment - QUARTER).astimezone(zone).date() >= day:
        moment -= QUARTER
    return moment


def day_after(day: date, zone: ZoneInfo) -> datetime:
    """The first moment after a day."""
    return midnight(min(day, LAST) + timedelta(1), zone)
