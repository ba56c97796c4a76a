"""What is stored of conversations that were joined."""

import json

from django.test import Client

from tests.chat.helpers import (
    JSON,
)


def texts(browser: Client, query="") -> list[str]:
    told = json.loads(browser.get(f"/chat/acme/messages/{query}", **JSON).content)["messages"]
    return [m["content"] for m in told if m["kind"] == "message"]
