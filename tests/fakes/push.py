"""A push service, and the browsers that subscribed with it.

    with PushService() as service:
        phone = service.subscribe()
        ...                        # phone.subscription is POSTed to /agent/push/
        assert phone.kinds == ["waiting"]
        phone.pushes[0].payload, .headers

All that the service was sent is in `seen`, as it came. `phone.answer` (a status) is what the
service says to its pushes, and `service.fails` to all; `phone.shown()` is what stands on its
screen, by Topic.
"""

import base64
import json
import os
from dataclasses import dataclass, field

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .server import Fake


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(eq=False)
class Push:
    payload: dict
    headers: dict[str, str]
    claims: dict
    size: int


@dataclass(eq=False)
class Browser:
    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    pushes: list[Push] = field(default_factory=list)
    answer: int = 201
    more: dict[str, str] = field(default_factory=dict)

    @property
    def subscription(self) -> dict:
        public = self.key.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encoded(point), "auth": encoded(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def kinds(self) -> list[str]:
        return [push.payload["kind"] for push in self.pushes]

    def shown(self) -> dict[str, str]:
        return {
            push.headers["topic"]: push.payload["kind"]
            for push in self.pushes
            if "topic" in push.headers
        }


class PushService(Fake):
    def __init__(self, port: int = 0):
        self.browsers: dict[str, Browser] = {}
        self.seen: list[tuple[str, dict, bytes]] = []
        super().__init__(port)

    def subscribe(self) -> Browser:
        path = f"/push/{encoded(os.urandom(16))}"
        self.browsers[path] = Browser(self.url + path)
        return self.browsers[path]

    def answer(self, method, path, query, headers, body):
        with self.lock:
            self.seen.append((path, headers, body))
            browser = self.browsers.get(path)
            if browser is None:
                return 404, {}
            if browser.answer < 300:
                browser.pushes.append(self.opened(browser, headers, body))
            return browser.answer, {}, browser.more

    def opened(self, browser: Browser, headers: dict, body: bytes) -> Push:
        """As the service and the browser check it. Raises where anything is wrong."""
        token, key = (
            part.strip().partition("=")[2]
            for part in headers["authorization"].removeprefix("vapid ").split(",")
        )
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
        claims = jwt.decode(token, public, ["ES256"], audience=self.url)
        assert headers["content-encoding"] == "aes128gcm" and headers["ttl"].isdecimal()
        plain = http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth)
        return Push(json.loads(plain), headers, claims, len(body))
