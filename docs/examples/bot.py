"""A bot that answers from a list and hands over everything else: `pip install websockets`, then
KEFU_URL=wss://chat.example.com/ws/agent/ KEFU_TOKEN=kefu_… python bot.py"""

import asyncio
import json
import os
import uuid
from contextlib import suppress

from websockets import ConnectionClosed, connect

ANSWERS = {
    "We are open from 9 to 18, Monday to Friday.": ("open", "hours"),
    "周一至周五 9:00–18:00 营业。": ("几点", "营业", "开门"),
}


async def from_list(group: str, talk: list[dict]) -> str | None:
    """What to say; None hands over. `talk`: {"role": "user" or "assistant", "content": text}, …"""
    asked = talk[-1]["content"].lower()
    return next((text for text, words in ANSWERS.items() if any(w in asked for w in words)), None)


class Bot:
    def __init__(self, answer):
        self.answer, self.sent, self.seen = answer, {}, {}  # By group: the last frame, and seq.
        self.floor, self.busy = {}, {}  # What was said where it answers; what an answer has seen.

    async def run(self) -> None:
        headers = {"Authorization": f"Bearer {os.environ['KEFU_TOKEN']}"}
        async for self.socket in connect(os.environ["KEFU_URL"], additional_headers=headers):
            self.frames, self.ready, self.busy = 0, False, {}
            beat = asyncio.create_task(self.beat())
            with suppress(ConnectionClosed):  # connect() comes back by itself, after a while.
                async for frame in self.socket:
                    self.frames += 1
                    for event in json.loads(frame):
                        await self.handle(**event)
                    for group, talk in self.floor.items() if self.ready else ():
                        if talk and talk[max(talk)]["role"] == "user" and group not in self.busy:
                            task = asyncio.create_task(self.reply(group, self.seen[group]))
                            self.busy[group] = self.seen[group], task
            beat.cancel()
            if self.socket.close_code in (4401, 4403):
                raise SystemExit("The token is not valid, or lacks scopes that a socket needs.")

    async def beat(self) -> None:  # Says that it is alive, and asks for what was lost on the way.
        while await asyncio.sleep(20, True):
            await self.send("ping", got=self.frames)
            await self.send("sync", groups={group: self.seen[group] for group in self.floor})

    async def send(self, kind: str, **fields) -> None:
        self.sent[fields.get("group")] = {"kind": kind, **fields}
        await self.socket.send(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    async def handle(self, type, group=None, message=None, **facts) -> None:
        if type == "hello":
            self.me = facts["me"]["member"]
            await asyncio.gather(*(self.handle("conversation", **row) for row in facts["groups"]))
        if type == "hello" or (type == "synced" and facts["more"]):
            await self.send("sync", groups={group: self.seen[group] for group in self.floor})
        elif type == "synced":
            self.ready = True
        elif type == "conversation" and "bot" in facts:
            self.floor.setdefault(group, {})
            self.seen.setdefault(group, max(0, facts.get("last_seq", 0) - 50))
            for known in (self.floor, self.busy) if facts["bot"] != self.me else ():
                known.pop(group, None)  # A person has it.
        elif type == "message.posted" and message["seq"] > self.seen.get(message["group"], 0):
            self.note(**message)
        elif type == "error" and group in self.busy:
            if facts["code"] in ("unavailable", "rate_limited"):  # Nothing is stored: once more.
                await asyncio.sleep(facts.get("retry_after", 1))
                await self.send(**self.sent[group])
            elif "client_id" in facts:  # The answer will not do.
                await self.send("conversation.handover", group=group)

    def note(self, group, seq, kind, content, sender_role, **more) -> None:
        self.seen[group] = seq
        if kind == "message" and group in self.floor and not {"question", "automatic"} & {*more}:
            role = "user" if sender_role == "visitor" else "assistant"
            seen, task = self.busy.get(group, (seq, None))
            if role == "assistant" or (task and task.cancel()):  # A new line: begin once more.
                self.busy.pop(group, None)
            place = seq if role == "user" else seen + 0.5  # Before lines that it has not seen.
            self.floor[group][place] = {"role": role, "content": content}

    async def reply(self, group: str, seen: int) -> None:
        talk, text = [turn for _place, turn in sorted(self.floor[group].items())], None
        try:  # In fewer seconds than the team gives its bot, which are 30.
            if all(turn["content"] for turn in talk):  # A file without words is for people.
                text = await asyncio.wait_for(self.answer(group, talk), timeout=20)
        except Exception as error:  # Whatever went wrong, the visitor gets a person.
            print(f"no answer: {error!r}", flush=True)
        said = {"client_id": str(uuid.uuid4()), "content": text, "seen": seen} if text else {}
        await self.send("message.send" if text else "conversation.handover", group=group, **said)


if __name__ == "__main__":
    asyncio.run(Bot(from_list).run())
