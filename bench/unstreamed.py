"""Kefu without the stream of events: what `bin/bench` compares with, to tell what the stream costs.

The same application, in which nothing is taken into the stream, and nothing noted for it.
"""

from kefu.asgi import application

__all__ = ["application"]

from chat.stream import notes, sequencing  # noqa: E402  (Django is set up by the import above)


def nothing(*args) -> None:
    pass


sequencing.look = notes.counted = nothing
