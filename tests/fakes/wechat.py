"""What WeChat's two services have in common, in the name of which the fakes call and answer."""

import base64
import hashlib
import json
import os
import pickle
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .server import Fake

TOKEN, AESKEY = "callback-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = "fake-secret"
FILE = re.compile(rb'name="media"; filename="([^"]*)"\r\n.*?\r\n\r\n(.*)\r\n--', re.S)


class WeChat(Fake):
    """`refuses` are the error codes of the next requests that need an access token. With `path`
    what `kept` names survives a kill; `now` is the time there."""

    owner = ""
    kept: tuple[str, ...] = ()

    def __init__(self, port: int = 0, path: Path | None = None):
        self.path, self.now = path, time.time
        self.number, self.issued, self.forced = 100, 0, 0
        self.good: set[str] = set()
        self.media: dict[str, tuple[str, bytes]] = {}
        self.refuses: list[int] = []
        self.sent: list[tuple] = []
        if path and path.exists():
            self.__dict__.update(pickle.loads(path.read_bytes()))
        super().__init__(port)

    def keep(self):
        if self.path:
            names = "number", "issued", "forced", "good", "media", "sent", *self.kept
            content = pickle.dumps({name: getattr(self, name) for name in names})
            other = self.path.with_suffix(".new")
            other.write_bytes(content)
            other.replace(self.path)

    def next(self) -> int:
        with self.lock:
            self.number += 1
            return self.number

    def access(self, force: bool = False) -> dict:
        """The token of all; its length is the longest that they announce."""
        if force or not self.good:
            self.issued += 1
            self.good = {f"{self.issued}-".ljust(512, "t")}
        return {"access_token": min(self.good), "expires_in": 7200}

    def expire(self) -> None:
        self.good = set()

    def answer(self, method, path, query, headers, body):
        with self.lock:
            found = self.routed(path, query, body)
            self.keep()
        if isinstance(found, tuple):
            return 200, found[1], {"Content-Disposition": f'attachment; filename="{found[0]}"'}
        return 200, found

    def routed(self, path, query, body):
        name = path.removeprefix("/cgi-bin/").replace("/", "_")
        if name in ("gettoken", "stable_token"):
            return getattr(self, name)(query, json.loads(body or b"{}"))
        if query.get("access_token") not in self.good:
            return error(42001, "access_token expired")
        if self.refuses:
            return error(self.refuses.pop(0), "refused on purpose")
        if name == "media_upload":
            file = FILE.search(body)
            ref = f"media-{self.next()}"
            self.media[ref] = file[1].decode(), file[2]
            return {"type": query["type"], "media_id": ref, "created_at": 1}
        if name == "media_get":
            found = self.media.get(query["media_id"])
            return found or error(40007, "invalid media_id")
        return getattr(self, name)(json.loads(body))

    def has_file(self, name: str, content: bytes) -> str:
        ref = f"media-{self.next()}"
        self.media[ref] = name, content
        return ref

    def told(self, fields: dict, secure: bool = True) -> tuple[dict, bytes]:
        """The query and the body of a call that says this."""
        text = xml(fields)
        if not secure:
            return {**self.stamp(), "signature": sign(*self.stamp().values())}, text
        encrypted = encrypt(text, self.owner)
        return self.signed(encrypted), xml({"ToUserName": "x", "Encrypt": encrypted})

    def signed(self, encrypted: str) -> dict:
        stamp = self.stamp()
        return {**stamp, "encrypt_type": "aes", "msg_signature": sign(*stamp.values(), encrypted)}

    def stamp(self) -> dict:
        return {"timestamp": "1700000000", "nonce": "n1"}

    def call(self, url: str, told: tuple[dict, bytes]) -> int:
        """Calls as they do: three times at most, each for 5 seconds. Returns the last status, 0
        where none came."""
        status = 0
        for _ in range(3):
            request = urllib.request.Request(f"{url}?{urlencode(told[0])}", told[1])
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return answer.status
            except urllib.error.HTTPError as failed:
                status = failed.code
            except OSError:
                status = 0
        return status


def xml(fields: dict) -> bytes:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def encrypt(text: bytes, owner: str) -> str:
    key = base64.b64decode(AESKEY + "=")
    plain = os.urandom(16) + len(text).to_bytes(4, "big") + text + owner.encode()
    padding = 32 - len(plain) % 32
    box = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(box.update(plain + bytes([padding]) * padding)).decode()


def error(code: int, words: str) -> dict:
    return {"errcode": code, "errmsg": f"{words}, hint: [fake]"}


OK = {"errcode": 0, "errmsg": "ok"}
