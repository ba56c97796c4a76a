"""What people do on the pages, in the words of a test."""

import os
from itertools import product

import pytest
from playwright.sync_api import expect

PATIENCE = 40_000
"""Milliseconds: the slow beat is 30 s."""

LOOKS = [("en-GB", "desktop", "light"), ("zh-CN", "phone", "dark")]
"""Each language, size and scheme once; KEFU_LOOKS=all tries all eight."""
if os.environ.get("KEFU_LOOKS") == "all":
    LOOKS = list(product(("en-GB", "zh-CN"), ("phone", "desktop"), ("light", "dark")))


def looks(size: str):
    """Runs a test once for each of LOOKS, as `locale`, `size` (or its name there) and `scheme`."""
    return pytest.mark.parametrize(("locale", size, "scheme"), LOOKS)


def until(page, expression: str) -> None:
    """Waits until JavaScript is true, as Page.wait_for_function does where a policy allows eval."""
    for _ in range(200):
        if page.evaluate(f"Boolean({expression})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def comes(page, into: list) -> None:
    """Waits until something stands in a list that the page's requests or sockets fill."""
    for _ in range(200):
        if into:
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing came")


def write(page, text: str) -> None:
    """Types a message and sends it with Enter, once the page's scripts hear of that."""
    page.locator(".composer .emoji:not([hidden])").wait_for(state="attached")
    page.fill("#content", text)
    page.press("#content", "Enter")


def sees(page, text: str, times: int = 1) -> None:
    """The thread shows exactly `times` messages with this text."""
    expect(bodies(page, text)).to_have_count(times)


def bodies(page, text: str):
    return page.locator(".messages .message .body").get_by_text(text, exact=True)


def state_of(page, text: str):
    message = page.locator(".messages .message").filter(has=page.get_by_text(text, exact=True))
    return message.locator(".state")


def row_of(page, name: str):
    """An inbox row by the visitor's name."""
    return page.locator(".inbox .row").filter(has_text=name)


def open_conversation(page, text: str) -> None:
    """Opens the conversation whose inbox row shows `text`; one that is open gives way to it."""
    row = row_of(page, text).first
    group = row.get_attribute("data-group")
    row.click()
    page.wait_for_url(f"**/agent/c/{group}/**")
    expect(page.locator(".opened .conversation:not([inert])")).to_be_visible()
