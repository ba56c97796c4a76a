"""The widget on a site: its button, and the chat in its panel."""

import re
from urllib.parse import quote

from playwright.sync_api import expect

from .pages import open_conversation, sees, write

PHONE = {"width": 390, "height": 844}


def button(page):
    return page.locator("kefu-chat").locator("button[aria-expanded]")


def badge(page):
    return page.locator("kefu-chat button b")


def chat(page):
    """The chat page in the panel, when it is ready to be written in."""
    expect(page.locator("kefu-chat div.ready")).to_be_attached()
    return page.frame(url=re.compile("/chat/demo/"))


def opened(page):
    button(page).click()
    return chat(page)


def answer(agent, text: str, reply: str):
    """An agent opens the conversation that begins with `text`, and writes."""
    open_conversation(agent, text)
    write(agent, reply)
    sees(agent, reply)


def signed_in(shop, token: str) -> str:
    return f"{shop.url}/?{quote(f'data-user={chr(34)}{token}{chr(34)}')}"
