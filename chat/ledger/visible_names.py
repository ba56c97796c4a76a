"""The names under which visitors see members: never the account that somebody signs in with. What
else of a message is for agents alone is left out with them.

Rows carry the name that colleagues see, which for a member without a nickname is the account. What
goes to a visitor has the member's nickname instead, or "", for which pages have a word in their
reader's language (`worded`). Of a member who was deleted it has the name, unless that may be an
account.
"""

import re
import time
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from accounts.models.member import account_validator
from accounts.sentences import listed

FOR_AGENTS = "delivery", "mail", "quoted"
"""What of a message's `data` no visitor gets: how it goes out, and of which mail it is."""
KEPT = 30
"""Seconds for which another process may still show a nickname that was changed."""
MAX_KEPT = 10_000
"""Members whose names are in memory."""
IN_NOTICES = (("member", "name"), ("by", "by_name"), ("from", "from_name"), ("bot", "bot_name"))
"""The facts of notices that say who somebody is, and their name."""

Names = dict[str, tuple[float, str, str]]
kept: Names = {}
"""By uuid: until when (monotonic seconds), the account and the nickname."""


def word() -> str:
    """How a member without a nickname is called, in the active language."""
    return _("Support agent")


def of(member: Member) -> str:
    """A member's name for visitors, in the active language."""
    return member.nickname or word()


def remember(member: Member) -> None:
    """Keeps the names of a member whose row is at hand, where none are kept, so that what they
    write is announced without another query."""
    now = time.monotonic()
    if kept.get(member.uuid, (0.0, "", ""))[0] <= now:
        kept[member.uuid] = (now + KEPT, member.name, member.nickname)


def forget(who: str) -> None:
    """The names of this member (uuid) have changed."""
    kept.pop(who, None)


def read(people: Iterable[str]) -> Names:
    """The names of those of these people (uuids) who are members."""
    now = time.monotonic()
    found = {who: kept.get(who, (0.0, "", "")) for who in people if who}
    old = [who for who, (until, *_names) in found.items() if until <= now]
    if old:
        if len(kept) > MAX_KEPT:
            kept.clear()
        rows = Member.objects.filter(uuid__in=old).values_list("uuid", "name", "nickname")
        fresh = dict.fromkeys(old, (now + KEPT, "", ""))
        fresh |= {who: (now + KEPT, account, nickname) for who, account, nickname in rows}
        kept.update(fresh)
        found |= fresh
    return found


def visible(who: str | None, name: str, names: Names) -> str:
    """The name to be shown for one that a row has of somebody (a uuid) of whom `names` are read."""
    if not who or who not in names:
        return name
    _until, account, nickname = names[who]
    if account:
        return nickname if name == account else name
    # Nobody knows any more whether it was the account of a member who was deleted. Senders whom an
    # import has made (uuid5) had none here.
    is_account = who[14:15] != "5" and re.match(account_validator.regex, name)
    return "" if is_account else name


def for_visitor(messages: list[dict], visitor: str) -> list[dict]:
    """These message objects as the visitor (uuid) of their conversation sees them; those in which
    nothing changes are the same objects."""
    if all(is_own_text(message, visitor) for message in messages):
        return messages
    people = {who for message in messages for who in people_in(message)} - {visitor, ""}
    names = read(people) if people else {}
    return [renamed(message, names) for message in messages]


def is_own_text(message: dict, visitor: str) -> bool:
    """Whether the visitor wrote it, and it points at nothing: most of what is announced."""
    return message["sender"] == visitor and not message["data"] and "reply_to" not in message


def people_in(message: dict) -> Iterable[str]:
    yield message["sender"]
    if quote := message.get("reply_to"):
        yield quote["sender"]
    if message["kind"] == "notice":
        data = message["data"] or {}
        # Of a row that was a bot's message, `bot` is true, and nobody's name stands beside it.
        yield from (data.get(who) or "" for who, key in IN_NOTICES if key in data)


def renamed(message: dict, names: Names) -> dict:
    changes: dict[str, Any] = {}
    if message["kind"] != "notice" and (about := message.get("data")):
        left = {key: about[key] for key in about if key not in FOR_AGENTS}
        if len(left) < len(about):
            changes["data"] = left or None
    name = visible(message["sender"], message["sender_name"], names)
    if name != message["sender_name"]:
        changes["sender_name"] = name
    if quote := message.get("reply_to"):
        name = visible(quote["sender"], quote["sender_name"], names)
        if name != quote["sender_name"]:
            changes["reply_to"] = {**quote, "sender_name": name}
    data = (message["data"] or {}) if message["kind"] == "notice" else {}
    if data.get("event") == "opened":
        # Whoever was in the team then: of no use to a visitor, and accounts may be among them.
        changes["data"] = {**data, "members": []}
    for who, key in (pair for pair in IN_NOTICES if pair[1] in data):
        before = data[key] or ""
        name = visible(data.get(who), before, names)
        if name != before:
            changes["data"] = {**changes.get("data", data), key: name}
            for part in {"content", "excerpt"} & message.keys():
                text = changes.get(part, message[part]) or ""
                changes[part] = text.replace(before, name or word())
    return {**message, **changes} if changes else message


def worded(message: dict) -> dict:
    """A message object of `for_visitor` for a page or a text in the active language: with a word
    where somebody has no name to be shown."""
    found = {**message}
    if found["sender"] and not found["sender_name"]:
        found["sender_name"] = word()
    if (quote := found.get("reply_to")) and quote["sender"] and not quote["sender_name"]:
        found["reply_to"] = {**quote, "sender_name": word()}
    if found["kind"] == "notice" and (data := found["data"]):
        blank = {key: word() for who, key in IN_NOTICES if data.get(who) and data.get(key) == ""}
        found["data"] = {**data, **blank}
    return found


def several(names: list[str]) -> str:
    """Up to three names of people in one text; who has none is counted."""
    known = [name for name in names if name != word()]
    nameless = len(names) - len(known)
    shown = listed(known[:3])
    if len(known) > 3 or not nameless:
        return shown + " …" * (len(known) > 3)
    text = ngettext("%(names)s and %(n)s other agent", "%(names)s and %(n)s other agents", nameless)
    if not known:
        text = ngettext("%(n)s agent", "%(n)s agents", nameless)
    return text % {"names": shown, "n": nameless}
