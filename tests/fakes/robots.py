"""The five platforms of group chats, as far as an incoming webhook of theirs goes.

    with Robots() as robots:
        ...                         # robots.url_of("feishu") is an address
        assert robots.got == [("feishu", {...})]

A signature is checked as the platforms describe it, not as Kefu makes it. `says[kind]` is a
(status, answer[, headers]) in place of what an address answers that took the message.
"""

import base64
import hashlib
import json
import time
from urllib.parse import unquote_plus

from .server import Fake

SECRET = "SEC-of-the-fake"
WELL = {
    "feishu": (200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"}),
    "dingtalk": (200, {"errcode": 0, "errmsg": "ok"}),
    "wecom": (200, {"errcode": 0, "errmsg": "ok"}),
    "slack": (200, b"ok"),
    "teams": (202, b""),
}
BLOCK = 64
"""Bytes of a block of SHA-256."""


class Robots(Fake):
    def __init__(self, port: int = 0):
        self.got: list[tuple[str, dict]] = []
        self.says: dict[str, tuple] = {}
        super().__init__(port)

    def url_of(self, kind: str) -> str:
        return f"{self.url}/{kind}/secret-key-of-{kind}?access_token=t0ken-{kind}"

    def answer(self, method, path, query, headers, body):
        kind, found = path.split("/")[1], json.loads(body)
        with self.lock:
            self.got.append((kind, found))
        if kind in self.says:
            return self.says[kind]
        if kind == "feishu" and "sign" in found:
            stamp = found["timestamp"]
            if found["sign"] != hmac(f"{stamp}\n{SECRET}", "") or old(int(stamp)):
                return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within"}
        if kind == "dingtalk" and "sign" in query:
            stamp, sign = query["timestamp"], unquote_plus(query["sign"]).replace(" ", "+")
            if sign != hmac(SECRET, f"{stamp}\n{SECRET}") or old(int(stamp) / 1000):
                return 200, {"errcode": 310000, "errmsg": "sign not match"}
        return WELL[kind]


def old(stamp: float) -> bool:
    return abs(time.time() - stamp) > 3600


def hmac(key: str, text: str) -> str:
    """RFC 2104 in base64."""
    key = key.encode()
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner, outer = (bytes(one ^ pad for one in key) for pad in (0x36, 0x5C))
    found = hashlib.sha256(outer + hashlib.sha256(inner + text.encode()).digest()).digest()
    return base64.b64encode(found).decode()
