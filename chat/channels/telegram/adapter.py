"""Telegram: a bot, which asks for updates (no public address is needed) or is called.

As documented at core.telegram.org/bots/api in November 2026; tried against
tests/fakes/telegram.py.
"""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import orjson
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from chat.channels import contract, http, sealed
from chat.models import Channel, ChannelContact
from chat.visitors import keys

from . import messages

HOST = "https://api.telegram.org"
LONG = 25
"""Seconds that a request for updates waits for one."""
MOST = 100
"""Updates of one answer."""
WANTED = ["message", "edited_message"]
PICTURES = "image/jpeg", "image/png", "image/webp"
FOR_FILES = 60.0
"""Seconds for a request with a file."""
HEADER = "x-telegram-bot-api-secret-token"


class Telegram:
    keys = (
        contract.Key("token", secret=True),
        contract.Key("mode", default="poll", choices=("poll", "webhook")),
    )
    grants: ClassVar[dict[str, tuple[timedelta, int]]] = {}
    pause = 0.5

    def check(self, channel: Channel) -> None:
        token = sealed.keys_of(channel)["token"]
        number, colon, rest = token.partition(":")
        if not (number.isdecimal() and colon and rest.isascii()):
            raise contract.Failed(
                contract.KEY, _("token: BotFather gives one like 123456:ABC-DEF…")
            )

    def own_id(self, channel: Channel) -> str:
        return sealed.keys_of(channel)["token"].partition(":")[0]

    def is_called(self, channel: Channel) -> bool:
        return channel.settings.get("mode") == "webhook"

    def fetches(self, channel: Channel) -> bool:
        return not self.is_called(channel)

    def called(self, channel: Channel, call: contract.Called) -> contract.Answered:
        given = call.headers.get(HEADER, "")
        if call.method != "POST" or not self.is_called(channel):
            return contract.Answered(404)
        if not any(constant_time_compare(given, good) for good in secrets_of(channel)):
            return contract.Answered(403)
        try:
            update = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            return contract.Answered(400)
        return contract.Answered(arrived=arrived_of([update]))

    def fetch(self, channel: Channel) -> contract.Page:
        after = channel.cursor.get("offset")
        fields = {"timeout": LONG, "limit": MOST, "allowed_updates": WANTED}
        if after is not None:
            fields["offset"] = after
        try:
            updates = ask(channel, "getUpdates", fields, timeout=LONG + 10)
        except contract.Failed as failed:
            if failed.code == "409" and "webhook" in failed.words.lower():
                ask(channel, "deleteWebhook", {})
            raise
        if not isinstance(updates, list):
            raise contract.Failed(contract.NONSENSE)
        ids = [each["update_id"] for each in updates if is_update(each)]
        if not ids:
            return contract.Page()
        cursor = {"offset": max(ids) + 1}
        return contract.Page(arrived_of(updates), cursor, more=len(updates) >= MOST)

    def download(self, channel: Channel, file: contract.File, most: int) -> tuple[bytes, str]:
        found = ask(channel, "getFile", {"file_id": file.ref})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise contract.Failed(contract.NONSENSE)
        token = sealed.keys_of(channel)["token"]
        url = f"{http.base_of(channel, HOST)}/file/bot{token}/{quote(path)}"
        status, _head, content = http.received(url, most=most, timeout=FOR_FILES)
        if status != 200:
            raise contract.Failed(str(status), "the file is not there", final=status in (400, 404))
        return content, file.name or path.rpartition("/")[2]

    def send(self, channel: Channel, contact: ChannelContact, piece: contract.Outgoing) -> str:
        chat = contact.their_id
        if not piece.content:
            fields = {"chat_id": chat, "text": piece.text}
            return id_of(ask(channel, "sendMessage", fields))
        if piece.mime in PICTURES:
            try:
                return send_file(channel, chat, piece, "sendPhoto", "photo")
            except contract.Failed as failed:
                # As a picture it takes none that is long, wide, or that it cannot read.
                if failed.code != "400":
                    raise
        return send_file(channel, chat, piece, "sendDocument", "document")

    def test(self, channel: Channel) -> str:
        me = ask(channel, "getMe", {})
        name = me.get("username") if isinstance(me, dict) else None
        return f"@{name}" if isinstance(name, str) else ""

    def connect(self, channel: Channel, url: str) -> None:
        if not self.is_called(channel):
            return
        if not channel.active:
            ask(channel, "deleteWebhook", {})
            return
        if not url.startswith("https://") and "api" not in channel.settings:
            raise contract.Failed(contract.KEY, "mode=webhook needs PUBLIC_URL with https")
        fields = {"url": url, "secret_token": secrets_of(channel)[0], "allowed_updates": WANTED}
        ask(channel, "setWebhook", fields)


def secrets_of(channel: Channel) -> list[str]:
    """What Telegram says with each call, so that nobody else's is taken: the first is given out
    when the channel is set up; the others, of former keys, were given out before."""
    token = sealed.keys_of(channel)["token"]
    macs = keys.macs("kefu.telegram", f"{channel.key}:{token}", "sha256")
    return [mac.hexdigest() for mac in macs]


def is_update(found: Any) -> bool:
    return isinstance(found, dict) and type(found.get("update_id")) is int


def arrived_of(updates: list[Any]) -> list[contract.Arrived]:
    found = [messages.arrived(each) for each in updates if is_update(each)]
    return [each for each in found if each]


def send_file(channel: Channel, chat: str, piece: contract.Outgoing, method: str, name: str) -> str:
    body = http.form({"chat_id": chat}, name, (piece.name, piece.mime, piece.content))
    return id_of(answered(channel, method, body, FOR_FILES))


def ask(
    channel: Channel, method: str, fields: dict[str, Any], timeout: float = http.TIMEOUT
) -> Any:
    """The result of a method of the bot. Raises Failed."""
    body = "application/json", orjson.dumps(fields)
    return answered(channel, method, body, timeout)


def answered(channel: Channel, method: str, body: tuple[str, bytes], timeout: float) -> Any:
    """The result of a POST of this body (its Content-Type and its bytes). Raises Failed."""
    token = sealed.keys_of(channel)["token"]
    url = f"{http.base_of(channel, HOST)}/bot{token}/{method}"
    headers = {"Accept": "application/json", "Content-Type": body[0]}
    status, _head, answer = http.received(
        url, method="POST", headers=headers, body=body[1], timeout=timeout
    )
    return result_of(status, http.object_in(status, answer, token), token)


def result_of(status: int, answer: dict[str, Any], token: str) -> Any:
    if answer.get("ok") is True:
        return answer.get("result")
    code = answer.get("error_code", status)
    words = str(answer.get("description", "")).replace(token, "…")
    more = answer.get("parameters")
    pause = more.get("retry_after", 0) if isinstance(more, dict) else 0
    if not isinstance(pause, (int, float)) or not 0 <= pause < 86_400:
        pause = 60
    raise contract.Failed(
        str(code), words, final=code in (400, 403), pause=pause, breaks=code in (401, 404)
    )


def id_of(message: Any) -> str:
    found = message.get("message_id") if isinstance(message, dict) else None
    if type(found) is not int:
        raise contract.Failed(contract.NONSENSE, "the answer names no message")
    return str(found)


adapter = Telegram()
