"""The shape of every event that goes to clients (docs/protocol.md); nothing else writes one.

Each function takes rows or plain values and returns a new dict, or JSON where the event is written
very often. It reads nothing from the database and sends nothing. Uuids are strings, times aware
datetimes, `group` a conversation's uuid and `seq` the number of one of its rows, from 1.
"""

from datetime import datetime

PONG = b'{"type":"pong"}'


def hello(me: dict, protocol: int, epoch: str, groups: list[dict], **facts) -> dict:
    """The first event of a socket: who it belongs to, the server process, the first rows, and what
    only agents or only visitors are told."""
    start = {"me": me, "protocol": protocol, "epoch": epoch, "groups": groups}
    return {"type": "hello", **start, **facts}


def inbox(view: str, tag: str, groups: list[dict], **facts) -> dict:
    """The first page of a selection; `facts` are `more`, `total` and `counts`."""
    return {"type": "inbox", "view": view, "tag": tag, "groups": groups, **facts}


def synced(groups: dict[str, int], more: list[str], left: list[str]) -> dict:
    """The end of an answer to `sync`: the seq up to which each group is complete, the groups that
    have more, and those where the asker has no seat."""
    event = {"type": "synced", "groups": groups, "more": more}
    if left:
        event["left"] = left
    return event


def accepted(client_id: str, group: str, seq: int, id: int, created_at: datetime) -> dict:
    """The answer to a stored message, the same at every retry."""
    return {
        "type": "message.accepted",
        "client_id": client_id,
        "group": group,
        "seq": seq,
        "id": id,
        "created_at": created_at,
    }


def posted(message: dict, prev: int) -> dict:
    """A message, and the seq of the row before it that this reader may see (0 for none)."""
    return {"type": "message.posted", "message": message, "prev": prev}


def posted_json(message: bytes, prev: int) -> bytes:
    """The same of a message that is JSON already: with another `prev` it is not encoded again."""
    return b'{"type":"message.posted","message":%b,"prev":%d}' % (message, prev)


def message(row, group: str, visitor: str, now: datetime | None = None) -> dict:
    """The message object of a row (threads.Row) in the conversation of `visitor` (uuid); `now` is
    the time of one that was just stored."""
    shaped = {
        "id": row.id,
        "group": group,
        "seq": row.seq,
        "kind": row.kind_name,
        "sender": row.sender,
        "sender_name": row.sender_name,
        "sender_avatar": row.sender_avatar,
        "sender_role": role(row.sender, visitor),
        "content": row.content,
        "client_id": row.client_id,
        "created_at": row.created_at or now,
        "attachment": None,
        "data": row.data,
    }
    if row.data and shaped["kind"] == "notice":
        # A recalled one keeps its sender, whose retry must find it.
        shaped["sender_role"] = "system"
    elif row.data:
        shaped["data"] = None
        if "attachment" in row.data:
            shaped["attachment"] = attachment(row.data["attachment"])
        if row.quote:
            shaped["reply_to"] = row.quote
        if "mentions" in row.data:
            shaped["mentions"] = row.data["mentions"]
        if "question" in row.data:
            shaped["question"] = row.data["question"]
        if "automatic" in row.data:
            shaped |= {"automatic": True, "sender_role": "agent"}
    return shaped


def role(sender: str, visitor: str) -> str:
    """Who wrote a row: system (no sender), the conversation's visitor, or an agent."""
    if not sender:
        return "system"
    return "visitor" if sender == visitor else "agent"


def attachment(file: dict) -> dict:
    """A message's file as pages see it; the address opens for the people of its group only."""
    facts = dict(file)
    url = f"/files/{facts.pop('key')}/"
    return {"url": url, "thumbnail": f"{url}small/" if file["width"] else None, **facts}


def unread_json(group: str, unread: int, total: int) -> bytes:
    """How many messages a member has not read here, and in all conversations."""
    return b'{"type":"unread","group":"%b","unread":%d,"total":%d}' % (
        group.encode(),
        unread,
        total,
    )


def cursor(group: str, member: str, seq: int) -> dict:
    """To agents: up to where somebody (uuid of a member or of the visitor) has read."""
    return {"type": "read", "group": group, "member": member, "seq": seq}


def seen(group: str, seq: int) -> dict:
    """To a visitor: up to where any agent has read."""
    return {"type": "read", "group": group, "seq": seq}


def mentioned(group: str, seq: int, note=None) -> dict:
    """To a member: the last note that calls them, 0 for none any more. `note` is its row, where
    that has just been written."""
    event = {"type": "mentioned", "group": group, "seq": seq}
    if note:
        event |= {"member": note.sender, "name": note.sender_name}
    return event


def typing(group: str, member: str, name: str, draft: str | bool) -> dict:
    """Who is typing (uuid of a member or of the visitor): the text so far, or whether at all."""
    return {"type": "typing", "group": group, "member": member, "name": name, "draft": draft}


def viewing(group: str, member, window: str, looking: bool) -> dict:
    """A member (accounts.models.Member) looks at the conversation in one of their windows, or does
    not any more."""
    return {
        "type": "viewing",
        "group": group,
        "member": member.uuid,
        "name": member.display_name,
        "avatar": member.avator,
        "window": window,
        "looking": looking,
    }


def queue(place: dict) -> dict:
    """Where a visitor stands in the line (waiting.Line.place)."""
    return {"type": "queue", **place}


def team(facts: dict) -> dict:
    """The team that looks after a visitor (greeting.team_facts)."""
    return {"type": "team", **facts}


def member_presence(member: str, facts: dict) -> dict:
    """To colleagues: a member's state (presence.for_colleagues)."""
    return {"type": "presence", "member": member, **facts}


def team_presence(slug: str, facts: dict) -> dict:
    """To visitors: how many of a team are there, and its hours (presence.for_visitors)."""
    return {"type": "presence", "team": slug, **facts}


def visitor_presence(visitor: str, online: bool) -> dict:
    """To the agents of a visitor: whether they are connected."""
    return {"type": "presence", "visitor": visitor, "online": online}


def unattended(teams: list[dict]) -> dict:
    """To managers: the teams in which visitors wait and nobody is there (attendance.py)."""
    return {"type": "presence", "unattended": teams}


def conversation(group: str, version: int, facts: dict) -> dict:
    """What changed of a conversation. `version` is its last seq when that became true."""
    return {"type": "conversation", "group": group, "version": version, **facts}


def conversation_row(row: dict, members: list[dict], version: int) -> dict:
    """To one who is newly seated: everything that an inbox and its thread show.

    `version` was read before all of it. The row's own last_seq may be a later one than the
    members belong to, and would then stand above the event that tells who sits there since.
    """
    return {"type": "conversation", "version": version, **row, "members": members}


def left(group: str, version: int, into: str | None = None) -> dict:
    """To a member whose seat is gone since `version`; `into` is the conversation that this one
    became a part of."""
    event = {"type": "conversation.left", "group": group, "version": version}
    if into:
        event["into"] = into
    return event


def member(who) -> dict:
    """To the colleagues: another name or picture of a member (accounts.models.Member)."""
    return {
        "type": "member",
        "member": who.uuid,
        "name": who.display_name,
        "avatar": who.avator,
    }


def visitor(row) -> dict:
    """To the agents of a visitor (models.Visitor): what is stored of them now."""
    return {"type": "visitor", **visitor_facts(row)}


def visitor_facts(row) -> dict:
    """What is stored of a visitor, as agents see it."""
    return {
        "visitor": row.uuid,
        "name": row.label,
        "contact": row.contact,
        "identity": row.identity or None,
        "referrer": row.referrer,
        "language": row.language,
        "device": row.device,
        "browser": row.browser,
        "address": row.address,
        "path": row.path,
        "created_at": row.created_at,
        "consented_at": row.consented_at,
        "blocked": block(row),
        "erased": row.is_erased,
    }


def block(row) -> dict | None:
    """Until when a visitor is blocked (None: for good), why, and by whom."""
    if not row.is_blocked:
        return None
    return {"until": row.blocked_until, "reason": row.block_reason, "by_name": row.blocked_by}


def identity() -> dict:
    """To a visitor's pages: the browser's cookie names another visitor now."""
    return {"type": "identity"}


def alerts(facts: dict) -> dict:
    """To a member's own pages: what they want to be alerted of (alerts.facts)."""
    return {"type": "alerts", **facts}


def error(code: str, detail: str, facts: dict) -> dict:
    """A refusal (errors.py), with what else is known of it."""
    return {"type": "error", "code": code, "detail": detail, **facts}
