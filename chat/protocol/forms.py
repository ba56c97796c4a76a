"""Each frame's fields, checked: a dict goes in, a form comes out or `Refused` is raised.

A form holds only what was checked; whose it is and whether it may be done comes later
(access.py, posting.py). HTTP posts pass through the same checks.
"""

from dataclasses import dataclass

from . import introduction
from .errors import Refused
from .fields import (
    MAX_CONTENT,
    challenge_proof,
    content,
    line,
    multiline,
    page_url,
    slug,
    tag,
    uuid,
    whole_number,
)
from .introduction import Introduction
from .selection import ALL, Selection

MAX_COMMENT = 1_000
"""Code points in the comment of a rating (the column's length)."""
MAX_REASON, MAX_SUMMARY = 60, 1_000
"""Characters of what is said of a closing (the columns' lengths)."""
MAX_MINUTES = 366 * 24 * 60
"""A snooze of a year."""
MAX_MENTIONS = 20
"""Colleagues whom one note calls."""
MAX_GROUPS = 200
"""Groups in one sync: the inbox page shows 30, so this is several screens."""


@dataclass(slots=True)
class SendForm:
    client_id: str
    content: str
    group: str | None
    note: bool
    seen: int | None
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    question: int | None = None
    """The quick question that a visitor pressed."""
    introduction: Introduction | None = None
    proof: str = ""
    """What solves a challenge (challenges.py)."""


@dataclass(slots=True)
class RecallForm:
    """Takes back an own message; a visitor may leave `group` out."""

    group: str | None
    seq: int


@dataclass(slots=True)
class ReadForm:
    group: str
    seq: int


@dataclass(slots=True)
class TypingForm:
    group: str
    draft: str | bool


@dataclass(slots=True)
class SyncForm:
    groups: dict[str, int]
    inbox: bool
    chosen: Selection


@dataclass(slots=True)
class ActionForm:
    """What an agent does to a conversation; `name` is the type without "conversation."."""

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
class RatingForm:
    group: str | None
    score: int
    comment: str


@dataclass(slots=True)
class PresenceForm:
    away: bool


@dataclass(slots=True)
class ViewingForm:
    """Which conversation an agent's page shows; None: none, or nobody can see it."""

    group: str | None


@dataclass(slots=True)
class PingForm:
    got: int


@dataclass(slots=True)
class PageForm:
    """Where a visitor is and came from: addresses up to their path; `referrer` may be empty."""

    url: str
    referrer: str


@dataclass(slots=True)
class QueueForm:
    """A visitor asks where they stand in the line."""


@dataclass(slots=True)
class TeamForm:
    """A visitor asks which team looks after them by now."""


Form = (
    SendForm
    | RecallForm
    | ReadForm
    | TypingForm
    | SyncForm
    | ActionForm
    | RatingForm
    | PageForm
    | QueueForm
    | TeamForm
    | PresenceForm
    | ViewingForm
    | PingForm
)


def check(frame: dict, visitor: bool) -> Form:
    """The form for a frame's `type`. Refuses with unknown_type, bad_field, too_long, or
    forbidden for what is the other side's."""
    kind = frame.get("type")
    form = FORMS.get(kind) if isinstance(kind, str) else None
    if form is None:
        raise Refused("unknown_type", "There is no frame of this type.")
    return form(frame, visitor)


def send(frame: dict, visitor: bool, with_file: bool = False) -> SendForm:
    """A message; its text may be empty only where a file comes with it."""
    client_id = uuid(frame, "client_id")
    try:
        if visitor:
            if "note" in frame or "seen" in frame or "mentions" in frame:
                raise Refused("bad_field", "note, seen and mentions are for agents.")
            group = uuid(frame, "group") if frame.get("group") is not None else None
            text = message_text(frame, with_file)
            pressed = whole_number(frame, "question") if frame.get("question") is not None else None
            said = introduction.check(frame.get("introduction"))
            return SendForm(
                client_id,
                text,
                group,
                False,
                None,
                reply_to(frame),
                question=pressed,
                introduction=said,
                proof=challenge_proof(frame),
            )
        if {"question", "introduction", "proof"} & frame.keys():
            raise Refused("bad_field", "question, introduction and proof are for visitors.")
        note = frame.get("note", False)
        if not isinstance(note, bool):
            raise Refused("bad_field", "note is true or false.")
        seen = whole_number(frame, "seen") if frame.get("seen") is not None else None
        text = message_text(frame, with_file)
        who = mentions(frame, note)
        return SendForm(client_id, text, uuid(frame, "group"), note, seen, reply_to(frame), who)
    except Refused as refusal:
        refusal.facts["client_id"] = client_id
        raise


def message_text(frame: dict, with_file: bool) -> str:
    value = frame.get("content")
    if with_file and (value is None or isinstance(value, str) and not value.strip()):
        return ""
    return content(value)


def reply_to(frame: dict) -> int | None:
    """The seq of the message that this one answers."""
    return whole_number(frame, "reply_to") if frame.get("reply_to") is not None else None


def mentions(frame: dict, note: bool) -> tuple[str, ...]:
    """Whom a note calls, as uuids."""
    people = frame.get("mentions")
    if people is None:
        return ()
    if not isinstance(people, list) or len(people) > MAX_MENTIONS or (people and not note):
        raise Refused("bad_field", f"mentions are at most {MAX_MENTIONS} members, of a note.")
    return tuple(uuid({"mentions": who}, "mentions") for who in people)


def recall(frame: dict, visitor: bool) -> RecallForm:
    group = None if visitor and frame.get("group") is None else uuid(frame, "group")
    return RecallForm(group, whole_number(frame, "seq"))


def read(frame: dict, visitor: bool) -> ReadForm:
    return ReadForm(uuid(frame, "group"), whole_number(frame, "seq"))


def typing(frame: dict, visitor: bool) -> TypingForm:
    draft = frame.get("draft")
    if not isinstance(draft, bool | str if visitor else bool):
        raise Refused("bad_field", "draft is true or false, or a visitor's text.")
    if isinstance(draft, str) and len(draft) > MAX_CONTENT:
        raise Refused("too_long", "A draft has 10,000 characters at the most.")
    return TypingForm(uuid(frame, "group"), draft)


def sync(frame: dict, visitor: bool) -> SyncForm:
    groups = frame.get("groups")
    if not isinstance(groups, dict) or len(groups) > MAX_GROUPS:
        raise Refused("bad_field", f"groups is an object of at most {MAX_GROUPS} groups.")
    inbox = frame.get("inbox", False)
    if not isinstance(inbox, bool) or (inbox and visitor):
        raise Refused("bad_field", "inbox is true or false, and for agents.")
    held = {uuid({"groups": key}, "groups"): whole_number(groups, key) for key in groups}
    return SyncForm(held, inbox, Selection.of(frame) if inbox else ALL)


def act(frame: dict, visitor: bool) -> ActionForm:
    if visitor:
        raise Refused("forbidden", "This is for agents.")
    name = frame["type"].partition(".")[2]
    take_over = frame.get("take_over", False)
    if not isinstance(take_over, bool):
        raise Refused("bad_field", "take_over is true or false.")
    member = team = None
    if name in ("invite", "remove") or (name == "transfer" and frame.get("member") is not None):
        member = uuid(frame, "member")
    if name == "transfer":
        team = slug(frame.get("team")) if frame.get("team") is not None else None
        if (member is None) == (team is None):
            raise Refused("bad_field", "A transfer goes to a member or to a team.")
    word = tag(frame.get("tag")) if name in ("tag", "untag") else ""
    wait = minutes(frame) if name == "snooze" else 0
    form = ActionForm(name, uuid(frame, "group"), member, team, note(frame), take_over, word, wait)
    if name == "close":
        form.reason = line(frame, "reason", MAX_REASON, empty=True)
        form.summary = multiline(frame, "summary", MAX_SUMMARY)
    return form


def minutes(frame: dict) -> int:
    value = whole_number(frame, "minutes")
    if not 1 <= value <= MAX_MINUTES:
        raise Refused("bad_field", f"minutes is from 1 to {MAX_MINUTES:,}.")
    return value


def note(frame: dict) -> str:
    """What an agent says to colleagues with an action; empty for nothing."""
    value = frame.get("note")
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return content(value, "note")


def rate(frame: dict, visitor: bool) -> RatingForm:
    if not visitor:
        raise Refused("forbidden", "This is for visitors.")
    group = uuid(frame, "group") if frame.get("group") is not None else None
    score = frame.get("score")
    if type(score) is not int or not 1 <= score <= 5:
        raise Refused("bad_field", "score is a whole number from 1 to 5.")
    return RatingForm(group, score, multiline(frame, "comment", MAX_COMMENT))


def presence(frame: dict, visitor: bool) -> PresenceForm:
    if visitor or not isinstance(frame.get("away"), bool):
        raise Refused("forbidden" if visitor else "bad_field", "away is true or false, for agents.")
    return PresenceForm(frame["away"])


def viewing(frame: dict, visitor: bool) -> ViewingForm:
    if visitor:
        raise Refused("forbidden", "This is for agents.")
    if "group" not in frame:
        raise Refused("bad_field", "group is a UUID, or null.")
    return ViewingForm(None if frame["group"] is None else uuid(frame, "group"))


def ping(frame: dict, visitor: bool) -> PingForm:
    return PingForm(whole_number(frame, "got") if frame.get("got") is not None else 0)


def page(frame: dict, visitor: bool) -> PageForm:
    if not visitor:
        raise Refused("forbidden", "This is for visitors.")
    url, referrer = page_url(frame.get("url"), "url"), frame.get("referrer", "")
    return PageForm(url, "" if referrer == "" else page_url(referrer, "referrer"))


def queue(frame: dict, visitor: bool) -> QueueForm:
    if not visitor:
        raise Refused("forbidden", "This is for visitors.")
    return QueueForm()


def team(frame: dict, visitor: bool) -> TeamForm:
    if not visitor:
        raise Refused("forbidden", "This is for visitors.")
    return TeamForm()


FORMS = {
    "message.send": send,
    "message.recall": recall,
    "message.read": read,
    "typing": typing,
    "sync": sync,
    "presence": presence,
    "viewing": viewing,
    "ping": ping,
    "rate": rate,
    "page": page,
    "queue": queue,
    "team": team,
} | {
    f"conversation.{name}": act
    for name in (
        *("claim", "release", "close", "reopen", "leave", "invite", "remove", "transfer"),
        *("tag", "untag", "snooze", "wake", "spam", "not_spam"),
    )
}
