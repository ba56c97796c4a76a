"""What a page knows about conversations besides their messages, from events alone. It keeps the
version of each fact, and ignores older ones (static/js/agent/versions.js)."""

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


def replay(notices: list[dict]) -> dict:
    """Computes from the notices of a conversation (`data`, in order) whether it is open and who has
    claimed it. Every change writes a notice."""
    facts = {"open": True, "claimed_by": None}
    for notice in notices:
        match notice["event"]:
            case "claimed" | "transferred":
                facts["claimed_by"] = notice["member"]
            case "released" | "expired":
                facts["claimed_by"] = None
            case "closed":
                facts = {"open": False, "claimed_by": None}
            case "reopened":
                facts["open"] = True
    return facts
