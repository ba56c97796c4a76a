"""Reading a stream as the API and webhooks do."""

import pytest

from chat.stream import reader, sequencer
from chat.stream.types import TYPES


@pytest.fixture
def read():
    """Takes in what was committed, and reads a whole stream page by page."""

    def read_all(ent_id: str, cursor: str | None = None, limit: int = 3, types=TYPES) -> list[dict]:
        sequencer.look()
        found = []
        while True:
            events, behind = reader.page(ent_id, cursor, limit, types)
            found += events
            if behind == cursor:
                return found
            cursor = behind

    return read_all
