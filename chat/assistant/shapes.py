"""What the parts of the assistant hand to each other."""

import logging
from dataclasses import dataclass

from .causes import Cause

log = logging.getLogger("kefu.assistant")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a published, public article, under the `id` by which the model names it. `text` is
    as published; `article` is the key of its row."""

    id: str
    article: int
    slug: str
    lang: str
    revision: int
    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said in this reception: `who` is visitor, team or assistant."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """All that a request is made of. `language` is the visitor's; `last` is what they asked last,
    and `seq` the last row of the conversation that this knows."""

    language: str
    passages: tuple[Passage, ...] = ()
    conversation: tuple[Line, ...] = ()
    last: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the endpoint answered: the content as it came, the tokens as it counts them (None where
    it does not), and the seconds to the first and to the last piece."""

    content: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_seconds: float = 0.0
    seconds: float = 0.0


class Failed(Exception):
    """There is no usable answer: `cause` is a Cause, the text says what happened, for managers."""

    def __init__(self, cause: str, text: str = ""):
        super().__init__(text or cause)
        self.cause = cause

    @classmethod
    def of(cls, error: Exception) -> "Failed":
        """An error as one of these; any other is logged."""
        if isinstance(error, cls):
            return error
        # Its text may hold what somebody wrote.
        log.error("the assistant failed: %s", type(error).__name__)
        return cls(Cause.ENDPOINT)


@dataclass(frozen=True, slots=True)
class Citation:
    """What stands under [n]: words of a passage."""

    n: int
    passage: Passage
    quote: str

    def shown(self) -> dict:
        """As messages and frames carry it."""
        names = "slug", "lang", "revision", "title", "url"
        of = {name: getattr(self.passage, name) for name in names}
        return {"n": self.n, **of, "quote": self.quote}


@dataclass(frozen=True, slots=True)
class Checked:
    """What remained of a reply. `text` is "" where nothing did. `struck` are the sentences that
    were left out, each with the reason (one of checking.REASONS). `courtesy` is greeting, thanks or
    goodbye, for which the enterprise has words; `person` wants people."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    struck: tuple[tuple[str, str], ...] = ()
    courtesy: str = ""
    person: bool = False
    is_formed: bool = True
    """Whether the reply had the object that was asked for."""
    only_asks: bool = False
    """Whether the text is nothing but a question."""
