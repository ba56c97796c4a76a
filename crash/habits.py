"""What people do on their pages during a cycle. Pages also send frames twice, to the same process
and to others, by socket and by HTTP, and messages that were accepted long ago. Agents claim,
release, transfer, close and reopen conversations, often two of them at once."""

import asyncio
import time
import uuid

from .page import Page

PAUSE = (0.02, 0.15)
"""Seconds between two actions of a page."""
MOST_WAITING = 4
"""Messages of a page without an answer; with so many it writes no new ones."""


async def use_page(page: Page, until: asyncio.Event, pause=PAUSE) -> None:
    """Writes, reads and repeats until the event is set."""
    while not until.is_set():
        await asyncio.sleep(page.chance.uniform(*pause))
        dice = page.chance.random()
        if dice < 0.2:
            mark_read(page)
        elif dice < 0.25:
            repeat(page)
        elif dice < 0.33 and page.person.colleagues:
            act(page)
        elif len(page.waiting) < MOST_WAITING:
            write_message(page)


def write_message(page: Page) -> None:
    """Sends a new message, sometimes twice, and by different connections."""
    frame = new_message(page)
    if frame is None:
        return
    dice = page.chance.random()
    if dice < 0.05:
        # Lost on the way to the server: it is only sent at the second try.
        page.waiting[frame["client_id"]] = frame
        page.due[frame["client_id"]] = time.monotonic() + 0.5
        return
    page.write(frame)
    if dice < 0.12:
        page.resend(frame)
    elif dice < 0.2:
        page.book.retries += 1
        page.chance.choice(page.person.pages).write(frame)
    elif dice < 0.24:
        page.book.retries += 1
        page.post(frame)


def new_message(page: Page) -> dict | None:
    """Creates the frame of a message and records it as sent; None without a conversation."""
    person, chance, book = page.person, page.chance, page.book
    frame = {"type": "message.send", "client_id": str(uuid.uuid4())}
    if person.is_visitor:
        # Also without a group, as pages do before their first message is accepted.
        if person.group and chance.random() < 0.8:
            frame["group"] = person.group
    else:
        groups = page.served_groups()
        if not groups:
            return None
        frame["group"] = chance.choice(groups)
        if chance.random() < 0.15:
            frame["note"] = True
    frame["content"] = f"{len(book.sent)} 您好👋 包裹？"
    book.sent[person.who, frame["client_id"]] = frame["content"]
    return frame


def repeat(page: Page) -> None:
    """Sends an own message again that the page shows."""
    rows = [row for group in page.active_groups() for row in page.logs[group].rows.items()]
    own = [row for _seq, row in rows[-200:] if row[1] == page.person.who and row[3] == "message"]
    own = [row for row in own if row[2] not in page.book.files]
    if not own:
        return
    _id, who, client_id, _kind, content = page.chance.choice(own)
    frame = {"type": "message.send", "client_id": client_id, "content": content}
    if (who, client_id) in page.book.acked:
        frame["group"] = page.book.acked[who, client_id][0]
    elif not page.person.is_visitor:
        return
    page.book.retries += 1
    page.write(frame)


def act(page: Page) -> None:
    """Performs an action of an agent. Half of the time another agent does the same or the opposite
    at the same moment."""
    groups, chance = page.served_groups(), page.chance
    if not groups:
        return
    group = chance.choice(groups)
    actors = [page]
    if chance.random() < 0.5:
        actors.append(chance.choice(chance.choice(page.person.colleagues).pages))
    pair = chance.choice([("claim",), ("claim", "release"), ("close", "reopen"), ("transfer",)])
    for actor in actors:
        name = chance.choice(pair)
        frame = {"type": f"conversation.{name}", "group": group}
        if name == "transfer":
            frame["member"] = chance.choice(page.person.colleagues).who
        if group in actor.active_groups():
            actor.send(frame)


def mark_read(page: Page) -> None:
    groups = page.active_groups()
    if groups:
        group = page.chance.choice(groups)
        page.send({"type": "message.read", "group": group, "seq": page.logs[group].complete_to})
