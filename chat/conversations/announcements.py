"""What agents get whole after a change: the row of a conversation that is new to them, and who has
a seat in it. These are read from the database after the commit.

Called by changes.py only.
"""

from collections import defaultdict

from chat.delivery.announce import Announcements
from chat.ledger import references
from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import GroupMessage
from chat.protocol import events
from chat.reading import conversation_page, inbox

ONLINE = {"online": True}
"""Of a visitor who has just written: their presence may not be stored yet."""


def opened(threads: list[Thread], announcements: Announcements) -> None:
    """Gives every seated agent the whole row of each new conversation."""
    for is_here, facts in ((True, ONLINE), (False, {})):
        found = [thread for thread in threads if by_visitor(thread) == is_here]
        whole_rows(found, announcements, facts)


def by_visitor(thread: Thread) -> bool:
    """Whether the visitor has written in this transaction."""
    return any(row.sender == thread.visitor for row in thread.rows)


def cleared(threads: list[Thread], announcements: Announcements) -> None:
    """The same for conversations that left the quarantine, with the visitor's last message, as
    pages alert by that."""
    whole_rows(threads, announcements, {})
    if joined := [thread for thread in threads if thread.joined]:
        # Whoever joined with the same change has a read cursor of their own, unlike the row above.
        own_rows(joined, members_by_group(joined), announcements)
    for thread in threads:
        rows = GroupMessage.objects.of(thread).filter(sender=thread.visitor)
        if last := rows.filter(message_type=MESSAGE).order_by("-seq").first():
            (row,) = references.dress(thread, [Row.stored(last)])
            message = events.message(row, thread.uuid, thread.visitor)
            event = events.posted(message, last.seq - 1)
            announcements[thread.ent_id].add(thread.agents(), event)


def whole_rows(threads: list[Thread], announcements: Announcements, facts: dict) -> None:
    """Gives every seated agent the whole row of each conversation, with `facts` in the place of
    what it says. It is the same for all of them, so it is read for the first who still sits
    there."""
    members = members_by_group(threads)
    agents = {thread.uuid: thread.agents() for thread in threads}
    codes = {thread.uuid: thread.ent_id for thread in threads}
    rows, left = {}, {group: list(people) for group, people in agents.items() if people}
    while left:
        asked = defaultdict(list)
        for group, people in left.items():
            asked[people.pop(0), codes[group]].append(group)
        for (who, ent_id), groups in asked.items():
            rows |= {row["group"]: row for row in inbox.rows_of(who, ent_id, groups)}
        left = {group: people for group, people in left.items() if people and group not in rows}
    for thread in threads:
        announcement = announcements[thread.ent_id]
        if thread.watching and thread.facts:
            event = events.conversation(thread.uuid, thread.last_seq, thread.facts)
            announcement.add([*thread.watching], event)
        thread.facts.clear()
        if row := rows.get(thread.uuid):
            event = events.conversation_row(row, members[thread.uuid], thread.last_seq)
            announcement.add(agents[thread.uuid], event | facts)


def seats(threads: list[Thread], announcements: Announcements) -> None:
    """Those who joined get the whole row, those who left are told so; who sits there now becomes a
    fact for the others."""
    members = members_by_group(threads)
    for thread in threads:
        thread.facts["members"] = members[thread.uuid]
        for who in thread.left:
            announcement = announcements[thread.ent_id]
            event = events.left(thread.uuid, thread.last_seq, thread.merged_into)
            announcement.add([who], event)
            announcement.unread.append((who, thread.uuid, 0, thread.last_seq * 2))
    own_rows(threads, members, announcements)


def members_by_group(threads: list[Thread]) -> dict[str, list[dict]]:
    """Who has a seat in each conversation, as pages show them."""
    found: dict[str, list[dict]] = {}
    for ent_id in {thread.ent_id for thread in threads}:
        own = {thread.uuid: thread.visitor for thread in threads if thread.ent_id == ent_id}
        found |= conversation_page.members_of(own, ent_id)
    return found


def own_rows(
    threads: list[Thread], members: dict[str, list[dict]], announcements: Announcements
) -> None:
    """Gives those who joined the whole row, as it is for each of them."""
    joined = defaultdict(list)
    for thread in threads:
        for who in thread.joined:
            joined[who, thread.ent_id].append(thread)
    for (who, ent_id), theirs in joined.items():
        found = {thread.uuid: thread for thread in theirs}
        for row in inbox.rows_of(who, ent_id, list(found)):
            thread = found[row["group"]]
            event = events.conversation_row(row, members[thread.uuid], thread.last_seq)
            announcements[thread.ent_id].add([who], event)
