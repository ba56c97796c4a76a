"""Each frame's fields, checked: a dict goes in, a form comes out or `Refused` is raised.

A form holds only what was checked; whose it is and whether it may be done comes later
(access.py, posting.py). HTTP posts pass through the same checks.
"""

import re
from dataclasses import dataclass

from .errors import Refused

MAX_CONTENT = 10_000
"""Code points in one message (docs/protocol.md)."""
MAX_SEQ = 2**31 - 1
MAX_GROUPS = 200
"""Groups in one sync: the inbox page shows 30, so this is several screens."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(slots=True)
class Send:
    client_id: str
    content: str
    group: str | None
    note: bool
    seen: int | None


@dataclass(slots=True)
class Read:
    group: str
    seq: int


@dataclass(slots=True)
class Typing:
    group: str
    draft: str | bool


@dataclass(slots=True)
class Sync:
    groups: dict[str, int]
    inbox: bool


@dataclass(slots=True)
class Ping:
    got: int


def check(frame: dict, visitor: bool) -> Send | Read | Typing | Sync | Ping:
    """The form for a frame's `type`. Refuses with unknown_type, bad_field or too_long."""
    kind = frame.get("type")
    form = FORMS.get(kind) if isinstance(kind, str) else None
    if form is None:
        raise Refused("unknown_type", "There is no frame of this type.")
    return form(frame, visitor)


def send(frame: dict, visitor: bool) -> Send:
    client_id = uuid(frame, "client_id")
    try:
        if visitor:
            if "note" in frame or "seen" in frame:
                raise Refused("bad_field", "note and seen are for agents.")
            group = uuid(frame, "group") if frame.get("group") is not None else None
            return Send(client_id, content(frame.get("content")), group, False, None)
        note = frame.get("note", False)
        if not isinstance(note, bool):
            raise Refused("bad_field", "note is true or false.")
        seen = whole(frame, "seen") if frame.get("seen") is not None else None
        return Send(client_id, content(frame.get("content")), uuid(frame, "group"), note, seen)
    except Refused as refusal:
        refusal.facts["client_id"] = client_id
        raise


def read(frame: dict, visitor: bool) -> Read:
    return Read(uuid(frame, "group"), whole(frame, "seq"))


def typing(frame: dict, visitor: bool) -> Typing:
    draft = frame.get("draft")
    if not isinstance(draft, str if visitor else bool):
        raise Refused("bad_field", "draft is a visitor's text, or an agent's true or false.")
    if visitor and len(draft) > MAX_CONTENT:
        raise Refused("too_long", "A draft has 10,000 characters at the most.")
    return Typing(uuid(frame, "group"), draft)


def sync(frame: dict, visitor: bool) -> Sync:
    groups = frame.get("groups")
    if not isinstance(groups, dict) or len(groups) > MAX_GROUPS:
        raise Refused("bad_field", f"groups is an object of at most {MAX_GROUPS} groups.")
    inbox = frame.get("inbox", False)
    if not isinstance(inbox, bool) or (inbox and visitor):
        raise Refused("bad_field", "inbox is true or false, and for agents.")
    return Sync({uuid({"groups": key}, "groups"): whole(groups, key) for key in groups}, inbox)


def ping(frame: dict, visitor: bool) -> Ping:
    return Ping(whole(frame, "got") if frame.get("got") is not None else 0)


FORMS = {
    "message.send": send,
    "message.read": read,
    "typing": typing,
    "sync": sync,
    "ping": ping,
}


def uuid(frame: dict, name: str) -> str:
    """A UUID's text in lower case."""
    value = frame.get(name)
    if isinstance(value, str) and UUID.match(value := value.lower()):
        return value
    raise Refused("bad_field", f"{name} must be a UUID.")


def whole(frame: dict, name: str) -> int:
    """A whole number from 0 to 2³¹−1; true and 1.0 are none."""
    value = frame.get(name)
    if type(value) is int and 0 <= value <= MAX_SEQ:
        return value
    raise Refused("bad_field", f"{name} must be a whole number from 0 to {MAX_SEQ}.")


def content(value) -> str:
    """A message's text with its line ends as LF."""
    if not isinstance(value, str) or not value.strip():
        raise Refused("bad_field", "content must be a text that is not empty.")
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(value) > MAX_CONTENT:
        raise Refused("too_long", f"A message has {MAX_CONTENT:,} characters at the most.")
    return value
