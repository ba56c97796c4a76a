"""A bot that answers by a Dify chat application, whose prompt says when to answer HANDOVER. Beside
what bot.py needs:

DIFY_BASE_URL=https://api.dify.ai/v1 DIFY_API_KEY=app-… python dify_bot.py
"""

import asyncio
import json
import os

from bot import Bot
from openai_bot import asked, post, unless_handover

conversations: dict[str, str] = {}  # By group: Dify's own number of the conversation.


async def answer(group: str, talk: list[dict]) -> str | None:
    url = os.environ["DIFY_BASE_URL"] + "/chat-messages"
    body = {
        "inputs": {},
        "query": asked(talk),
        "user": group,
        "conversation_id": conversations.get(group, ""),
        "response_mode": "streaming",  # Agent applications know no other.
    }
    found = await asyncio.to_thread(post, url, os.environ["DIFY_API_KEY"], body)
    said = ""
    for line in found.decode().splitlines():
        if not line.startswith("data:"):
            continue
        event = json.loads(line[len("data:") :])
        conversations[group] = event.get("conversation_id") or conversations.get(group, "")
        if event["event"] == "error":
            raise RuntimeError(event.get("message"))
        if event["event"] in ("message", "agent_message"):
            said += event["answer"]
    return unless_handover(said)


if __name__ == "__main__":
    asyncio.run(Bot(answer).run())
