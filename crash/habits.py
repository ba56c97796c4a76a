"""What people do on their pages during a cycle, and what goes wrong without any fault of ours:
things are sent twice, to the same process and to others, by socket and by HTTP, and what was
accepted long ago is sent once more. Agents claim, free, hand on, close and reopen, often two of
them at once."""

import asyncio
import time
import uuid

from .page import Page

PAUSE = (0.02, 0.15)
"""Seconds between two things that a page does."""
MOST_WAITING = 4
"""Messages of a page without an answer; then nothing new is written there."""


async def work(page: Page, until: asyncio.Event) -> None:
    """Writes, reads and repeats until the event."""
    while not until.is_set():
        await asyncio.sleep(page.chance.uniform(*PAUSE))
        dice = page.chance.random()
        if dice < 0.2:
            mark_read(page)
        elif dice < 0.25:
            repeat(page)
        elif dice < 0.33 and page.person.colleagues:
            act(page)
        elif len(page.waiting) < MOST_WAITING:
            write(page)


def write(page: Page) -> None:
    """A new message: mostly once, sometimes twice at once, and by different ways."""
    frame = new_message(page)
    if frame is None:
        return
    dice = page.chance.random()
    if dice < 0.05:
        # Lost before it left; it goes out at the second try.
        page.waiting[frame["client_id"]] = frame
        page.due[frame["client_id"]] = time.monotonic() + 0.5
        return
    page.write(frame)
    if dice < 0.12:
        page.again(frame)
    elif dice < 0.2:
        page.book.retries += 1
        page.chance.choice(page.person.pages).write(frame)
    elif dice < 0.24:
        page.book.retries += 1
        page.post(frame)


def new_message(page: Page) -> dict | None:
    """A frame that is noted as sent; None where the page has no conversation yet."""
    person, chance, book = page.person, page.chance, page.book
    frame = {"type": "message.send", "client_id": str(uuid.uuid4())}
    if person.is_visitor:
        # Without a group, too, as a page does whose first message is not accepted yet.
        if person.group and chance.random() < 0.8:
            frame["group"] = person.group
    else:
        groups = page.shown()
        if not groups:
            return None
        frame["group"] = chance.choice(groups)
        if chance.random() < 0.15:
            frame["note"] = True
    frame["content"] = f"{len(book.sent)} 您好👋"
    book.sent[person.who, frame["client_id"]] = frame["content"]
    return frame


def repeat(page: Page) -> None:
    """A message of one's own that the page shows is sent again."""
    rows = [row for group in page.shown() for row in page.logs[group].rows.items()]
    own = [row for _seq, row in rows[-200:] if row[1] == page.person.who and row[3] == "message"]
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
    """Something an agent does to a conversation; half of the time somebody else does the same, or
    the opposite, in the same moment."""
    groups, chance = page.shown(), page.chance
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
        if group in actor.shown():
            actor.send(frame)


def mark_read(page: Page) -> None:
    groups = page.shown()
    if groups:
        group = page.chance.choice(groups)
        page.send({"type": "message.read", "group": group, "seq": page.logs[group].held})
