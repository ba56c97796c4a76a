"""What there is beside people and their pages, as far as a run was asked for it: a model and
somebody who edits what it knows, other sides of channels, phones, receivers of webhooks."""

import asyncio
import json
from pathlib import Path

from . import articles, channels, hooks, model, options, people, pushes
from .services import System


class Parts:
    """`agents` is how many of them have phones. What was not asked for is None."""

    def __init__(self, asked: options.Options, folder: Path, agents: int):
        seed = asked.seed
        self.seed, self.agents = seed, agents
        self.model = model.make(seed) if asked.assistant else None
        self.editor: articles.Editor | None = None
        self.others = channels.OtherSides(folder, seed) if asked.channels else None
        self.phones = pushes.Service(seed) if asked.push else None
        self.hooks = hooks.Receiver(seed) if asked.webhooks else None

    async def begin(self) -> dict[str, str]:
        """Starts them. Returns the variables with which a system has them."""
        beside = {}
        if self.phones:
            beside["phones"] = self.phones.give(self.agents)
        if self.others:
            await self.others.start()
            beside["channels"] = self.others.keys()
        if self.model:
            beside["model"] = self.model.url
        if self.hooks:
            beside["webhooks"] = self.hooks.hooks()
        allowed = ("PUSH_ALLOW", "CHANNEL_ALLOW", "AI_ALLOW", "WEBHOOK_ALLOW")
        return {people.BESIDE: json.dumps(beside), **dict.fromkeys(allowed, "127.0.0.0/8")}

    def find(self, plan: dict, system: System) -> None:
        """Tells them what people.py has made of them."""
        if self.others:
            self.others.find(plan["channels"], system.entrances)
            self.others.assistant = plan.get("assistant", "")
        if self.phones:
            self.phones.find(plan["agents"])
        if self.hooks:
            self.hooks.find(plan["webhooks"])
        if self.model:
            self.editor = articles.Editor(self.seed, plan["editor"], system.entrances)

    def work(self, until: asyncio.Event, cycle: int) -> list[asyncio.Task]:
        """What they do until the event is set."""
        busy = [self.others.write(until, cycle)] if self.others else []
        busy += [one.fail(until) for one in (self.others, self.phones, self.hooks) if one]
        return [asyncio.create_task(one) for one in busy]

    async def edit(self, until: asyncio.Event) -> None:
        """What goes on, too, while people wait for the assistant."""
        if self.editor:
            await self.editor.edit(until)

    def close(self) -> None:
        for one in (self.model, self.others, self.phones, self.hooks):
            if one:
                one.close()
