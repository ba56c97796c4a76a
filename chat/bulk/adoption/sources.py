"""Finds the reader for an address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from .chatwoot import Api, ChatwootReader
from .database import CannotAdopt, Database
from .livehelperchat import LiveHelperChatReader
from .seed import SeedReader


@contextmanager
def opened(address: str, zone: str | None, theirs: str | None, token: str) -> Iterator[Callable]:
    """A function that makes a reader for what is at an address, each time a new one. `zone` is the
    name of their clock's time zone, `theirs` the enterprise there, where there may be several,
    `token` what lets into an API. Raises `CannotAdopt`."""
    if address.startswith(("http://", "https://")):
        refuse_choice(theirs)
        api = Api(address, token)
        yield lambda: ChatwootReader(api)
        return
    database = Database(address)
    try:
        if database.columns("lh_chat"):
            refuse_choice(theirs)
            yield lambda: LiveHelperChatReader(database)
        else:
            clock = ZoneInfo(zone) if zone else clock_of(database)
            yield lambda: SeedReader(database, clock, theirs)
    except database.error as error:
        raise CannotAdopt(
            f"Their database fails ({error.args[-1]}). Run it again: it goes on where it was."
        ) from error
    finally:
        database.close()


def clock_of(database: Database) -> tzinfo:
    ahead = database.seconds_ahead()
    if len(ahead) > 1:
        raise CannotAdopt("Their clock changes: name its zone with --zone.")
    return timezone(timedelta(seconds=ahead.pop()))


def refuse_choice(theirs: str | None) -> None:
    if theirs is not None:
        raise CannotAdopt("There is one enterprise only.")
