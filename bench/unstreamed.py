"""Kefu without the stream of events: what `bin/bench` compares with, to tell what the stream costs.

The same application, in which nothing is taken into the stream, and nothing noted for it.
"""

from kefu.asgi import application

__all__ = ["application"]

# After the import above, which sets Django up.
from chat.stream import notes, sequencing


def nothing(*args) -> None:
    pass


sequencing.look = notes.counted = nothing
