"""What a page knows of conversations beside their messages, from events alone: for each fact it
keeps the number it belongs to, and leaves older ones alone (static/js/agent/versions.js)."""

NAMES = ("open", "claimed_by", "members")


class Facts:
    def __init__(self):
        self.known: dict[str, dict] = {}
        """By group."""
        self.versions: dict[tuple[str, str], int] = {}

    def take(self, group: str, version: int, told: dict) -> None:
        """Facts of a row or a `conversation` event; of the members who they are."""
        known = self.known.setdefault(group, {})
        for name in NAMES:
            if name in told and version >= self.versions.get((group, name), 0):
                self.versions[group, name] = version
                known[name] = told[name]
                if name == "members":
                    known[name] = sorted(member["member"] for member in told[name])


def replayed(notices: list[dict]) -> dict:
    """What the notices of a conversation, `data` in order, say of whether it is open and whose it
    is: every change of that writes one."""
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
