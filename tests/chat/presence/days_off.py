"""Days on which a team is closed."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from django.utils.timezone import now

from accounts.models import Team

ZONE = "Asia/Shanghai"


DAYS_OFF = 2


def rest(team: Team, days: int = DAYS_OFF) -> datetime:
    """Gives the team holidays from today on; returns when they end."""
    today = now().astimezone(ZoneInfo(ZONE)).date()
    holidays = [[(today + timedelta(day)).isoformat(), ""] for day in range(days)]
    team.hours = {"zone": ZONE, "week": [[]] * 7, "holidays": holidays}
    team.save(update_fields=["hours"])
    end = datetime.combine(today + timedelta(days), datetime.min.time(), ZoneInfo(ZONE))
    return end.astimezone(timezone.utc)
