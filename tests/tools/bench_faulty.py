"""Kefu with a fault, for tests/test_bench.py: now and then a reader is forgotten."""

import itertools

from chat.delivery.hub import Hub
from kefu.asgi import application

__all__ = ["application"]

counted = itertools.count(1)
whole = Hub._deliver


def forgetful(self, ent_id, events, unread):
    if next(counted) % 20 == 0:
        events = [(recipients[1:], text) for recipients, text in events]
    whole(self, ent_id, events, unread)


Hub._deliver = forgetful
