"""Forms: the checked contents of frames. `checks.check_frame` makes them.

A form's fields have been checked by themselves only. Whether the sender has a seat in the group,
and may do what the frame asks, is checked later (ledger/access.py, posting/). Uuids are
lower-case strings; `group` is a conversation's uuid, and None where a visitor may leave it out.
"""

from dataclasses import dataclass

from .introduction import Introduction
from .selection import Selection


@dataclass(slots=True)
class SendForm:
    """A message, or with `note` a note for colleagues."""

    client_id: str
    content: str
    group: str | None
    note: bool
    seen: int | None
    """The last seq that the agent has seen: the send is refused if colleagues have answered
    since."""
    reply_to: int | None = None
    """The seq of the quoted message."""
    mentions: tuple[str, ...] = ()
    """The uuids of the members that a note mentions."""
    question: int | None = None
    """The id of the quick question that a visitor chose."""
    introduction: Introduction | None = None
    """What a visitor says of themselves; None for agents."""
    proof: str = ""
    """The solution of a challenge (visitors/challenges.py)."""
    buttons: tuple[str, ...] = ()
    """The answers that a bot's message offers."""


@dataclass(slots=True)
class RecallForm:
    """Recalls the sender's own message `seq`."""

    group: str | None
    seq: int


@dataclass(slots=True)
class EditForm:
    """Replaces the text of the sender's own message `seq`. `content` may be empty, as that of a
    message with a file is."""

    group: str
    seq: int
    content: str


@dataclass(slots=True)
class ReadForm:
    """Moves the sender's read cursor to `seq`."""

    group: str
    seq: int


@dataclass(slots=True)
class TypingForm:
    """Whether the sender is typing; a visitor's page sends the text typed so far."""

    group: str
    draft: str | bool


@dataclass(slots=True)
class SuggestForm:
    """Asks for the articles about what the sender writes; `group` is None before a conversation."""

    group: str | None
    text: str


@dataclass(slots=True)
class AssistForm:
    """An agent asks the assistant for a `draft` or a `summary`."""

    kind: str
    group: str


@dataclass(slots=True)
class TranslateForm:
    """An agent asks for a text in the language `to`; `group` is the conversation that it is of, if
    the page says so."""

    text: str
    to: str
    group: str | None


@dataclass(slots=True)
class FeedbackForm:
    """About the last draft of a group: whether it is helpful, or the message `seq` that the agent
    made of it; the other one is None."""

    group: str
    helpful: bool | None
    seq: int | None


@dataclass(slots=True)
class SyncForm:
    """Asks for the messages after these seqs, by group; agents also for the inbox of a
    selection."""

    groups: dict[str, int]
    inbox: bool
    chosen: Selection


@dataclass(slots=True)
class ActionForm:
    """An agent's action on a conversation; `name` is the frame's type without "conversation."."""

    name: str
    group: str
    member: str | None
    team: str | None
    note: str
    take_over: bool
    tag: str = ""
    minutes: int = 0
    reason: str = ""
    summary: str = ""


@dataclass(slots=True)
class WishForm:
    """A visitor wants a person instead of a bot."""

    group: str | None


@dataclass(slots=True)
class DeclineForm:
    """An agent does not take the conversation that is offered to them."""

    group: str


@dataclass(slots=True)
class RatingForm:
    """A visitor's rating: `score` is from 1 to 5."""

    group: str | None
    score: int
    comment: str


@dataclass(slots=True)
class PresenceForm:
    """Whether an agent's page has had no input for a while."""

    away: bool


@dataclass(slots=True)
class ViewingForm:
    """The conversation that an agent's page shows; None while it shows none or is hidden."""

    group: str | None


@dataclass(slots=True)
class ShownForm:
    """An agent's page is seen."""


@dataclass(slots=True)
class PingForm:
    """`got`: the bytes that the client has received on this socket."""

    got: int


@dataclass(slots=True)
class PageForm:
    """The page that a visitor is on, and the page they came from ("" for none): URLs without query
    and fragment (`fields.page_url`)."""

    url: str
    referrer: str


@dataclass(slots=True)
class QueueForm:
    """A visitor asks for their position in the queue."""


@dataclass(slots=True)
class TeamForm:
    """A visitor asks which team serves them now."""


Form = (
    SendForm
    | RecallForm
    | EditForm
    | ReadForm
    | TypingForm
    | SuggestForm
    | AssistForm
    | TranslateForm
    | FeedbackForm
    | SyncForm
    | ActionForm
    | DeclineForm
    | RatingForm
    | WishForm
    | PageForm
    | QueueForm
    | TeamForm
    | PresenceForm
    | ShownForm
    | ViewingForm
    | PingForm
)
