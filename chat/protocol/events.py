"""The shape of every event that the server sends to clients (docs/protocol.md).

Each function takes rows or plain values and returns a new dict, or JSON for events that are written
very often. It neither reads the database nor sends anything. Uuids are strings, times are aware
datetimes, `group` is a conversation's uuid and `seq` the number of one of its rows, from 1.
"""

from datetime import datetime
from typing import Any

from . import contacts, formatting

SHOWN = "buttons", "article", "generated", "citations", "delivery", "mail", "quoted"
"""What clients get of a message's `data` under its own name."""
PONG = b'{"type":"pong"}'
CHANGED = b'{"type":"changed"}'
LIVE_HELLO = {"type": "hello"}


def hello(me: dict, protocol: int, epoch: str, groups: list[dict], **facts: Any) -> dict:
    """The first event of a socket: whose it is, the version of the protocol, the id of the server
    process, and the first inbox rows. `facts` are further fields for agents or for visitors."""
    start = {"me": me, "protocol": protocol, "epoch": epoch, "groups": groups}
    return {"type": "hello", **start, **facts}


def inbox(chosen: dict[str, str], groups: list[dict], **facts: Any) -> dict:
    """The first page of a selection (Selection.facts); `facts` are `more`, `total` and `counts`."""
    return {"type": "inbox", **chosen, "groups": groups, **facts}


def synced(groups: dict[str, int], more: list[str], left: list[str], **facts: Any) -> dict:
    """The last event in reply to `sync`: the seq up to which each group is complete, the groups
    that have more messages, and the groups in which the client has no seat. `facts` are further
    fields for agents."""
    event = {"type": "synced", "groups": groups, "more": more, **facts}
    if left:
        event["left"] = left
    return event


def accepted(client_id: str, group: str, seq: int, id: int, created_at: datetime) -> dict:
    """The reply to a stored message, the same for every retry."""
    return {
        "type": "message.accepted",
        "client_id": client_id,
        "group": group,
        "seq": seq,
        "id": id,
        "created_at": created_at,
    }


def posted(message: dict, prev: int) -> dict:
    """A message, and the seq of the previous row that this reader may see (0 for none)."""
    return {"type": "message.posted", "message": message, "prev": prev}


def posted_json(message: bytes, prev: int) -> bytes:
    """`posted` as JSON, for a message that is JSON already: it is encoded once for all readers."""
    return b'{"type":"message.posted","message":%b,"prev":%d}' % (message, prev)


def message(row: Any, group: str, visitor: str, now: datetime | None = None) -> dict:
    """The message object of a row (threads.Row) in the conversation of `visitor` (uuid). `now` is
    the time of a row that was just inserted and has no created_at yet."""
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
        # A recalled message keeps its sender, so that a retry of the send finds it.
        shaped["sender_role"] = "system"
        if row.current:
            shaped["current"] = row.current
    elif row.data:
        shaped["data"] = {name: row.data[name] for name in SHOWN if name in row.data} or None
        if "mail" in row.data:
            shaped["data"]["mail"] = contacts.shown_mail(row.data["mail"])
        if "attachment" in row.data:
            shaped["attachment"] = attachment(row.data["attachment"])
        if row.quote:
            shaped["reply_to"] = row.quote
        if "mentions" in row.data:
            shaped["mentions"] = row.data["mentions"]
        if "formatted" in row.data:
            shaped["formatted"] = formatting.tree(row.content)
        if "edited" in row.data:
            shaped["edited"] = row.data["edited"]
        if "question" in row.data:
            shaped["question"] = row.data["question"]
        if "automatic" in row.data:
            shaped |= {"automatic": True, "sender_role": "agent"}
        if "bot" in row.data:
            shaped["sender_role"] = "bot"
    return shaped


def role(sender: str, visitor: str) -> str:
    """Who wrote a row: system (no sender), the conversation's visitor, or an agent."""
    if not sender:
        return "system"
    return "visitor" if sender == visitor else "agent"


def attachment(file: dict) -> dict:
    """A message's file as clients see it. The URL opens only for those who may read its group."""
    facts = dict(file)
    url = f"/files/{facts.pop('key')}/"
    return {"url": url, "thumbnail": f"{url}small/" if file["width"] else None, **facts}


def unread_json(group: str, unread: int, total: int) -> bytes:
    """How many messages a member has not read in the group, and in all conversations."""
    return b'{"type":"unread","group":"%b","unread":%d,"total":%d}' % (
        group.encode(),
        unread,
        total,
    )


def cursor(group: str, member: str, seq: int) -> dict:
    """To agents: the read cursor of a member or of the visitor (uuid)."""
    return {"type": "read", "group": group, "member": member, "seq": seq}


def seen(group: str, seq: int) -> dict:
    """To a visitor: the highest read cursor of the agents."""
    return {"type": "read", "group": group, "seq": seq}


def offer(group: str, until: datetime, seconds: float, reason: str, taken: int, limit: int) -> dict:
    """To a member: the conversation is offered to them until a moment, `seconds` from now; and why
    to them: a word of routing/decision.py, and of how many conversations at a time they have taken
    how many."""
    facts = {"group": group, "until": until, "seconds": seconds, "reason": reason}
    return {"type": "offer", **facts, "taken": taken, "limit": limit}


def offer_ended(group: str, why: str) -> dict:
    """To a member: the offer is over (`why` is a word of conversations/offers.py)."""
    return {"type": "offer.ended", "group": group, "why": why}


def offers_paused(missed: int) -> dict:
    """To a member: so many offers have expired in a row, and they count as away."""
    return {"type": "offers.paused", "missed": missed}


def mentioned(group: str, seq: int, note: Any = None) -> dict:
    """To a member: the seq of the last note that mentions them, 0 for none. `note` is its row if it
    was just written."""
    event = {"type": "mentioned", "group": group, "seq": seq}
    if note:
        event |= {"member": note.sender, "name": note.sender_name}
    return event


def delivery(group: str, seq: int, state: dict) -> dict:
    """To agents: how far a message is on its way by a channel (outgoing.told)."""
    return {"type": "message.delivery", "group": group, "seq": seq, "delivery": state}


def typing(group: str, member: str, name: str, draft: str | bool) -> dict:
    """A member or the visitor (uuid) is typing: `draft` is the text so far, or whether they
    type."""
    return {"type": "typing", "group": group, "member": member, "name": name, "draft": draft}


def suggested(text: str, results: list[dict]) -> dict:
    """To whoever writes `text`: the articles about it (knowledge.search.Found.result)."""
    return {"type": "knowledge.suggested", "text": text, "results": results}


def drafted(group: str, seq: int, text: str, citations: list[dict]) -> dict:
    """To the people who sit there: what the assistant would answer to the message `seq`, and on
    what [n] stands (assistant.shapes.Citation.shown). `text` is "" where no article proves an
    answer."""
    facts = {"group": group, "seq": seq, "text": text, "citations": citations}
    return {"type": "assistant.drafted", **facts}


def summarised(group: str, text: str) -> dict:
    """To who asked: what was said in the present reception, in the model's words."""
    return {"type": "assistant.summarised", "group": group, "text": text}


def translated(text: str, to: str, of: str) -> dict:
    """To who asked: the text `of`, as it was sent, in the language `to`."""
    return {"type": "assistant.translated", "text": text, "to": to, "of": of}


def viewing(group: str, member: Any, window: str, looking: bool) -> dict:
    """Whether a member (accounts.models.Member) looks at the conversation in the given window."""
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
    """A visitor's position in the queue (visitor_queue.Queue.place)."""
    return {"type": "queue", **place}


def team(facts: dict) -> dict:
    """The team that serves a visitor (sockets.hello.team_facts)."""
    return {"type": "team", **facts}


def member_presence(member: str, facts: dict) -> dict:
    """To colleagues: a member's state (leases.for_colleagues)."""
    return {"type": "presence", "member": member, **facts}


def team_presence(slug: str, facts: dict) -> dict:
    """To visitors: how many agents of a team are online, and its hours (leases.for_visitors)."""
    return {"type": "presence", "team": slug, **facts}


def visitor_presence(visitor: str, online: bool) -> dict:
    """To the agents of a visitor: whether the visitor is connected."""
    return {"type": "presence", "visitor": visitor, "online": online}


def unattended(teams: list[dict]) -> dict:
    """To managers: the teams where visitors wait and no agent is online (unattended_teams.py)."""
    return {"type": "unattended", "teams": teams}


def conversation(group: str, version: int, facts: dict) -> dict:
    """The changed fields of a conversation. `version` is its last seq at the time of the change."""
    return {"type": "conversation", "group": group, "version": version, **facts}


def conversation_row(row: dict, members: list[dict], version: int) -> dict:
    """To somebody with a new seat: the inbox row and the members of the conversation.

    `version` was read before the row and the members. The row's last_seq may be newer than the
    members; as version it would make the client drop the event with the later members.
    """
    return {"type": "conversation", "version": version, **row, "members": members}


def left(group: str, version: int, into: str | None = None) -> dict:
    """To a member who lost their seat at `version`; `into` is the group that this conversation was
    merged into."""
    event = {"type": "conversation.left", "group": group, "version": version}
    if into:
        event["into"] = into
    return event


def member(who: Any) -> dict:
    """To the colleagues: the new name or picture of a member (accounts.models.Member)."""
    return {
        "type": "member",
        "member": who.uuid,
        "name": who.display_name,
        "avatar": who.avator,
    }


def visitor(row: Any, sees_contacts: bool, linked: bool = False) -> dict:
    """To the agents of a visitor (models.Visitor): what is now stored about them; and whether they
    were just `linked` with others, or parted."""
    event = {"type": "visitor", **visitor_facts(row, sees_contacts)}
    return event | {"linked": True} if linked else event


def visitor_facts(row: Any, sees_contacts: bool) -> dict:
    """What is stored about a visitor, for a reader who sees contact data or does not
    (contacts.py)."""
    return {
        "visitor": row.uuid,
        "name": row.label,
        **contacts.shown(row, sees_contacts),
        "contact_proven": row.is_proven,
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


def block(row: Any) -> dict | None:
    """Until when a visitor is blocked (None: permanently), why and by whom; None if they are not
    blocked."""
    if not row.is_blocked:
        return None
    return {"until": row.blocked_until, "reason": row.block_reason, "by_name": row.blocked_by}


def identity() -> dict:
    """To a visitor's pages: the browser's cookie now belongs to another visitor."""
    return {"type": "identity"}


def alerts(facts: dict) -> dict:
    """To a member's own pages: their alert choices (reading.alerts.facts)."""
    return {"type": "alerts", **facts}


def error(code: str, detail: str, facts: dict) -> dict:
    """A refusal (errors.Refused)."""
    return {"type": "error", "code": code, "detail": detail, **facts}
