"""What a page knows about conversations besides their messages, from events alone. It keeps the
version of each fact, and ignores older ones (static/js/agent/versions.js)."""

from datetime import datetime, timedelta

MESSAGE = 1
"""group_message.message_type of a public message."""
NAMES = ("open", "claimed_by", "members")
FLOOR_ENDS = ("claimed", "transferred", "moved", "handed_over", "closed")
"""Notices with which a bot's floor ends; what it has not answered waits for people then."""
UNDO_WITHIN = timedelta(seconds=10)
"""A close may be undone for so long (docs/protocol.md)."""


class Facts:
    def __init__(self):
        self.known: dict[str, dict] = {}
        """By group."""
        self.versions: dict[tuple[str, str], int] = {}

    def update(self, group: str, version: int, fields: dict) -> None:
        """Stores the facts in a row of the inbox or an event `conversation`."""
        known = self.known.setdefault(group, {})
        for name in NAMES:
            if name in fields and version >= self.versions.get((group, name), 0):
                self.versions[group, name] = version
                known[name] = fields[name]
                if name == "members":
                    known[name] = sorted(member["member"] for member in fields[name])


def replay(rows: list[tuple], visitor: str | None) -> dict:
    """Computes from the rows of a conversation, each (sender, kind, time, data of a notice),
    whether it is open, who has claimed it and since when its visitor waits. Every change writes a
    row."""
    facts = {"open": True, "claimed_by": None, "waiting_since": None}
    closed = bot = asked = None
    spoken = (None, None)
    """When the bot wrote last, and what it had not answered before."""
    for sender, kind, at, notice in rows:
        if kind == MESSAGE and sender == bot:
            spoken, asked = (at, asked), None
        elif kind == MESSAGE and bot and sender == visitor:
            asked = asked or at
        elif kind == MESSAGE:
            since = facts["waiting_since"] or at
            facts["waiting_since"] = since if sender == visitor else None
            if sender != visitor:
                closed = bot = asked = None
        if bot and notice and notice["event"] in FLOOR_ENDS:
            if spoken[0] == at:  # With the notice: it was no answer.
                asked = spoken[1]
            facts["waiting_since"] = asked or (at if notice["event"] == "handed_over" else None)
            bot = asked = None
        match notice and notice["event"]:
            case "opened":
                bot = notice.get("bot")
            case "claimed" | "transferred":
                facts["claimed_by"] = notice["member"]
            case "released" | "expired":
                facts["claimed_by"] = None
            case "moved":
                facts |= {"claimed_by": None, "waiting_since": facts["waiting_since"] or at}
            case "closed":
                closed = notice["by"], moment(at), facts["waiting_since"]
                facts = {"open": False, "claimed_by": None, "waiting_since": None}
            case "reopened":
                facts["open"], bot = True, notice.get("bot")
                # A member who undoes their close at once lets the visitor wait as before.
                if closed and visitor != notice["by"] == closed[0]:
                    if moment(at) - closed[1] <= UNDO_WITHIN:
                        facts["waiting_since"] = closed[2]
                closed = None
    return facts


def moment(at: str | datetime) -> datetime:
    """A time as a database gives it: SQLite gives a text."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at
