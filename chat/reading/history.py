"""Messages of a conversation, page by page, and the messages that a sync has missed."""

from django.db.models import QuerySet

from accounts.kept import Kept
from chat.ledger import references, visible_names
from chat.ledger.threads import MESSAGE, Row
from chat.models import ChatGroup, Conversation, GroupMessage, theirs
from chat.protocol import events
from chat.protocol.frames import encode

PAGE_SIZE = 50
"""Messages that a page shows at first, and fetches at a time."""
MAX_SYNC_MESSAGES = 500
"""Messages of one group in the reply to one sync (docs/protocol.md)."""
MAX_SYNC_GROUPS = 200
"""Groups whose messages are read for one sync, and whose deliveries: the inbox page shows 30."""
MAX_SYNC_BYTES = 1024 * 1024
"""Bytes of messages in the reply to one sync: a client acknowledges every MiB that it receives."""


def messages(
    conversation: Conversation,
    as_visitor: bool,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> tuple[list[dict], bool]:
    """Up to `limit` message objects in ascending order, and whether there are more.

    With `after` (a seq) they are the next newer ones. Otherwise they are the newest ones, or with
    `before` the newest ones that are older than that seq.
    """
    if after is None and before is None and limit == PAGE_SIZE:
        newest = newest_for_visitor if as_visitor else newest_for_agent
        last = newest(conversation.uuid, conversation.ent_id)
        return message_objects(conversation, last[:limit][::-1], as_visitor), len(last) > limit
    rows = GroupMessage.objects.of(conversation).visible_to(visitor=as_visitor)
    if after is not None:
        found = list(rows.after(after)[: limit + 1])
        return message_objects(conversation, found[:limit], as_visitor), len(found) > limit
    rows = rows.before(before) if before is not None else rows.order_by("-seq")
    found = list(rows[: limit + 1])
    return message_objects(conversation, found[:limit][::-1], as_visitor), len(found) > limit


def page(conversation: Conversation, as_visitor: bool, **bounds: int) -> dict:
    """The answer to a request for `messages`."""
    found, more = messages(conversation, as_visitor, **bounds)
    last = conversation.public_seq if as_visitor else conversation.last_seq
    if found:  # Some may have come after the conversation was read.
        last = max(last, found[-1]["seq"])
    return {"messages": found, "last_seq": last, "more": more}


@Kept
def newest_for_agent(group, code) -> QuerySet[GroupMessage]:
    rows = GroupMessage.objects.in_group(group).filter(theirs(code))
    return rows.order_by("-seq")[: PAGE_SIZE + 1]


@Kept
def newest_for_visitor(group, code) -> QuerySet[GroupMessage]:
    rows = GroupMessage.objects.in_group(group).filter(theirs(code))
    return rows.visible_to(visitor=True).order_by("-seq")[: PAGE_SIZE + 1]


def message_objects(
    conversation: Conversation, rows: list[GroupMessage], as_visitor: bool
) -> list[dict]:
    visitor = conversation.visitor_id
    rows = references.dress(conversation, list(map(Row.stored, rows)))
    found = [events.message(row, conversation.uuid, visitor) for row in rows]
    return visible_names.for_visitor(found, visitor) if as_visitor else found


def missed_events(
    who: str, ent_id: str, as_visitor: bool, known: dict[str, int]
) -> tuple[list[bytes], dict, list[str]]:
    """The messages that `who` (uuid) of this enterprise has missed. `known` are the seqs that they
    have, by group.

    Returns message.posted events as JSON, for agents followed by message.delivery, the seq up to
    which each group is complete now, and the groups that have more messages. Groups without a seat
    are left out.
    """
    held = ChatGroup.objects.for_member(who).filter(theirs(ent_id), uuid__in=known)
    seats = set(held.values_list("uuid", flat=True))
    found, states, complete, more, size, opened, told = [], [], {}, [], 0, 0, 0
    for conversation in Conversation.objects.whole().filter(theirs(ent_id), uuid__in=seats):
        group = conversation.uuid
        last = conversation.public_seq if as_visitor else conversation.last_seq
        complete[group] = min(known[group], last)
        if conversation.channel and not as_visitor and told < MAX_SYNC_GROUPS:
            told += 1
            states += deliveries(conversation)
        if known[group] >= last:
            continue
        if size >= MAX_SYNC_BYTES or opened >= MAX_SYNC_GROUPS:
            more.append(group)
            continue
        opened += 1
        rows, rest = messages(conversation, as_visitor, after=known[group], limit=MAX_SYNC_MESSAGES)
        prev = previous_visible(conversation, as_visitor, known[group])
        for position, message in enumerate(rows):
            event = encode(events.posted(message, prev))
            found.append(event)
            size += len(event)
            prev = complete[group] = message["seq"]
            if size >= MAX_SYNC_BYTES and position + 1 < len(rows):
                rest = True
                break
        if rest:
            more.append(group)
    return found + states, complete, more


def deliveries(conversation: Conversation) -> list[bytes]:
    """How far the newest messages are on their way by the channel, as events for agents: a change
    of that has no number."""
    rows = GroupMessage.objects.of(conversation).filter(message_type=MESSAGE).order_by("-seq")
    found = list(rows.values_list("seq", "data")[:PAGE_SIZE])
    return [
        encode(events.delivery(conversation.uuid, seq, data["delivery"]))
        for seq, data in reversed(found)
        if data and "delivery" in data
    ]


def previous_visible(conversation: Conversation, as_visitor: bool, seq: int) -> int:
    """The highest seq up to `seq` that the reader may see; 0 for none."""
    if not as_visitor or seq == 0:
        return seq
    rows = GroupMessage.objects.of(conversation).visible_to(visitor=True)
    found = rows.filter(seq__lte=seq).order_by("-seq").values_list("seq", flat=True).first()
    return found or 0
