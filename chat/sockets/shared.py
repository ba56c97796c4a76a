"""What many sockets need at once is read once for those who wait.

After a restart ten thousand pages come back, and each asks for the same enterprise with its teams.
Whoever has waited gets what was read after they came: that is as true as if they had been served
when they came.
"""

import math
import time
from collections.abc import Callable

from accounts.models import Enterprise

OLDEST = 1.0
"""Seconds after which something is read anew, however long who asks has waited."""
MOST = 1_000
"""Things that are kept."""


class Shared:
    def __init__(self):
        self.found: dict[str, tuple[float, object]] = {}

    def get(self, key: str, arrived: float, read: Callable[[str], object]):
        """`read(key)`, or what it returned for somebody else if it began after `arrived`
        (time.monotonic). None is not kept."""
        begun, value = self.found.get(key, (-math.inf, None))
        if begun > max(arrived, time.monotonic() - OLDEST):
            return value
        begun, value = time.monotonic(), read(key)
        if value is not None:
            if len(self.found) >= MOST:
                self.found.clear()
            self.found[key] = begun, value
        return value


def read_enterprise(code: str) -> Enterprise | None:
    """The enterprise with this code, and its teams."""
    return Enterprise.objects.filter(code=code).prefetch_related("teams").first()


enterprises = Shared()
