"""What a call of an official account says."""

from django.utils.translation import gettext as _

from chat.channels.contract import Arrived, File

EVENT = "event"
"""What an event grants, in Adapter.grants: less than a message."""
GRANTING = {"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"}
"""Events after which the account may write; to open a page from the menu is none."""
FILES = {"image": "image", "voice": "voice", "video": "video", "shortvideo": "video"}
"""The kinds of messages that are a file, and how it is called."""
MOST = 100
"""Characters of their ids, which are much shorter."""


def arrived(found: dict[str, str]) -> Arrived | None:
    """What somebody did; None where it is of no interest. A message is known by its MsgId, an event
    by its sender, time and name."""
    who, kind, at = (found.get(name, "") for name in ("FromUserName", "MsgType", "CreateTime"))
    event = found.get("Event", "").lower() if kind == "event" else ""
    key = found.get("MsgId", "") if not event else f"{who}:{at}:{event}"
    if not who or not key or len(who) > MOST or len(found.get("MsgId", "")) > MOST:
        return None
    item = Arrived(key, who, at=int(at) if at.isdecimal() and len(at) < 12 else 0)
    if event:
        return item if of_event(item, event, found) else None
    if kind == "text":
        item.content = found.get("Content", "")
    elif kind == "link":
        item.content = "\n".join(filter(None, map(found.get, ("Title", "Description", "Url"))))
    elif kind in FILES and found.get("MediaId"):
        item.file = File(found["MediaId"], FILES[kind])
        item.content = found.get("Recognition", "")
    elif kind == "location":
        place = {"latitude": found.get("Location_X"), "longitude": found.get("Location_Y")}
        said = _("Location: %(latitude)s, %(longitude)s") % place
        item.missing = "\n".join(filter(None, [said, found.get("Label")]))
    if not (item.content or item.file or item.missing):
        item.missing = _("Something that cannot be shown here")
    return item


def of_event(item: Arrived, event: str, found: dict[str, str]) -> bool:
    """Whether an event is of interest: the press of a menu's button is shown, others only grant."""
    if event == "click":
        item.missing = _("Pressed in the menu: %(key)s") % {"key": found.get("EventKey", "")}
    item.grants = EVENT
    return event in GRANTING
