"""Time zones, as forms offer them."""

from zoneinfo import available_timezones

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

COMMON_ZONES = {
    "UTC": "UTC",
    "Asia/Shanghai": _("China (Shanghai)"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Taipei": _("Taipei"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Tokyo": _("Japan (Tokyo)"),
    "Europe/London": _("Britain (London)"),
    "Europe/Berlin": _("Central Europe (Berlin)"),
    "America/New_York": _("US East (New York)"),
    "America/Los_Angeles": _("US West (Los Angeles)"),
}


def zone_choices() -> list:
    """Choices for a select field: the common time zones, then all others named after places."""
    names = sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")
    others = [(name, name.replace("_", " ")) for name in names if name not in COMMON_ZONES]
    return [("", "—"), (_("Common"), list(COMMON_ZONES.items())), (_("All others"), others)]


def default_zone() -> str:
    """The time zone in which most readers of the active language live."""
    return "Asia/Shanghai" if (get_language() or "").startswith("zh") else "UTC"
