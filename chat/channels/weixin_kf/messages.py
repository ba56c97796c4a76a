"""What a message or event of customer service says."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.channels.contract import Arrived, File

CUSTOMER, EVENT = 3, 4
"""Origins. What colleagues write in WeCom (5) is no message of a customer."""
FILES = "image", "voice", "video", "file"
MOST = 100
"""Characters of their ids, which are shorter."""
TOO_LATE, ENDED, TOO_MANY, REFUSED = 4, 5, 6, 10
"""Why a message did not reach them (fail_type)."""
CLOSED = TOO_LATE, ENDED, TOO_MANY
WHY = {
    TOO_LATE: gettext_noop("The time in which they may be answered is over."),
    ENDED: gettext_noop("The session is over. They can be answered once they have written again."),
    TOO_MANY: gettext_noop("No further message may be sent to them now."),
    REFUSED: gettext_noop("They refuse messages of this account."),
}


def is_of(found: Any, open_kfid: str) -> bool:
    """Whether it is a message or event of this account."""
    if not isinstance(found, dict) or not 0 < len(text_of(found, "msgid")) <= MOST:
        return False
    return text_of(found, "open_kfid") in (open_kfid, "") and who(found) != ""


def who(found: dict[str, Any]) -> str:
    """Whose it is; "" where nobody is named."""
    name = text_of(found, "external_userid") or text_of(part(found, "event"), "external_userid")
    return name if len(name) <= MOST else ""


def text_of(found: dict[str, Any], name: str) -> str:
    text = found.get(name)
    return text if isinstance(text, str) else ""


def at(found: dict[str, Any]) -> int:
    """When it was written, in seconds of Unix; 0 where it is not known."""
    seconds = found.get("send_time")
    return seconds if type(seconds) is int else 0


def part(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def welcome_code(found: dict[str, Any]) -> str:
    """By which somebody who has entered can be welcomed; "" where they cannot."""
    event = part(found, "event")
    return text_of(event, "welcome_code") if event.get("event_type") == "enter_session" else ""


def names_in(answer: dict[str, Any]) -> dict[str, str]:
    listed = answer.get("customer_list")
    people = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return {text_of(each, "external_userid"): text_of(each, "nickname") for each in people}


def arrived(found: dict[str, Any]) -> Arrived | None:
    """What came; None where it is of no interest."""
    item = Arrived(found["msgid"], who(found), at=at(found))
    if found.get("origin") == CUSTOMER:
        say(item, found)
        return item
    if found.get("origin") == EVENT:
        return of_event(item, part(found, "event"))
    return None


def say(item: Arrived, found: dict[str, Any]) -> None:
    """Sets what a customer's message says."""
    kind = text_of(found, "msgtype")
    what = part(found, kind)
    if kind == "text":
        item.content = text_of(what, "content")
    elif kind == "link":
        said = (text_of(what, name) for name in ("title", "desc", "url"))
        item.content = "\n".join(filter(None, said))
    elif kind in FILES and text_of(what, "media_id"):
        # The name of a file comes with it.
        item.file = File(what["media_id"], "" if kind == "file" else kind)
    else:
        item.missing = missing_of(kind, what)
    if not (item.content or item.file or item.missing):
        item.missing = _("Something that cannot be shown here")


def missing_of(kind: str, what: dict[str, Any]) -> str:
    """In a line, what came that is neither text nor a file; "" where nobody knows."""
    if kind == "location":
        place = {"latitude": what.get("latitude"), "longitude": what.get("longitude")}
        said = _("Location: %(latitude)s, %(longitude)s") % place
        return "\n".join(filter(None, [said, text_of(what, "name"), text_of(what, "address")]))
    if kind == "business_card":
        return _("Contact: %(name)s %(phone)s") % {"name": text_of(what, "userid"), "phone": ""}
    if kind == "miniprogram":
        return _("Mini program: %(title)s") % {"title": text_of(what, "title")}
    return ""


def of_event(item: Arrived, event: dict[str, Any]) -> Arrived | None:
    """What an event changes: it grants nothing."""
    item.grants = ""
    kind = event.get("event_type")
    if kind == "user_recall_msg":
        item.missing = _("They have recalled a message.")
        return item
    if kind != "msg_send_fail" or not text_of(event, "fail_msgid"):
        return None
    why = event.get("fail_type")
    why = why if type(why) is int else 0
    item.undelivered, item.reason = text_of(event, "fail_msgid"), f"fail_type {why}"
    item.words = _(WHY[why]) if why in WHY else ""
    item.closes = why in CLOSED
    return item
