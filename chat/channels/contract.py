"""What an adapter of a channel is: how something comes in, how a message goes out, what may be said
until when, and what its failures mean. All else (once, in order, retries, windows, files, states)
stands in this package for all of them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from chat.models import Channel, ChannelContact

MESSAGE = "message"
"""What a message of theirs grants, in Adapter.grants."""


@dataclass(slots=True, frozen=True)
class Key:
    """One setting of an adapter: a secret is encrypted, and shown nowhere. `default` stands where
    it is not given; None has it required. `choices` are all that it may be."""

    name: str
    secret: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class File:
    """A file of theirs: `ref` is what the adapter fetches it by."""

    ref: str
    name: str = ""
    size: int = 0


@dataclass(slots=True)
class Arrived:
    """Something of theirs. `key` is their id of it, the same whenever they repeat it; `who` their
    id of who sent it; `name` what they call them.

    With neither `content`, `file` nor `missing` it is no message, and only changes the window by
    what it `grants` (a name of Adapter.grants). `missing` says in one line what came that cannot be
    shown (words.py). `undelivered` is the id of a message of ours (Outgoing.id) that did not reach
    them after all, with `reason` and `words`; `closes` as in Failed. `data` becomes a part of the
    message's data, and `about` of the contact's. `at` is when they wrote it (seconds of Unix), from
    which on it grants; 0 is now.
    """

    key: str
    who: str = ""
    name: str = ""
    content: str = ""
    language: str = ""
    file: File | None = None
    missing: str = ""
    grants: str = MESSAGE
    undelivered: str = ""
    reason: str = ""
    words: str = ""
    closes: bool = False
    at: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Arrived":
        file = payload.get("file")
        return cls(**payload | {"file": File(**file) if file else None})


@dataclass(slots=True, frozen=True)
class Called:
    """A request to the address of a channel."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


@dataclass(slots=True)
class Answered:
    """What a call gets, once what has `arrived` is stored. With `fetch` something is to be
    fetched, by `rung` if that is another channel than the called one, where `bell` is of use
    (sealed.bell_of)."""

    status: int = 200
    body: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    fetch: bool = False
    rung: Channel | None = None
    bell: str = ""


@dataclass(slots=True)
class Page:
    """What a fetch found: stored together with `cursor`. `more`: there is more at once; else the
    next fetch comes after the adapter's pause."""

    arrived: list[Arrived] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
    more: bool = False


@dataclass(slots=True, frozen=True)
class Outgoing:
    """One piece of a message of ours: text, or a file with its bytes. `id` is ours, the same at
    each try, of letters, digits, - and _, at most 32."""

    id: str
    text: str = ""
    name: str = ""
    mime: str = ""
    content: bytes = b""
    row: Any = None
    """The row of the message (models.GroupMessage), for what a mail shows of it."""


class Failed(Exception):
    """It did not work. `code` is the other side's, or one of ours (below); `words` what the other
    side said, cut and without secrets.

    `final`: this message will not arrive, however often it is tried. `pause`: seconds in which
    nothing is to be tried. `waits`: seconds for which this message alone is kept back, with code
    DAILY; agents see it, and it holds up nothing behind it. `closes`: the window of this contact is
    over. `breaks`: the whole channel does not work until somebody changes its settings.
    """

    def __init__(
        self,
        code: str,
        words: str = "",
        *,
        final: bool = False,
        pause: float = 0.0,
        waits: float = 0.0,
        closes: bool = False,
        breaks: bool = False,
    ):
        super().__init__(code, words)
        self.code, self.words = code[:40], words[:300]
        self.final, self.pause, self.closes, self.breaks = final, pause, closes, breaks
        self.waits = waits


UNREACHABLE, LATE, NONSENSE, FORBIDDEN = "unreachable", "late", "nonsense", "forbidden_address"
GONE, SEALED, KEY, DAILY = "gone", "sealed", "bad_key", "daily_limit"
CERTIFICATE, SIGN_IN, MAILBOX = "certificate", "sign_in", "mailbox"
"""Our codes: no connection; no answer in time; an answer that is none; an address that the server
may not go to; the conversation's other side is gone; SECRET_KEY is another one; a setting is
refused; so many mails of programs were sent to this person today that it waits for tomorrow; a
certificate that is not valid; a mailbox that takes no sign-in, or does not open."""

SENDS = "smtp "
"""How the code of a failure begins that only sending finds out about, in an adapter that fetches,
too."""


class Adapter(Protocol):
    """One kind of channel: the door of its package, `adapter`."""

    @property
    def keys(self) -> Sequence[Key]: ...

    @property
    def grants(self) -> dict[str, tuple[timedelta, int]]:
        """By what comes, for how long and how many messages it lets us write; {} without limits."""

    def fetches(self, channel: Channel) -> bool:
        """Whether it fetches: then `fetch` may wait for some seconds, on a thread of its own."""

    @property
    def pause(self) -> float:
        """Seconds between two fetches that found nothing."""

    def check(self, channel: Channel) -> None:
        """Raises Failed (KEY, with words) where the settings cannot be right."""

    def own_id(self, channel: Channel) -> str:
        """Which account of theirs it is, as far as its settings say: no two channels have one."""

    def is_called(self, channel: Channel) -> bool:
        """Whether the other side calls our address."""

    def called(self, channel: Channel, call: Called) -> Answered:
        """Reads a call, once its signature is found to be theirs; one that is not gets 403. Asks
        nobody, and waits for nothing."""

    def fetch(self, channel: Channel) -> Page:
        """What came after `channel.cursor`. Raises Failed."""

    def download(self, channel: Channel, file: File, most: int) -> tuple[bytes, str]:
        """A file of theirs, up to so many bytes, and its name. Raises Failed."""

    def send(self, channel: Channel, contact: ChannelContact, piece: Outgoing) -> str:
        """Sends one piece; returns their id of it, "" for none. Raises Failed."""

    def test(self, channel: Channel) -> str:
        """The account by which the other side knows it; "" where it does not say. Raises Failed
        where it does not work, with words for whoever set it up."""

    def connect(self, channel: Channel, url: str) -> None:
        """After it was added, changed, or switched on or off: tells the other side where to call
        (`url`, absolute with PUBLIC_URL). Raises Failed."""
