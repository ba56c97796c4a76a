"""What a page knows about conversations besides their messages, from events alone. It keeps the
version of each fact, and ignores older ones (static/js/agent/versions.js)."""

MESSAGE = 1
"""group_message.message_type of a public message."""
NAMES = ("open", "claimed_by", "members")


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
    for sender, kind, at, notice in rows:
        if kind == MESSAGE:
            since = facts["waiting_since"] or at
            facts["waiting_since"] = since if sender == visitor else None
        match notice and notice["event"]:
            case "claimed" | "transferred":
                facts["claimed_by"] = notice["member"]
            case "released" | "expired":
                facts["claimed_by"] = None
            case "moved":
                facts |= {"claimed_by": None, "waiting_since": facts["waiting_since"] or at}
            case "closed":
                facts = {"open": False, "claimed_by": None, "waiting_since": None}
            case "reopened":
                facts["open"] = True
    return facts
