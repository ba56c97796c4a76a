"""Kefu without the stream of events: what `bin/bench` compares with, to tell what the stream costs.

The same application, in which nothing is taken into the stream, and nothing noted for it.
"""

from kefu.asgi import application

__all__ = ["application"]

# After the import above, which sets Django up.
from chat.stream import notes, sequencer


def nothing(*args) -> None:
    pass


sequencer.look = notes.counted = nothing
