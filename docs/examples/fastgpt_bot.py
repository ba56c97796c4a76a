"""A bot that answers by a FastGPT application, whose prompt says when to answer HANDOVER. Beside
what bot.py needs:

FASTGPT_BASE_URL=https://fastgpt.example.com/api FASTGPT_API_KEY=fastgpt-… python fastgpt_bot.py
"""

import asyncio
import json
import os

from bot import Bot
from openai_bot import asked, post, unless_handover


async def answer(group: str, talk: list[dict]) -> str | None:
    url = os.environ["FASTGPT_BASE_URL"] + "/v1/chat/completions"
    # With a chatId FastGPT keeps the history itself, and reads the last message only.
    messages = [{"role": "user", "content": asked(talk)}]
    body = {"chatId": group, "stream": False, "detail": False, "messages": messages}
    found = json.loads(await asyncio.to_thread(post, url, os.environ["FASTGPT_API_KEY"], body))
    return unless_handover(found["choices"][0]["message"]["content"])


if __name__ == "__main__":
    asyncio.run(Bot(answer).run())
