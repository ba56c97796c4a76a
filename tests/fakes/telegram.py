"""Telegram's Bot API as far as a bot of ours needs it.

    with Telegram() as telegram:
        ...                                   # the channel's api is telegram.url
        telegram.writes(42, "Hello")
        assert telegram.sent == [("42", "Hi")]

Updates are given again until a request's offset says that they were taken.
"""

import json
import re

from .server import Fake

TOKEN = "123456:fake-token"
FILE = re.compile(rb'name="(photo|document)"; filename="([^"]*)"\r\n.*?\r\n\r\n(.*)\r\n--', re.S)
FIELD = re.compile(rb'name="chat_id"\r\n\r\n(.*?)\r\n')


class Telegram(Fake):
    """`updates` wait to be fetched; `sent` are (chat, text) or (chat, name, content) in order.
    Chats in `blocked` refuse what is sent; `busy` is how often it answers 429 at first; `webhook`
    is what setWebhook was given; `state` are attributes to begin with."""

    def __init__(self, port: int = 0, state: dict | None = None):
        self.updates: list[dict] = []
        self.sent: list[tuple] = []
        self.files: dict[str, bytes] = {}
        self.blocked: set[str] = set()
        self.busy = 0
        self.webhook: dict | None = None
        self.number = 100
        self.__dict__.update(state or {})
        super().__init__(port)

    def update(self, **fields) -> dict:
        with self.lock:
            self.number += 1
            found = {"update_id": self.number, **fields}
            self.updates.append(found)
            return found

    def writes(self, chat: int, text: str = "", **more) -> dict:
        """Somebody writes to the bot; `more` are further fields of the message."""
        person = {"id": chat, "first_name": f"Person {chat}", "language_code": "en"}
        message = {"message_id": self.number, "chat": {**person, "type": "private"}, "from": person}
        if text:
            message["text"] = text
        return self.update(message=message | more)

    def has_file(self, name: str, content: bytes) -> str:
        """The id of a file that can be fetched."""
        ref = f"file-{len(self.files)}"
        self.files[f"documents/{ref}/{name}"] = content
        return ref

    def answer(self, method, path, query, headers, body):
        if path.startswith(f"/file/bot{TOKEN}/"):
            content = self.files.get(path.removeprefix(f"/file/bot{TOKEN}/"))
            return (200, content) if content is not None else (404, {})
        if not path.startswith(f"/bot{TOKEN}/"):
            return 401, refusal(401, "Unauthorized")
        name = path.rpartition("/")[2]
        with self.lock:
            if headers.get("content-type", "").startswith("multipart/"):
                return self.take_file(body)
            return getattr(self, name)(json.loads(body or b"{}"))

    def getMe(self, fields):
        return done({"id": 123456, "is_bot": True, "username": "kefu_bot"})

    def getUpdates(self, fields):
        if self.webhook:
            return 409, refusal(409, "Conflict: can't use getUpdates while webhook is active")
        self.updates = [
            each for each in self.updates if each["update_id"] >= fields.get("offset", 0)
        ]
        return done(self.updates[: fields.get("limit", 100)])

    def setWebhook(self, fields):
        self.webhook = fields
        return done(True)

    def deleteWebhook(self, fields):
        self.webhook = None
        return done(True)

    def getFile(self, fields):
        for path in self.files:
            if path.split("/")[1] == fields["file_id"]:
                return done({"file_id": fields["file_id"], "file_path": path})
        return 400, refusal(400, "Bad Request: invalid file_id")

    def sendMessage(self, fields):
        return self.take(str(fields["chat_id"]), (str(fields["chat_id"]), fields["text"]))

    def take_file(self, body):
        chat = FIELD.search(body)[1].decode()
        found = FILE.search(body)
        return self.take(chat, (chat, found[2].decode(), found[3]))

    def take(self, chat, what):
        if self.busy:
            self.busy -= 1
            more = {"parameters": {"retry_after": 1}}
            return 429, refusal(429, "Too Many Requests: retry after 1") | more
        if chat in self.blocked:
            return 403, refusal(403, "Forbidden: bot was blocked by the user")
        self.sent.append(what)
        return done({"message_id": 1_000 + len(self.sent)})


def done(result):
    return 200, {"ok": True, "result": result}


def refusal(code, words):
    return {"ok": False, "error_code": code, "description": words}
