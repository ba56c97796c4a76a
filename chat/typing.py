"""Who is typing: told to the others in the group, never stored."""

from django.conf import settings

from . import announce
from .announce import Announcement
from .errors import Refused
from .forms import Typing

BURST = 10
RATE = 4
"""Frames of one socket: a burst, then so many a second. A page sends at most two a second."""


class Throttle:
    """A token bucket; time is passed in, in seconds of a monotonic clock."""

    __slots__ = ("tokens", "at")

    def __init__(self):
        self.tokens, self.at = float(BURST), 0.0

    def check(self, now: float) -> None:
        self.tokens = min(float(BURST), self.tokens + (now - self.at) * RATE)
        self.at = now
        if self.tokens < 1 and settings.RATE_LIMITS:
            raise Refused("rate_limited", "Too many typing frames.", retry_after=1)
        self.tokens -= 1


def relay(ent_id: str, who: str, name: str, form: Typing, people: list[str], visitor: str) -> None:
    """A visitor's draft goes to the agents; that an agent types, to everyone else."""
    announcement = Announcement(ent_id)
    others = [person for person in people if person != who]
    event = {
        "type": "typing",
        "group": form.group,
        "member": who,
        "name": name,
        "draft": form.draft,
    }
    announcement.to(others, event)
    announce.send([announcement])
