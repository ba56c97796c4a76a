"""A bot that answers by an OpenAI-compatible endpoint. Beside what bot.py needs:

OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=… OPENAI_MODEL=… python openai_bot.py
"""

import asyncio
import json
import os
import urllib.request
from itertools import takewhile

from bot import Bot

HANDOVER = "HANDOVER"
PROMPT = os.environ.get("PROMPT", "You answer the customers of our shop, briefly.") + (
    f" If you are not sure, or they want a person, answer with the one word {HANDOVER}."
)


def post(url: str, key: str, body: dict) -> bytes:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def asked(talk: list[dict]) -> str:
    """What the visitor has written since the last answer."""
    lines = takewhile(lambda turn: turn["role"] == "user", reversed(talk))
    return "\n".join(reversed([line["content"] for line in lines]))


def unless_handover(text: str) -> str | None:
    return text if text.strip() and HANDOVER not in text else None


async def answer(group: str, talk: list[dict]) -> str | None:
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    messages = [{"role": "system", "content": PROMPT}, *talk[-20:]]
    body = {"model": os.environ["OPENAI_MODEL"], "messages": messages}
    found = json.loads(await asyncio.to_thread(post, url, os.environ["OPENAI_API_KEY"], body))
    return unless_handover(found["choices"][0]["message"]["content"])


if __name__ == "__main__":
    asyncio.run(Bot(answer).run())
