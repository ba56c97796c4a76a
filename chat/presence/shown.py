"""Whether a window of a member's is seen: a page on a screen says so twice a minute, and with each
conversation that it shows. Push asks, in whatever process."""

from datetime import timedelta

from chat import clock
from chat.models import Presence, PushDevice

from . import leases

FOR = timedelta(seconds=60)
"""How long one is seen after it said so (docs/protocol.md, Push)."""


def note(who: str, session_key: str | None) -> None:
    """A window of a member (uuid) that has a socket in this process is seen, in a browser with this
    session."""
    rows, now = Presence.objects.filter(who=who, node=leases.NODE_ID), clock.now()
    if not rows.update(shown_at=now):
        leases.renew([who])
        rows.update(shown_at=now)
    PushDevice.objects.filter(session__key=session_key, member__uuid=who).update(shown_at=now)


def seen(people: set[str]) -> set[str]:
    """Those of `people` (uuids) of whom a window is seen."""
    rows = Presence.objects.filter(who__in=people, shown_at__gt=clock.now() - FOR)
    return set(rows.values_list("who", flat=True))
