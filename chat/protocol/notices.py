"""Notices: the rows that say what happened in a conversation, and what each of them holds.

A notice's row stores an English sentence and, in `data`, its event and facts (docs/protocol.md).
Pages put these into words in their reader's language.
"""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

ALL, AGENTS = "all", "agents"
"""Who sees a notice: everybody in the conversation, or its agents alone."""
BY_BOT, BY_VISITOR, BY_MEMBER, SILENT, AWAY = "bot", "visitor", "member", "silent", "away"
"""Why people have the floor (HANDED_OVER): who wanted it, or what the bot was when it left a
message unanswered."""

From = TypedDict("From", {"from": str}, total=False)


class Facts(From, total=False):
    """Every fact that a notice may hold, which has the same type in all of them. Members and
    visitors are uuids, teams slugs, rows seqs."""

    member: str
    name: str
    from_name: str
    by: str
    by_name: str
    bot: str
    bot_name: str
    why: str
    team: str
    team_name: str
    team_names: dict[str, str]
    to: str
    to_name: str
    members: list[str]
    leaders: list[str]
    door: str
    of: int
    minutes: int
    days: int
    until: datetime | None
    words: str
    reason: str
    summary: str
    score: int
    comment: str
    taken: int | None
    limit: int | None
    tag: str
    keys: str
    former: str
    their_type: int
    their_time: str


class Member(Protocol):
    """As far as a notice says who it is."""

    uuid: str

    @property
    def display_name(self) -> str: ...


class Person(TypedDict):
    member: str
    name: str


class Actor(TypedDict):
    by: str
    by_name: str


def about(member: Member) -> Person:
    """Whom a notice is about."""
    return {"member": member.uuid, "name": member.display_name}


def by(actor: Member) -> Actor:
    """Who did it."""
    return {"by": actor.uuid, "by_name": actor.display_name}


# Sentences that are too long for a line below.
TOOK_OVER = "{name} took over from {from_name}"
TO_TEAM = "{by_name} handed it to the team {team_name}"
NOBODY_FREE = "Nobody is free right now. Leave a message, and we will answer as soon as we can."
CHOSEN = "Assigned to {name}: {reason}; {taken} of {limit} taken"
SHUT_OUT = "{by_name} blocked the visitor: {reason}"
HELD = "{by_name} put a legal hold on this: {reason}"
HELD_NO_MORE = "{by_name} lifted a legal hold"


class Notice(str, Enum):
    """The events of notices. Each has who sees it, its sentence (empty where each notice has its
    own), the facts that it always has, and those that it may have."""

    OPENED = "opened", ALL, "Conversation with {team} opened", "team members", "bot bot_name door"
    JOINED = "joined", ALL, "{name} joined", "member name"
    LEFT = "left", ALL, "{name} left", "member name"
    CLAIMED = "claimed", ALL, "{name} claimed it", "member name"
    TAKEN_OVER = "taken_over", ALL, TOOK_OVER, "member name from from_name"
    TRANSFERRED = "transferred", ALL, "{by_name} handed it to {name}", "member name by by_name"
    MOVED = "moved", ALL, TO_TEAM, "team team_name by by_name", "team_names"
    HANDED_OVER = "handed_over", ALL, "A person answers from here on", "why by by_name bot bot_name"
    NO_ANSWER = "no_answer", ALL, NOBODY_FREE, "minutes"
    CLOSED = "closed", ALL, "{by_name} closed it", "by by_name", "words why"
    REOPENED = "reopened", ALL, "{by_name} reopened it", "by by_name", "bot bot_name"
    IDLE = "idle", ALL, "", "until minutes words"
    RATED = "rated", ALL, "Rated {score} of 5", "score comment"
    ERASURE = "erasure", ALL, "", "by by_name", "why days"
    RECALL = "recall", ALL, "{name} recalled a message", "of member name"
    EDITED = "edited", ALL, "{name} edited a message", "of member name"
    RECALLED = "recalled", ALL, "{name} recalled a message", "member name"
    """What a message becomes that was taken back. Its row keeps some marks of the message."""
    ERASED = "erased", ALL, ""
    """What a row becomes that was erased. It keeps such marks, too."""
    ADOPTED = "adopted", ALL, "", "", "their_type their_time"
    """A row of another system that is no message there."""

    CLOSING = "closing", AGENTS, "", "reason summary"
    INVITED = "invited", AGENTS, "{by_name} invited {name}", "member name by by_name"
    REMOVED = "removed", AGENTS, "{by_name} removed {name}", "member name by by_name"
    FREED = "freed", AGENTS, "{by_name} released the claim of {name}", "member name by by_name"
    RELEASED = "released", AGENTS, "{name} released it", "member name"
    EXPIRED = "expired", AGENTS, "{name} is away; the claim is free", "member name", "why"
    ASSIGNED = "assigned", AGENTS, CHOSEN, "member name reason taken limit"
    OVERFLOWED = "overflowed", AGENTS, "Colleagues of {to_name} come to help", "to to_name members"
    OVERDUE = "overdue", AGENTS, "Nobody has answered for {minutes} minutes", "minutes leaders"
    TAGGED = "tagged", AGENTS, "{by_name} added the tag {tag}", "tag by by_name"
    UNTAGGED = "untagged", AGENTS, "{by_name} removed the tag {tag}", "tag by by_name"
    NAMED = "named", AGENTS, "{by_name} named the visitor {name}", "name by by_name"
    CONTACT = "contact", AGENTS, "{by_name} changed the contact", "by by_name"
    CODE_SENT = "code_sent", AGENTS, "{by_name} had a code mailed to the visitor", "by by_name"
    PROVEN = "proven", AGENTS, "The visitor proved their e-mail address"
    ATTRIBUTES = "attributes", AGENTS, "{by_name} changed attributes: {keys}", "keys by by_name"
    BLOCKED = "blocked", AGENTS, SHUT_OUT, "until reason by by_name"
    UNBLOCKED = "unblocked", AGENTS, "{by_name} ended the block", "by by_name"
    BLOCK_OVER = "block_over", AGENTS, "The block is over"
    LEGAL_HOLD = "legal_hold", AGENTS, HELD, "reason by by_name"
    LEGAL_HOLD_OVER = "legal_hold_over", AGENTS, HELD_NO_MORE, "reason by by_name"
    IDENTIFIED = "identified", AGENTS, "{former} signed in on the site: {name}", "former name"
    SNOOZED = "snoozed", AGENTS, "{by_name} snoozed it", "until by by_name"
    WOKEN = "woken", AGENTS, "{by_name} ended the snooze", "by by_name"
    BACK = "back", AGENTS, "The snooze is over", "", "why"
    UNDELIVERED = (
        "undelivered",
        AGENTS,
        "A message was not delivered: {reason}",
        "of reason",
        "words",
    )
    NOT_SPAM = "not_spam", AGENTS, "{by_name} found that it is no spam", "by by_name"
    QUARANTINE_OVER = "quarantine_over", AGENTS, "In quarantine for a week; closed by itself"

    agents_only: bool
    sentence: str
    required: tuple[str, ...]
    optional: tuple[str, ...]

    def __new__(
        cls, event: str, audience: str, sentence: str, required: str = "", optional: str = ""
    ) -> "Notice":
        self = str.__new__(cls, event)
        self._value_, self.sentence = event, sentence
        self.agents_only = audience == AGENTS
        self.required, self.optional = tuple(required.split()), tuple(optional.split())
        return self

    def data(self, **facts: "Unpack[Facts]") -> dict[str, Any]:
        """What is stored of such a notice. Raises TypeError where a fact is missing, or is none of
        this event's."""
        given: Mapping[str, object] = facts
        names = [name for name in (*self.required, *self.optional) if name in given]
        if len(names) < len(given) or not given.keys() >= set(self.required):
            raise TypeError(f"{self.value} has not the facts {', '.join(given)}")
        return {"event": self.value, **{name: given[name] for name in names}}

    def text(self, data: dict[str, Any]) -> str:
        """The English sentence, for clients that do not know the event."""
        return self.sentence.format_map(data)
